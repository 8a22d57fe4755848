"""Reaction networks: reading of text and mapped SMILES, element balance, names."""

import numpy as np
import pytest

from chemwright.errors import BalanceError, InputError, SubstanceError
from chemwright.kinetics.network import Network, Reaction, parse_reaction, reaction_from_smiles
from chemwright.structure import molecule

SMILES = {
    "SM": "O=[N+]([O-])c1ccc(F)cc1F",
    "amine": "C1COCCN1",
    "ortho": "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1",
    "para": "O=[N+]([O-])c1ccc(N2CCOCC2)cc1F",
    "bis": "O=[N+]([O-])c1ccc(N2CCOCC2)cc1N1CCOCC1",
    "HF": "F",
}
SNAR = ("SM + amine -> ortho + HF", "SM + amine -> para + HF", "ortho + amine -> bis + HF", "para + amine -> bis + HF")
MAPPED = "[O:1]=[N+:2]([O-:3])[c:4]1[cH:5][cH:6][c:7]([F:8])[cH:9][c:10]1[F:11].[CH2:12]1[CH2:13][O:14][CH2:15][CH2:16][NH:17]1>>"
MAPPED += "[O:1]=[N+:2]([O-:3])[c:4]1[cH:5][cH:6][c:7]([F:8])[cH:9][c:10]1[N:17]1[CH2:12][CH2:13][O:14][CH2:15][CH2:16]1.[FH:11]"


def elements():
    return {name: molecule(smiles).elements for name, smiles in SMILES.items()}


@pytest.mark.parametrize(
    ("text", "reactants", "products", "reversible"),
    [
        ("A -> B", {"A": 1}, {"B": 1}, False),
        ("A => B", {"A": 1}, {"B": 1}, False),
        ("A <-> B", {"A": 1}, {"B": 1}, True),
        ("A <=> B", {"A": 1}, {"B": 1}, True),
        ("2 A -> B", {"A": 2}, {"B": 1}, False),
        ("2A -> B", {"A": 2}, {"B": 1}, False),
        ("A + A -> B", {"A": 2}, {"B": 1}, False),
        ("A+B->C+D", {"A": 1, "B": 1}, {"C": 1, "D": 1}, False),
        ("  SM  +  amine->ortho + HF ", {"SM": 1, "amine": 1}, {"ortho": 1, "HF": 1}, False),
        ("0.5 O2 + H2 -> H2O", {"O2": 0.5, "H2": 1}, {"H2O": 1}, False),
        ("A -> B + B_2 + B'", {"A": 1}, {"B": 1, "B_2": 1, "B'": 1}, False),
        ("A + cat -> B + cat", {"A": 1, "cat": 1}, {"B": 1, "cat": 1}, False),
    ],
)
def test_text_is_read(text, reactants, products, reversible):
    reaction = parse_reaction(text)
    assert (dict(reaction.reactants), dict(reaction.products), reaction.reversible) == (reactants, products, reversible)


@pytest.mark.parametrize("text", ["A -> B", "2 A + B <-> 0.5 C", "SM + amine -> ortho + HF"])
def test_text_round_trip(text):
    assert str(parse_reaction(text)) == text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("A + B", "arrow"),
        ("A -> B -> C", "arrow"),
        ("A = B", "arrow"),
        ("", "arrow"),
        ("-> B", "can't read the term"),
        ("A ->", "can't read the term"),
        ("A + -> B", "can't read the term"),
        ("A ++ B -> C", "can't read the term"),
        ("A B -> C", "can't read the term 'A B'"),
        ("-1 A -> B", "can't read the term"),
        ("0 A -> B", "coefficient 0"),
        ("1000 A -> B", "coefficient 1000"),
        ("A -> B" * 200, "at most 500"),
        (None, "at most 500"),
    ],
)
def test_bad_text_is_refused(text, word):
    with pytest.raises(InputError, match=word) as caught:
        parse_reaction(text, where="here")
    assert caught.value.where == "here"
    assert caught.value.fix


@pytest.mark.parametrize("text", ["A <-> B <-> C", "A <-> B -> C", "A -> B => C"])
def test_two_arrows_of_any_kind_are_refused(text):
    with pytest.raises(InputError):
        parse_reaction(text)


def test_snar_balances_and_has_the_right_matrix():
    network = Network(tuple(SMILES), tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(SNAR, 1)))
    network.check_balance(elements())
    expected = [[-1, -1, 1, 0, 0, 1], [-1, -1, 0, 1, 0, 1], [0, -1, -1, 0, 1, 1], [0, -1, 0, -1, 1, 1]]
    assert np.array_equal(network.stoichiometry, expected)
    atoms = np.array([[elements()[s].get(e, 0) for e in "CHNOF"] for s in network.species])
    assert not (network.stoichiometry @ atoms).any()
    masses = np.array([molecule(s).molar_mass for s in SMILES.values()])
    assert np.abs(network.stoichiometry @ masses).max() < 1e-12


def test_balance_error_says_what_is_missing_where():
    network = Network(tuple(SMILES), (parse_reaction("SM + amine -> ortho", "r1"),))
    with pytest.raises(BalanceError, match=r"r1 'SM \+ amine -> ortho' does not balance: 1 F missing on the right, 1 H missing on the right") as caught:
        network.check_balance(elements())
    assert "by-product" in caught.value.fix


def test_balance_error_says_what_is_too_many():
    network = Network(tuple(SMILES), (parse_reaction("SM + amine -> ortho + 2 HF", "r1"),))
    with pytest.raises(BalanceError, match="1 F too many on the right"):
        network.check_balance(elements())


def test_mapped_smiles_of_the_first_step():
    ids = {molecule(smiles).smiles: name for name, smiles in SMILES.items()}
    reaction = reaction_from_smiles(MAPPED, ids, "r1")
    assert reaction == parse_reaction(SNAR[0], "r1")
    Network(tuple(SMILES), (reaction,)).check_balance(elements())


def test_mapped_smiles_without_its_leaving_group_fails_the_balance():
    ids = {molecule(smiles).smiles: name for name, smiles in SMILES.items()}
    reaction = reaction_from_smiles(MAPPED.removesuffix(".[FH:11]"), ids)
    with pytest.raises(BalanceError, match="1 F missing"):
        Network(tuple(SMILES), (reaction,)).check_balance(elements())


def test_mapped_smiles_of_a_stranger():
    ids = {molecule(smiles).smiles: name for name, smiles in SMILES.items() if name != "HF"}
    with pytest.raises(InputError, match="none of the case's species"):
        reaction_from_smiles(MAPPED, ids)


def test_mapped_smiles_that_is_none():
    with pytest.raises(SubstanceError):
        reaction_from_smiles("SM + amine -> ortho", {})


def test_undeclared_species_gets_a_near_miss():
    with pytest.raises(InputError, match=r"'amin'.*not declared") as caught:
        Network(("SM", "amine", "ortho", "HF"), (parse_reaction("SM + amin -> ortho + HF", "r7"),))
    assert caught.value.where == "reaction r7"
    assert "'amine'" in caught.value.fix


def test_names_keep_their_case():
    with pytest.raises(InputError, match="'sm'"):
        Network(("SM", "B"), (parse_reaction("sm -> B"),))


def test_duplicate_ids_are_refused():
    with pytest.raises(InputError, match="share an id"):
        Network(("A", "B"), (parse_reaction("A -> B", "r1"), parse_reaction("B -> A", "r1")))


def test_empty_network_is_refused():
    with pytest.raises(InputError, match="at least one"):
        Network(("A",), ())


def test_a_catalyst_has_no_net_coefficient():
    network = Network(("A", "cat", "B"), (parse_reaction("A + cat -> B + cat"),))
    assert network.stoichiometry.tolist() == [[-1, 0, 1]]


def test_reactions_are_values():
    assert parse_reaction("A->B") == Reaction("r1", (("A", 1.0),), (("B", 1.0),))
    assert len({parse_reaction("A -> B"), parse_reaction("A->B")}) == 1
