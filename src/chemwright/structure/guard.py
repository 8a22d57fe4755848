"""A time limit for SMILES that could make RDKit or InChI run on and on.

Finding the aromatic rings among many fused ones tries set after set of rings: a text of 315 characters was seen to keep RDKit busy for
five seconds, longer texts for more than a minute, inside C++ where no signal reaches it. So a SMILES with many ring closures is tried in
a process of its own first, which can be ended; all others, which is nearly all, are parsed at once.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from chemwright.errors import SubstanceError


class NotFinished(SubstanceError):
    """The toolkit did not come to an end, so that nobody knows whether the text is a SMILES."""


MAX_PLAIN_RINGS = 12
"""Ring closures of a SMILES that is parsed without a trial."""
TIME_LIMIT = 10.0
"""Seconds that a trial may take, the start of its process included."""
_BRACKET = re.compile(r"\[[^\]]*\]")
_CLOSURE = re.compile(r"%\d\d|%\(\d+\)|\d")


def ring_closures(text: str) -> int:
    """Ring bonds that a SMILES writes: half the ring numbers outside brackets."""
    return len(_CLOSURE.findall(_BRACKET.sub("", text))) // 2


def check_time(text: str, where: str = "") -> None:
    """Refuse a SMILES that the toolkit does not finish.

    Args:
        text: SMILES, its length checked.
        where: place to name in an error.

    Raises:
        NotFinished: it took longer than :data:`TIME_LIMIT`, or the toolkit fell over.
    """
    rings = ring_closures(text)
    if rings <= MAX_PLAIN_RINGS:
        return
    problem = _tried(text)
    if problem:
        raise NotFinished(
            f"a SMILES with {rings} ring closures {problem}", where=where, fix="check its ring numbers; give a smaller structure, or the substance by name or CAS number"
        )


@lru_cache(maxsize=256)
def _tried(text: str) -> str:
    """What went wrong in a trial; empty when nothing did."""
    command = [sys.executable or "python3", "-P", str(Path(__file__).with_name("trial.py"))]
    try:
        done = subprocess.run(command, input=text.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=TIME_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return f"is not read within {TIME_LIMIT:g} s"
    except OSError as error:
        return f"can't be tried in a process of its own ({error.strerror or error})"
    return "" if done.returncode == 0 else f"makes the chemistry toolkit fail (status {done.returncode})"
