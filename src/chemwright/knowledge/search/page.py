"""Search results as one HTML page with pictures of the structures: everything escaped, nothing fetched, no script."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chemwright.errors import ChemwrightError
from chemwright.structure import svg

if TYPE_CHECKING:
    from chemwright.knowledge.search.results import Results

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
MAX_PICTURES = 2_000
"""Structures that are drawn; further ones are written as SMILES, and the page says so."""
MAX_TEXT = 2_000
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CSS = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6570;--paper:#fff;--line:#d5dae0;--card:#f7f8fa}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa5b1;--paper:#14171b;--line:#323a43;--card:#1d2228}}
*{box-sizing:border-box}body{margin:0 auto;max-width:1240px;padding:24px;font:15px/1.45 system-ui,"Noto Sans","Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:22px;margin:0 0 4px}p{margin:4px 0 16px;color:var(--soft)}code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:14px}
article{border:1px solid var(--line);border-radius:8px;padding:12px;background:var(--card);min-width:0}
article h2{font-size:16px;margin:8px 0 4px;overflow-wrap:anywhere}dl{display:grid;grid-template-columns:auto 1fr;gap:2px 10px;margin:0;font-size:13px}
dt{color:var(--soft)}dd{margin:0;min-width:0;overflow-wrap:anywhere}.picture{background:#fff;border-radius:6px;display:flex;justify-content:center}.picture svg{max-width:100%;height:auto}
.value{font-variant-numeric:tabular-nums}
"""
_SHOWN = {
    "substances": ("formula", "cas", "molar_mass", "similarity", "synonyms", "labels", "smiles", "key"),
    "claims": ("property", "value", "std", "temperature", "pressure", "conditions", "phase", "method", "tier", "source", "note", "status", "suspicion", "labels", "key"),
}
_ENTRY_SHOWN = ("kind", "text", "substances", "source", "status", "labels", "key")
_UNITS = {"molar_mass": "kg/mol", "temperature": "K", "pressure": "Pa"}
_TERMS = {"cas": "CAS number", "molar_mass": "molar mass", "smiles": "SMILES"}


def esc(value: Any) -> str:
    """A value as HTML text, cut at 2,000 characters."""
    text = str(value)
    return html.escape(_UNPRINTABLE.sub("\ufffd", text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\u2026"), quote=True)


def page_parts(results: Results) -> Iterator[str]:
    """The page, piece by piece."""
    shown = len(results)
    count = f"{shown} {results.find}" if results.total in (shown, None) else f"{shown} of {results.total} {results.find}"
    if results.total is None:
        count = f"the first {shown} {results.find}; there may be more"
    yield f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{esc(results.query[:80])} - chemwright</title>
<style>{_CSS}</style>
</head>
<body>
<h1>Search results</h1>
<p><code>{esc(results.query)}</code><br>{esc(count)}</p>
<main class="grid">
"""
    draw, drawn = lru_cache(maxsize=512)(_picture), 0
    for row in results.table_rows():
        smiles = str(row.get("smiles") or "")
        picture = draw(smiles) if smiles and drawn < MAX_PICTURES else ""
        drawn += bool(picture)
        yield _card(results.find, row, picture)
    note = f"<p>The first {MAX_PICTURES} structures are drawn.</p>\n" if drawn >= MAX_PICTURES else ""
    yield f"</main>\n{note}</body>\n</html>\n"


def _picture(smiles: str) -> str:
    try:
        return f'<div class="picture">{svg(smiles)}</div>'
    except ChemwrightError:  # an open repeat unit, or what RDKit can't draw: the SMILES stands below
        return ""


def _card(find: str, row: dict[str, Any], picture: str) -> str:
    title = row.get("name") or row.get("id") or row.get("subject") or row["key"]
    lines = []
    for name in _SHOWN.get(find, _ENTRY_SHOWN):
        value = row.get(name)
        if value in (None, ""):
            continue
        lines.append(f'<dt>{esc(_TERMS.get(name, name))}</dt><dd class="value">{esc(_written(name, value, row))}</dd>')
    return f"<article>{picture}<h2>{esc(title)}</h2><dl>{''.join(lines)}</dl></article>\n"


def _written(name: str, value: Any, row: dict[str, Any]) -> str:
    """A value with its unit, numbers to six digits."""
    if isinstance(value, float):
        if name == "similarity":
            return f"{value:.3f}"
        unit = row.get("unit", "") if name in ("value", "std") else _UNITS.get(name, "")
        return f"{value:.6g}" + ("" if unit in ("", "1") else f" {unit}")
    if name == "conditions":
        return ", ".join(f"{k} {v:.6g}" if isinstance(v, float | int) else f"{k} {v}" for k, v in json.loads(value).items())
    return str(value)
