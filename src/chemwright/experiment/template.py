"""Where a campaign begins: a commented file to edit, which runs as it stands."""

from __future__ import annotations

import json
from pathlib import Path

from chemwright.errors import InputError, StorageError, did_you_mean
from chemwright.record.atomic import write_atomic

FILE = "campaign.toml"

_HEAD = """\
# A campaign for chemwright. It runs as it stands; put your own conditions and figures in its place, then:
#     chemwright lab suggest {folder} -n 4        which experiments to run
#     chemwright lab tell {folder} t1 "yield=85 %"      what came out (or --failed)
#     chemwright lab status {folder}
# Numbers may carry units; without one they are in the variable's own.

[campaign]
name = {name}
"""

_FLOW = """\
cost = "40 EUR"            # of one experiment
budget = "2000 EUR"        # nothing is proposed beyond it
# initial = 8              # experiments of the space-filling start; left out, the size of the space decides
# max_experiments = 40
# stop_gain = 0.01         # end when the best remaining experiment is expected to gain less than 1 % of the range seen
# control_every = 10       # repeat the first experiment after so many others, to see drift
# seed = 0

[[variable]]
name = "temperature"
low = "30 degC"
high = "120 degC"
# step = "1 K"             # what the laboratory can set it to

[[variable]]
name = "residence time"
low = "0.5 min"
high = "10 min"
log = true                 # varies over decades

[[variable]]
name = "equivalents"
low = 1
high = 5

[[objective]]
name = "yield"
goal = "maximise"          # maximise, minimise, target, at_least, at_most (the last two are limits to keep)
unit = "%"
low = 0
high = 100
# target = 98              # good enough to stop
# worth = "100 EUR"        # of one more %: the campaign ends when no experiment is worth its cost

# Delete this objective for a campaign with one.
[[objective]]
name = "E-factor"
goal = "minimise"
low = 0

[constraints]
rules = [
  "equivalents + temperature/100 <= 6",
  # "if equivalents > 3 then temperature <= 370 K",
]
"""

_SCREEN = """\
# currency = "EUR"
# budget = 60              # without cost and currency: so many experiments
# seed = 0

[[variable]]
name = "catalyst"
levels = ["Pd(OAc)2", "Pd2(dba)3", "Pd(PPh3)4"]
# costs = { "Pd2(dba)3" = 2 }     # what a level adds to an experiment's cost

[[variable]]
name = "base"
levels = ["K2CO3", "Cs2CO3", "K3PO4", "KOtBu"]

# Levels with a structure enter by computed descriptors, so that what one solvent taught tells of the next.
[[variable]]
name = "solvent"
[variable.levels]
DMF = "CN(C)C=O"
dioxane = "C1COCCO1"
toluene = "Cc1ccccc1"
tBuOH = "CC(C)(C)O"
acetonitrile = "CC#N"

[[variable]]
name = "temperature"
values = ["60 degC", "80 degC", "100 degC"]

[[objective]]
name = "yield"
goal = "maximise"
unit = "%"
low = 0
high = 100

# Combinations that must not be tried together:
[[forbidden]]
base = "KOtBu"
solvent = ["DMF", "acetonitrile"]
"""

_MIXTURE = """\
# seed = 0

[[variable]]
name = "water"
low = 0
high = 0.6

[[variable]]
name = "ethanol"
low = 0.1
high = 0.9

[[variable]]
name = "glycerol"
low = 0
high = 0.5

[[variable]]
name = "temperature"
low = "20 degC"
high = "60 degC"

[[mixture]]
parts = ["water", "ethanol", "glycerol"]
total = 1

[[objective]]
name = "viscosity"
goal = "target"
unit = "mPa s"
target = 5

[[objective]]
name = "turbidity"
goal = "at_most"
target = 10
"""

TEMPLATES = {"flow": _FLOW, "screen": _SCREEN, "mixture": _MIXTURE}
"""Templates by name: a continuous flow reaction with two objectives, a screen of catalysts and solvents, a formulation."""


def template(name: str, kind: str = "flow", folder: str = "") -> str:
    """The text of a template.

    Raises:
        InputError: an unknown kind.
    """
    if kind not in TEMPLATES:
        raise InputError(f"unknown template {kind!r}", where="--template", fix=did_you_mean(kind, TEMPLATES))
    shown = folder if folder and " " not in folder else json.dumps(folder or name, ensure_ascii=False)
    return _HEAD.format(folder=shown, name=json.dumps(name, ensure_ascii=False)) + TEMPLATES[kind]


def write_campaign_file(folder: Path, text: str) -> Path:
    """Write a campaign's file into a folder that has none.

    Raises:
        StorageError: there is one already, or the folder can't be written.
    """
    path = folder / FILE
    if path.exists():
        raise StorageError(f"{FILE} is there already", where=str(folder), fix="choose another name, or --folder")
    write_atomic(path, text.encode())
    return path
