"""ThermoML: reports that are valid by the published schema, in the form that its archive's files have; the pure densities are those of cyclohexane in doi:10.1021/je8006138."""

from __future__ import annotations

import math

import pytest

from chemwright.errors import InputError
from chemwright.knowledge.base.database import open_base
from chemwright.knowledge.exchange.arrays import columns_of
from chemwright.knowledge.exchange.choose import Chosen, chosen_entries
from chemwright.knowledge.exchange.thermoml import import_thermoml
from chemwright.knowledge.exchange.thermoml_terms import GROUPS, PROPERTIES
from chemwright.knowledge.exchange.thermoml_write import write_thermoml
from chemwright.knowledge.vocabulary import vocabulary
from chemwright.knowledge.xml_safe import parse_xml
from chemwright.record import Filing

OPEN = Filing(licence="public-domain", visibility="public")


def compound(n, name, inner=""):
    return f"<Compound><RegNum><nOrgNum>{n}</nOrgNum></RegNum>{inner}<sCommonName>{name}</sCommonName></Compound>"


def component(n):
    return f"<Component><RegNum><nOrgNum>{n}</nOrgNum></RegNum><nSampleNm>1</nSampleNm></Component>"


def prop(n, name, group="VolumetricProp", phase="Liquid", more="", presentation="Direct value, X", of=""):
    method = "<eMethodName>Pycnometric method</eMethodName>" if group == "VolumetricProp" else "<sMethodName>our own</sMethodName>"
    return (
        f"<Property><nPropNumber>{n}</nPropNumber><Property-MethodID><PropertyGroup><{group}><ePropName>{name}</ePropName>{method}</{group}></PropertyGroup>{of}"
        f"</Property-MethodID><PropPhaseID><ePropPhase>{phase}</ePropPhase></PropPhaseID><ePresentation>{presentation}</ePresentation>{more}</Property>"
    )


def variable(n, tag, name, inner="", phase=""):
    return f"<Variable><nVarNumber>{n}</nVarNumber><VariableID><VariableType><{tag}>{name}</{tag}></VariableType>{inner}</VariableID>{phase}</Variable>"


def row(variables, properties):
    text = "".join(f"<VariableValue><nVarNumber>{n}</nVarNumber><nVarValue>{v}</nVarValue><nVarDigits>4</nVarDigits></VariableValue>" for n, v in variables.items())
    return (
        "<NumValues>"
        + text
        + "".join(f"<PropertyValue><nPropNumber>{n}</nPropNumber><nPropValue>{v}</nPropValue><nPropDigits>4</nPropDigits>{u}</PropertyValue>" for n, (v, u) in properties.items())
        + "</NumValues>"
    )


def std(value):
    return f"<PropUncertainty><nUncertAssessNum>1</nUncertAssessNum><nStdUncertValue>{value}</nStdUncertValue></PropUncertainty>"


TWO = (compound(1, "cyclohexane"), compound(2, "hexane"))


def report(*blocks, compounds=TWO):
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<DataReport xmlns="http://www.iupac.org/namespaces/ThermoML"><Version><nVersionMajor>2</nVersionMajor><nVersionMinor>0</nVersionMinor></Version>'
    cited = "<Citation><sAuthor>Fang, S.[Sheng]</sAuthor><sPubName>J. Chem. Eng. Data</sPubName><yrPubYr>2008</yrPubYr><sTitle>Densities &amp; Viscosities</sTitle><sDOI>10.1021/je8006138</sDOI></Citation>"
    return (head + cited + "".join(compounds) + "".join(f"<PureOrMixtureData>{b}</PureOrMixtureData>" for b in blocks) + "</DataReport>").encode()


LIQUID, GAS = "<PhaseID><ePhase>Liquid</ePhase></PhaseID>", "<PhaseID><ePhase>Gas</ePhase></PhaseID>"
T = variable(1, "eTemperature", "Temperature, K")
PURE = component(1) + prop(1, "Mass density, kg/m3") + LIQUID + T + variable(2, "ePressure", "Pressure, kPa")
PURE += row({1: 293.15, 2: 101}, {1: ("778.6", std(".1"))}) + row({1: 298.15, 2: 101}, {1: ("773.9", std(".1"))})
RATIO = variable(2, "eComponentComposition", "Mole fraction", "<RegNum><nOrgNum>1</nOrgNum></RegNum>", "<VarPhaseID><eVarPhase>Liquid</eVarPhase></VarPhaseID>")
PRESSURE = "<Constraint><ConstraintID><ConstraintType><ePressure>Pressure, kPa</ePressure></ConstraintType></ConstraintID><nConstraintValue>101</nConstraintValue><nConstrDigits>3</nConstrDigits></Constraint>"
LEVEL = "<CombinedUncertainty><nCombUncertAssessNum>1</nCombUncertAssessNum><sCombUncertEvaluator>Author</sCombUncertEvaluator><eCombUncertEvalMethod>Propagation of evaluated standard uncertainties</eCombUncertEvalMethod><nCombUncertLevOfConfid>95</nCombUncertLevOfConfid></CombinedUncertainty>"


def expanded(value):
    return f"<CombinedUncertainty><nCombUncertAssessNum>1</nCombUncertAssessNum><nCombExpandUncertValue>{value}</nCombExpandUncertValue></CombinedUncertainty>"


MIXTURE = component(1) + component(2) + prop(1, "Viscosity, Pa*s", "TransportProp", more=LEVEL) + LIQUID + PRESSURE + T + RATIO
MIXTURE += row({1: 298.15, 2: ".25"}, {1: ("3.5e-4", expanded("6e-6"))}) + row({1: 298.15, 2: ".75"}, {1: ("6.1e-4", "")})
VLE = component(1) + component(2) + prop(1, "Vapor or sublimation pressure, kPa", "VaporPBoilingTAzeotropTandP")
VLE += prop(2, "Mole fraction", "CompositionAtPhaseEquilibrium", "Gas", of="<RegNum><nOrgNum>1</nOrgNum></RegNum>")
VLE += LIQUID + GAS + T + RATIO + row({1: 313.15, 2: ".5"}, {1: ("30.5", ""), 2: (".4", "")})


@pytest.fixture
def read(tmp_path):
    with open_base(tmp_path / "a.kb", create=True) as kb:

        def act(data):
            (tmp_path / "r.xml").write_bytes(data)
            return kb, import_thermoml(kb, tmp_path / "r.xml", filing=OPEN)

        yield act


def sets(kb):
    with kb.reading() as connection:
        return [i for _, i in chosen_entries(connection, Chosen(), "dataset")]


def test_pure_substances_become_claims(read):
    kb, taken = read(report(PURE))
    assert taken.records == {"claim": 2}
    first, second = (c.record for c in kb.claims("cyclohexane", "density"))
    assert (first.value, first.std, first.phase, first.tier) == (778.6, 0.1, "liquid", "measured")
    assert second.conditions == {"temperature": 298.15, "pressure": 101000.0}
    assert first.method == "Pycnometric method"
    source = kb.sources()["doi:10.1021/je8006138"]
    assert (source.doi, source.year) == ("10.1021/je8006138", 2008)
    assert source.citation.startswith("Fang, S. Densities & Viscosities")


def test_mixtures_become_data_sets(read):
    kb, _ = read(report(MIXTURE, VLE))
    viscosity, vle = sets(kb)
    data = columns_of(kb.asset(viscosity.record.asset), "test")
    key = kb.substance("cyclohexane").key
    assert viscosity.record.kind == "transport"
    assert viscosity.record.conditions == {"pressure": 101000.0}
    assert data["temperature"] == [298.15, 298.15]
    assert data[f"liquid_mole_fraction of {key}"] == [0.25, 0.75]
    assert data["viscosity"] == [3.5e-4, 6.1e-4]
    assert data["std of viscosity"][0] == pytest.approx(3e-6)  # an expanded uncertainty at 95 per cent is two
    assert math.isnan(data["std of viscosity"][1])
    assert {c.name: c.std for c in viscosity.record.columns}["viscosity"] == "std of viscosity"
    assert vle.record.kind == "phase_equilibrium"
    data = columns_of(kb.asset(vle.record.asset), "test")
    assert data["vapour_pressure"] == [30500.0]
    assert data[f"vapour_mole_fraction of {key}"] == [0.4]


def test_what_is_left_out_is_told(read):
    block = (
        component(1)
        + prop(1, "Mass density, kg/m3", presentation="Difference with the reference state, X-X(ref)")
        + prop(2, "Mass density, kg/m3")
        + T
        + row({1: 300}, {1: ("3", ""), 2: ("1e9", "")})
    )
    other = component(1) + prop(1, "Something new, Pa") + T + row({1: 300}, {1: ("3", "")})
    kb, taken = read(report(block, other))
    assert any("Difference" in n for n in taken.notes)
    assert any("beyond what is possible" in n for n in taken.notes)
    assert any("Something new" in n for n in taken.notes)
    assert [c.unit for c in sets(kb)[0].record.columns] == ["K", "Pa"]


def test_compounds_are_found_by_what_they_are_called(read):
    water = "<sStandardInChI>InChI=1S/H2O/h1H2</sStandardInChI>"
    compounds = (compound(1, "the wet one", water), "<Compound><RegNum><nCASRNum>64175</nCASRNum><nOrgNum>2</nOrgNum></RegNum></Compound>", compound(3, "离子液体甲"))
    block = component(1) + component(2) + component(3) + prop(1, "Mass density, kg/m3") + LIQUID + T + row({1: 300}, {1: ("900", "")})
    kb, _ = read(report(block, compounds=compounds))
    assert sets(kb)[0].record.substances == ("XLYOFNOQVPJJNP-UHFFFAOYSA-N", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "name:离子液体甲")


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><DataReport>&b;</DataReport>'
FOREIGN = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><DataReport>&a;</DataReport>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (BOMB, "document type"),
        (FOREIGN, "document type"),
        (b'<!DOCTYPE x SYSTEM "http://example.org/x.dtd"><DataReport/>', "document type"),
        (b"<DataReport>" + b"<a>" * 500, "nested over"),
        (b"<DataReport><a></DataReport>", "no XML"),
        (b"<html/>", "no ThermoML"),
        (report(PURE.replace("778.6", "much")), "not a number"),
        (report(PURE.replace("778.6", "1e999")), "not a finite number"),
        (report(PURE, compounds=()), "not among the compounds"),
        (b"\xff\xfe\x00", "no XML"),
    ],
    ids=["bomb", "foreign", "dtd", "deep", "broken", "html", "text", "infinite", "compound", "bytes"],
)  # fmt: skip
def test_hostile_and_broken_files_are_refused(read, data, message):
    with pytest.raises(InputError, match=message):
        read(data)


def test_every_term_has_its_property_and_a_group():
    for told, (name, factor) in PROPERTIES.items():
        assert name in vocabulary(), told
        assert factor > 0.0
    assert all(n in vocabulary() for names in GROUPS.values() for n in names)
    assert parse_xml(b"<a b='1'>x<c>y</c>z</a>", "t").get() == "xz"


def test_data_sets_are_written_and_read_back(read, tmp_path):
    kb, _ = read(report(MIXTURE, VLE))
    keys = [i.key for i in sets(kb)]
    write_thermoml(kb, tmp_path / "out.xml", keys)
    with open_base(tmp_path / "b.kb", create=True) as other:
        import_thermoml(other, tmp_path / "out.xml", filing=OPEN)
        for a, b in zip(sets(kb), sets(other), strict=True):
            assert (a.record.kind, a.record.conditions, a.record.substances) == (b.record.kind, b.record.conditions, b.record.substances)
            assert [(c.name, c.property, c.unit, c.substance, c.std) for c in a.record.columns] == [(c.name, c.property, c.unit, c.substance, c.std) for c in b.record.columns]
            before, after = columns_of(kb.asset(a.record.asset), "a"), columns_of(other.asset(b.record.asset), "b")
            for name, values in before.items():
                assert after[name] == pytest.approx(values, rel=1e-11, nan_ok=True)
    kb.terms(keys[0], visibility="private")
    with pytest.raises(InputError, match="private"):
        write_thermoml(kb, tmp_path / "out.xml", keys)
