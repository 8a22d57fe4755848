"""A plain line drawing of a molecule from its 2-D coordinates, for machines without RDKit's drawing library."""

from __future__ import annotations

import math
from typing import Any

_COLOURS = {"O": "#c00000", "N": "#1f3fbf", "F": "#2e8b57", "Cl": "#2e8b57", "Br": "#8b3a1a", "I": "#5b2c8b", "S": "#9a7b00", "P": "#b35900"}


def plain_svg(graph: Any, width: int, height: int) -> str:
    """SVG of an RDKit molecule: bonds as lines, hetero atoms as coloured letters; ``width`` x ``height`` px."""
    from rdkit import Chem
    from rdkit.Chem import rdDepictor

    mol = Chem.Mol(graph)
    rdDepictor.Compute2DCoords(mol)
    Chem.Kekulize(mol, clearAromaticFlags=True)
    conformer = mol.GetConformer()
    raw = [(conformer.GetAtomPosition(i).x, -conformer.GetAtomPosition(i).y) for i in range(mol.GetNumAtoms())]
    low_x, high_x = min(p[0] for p in raw), max(p[0] for p in raw)
    low_y, high_y = min(p[1] for p in raw), max(p[1] for p in raw)
    scale = min((width - 32) / max(high_x - low_x, 1.0), (height - 28) / max(high_y - low_y, 1.0), 30.0)
    scale = max(scale, 1.0)
    at = [(width / 2 + (x - (low_x + high_x) / 2) * scale, height / 2 + (y - (low_y + high_y) / 2) * scale) for x, y in raw]
    labels = [_label(atom) for atom in mol.GetAtoms()]
    size = max(6.0, min(14.0, 0.45 * scale))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}px" height="{height}px" viewBox="0 0 {width} {height}">']
    for bond in mol.GetBonds():
        i, j = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        gaps = (0.6 * size if labels[i] else 0.0, 0.6 * size if labels[j] else 0.0)
        out += _bond(at[i], at[j], gaps, round(bond.GetBondTypeAsDouble()), 0.09 * scale)
    for atom, label, (x, y) in zip(mol.GetAtoms(), labels, at, strict=True):
        if label:
            colour = _COLOURS.get(atom.GetSymbol(), "#000000")
            out.append(f'<text x="{x:.1f}" y="{y + 0.35 * size:.1f}" font-family="sans-serif" font-size="{size:.1f}" fill="{colour}" text-anchor="middle">{label}</text>')
    return "\n".join([*out, "</svg>"])


def _label(atom: Any) -> str:
    """Letters for an atom: none for carbon in a chain."""
    if atom.GetSymbol() == "C" and atom.GetDegree() > 0 and atom.GetFormalCharge() == 0:
        return ""
    hydrogens, charge = atom.GetTotalNumHs(), atom.GetFormalCharge()
    text = str(atom.GetSymbol()) + ("" if hydrogens == 0 else "H" if hydrogens == 1 else f"H{hydrogens}")
    return text + ("" if charge == 0 else ("+" if charge > 0 else "-") + (str(abs(charge)) if abs(charge) > 1 else ""))


def _bond(a: tuple[float, float], b: tuple[float, float], gaps: tuple[float, float], order: int, shift: float) -> list[str]:
    """``order`` parallel lines from ``a`` to ``b``, ``gaps`` short of labelled ends."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy) or 1.0
    ux, uy = dx / length, dy / length
    lines = []
    for k in range(max(order, 1)):
        off = (k - (max(order, 1) - 1) / 2) * 2 * shift
        x1, y1 = a[0] + ux * gaps[0] - uy * off, a[1] + uy * gaps[0] + ux * off
        x2, y2 = b[0] - ux * gaps[1] - uy * off, b[1] - uy * gaps[1] + ux * off
        lines.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#000000" stroke-width="1.3"/>')
    return lines
