"""Symbols of process equipment in the manner of ISO 10628-2, drawn about their own centre."""

from __future__ import annotations

from chemwright.report.text import Markup

#: symbol -> half width and half height in px, where pipes end
HALF = {
    "pump": (15.0, 15.0), "exchanger": (18.0, 18.0), "mixer": (23.0, 12.0), "coil": (27.0, 15.0), "vessel": (17.0, 25.0), "evaporator": (16.0, 27.0), "crystalliser": (21.0, 26.0),
    "filter": (20.0, 20.0), "dryer": (21.0, 21.0), "column": (12.0, 28.0), "drum": (26.0, 14.0), "tank": (20.0, 22.0), "box": (24.0, 18.0),
}  # fmt: skip

#: parts of a unit's id -> its symbol, the first that fits
WORDS = (
    ("pump", "pump"), ("heater", "exchanger"), ("cooler", "exchanger"), ("condenser", "exchanger"), ("exchanger", "exchanger"), ("reboiler", "exchanger"), ("mixer", "mixer"), ("neutraliser", "vessel"),
    ("stirred", "vessel"), ("reactor", "coil"), ("evaporator", "evaporator"), ("crystalliser", "crystalliser"), ("filter", "filter"), ("centrifuge", "filter"), ("dryer", "dryer"), ("column", "column"),
    ("absorber", "column"), ("extractor", "column"), ("decanter", "drum"), ("flash", "evaporator"), ("tank", "tank"),
)  # fmt: skip

_AGITATOR = '<path d="M0 -31V8M-9 8H9M-9 4V12M9 4V12"/><circle cx="0" cy="-33" r="3.5"/>'

_DRAWN = {
    "pump": '<circle r="15" class="unit"/><path d="M0 -15L15 0L0 15"/>',
    "exchanger": '<circle r="18" class="unit"/><path d="M-18 0H-9L-4 -9L4 9L9 0H18"/>',
    "mixer": '<rect x="-23" y="-12" width="46" height="24" class="unit"/><path d="M-23 -12L0 12M-23 12L0 -12M0 -12L23 12M0 12L23 -12"/>',
    "coil": '<rect x="-27" y="-15" width="54" height="30" rx="3" class="unit"/><path d="M-27 0H-21C-19 -13 -15 -13 -13.5 0S-8 13 -6 0S-1 -13 1 0S6 13 8.5 0S14 -13 16 0S20 0 21 0H27"/>',
    "vessel": f'<rect x="-17" y="-25" width="34" height="50" rx="12" class="unit"/>{_AGITATOR}',
    "evaporator": '<rect x="-16" y="-27" width="32" height="54" rx="12" class="unit"/><path d="M-16 -10H16M-16 14H16M-16 2H-9L-4 -6L4 10L9 2H16"/>',
    "crystalliser": f'<path d="M-21 -8V16Q-21 26 -11 26H11Q21 26 21 16V-8"/><rect x="-16" y="-24" width="32" height="46" rx="11" class="unit"/>{_AGITATOR}'
    '<path d="M-7 17l3 -3l3 3l-3 3ZM3 16l3 -3l3 3l-3 3Z"/>',
    "filter": '<rect x="-20" y="-20" width="40" height="40" class="unit"/><path d="M-20 4H20" class="mesh"/>',
    "dryer": '<rect x="-21" y="-21" width="42" height="42" class="unit"/><path d="M-15 -9H15M-15 1H15M-15 11H15M-9 17q-3 -3 0 -6M0 17q-3 -3 0 -6M9 17q-3 -3 0 -6"/>',
    "column": '<rect x="-12" y="-28" width="24" height="56" rx="10" class="unit"/><path d="M-12 -14H12M-12 -5H12M-12 5H12M-12 14H12" class="mesh"/>',
    "drum": '<rect x="-26" y="-14" width="52" height="28" rx="13" class="unit"/><path d="M-26 2H26"/>',
    "tank": '<path d="M-20 -12L0 -22L20 -12V22H-20Z" class="unit"/><path d="M-20 -12H20"/>',
    "box": '<rect x="-24" y="-18" width="48" height="36" rx="4" class="unit"/>',
}


def symbol_of(unit: str) -> str:
    """The symbol for a unit's id; a plain box where none fits."""
    name = unit.lower()
    return next((s for word, s in WORDS if word in name), "box")


def symbol(kind: str, x: float, y: float) -> Markup:
    """A symbol with its centre at (x, y)."""
    return Markup(f'<g transform="translate({x:.1f} {y:.1f})" class="symbol">{_DRAWN[kind]}</g>')
