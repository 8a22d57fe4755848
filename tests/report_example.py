"""A small case by hand for the report's tests, with texts that want to break out of the page."""

import copy

EVIL = "<script>alert('x')</script> & \"quoted\" \x00\ud800 ]]> <!-- " + "long" * 60
CHINESE = chr(0x4E59) + chr(0x9187) * 30  # wide characters


def stream(name, start, end, flow, phase="liquid"):
    mass = {"SM": 0.7 * flow, "ortho": 0.3 * flow, "bis": 0.0}
    return {"name": name, "from": start, "to": end, "phase": phase, "temperature": 350.0, "pressure": 101325.0, "mass_flow": flow, "mole": {}, "mass": mass}


def example(text=EVIL):
    """A small case by hand; the text stands in every field that a user writes."""
    species = [{"id": "SM", "smiles": "O=[N+]([O-])c1ccc(F)cc1F", "name": text, "cas": "", "formula": "C6H3F2NO2", "molar_mass": 0.15909},
               {"id": "ortho", "smiles": "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1", "name": CHINESE, "cas": "", "formula": "", "molar_mass": 0.0},
               {"id": "odd", "smiles": "not<a>SMILES", "name": "", "cas": "", "formula": "", "molar_mass": 0.0}]  # fmt: skip
    record = {"name": text, "target": species[1]["smiles"], "species": species, "solvent": "solvent", "reactions": [{"id": "r1", "text": "SM + amine -> ortho + HF <b>", "options": {}}],
              "plant": {"capacity": 0.00316880878, "purity": 0.98, "reactor": "pfr", "objectives": ["cost"], "base": "", "hours": 8000.0}, "claims": [], "sources": [],
              "experiments": {"columns": ["residence_time", "temperature"], "rows": [[60.0, 340.0], [90.0, 400.0], [30.0, 413.15]], "response": "e_factor", "values": [1.0, 0.5, 0.3]}}  # fmt: skip
    point = {"cost": {"value": 33.77, "std": 6.7}, "e_factor": {"value": 2.63, "std": 0.21}, "co2e": {"value": 19.0, "std": 3.7}, "conditions": {"temperature": 413.15}}
    point["monte_carlo"] = {"n": 200, "failed": 0, "cost": {"mean": 33.5, "std": 6.9}, "e_factor": {"mean": 2.64, "std": 0.22}}
    other = copy.deepcopy(point) | {"cost": {"value": 33.9, "std": 6.8}, "e_factor": {"value": 2.61, "std": 0.2}}
    streams = [stream("fresh", "supply", "mixer", 0.4), stream("feed", "mixer", "reactor", 1.0), stream("effluent", "reactor", "neutraliser", 1.0), stream("neutral", "neutraliser", "evaporator", 1.0),
               stream("vapour", "evaporator", "condenser", 0.65, "vapour"), stream("recycle", "condenser", "mixer", 0.6), stream("purge", "condenser", "waste", 0.05), stream("residue", "evaporator", "crystalliser", 0.35),
               stream("wash", "supply", "crystalliser", 0.05), stream("product", "crystalliser", "product", 0.3, "solid"), stream(text, "crystalliser", "waste", 0.1)]  # fmt: skip
    units = [{"id": u, "kind": text, "text": "a unit", "duty": 7480.0, "size": 0.65, "size_name": "area", "size_unit": "m^2", "purchase": 6891.0, "installed": 24119.0, "in_range": u == "reactor", "count": 2}
             for u in ("preheater", "reactor", "evaporator", "condenser", "crystalliser", "filter", "dryer")]  # fmt: skip
    design = {"cost": point["cost"] | {"unit": "USD/kg"}, "e_factor": point["e_factor"] | {"unit": "1"}, "co2e": point["co2e"] | {"unit": "kg/kg"}, "pmi": {"value": 3.63, "std": 0.21, "unit": "1"},
              "purity": {"value": 0.9972, "std": 0.0014, "unit": "1"}, "front": [point, other], "chosen": 0, "conditions": {"temperature": 413.15, "residence_time": 120.0}, "at_bounds": ["temperature"],
              "streams": streams, "units": units, "breakdown": [{"item": text, "group": "raw materials", "value": 12.0, "std": 4.9, "unit": "USD/kg"}, {"item": "electricity", "group": "utilities", "value": 8e-4, "std": 3e-4, "unit": "USD/kg"}],
              "balances": {"mass": 1e-16}, "assumptions": [text, CHINESE], "converged": True, "ideal": ["SM"],
              "profile": {"time": [0.0, 60.0, 120.0], "species": {"SM": {"c": [500.0, 60.0, 8.0], "std": [0.0, 5.0, 1.7]}, text: {"c": [0.0, 3.0, 5.0], "std": [0.0, 1.0, 6.0]}}},
              "monte_carlo": {"n": 200, "failed": 2, "cost": {"p05": 23.0, "p95": 44.0, "mean": 33.5, "std": 6.9}, "e_factor": {"mean": 2.64, "std": 0.22}}}  # fmt: skip
    cause = {"cause": text, "tier": "estimated", "source": "estimate", "share": 0.7, "root": "a", "effect": 5.6, "sign": True, "details": []}
    kinetics = {
        "cause": "kinetics",
        "tier": "fitted",
        "source": "Hone2017",
        "share": 0.3,
        "root": "kinetics",
        "effect": 0.4,
        "sign": False,
        "details": [{"cause": "runs.csv row 2", "source": text, "share": 0.3}],
    }
    fit = {"parameters": {"k.r1": {"value": 0.0346, "std": 0.0042, "ln_std": 0.122, "prior_std": 0.0346, "prior_value": 0.579, "unit": "L/(mol s)", "informed": True}, "Ea.r1": {"value": 33.7, "std": 9.0, "prior_std": 10.0, "prior_value": 33.3, "unit": "kJ/mol", "informed": False}},
           "rmse": 0.012, "loo": {"mechanism": 0.05, "hybrid": 0.03}, "n": 3, "converged": True, "coverage": {"hybrid": 0.92, "level": 0.9, "mean_width": 0.04}, "starts": {"n": 6, "same": 6},
           "runs": {"columns": ["residence_time", "temperature"], "units": ["s", "K"], "rows": record["experiments"]["rows"], "response": "e_factor", "measured": [1.0, 0.5, 0.3], "mechanism": [1.1, 0.45, 0.33], "hybrid": [1.01, 0.5, None], "std": [0.02, 0.02, 0.02], "loo": [1.02, 0.51, 0.32]},
           "posterior": {"names": ["k.r1", "Ea.r1"], "mean": [-10.27, 33700.0], "cov": [[0.015, 0.0], [0.0, 8.1e7]], "prior_mean": [-7.45, 33300.0], "prior_sd": [4.12, 1e4]}}  # fmt: skip
    claim = {
        "id": "SM.tb",
        "subject": "SM",
        "property": "boiling_point",
        "value": 480.15,
        "unit": "K",
        "std": 0.87,
        "conditions": {"pressure": 101325.0},
        "source": "S1",
        "tier": "measured",
        "note": text,
    }
    source = {"id": "S1", "kind": "database", "citation": text, "doi": "10.1000/x", "year": 2000, "licence": "", "bibtex": ""}
    step = {
        "experiment": text,
        "id": "q",
        "tier": "flowsheet",
        "cost": 100.0,
        "expected_reduction": 0.49,
        "per_cost": 0.0049,
        "std_after": 4.77,
        "informs": "price",
        "conditions": {"temperature": 413.15},
    }
    results = {
        "properties": {"claims": [claim], "sources": [source]},
        "fit": fit,
        "design": design,
        "explain": {"cost": [cause, kinetics], "e_factor": [kinetics | {"share": 1.0}]},
        "next": [step],
    }
    decision = {"id": "d", "what": "plant.reactor", "choice": text, "by": "A", "why": CHINESE, "when": "", "evidence": ["x"]}
    return {"record": record, "results": results, "summary": {"meta": {"version": "0.1"}}, "decisions": [decision], "citations": ["@misc{a,\n  title = {<script>}\n}"]}
