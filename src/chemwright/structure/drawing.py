"""Structure drawings as SVG that can stand inside an HTML page."""

from __future__ import annotations

import html
import re
from typing import Any

from chemwright.errors import InputError
from chemwright.structure.molecule import parse
from chemwright.structure.plain import plain_svg


def svg(smiles: str, width: int = 220, height: int = 140) -> str:
    """An SVG element that draws a structure: transparent ground, no XML prolog, no outside reference.

    RDKit's drawing library links to system libraries (libXrender, libXext, libexpat) that a bare machine may lack; a plain
    line drawing from RDKit's 2-D coordinates takes its place there.

    Args:
        smiles: SMILES of the structure.
        width, height: size in px, 20 to 4000.

    Raises:
        SubstanceError: not a valid SMILES.
        InputError: a size out of range.
    """
    if not (20 <= width <= 4000 and 20 <= height <= 4000):
        raise InputError(f"drawing of {width} x {height} px", fix="give a width and height of 20 to 4000 px")
    graph = parse(smiles)
    try:
        text = _rdkit_svg(graph, width, height)
    except ImportError:
        text = plain_svg(graph, width, height)
    return text.replace("<svg", f'<svg role="img" aria-label="{html.escape(smiles.strip(), quote=True)}"', 1)


def _rdkit_svg(graph: Any, width: int, height: int) -> str:
    """RDKit's drawing, cut down to the SVG element."""
    from rdkit.Chem.Draw import rdMolDraw2D

    canvas: Any = rdMolDraw2D.MolDraw2DSVG(width, height)
    canvas.drawOptions().clearBackground = False
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, graph)
    canvas.FinishDrawing()
    text = canvas.GetDrawingText()
    text = re.sub(r"<!--.*?-->\s*", "", text[text.index("<svg") :], flags=re.S)
    return re.sub(r"\s+xmlns:rdkit='[^']*'", "", text).strip()
