"""What a shell offers after the tab key. Light: a name is offered without loading anything that computes."""

from __future__ import annotations

import os
from pathlib import Path

from chemwright.errors import InputError, did_you_mean

FIGURES = ("cost", "e_factor", "co2e", "pmi", "purity")
SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
SHOWN = 200
"""Entries of a folder that are offered at most."""


def figures(incomplete: str) -> list[str]:
    """Figures of a plant."""
    return [f for f in FIGURES if f.startswith(incomplete)]


def shells(incomplete: str) -> list[str]:
    """Shells that completion knows."""
    return [s for s in SHELLS if s.startswith(incomplete)]


def checks(incomplete: str) -> list[str]:
    """Groups of checks, and the single checks of a group once its name is there."""
    from chemwright.loop.check import all_checks

    names = [c.name for c in all_checks()]
    groups = dict.fromkeys(n.partition(".")[0] for n in names)
    offered = [g for g in groups if g.startswith(incomplete)]
    return offered if len(offered) > 1 else [*offered, *(n for n in names if n.startswith(incomplete) and n not in offered)]


def cases(incomplete: str) -> list[str]:
    """Case files and case folders, and folders on the way to them."""
    return _paths(incomplete, cases_only=True)


def toml_files(incomplete: str) -> list[str]:
    """TOML files, and folders on the way to them."""
    return _paths(incomplete, cases_only=False)


def _paths(incomplete: str, *, cases_only: bool) -> list[str]:
    """Paths that begin as typed, spelled as typed; nothing when the folder can't be read."""
    cut = max(incomplete.rfind("/"), incomplete.rfind(os.sep)) + 1
    head, start = incomplete[:cut], incomplete[cut:]
    out = []
    try:
        for entry in sorted(Path(head or ".").iterdir(), key=lambda p: p.name):
            if not entry.name.startswith(start) or (entry.name.startswith(".") and not start):
                continue
            if entry.is_dir():
                out.append(f"{head}{entry.name}" if cases_only and (entry / "case.json").is_file() else f"{head}{entry.name}/")
            elif entry.suffix == ".toml":
                out.append(f"{head}{entry.name}")
    except OSError:
        return []
    return out[:SHOWN]


def script(shell: str) -> str:
    """The completion script of a shell.

    Raises:
        InputError: a shell that completion does not know.
    """
    if shell not in SHELLS:
        raise InputError(f"no completion for {shell!r}", where="completion", fix=did_you_mean(shell, SHELLS))
    from typer.completion import get_completion_script

    return get_completion_script(prog_name="chemwright", complete_var="_CHEMWRIGHT_COMPLETE", shell=shell)
