"""Kinds of cell text: numbers, structures, references."""

from __future__ import annotations

import re

NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
"""A number with a decimal point, in the syntax that Python and RE2 share."""
_NUMBER = re.compile(NUMBER, re.ASCII)
SMILES = re.compile(r"(?:\[[^\[\]\s]{1,30}\]|Br|Cl|[BCNOPSFIbcnops]|[0-9]|%[0-9]{2}|[()=#$:/\\.+\-~@*])+")
"""What a SMILES is made of; necessary, not sufficient."""
REFERENCE = re.compile(r"10\.\d{4,9}/\S+|https?://|\b(?:19|20)\d{2}\b.*[A-Za-z]|et al", re.I)


def number(text: str) -> float | None:
    """The number a cell holds, written with a decimal point or a lone decimal comma; None when it is none."""
    clean = text.strip().replace("\u2212", "-")
    if re.fullmatch(r"[+-]?\d+,\d+(?:[eE][+-]?\d{1,3})?", clean, re.ASCII) and not re.fullmatch(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+", clean):
        clean = clean.replace(",", ".")
    return float(clean) if _NUMBER.match(clean) else None
