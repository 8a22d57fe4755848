"""Every module that registers commands; importing this one imports them all."""

from chemwright.cli import (
    case_commands,
    kb_commands,
    kb_find,
    kb_import,
    kb_keep,
    kb_mining,
    kinetics_commands,
    kinetics_design,
    kinetics_spectra,
    lab_commands,
    lab_run,
    mix_commands,
    new_command,
    props_commands,
    report_commands,
)

__all__ = [
    "case_commands",
    "kb_commands",
    "kb_find",
    "kb_import",
    "kb_keep",
    "kb_mining",
    "kinetics_commands",
    "kinetics_design",
    "kinetics_spectra",
    "lab_commands",
    "lab_run",
    "mix_commands",
    "new_command",
    "props_commands",
    "report_commands",
]
