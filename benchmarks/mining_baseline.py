"""The plain regular expressions that the miner is held against: last yield, first temperature, first time, a dozen solvent names."""

from __future__ import annotations

import re

from mining_score import Answer, canonical

_YIELD = re.compile(r"(\d+(?:\.\d+)?)\s*%\s*(?:of theory\s*)?yield|yield[^.%]{0,40}?(\d+(?:\.\d+)?)\s*%", re.IGNORECASE)
_YIELD_BARE = re.compile(r"yield[^.%]{0,40}?(\d+(?:\.\d+)?)\s*%|(\d+(?:\.\d+)?)\s*%", re.IGNORECASE)
_TEMPERATURE = re.compile(r"(-?\d+(?:\.\d+)?)\s*°\s*C|(room temperature|ambient temperature|\brt\b)", re.IGNORECASE)
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(hours?|hrs?|h|minutes?|mins?|days?)\b", re.IGNORECASE)
_SECONDS = {"h": 3600.0, "m": 60.0, "d": 86400.0}
_SOLVENTS = {
    "tetrahydrofuran": "C1CCOC1", "THF": "C1CCOC1", "dimethylformamide": "CN(C)C=O", "DMF": "CN(C)C=O", "methylene chloride": "ClCCl", "dichloromethane": "ClCCl", "methanol": "CO", "ethanol": "CCO",
    "toluene": "Cc1ccccc1", "benzene": "c1ccccc1", "water": "O", "chloroform": "ClC(Cl)Cl", "ether": "CCOCC", "ethyl acetate": "CCOC(C)=O", "acetone": "CC(C)=O", "acetonitrile": "CC#N", "dioxane": "C1COCCO1",
}  # fmt: skip


def answer(text: str, *, bare: bool = False) -> Answer:
    """The plain answer for one procedure, every confidence 1; ``bare``: any percentage counts as a yield."""
    yields = [float(a or b) for a, b in (_YIELD_BARE if bare else _YIELD).findall(text)]
    temperature, time = _TEMPERATURE.search(text), _TIME.search(text)
    return Answer(
        yield_=(yields[-1], 1.0) if yields else None,
        temperature=(25.0 if temperature.group(2) else float(temperature.group(1)), 1.0) if temperature else None,
        time=(float(time.group(1)) * _SECONDS[time.group(2)[0].lower()], 1.0) if time else None,
        solvents=frozenset(canonical(s) for name, s in _SOLVENTS.items() if re.search(rf"\b{name}\b", text)),
    )
