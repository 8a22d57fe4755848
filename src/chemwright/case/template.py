"""Where a case begins: a commented case file to edit, or the bundled case to try."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chemwright.case.names import clean_name, target_folder
from chemwright.record.atomic import write_atomic

_INTRO = """\
# A case for chemwright. It runs as it stands: what follows is a real example (morpholine on 2,4-difluoronitrobenzene, 66 flow runs).
# Put your own product, species, reactions and runs in its place, then:
#     chemwright develop case.toml
# Quantities are texts 'number unit'. SMILES are looked at first; names and CAS numbers resolve too.

"""
_OUTRO = """\
# base = "triethylamine"       # binds an acid that the reactions set free; this is the default, and said so in the report
# hours = 8000                 # operating hours a year

# More that [kinetics] takes, to widen or narrow the prior:
# sd_ln_k = 1.0                # sd of each ln k
# sd_Ea = "10 kJ/mol"          # sd of each activation energy
# More that [experiments] takes:
# source = "our laboratory, notebook 12, 2024"   # text or DOI: who measured
# A reaction can also be written as mapped reaction SMILES:  smiles = "[CH3:1][Br:2]>>..."
"""


def write_template(name: str, folder: str | Path | None = None) -> Path:
    """Write a commented ``case.toml`` and an example ``runs.csv`` that run as they stand.

    Args:
        name: of the case.
        folder: where to; a folder of that name when None.

    Returns:
        The path of the ``case.toml``.

    Raises:
        InputError: a name without a letter or digit. StorageError: a file is there already, or the folder can't be written.
    """
    from chemwright.knowledge import bundled_case

    clean, target = clean_name(name), target_folder(name, folder)
    source = bundled_case("snar")
    text = (source / "case.toml").read_text(encoding="utf-8")
    body = re.sub(r'(?m)^name = "snar-ortho"', lambda _: f"name = {json.dumps(clean, ensure_ascii=False)}", text[text.index("[case]") :], count=1)
    write_atomic(target / "runs.csv", (source / "runs.csv").read_bytes())
    write_atomic(target / "case.toml", (_INTRO + body.rstrip("\n") + "\n" + _OUTRO).encode())
    return target / "case.toml"


def demo_case(folder: str | Path) -> Path:
    """The bundled case in ``folder``, copied there unless it is there already; the path of its ``case.toml``.

    Raises:
        StorageError: other files of these names are there, or the folder can't be written.
    """
    from chemwright.knowledge import bundled_case, write_bundled

    target, source = Path(folder), bundled_case("snar")
    try:
        if all((target / f).read_bytes() == (source / f).read_bytes() for f in ("case.toml", "runs.csv")):
            return target / "case.toml"
    except OSError:
        pass
    return write_bundled("snar", target)
