"""The review queue: nothing mined counts before a person says so; what is accepted, corrected or refused, once; and a threshold that the user sets."""

import os
import select
import sys
import time

import pytest

from chemwright.errors import InputError
from chemwright.knowledge import review
from chemwright.knowledge.base import open_base
from chemwright.knowledge.mining import mine
from chemwright.knowledge.mining.proposal import Evidence, KineticMention, PropertyMention, Proposal

TEXT = """Ethyl acetate has a normal boiling point of 77.1 °C and a density of 0.902 g/mL at 20 °C.

Preparation of N-benzylacetamide. To a solution of benzylamine (1.07 g, 10 mmol) and triethylamine (1.5 g, 15 mmol) in dichloromethane (20 mL) was added acetyl chloride
(0.94 g, 12 mmol) at 0 °C. The mixture was stirred at room temperature for 2 h, quenched with water and concentrated to give N-benzylacetamide (1.31 g, 88 %) as a white solid.
"""


@pytest.fixture
def kb(tmp_path):
    with open_base(tmp_path / "a.kb", create=True, who="tester") as base:
        yield base


def test_what_is_mined_waits_and_counts_for_nothing(kb):
    mined = review.propose(kb, mine(TEXT, name="paper"))
    assert len(mined.proposals) == len(review.queue(kb)) > 4
    assert mined.taken == 0
    assert kb.claims() == []
    assert "claim" not in {w.proposal.status for w in review.queue(kb)}
    again = review.propose(kb, mine(TEXT, name="paper"))
    assert (len(again.proposals), again.again) == (0, len(mined.proposals))


def pick(kb, kind, contains=""):
    return next(w for w in review.queue(kb, kind=kind) if contains in str(w.proposal.data))


def test_an_accepted_value_is_a_claim_with_its_document_and_sentence(kb):
    review.propose(kb, mine(TEXT, name="paper"))
    w = pick(kb, "property", "density")
    [key] = review.accept(kb, w.key, by="A. Chemist")
    filed = kb.get(key)
    assert (filed.record.property, filed.record.value, filed.given) == ("density", 902.0, "0.902 g/mL")
    assert filed.record.conditions["temperature"] == pytest.approx(293.15)
    assert "0.902 g/mL at 20" in filed.record.note
    assert set(filed.filing.labels) == {"mined", "reviewed"}
    assert kb.sources()[filed.record.source].citation == "paper"
    assert w.key not in [x.key for x in review.queue(kb)]
    with pytest.raises(InputError, match="accepted already"):
        review.accept(kb, w.key, by="A. Chemist")
    assert any(h["what"] == "take" and h["who"] == "A. Chemist" for h in kb.history())


def test_an_accepted_procedure_is_an_experiment(kb):
    review.propose(kb, mine(TEXT, name="paper"))
    [key] = review.accept(kb, pick(kb, "procedure").key, by="me")
    run = kb.get(key).record
    roles = {p.name: p.role for p in run.participants}
    assert roles["benzylamine"] == "reactant"
    assert roles["dichloromethane"] == "solvent"
    assert run.outcomes[0].property == "yield"
    assert run.outcomes[0].value == pytest.approx(0.88)
    assert run.conditions["reaction_time"] == pytest.approx(7200.0)
    amount = next(p.amount for p in run.participants if p.name == "benzylamine")
    assert amount == pytest.approx(0.01)


def test_a_corrected_value_is_filed_and_the_reading_stays(kb):
    review.propose(kb, mine(TEXT, name="paper"))
    w = pick(kb, "property", "boiling_point")
    [key] = review.correct(kb, w.key, {"value": "77.2"}, by="me")
    assert kb.get(key).record.value == pytest.approx(350.35)
    assert kb.get(w.key).record == w.proposal
    other = pick(kb, "property", "density")
    for given, said in (({"valu": "1"}, "value"), ({"value": "many"}, "number"), ({}, "changes nothing")):
        with pytest.raises(InputError, match=said):
            review.correct(kb, other.key, given, by="me")
    assert other.key in [x.key for x in review.queue(kb)]


def test_a_refused_one_stays_and_is_not_asked_again(kb):
    review.propose(kb, mine(TEXT, name="paper"))
    w = pick(kb, "property", "density")
    review.reject(kb, w.key, by="me", note="wrong substance")
    assert kb.get(w.key).filing.status == "rejected"
    assert review.propose(kb, mine(TEXT, name="paper")).proposals == ()
    with pytest.raises(InputError, match="rejected already"):
        review.reject(kb, w.key, by="me")


def test_a_threshold_takes_in_what_is_sure_enough_and_says_so(kb):
    found = mine(TEXT, name="paper", kinds=("property", "procedure"))
    sure = max(p.confidence for p in found)
    mined = review.propose(kb, found, threshold=sure)
    assert mined.taken == sum(p.confidence >= sure for p in found)
    filed = kb.claims()[0]
    assert set(filed.filing.labels) == {"mined", "unreviewed"}
    assert filed.filing.confidence == pytest.approx(sure)
    for bad in (-0.1, 1.5):
        with pytest.raises(InputError, match="threshold"):
            review.propose(kb, found, threshold=bad)


def proposal(data):
    return Proposal(data, Evidence("paper", "ab" * 32, "k = 0.5 L/(mol s)"), 0.9)


def test_kinetic_parameters_find_the_property_that_fits_their_unit(kb):
    review.propose(
        kb, [proposal(KineticMention("A + B -> C", "rate_constant", "k1", 0.5, "L/(mol s)")), proposal(KineticMention("A -> B", "activation_energy", "Ea", 50.0, "kJ/mol"))]
    )
    keys = [review.accept(kb, w.key, by="me")[-1] for w in review.queue(kb)]
    assert {kb.get(k).record.property: kb.get(k).record.value for k in keys} == {"rate_constant_second_order": pytest.approx(5e-4), "activation_energy": pytest.approx(5e4)}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (PropertyMention("", "density", 1.0, "g/mL"), "of what"),
        (PropertyMention("water", "densiti", 1.0, "g/mL"), "density"),
        (PropertyMention("water", "density", 1.0, "K"), "expected"),
        (PropertyMention("water", "density", -1.0, "g/mL"), "density"),
        (KineticMention("A -> B", "rate_constant", "k", 1.0, "K"), "no property"),
        (KineticMention("", "activation_energy", "Ea", 1.0, "kJ/mol"), "which reaction"),
    ],
    ids=["no substance", "unknown property", "wrong unit", "impossible", "unit of nothing", "no reaction"],
)
def test_what_can_not_be_filed_is_said_and_waits(kb, data, said):
    from chemwright.errors import ChemwrightError

    review.propose(kb, [proposal(data)])
    [w] = review.queue(kb)
    with pytest.raises(ChemwrightError, match=said):
        review.accept(kb, w.key, by="me")
    assert [x.key for x in review.queue(kb)] == [w.key]
    assert kb.claims() == []


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are of POSIX")
def test_review_at_the_keyboard(tmp_path):
    import pty

    path = tmp_path / "a.kb"
    with open_base(path, create=True) as base:
        review.propose(base, mine(TEXT, name="paper", kinds=("property",)))
        total = len(review.queue(base))
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "chemwright", "kb", "review", "--kb", str(path), "--by", "A. Chemist"])
    seen = b""

    def until(text, seconds=60):
        nonlocal seen
        end = time.monotonic() + seconds
        while text not in seen and time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    seen += os.read(terminal, 4096)
                except OSError:  # the program has ended
                    break
        assert text in seen, seen

    until(b"q quit")
    os.write(terminal, b"c")
    until(b"empty line ends")
    os.write(terminal, b"value=77.2\n\n")
    until(f"[2 of {total}]".encode())
    os.write(terminal, b"r" + b"s" * (total - 2))
    until(b"accepted 1, rejected 1")
    os.close(terminal)
    os.waitpid(pid, 0)
    with open_base(path) as base:
        [filed] = base.claims()
        assert filed.record.value == pytest.approx(77.2 + 273.15)
        assert len(review.queue(base)) == total - 2
