"""Peptides in three-letter code: ``Boc-Ala-Phe-OMe``, ``Z-Asp(OtBu)-NH2``, ``H-D-Trp-OH.HCl``; amino acids are L where nothing else is said."""

from __future__ import annotations

import re

_SIDE = {
    "gly": "", "ala": "C", "val": "C(C)C", "leu": "CC(C)C", "ile": "[C@@H](C)CC", "phe": "Cc1ccccc1", "tyr": "Cc1ccc(O{})cc1", "trp": "Cc1c[nH]c2ccccc12", "ser": "CO{}", "thr": "[C@@H](C)O{}", "cys": "CS{}", "met": "CCSC",
    "asp": "CC(=O){}", "glu": "CCC(=O){}", "asn": "CC(N)=O", "gln": "CCC(N)=O", "lys": "CCCCN{}", "orn": "CCCN{}", "arg": "CCCNC(=N)N{}", "his": "Cc1c[nH]cn1", "nle": "CCCC", "nva": "CCC", "phg": "c1ccccc1", "abu": "CC", "aib": "",
}  # fmt: skip
_START = {
    "h": "", "z": "O=C(OCc9ccccc9)", "cbz": "O=C(OCc9ccccc9)", "boc": "CC(C)(C)OC(=O)", "t-boc": "CC(C)(C)OC(=O)", "fmoc": "O=C(OCC9c8ccccc8-c8ccccc89)", "ac": "CC(=O)", "bz": "O=C(c9ccccc9)", "for": "O=C", "ts": "Cc9ccc(cc9)S(=O)(=O)",
    "tos": "Cc9ccc(cc9)S(=O)(=O)", "tfa": "FC(F)(F)C(=O)", "suc": "OC(=O)CCC(=O)", "meosuc": "COC(=O)CCC(=O)",
}  # fmt: skip
_END = {
    "oh": "O", "ome": "OC", "och3": "OC", "oet": "OCC", "obzl": "OCc1ccccc1", "obn": "OCc1ccccc1", "obut": "OC(C)(C)C", "otbu": "OC(C)(C)C", "o-t-bu": "OC(C)(C)C", "nh2": "N", "nhme": "NC", "nhet": "NCC", "nhnh2": "NN", "n2h3": "NN",
    "onp": "Oc1ccc([N+](=O)[O-])cc1", "osu": "ON1C(=O)CCC1=O", "onsu": "ON1C(=O)CCC1=O", "pna": "Nc1ccc([N+](=O)[O-])cc1", "otcp": "Oc1c(Cl)c(Cl)c(Cl)c(Cl)c1Cl",
}  # fmt: skip
_ON = {"boc": "C(=O)OC(C)(C)C", "z": "C(=O)OCc1ccccc1", "cbz": "C(=O)OCc1ccccc1", "bzl": "Cc1ccccc1", "bn": "Cc1ccccc1", "tbu": "C(C)(C)C", "but": "C(C)(C)C", "t-bu": "C(C)(C)C", "me": "C", "ts": "S(=O)(=O)c1ccc(C)cc1", "tos": "S(=O)(=O)c1ccc(C)cc1", "no2": "[N+](=O)[O-]", "ac": "C(C)=O", "trt": "C(c1ccccc1)(c1ccccc1)c1ccccc1"}  # fmt: skip
_RESIDUES = "|".join((*_SIDE, "pro", "hyp"))
_RESIDUE = re.compile(rf"^(?:(?P<config>dl|[dl])-?)?(?P<me>n-?me-?|me)?(?P<name>{_RESIDUES}|βala|sar)(?:\((?P<on>[a-z0-9-]+)\))?$")
_TAIL = re.compile(r"^(?P<body>.+?)(?P<salt>[. ·](?:HCl|TFA|hydrochloride|H2O))?$")
_SALT = {"hcl": "Cl", "tfa": "OC(=O)C(F)(F)F", "hydrochloride": "Cl", "h2o": "O"}


def peptide(name: str) -> str:
    """Canonical SMILES of a peptide in three-letter code with its ends named, or empty."""
    if len(name) > 120 or "-" not in name or not re.search(r"[A-Z][a-z]{2}", name) or " " in name.strip().replace(" hydrochloride", ""):
        return ""
    match = _TAIL.match(name.strip())
    if match is None:
        return ""
    parts = re.split(r"-(?![a-z]-?[Bb]u)(?![^(]*\))", match["body"])
    parts = [f"{p}-{parts[i + 1]}" if p in ("D", "L", "DL", "N") and i + 1 < len(parts) else p for i, p in enumerate(parts) if i == 0 or parts[i - 1] not in ("D", "L", "DL", "N")]
    if len(parts) >= 3 and parts[1].startswith("N-") and parts[1] != "N-Me":
        return ""
    text = _chain([p.lower() for p in _methyls(parts)])
    if not text:
        return ""
    from chemwright.errors import SubstanceError
    from chemwright.structure import molecule

    try:
        return molecule(text + (f".{_SALT[match['salt'][1:].lower()]}" if match["salt"] else "")).smiles
    except SubstanceError:
        return ""


def _methyls(parts: list[str]) -> list[str]:
    """``N-Me`` and the residue that follows as one part."""
    out: list[str] = []
    for p in parts:
        if out and out[-1].lower() in ("n-me", "me"):
            out[-1] = "me" + p
        else:
            out.append(p)
    return out


def _chain(parts: list[str]) -> str:
    """SMILES from the amino end to the acid end; empty when a part is not known."""
    if len(parts) < 2:
        return ""
    start = parts[0] if parts[0] in _START else ""
    end = parts[-1] if parts[-1] in _END else ""
    residues = parts[bool(start) : len(parts) - bool(end)]
    if not residues or not end:
        return ""
    text = _START.get(start, "")
    for part in residues:
        unit = _unit(part)
        if not unit:
            return ""
        text += unit
    return text + _END[end]


def _unit(part: str) -> str:
    """One residue, its acid end a carbonyl without OH."""
    match = _RESIDUE.match(part)
    if match is None:
        return ""
    at = {"d": "[C@H]", "dl": "C"}.get(match["config"] or "", "[C@@H]")
    name = match["name"]
    if name in ("sar", "βala"):
        return "N(C)CC(=O)" if name == "sar" else "NCCC(=O)"
    if name in ("pro", "hyp"):
        if match["on"] and (name == "pro" or match["on"] not in _ON):
            return ""
        ring = {"pro": "N7CCC", "hyp": f"N7C[C@H](O{_ON.get(match['on'] or '', '')})C"}[name]
        return f"{ring}{'[C@H]' if at == '[C@@H]' else '[C@@H]' if at == '[C@H]' else 'C'}7C(=O)"
    side = _SIDE[name]
    if match["on"] and ("{}" not in side or match["on"].removeprefix("o" if name in ("asp", "glu") else "") not in _ON):
        return ""
    group = _ON.get((match["on"] or "").removeprefix("o" if name in ("asp", "glu") else ""), "")
    if name in ("asp", "glu"):
        group = f"O{group}"
    side = side.replace("{}", f"({group})" if group and not side.endswith("{}") else group)
    nitrogen = "N(C)" if match["me"] else "N"
    if name == "gly":
        return f"{nitrogen}CC(=O)"
    if name == "aib":
        return f"{nitrogen}C(C)(C)C(=O)"
    return f"{nitrogen}{at}({side})C(=O)"
