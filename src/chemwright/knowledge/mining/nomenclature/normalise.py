"""Names as written brought to one spelling: one kind of bracket, hyphen and prime, British and German forms, letters for Greek, no stray spaces."""

from __future__ import annotations

import re

_CHARS = {
    "′": "'", "’": "'", "‘": "'", "`": "'", "´": "'", "″": "''", '"': "''", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "[": "[", "{": "(", "}": ")", "\u00a0": " ", "·": ".", "•": ".", "*": "",
}  # fmt: skip
_SPELL = (
    ("sulph", "sulf"), ("aluminium", "aluminum"), ("caesium", "cesium"), ("tertiary-", "tert-"), ("tertiary ", "tert-"), ("tert. ", "tert-"), ("tert.-", "tert-"), ("tert.", "tert-"), ("sec.-", "sec-"), ("sec. ", "sec-"),
    ("tert butyl", "tert-butyl"), ("t.butyl", "tert-butyl"), ("tertbutyl", "tert-butyl"), ("iso-prop", "isoprop"), ("iso-but", "isobut"), ("i-prop", "isoprop"),
    ("ethyleneglycol", "ethylene glycol"), ("acetylchloride", "acetyl chloride"), ("ylester", "yl ester"), ("yl-ester", "yl ester"), ("acidchloride", "acid chloride"), (" acid-", " acid "), ("aldehyd ", "aldehyde "),
    ("phosphorous", "phosphorus"), ("phtal", "phthal"), ("monohydrochloride", "hydrochloride"), ("hydro-chloride", "hydrochloride"), ("tetrahydrofurane", "tetrahydrofuran"), ("pyridin-", "pyridin-"),
    ("carboxylicacid", "carboxylic acid"), ("benzoicacid", "benzoic acid"), ("methylene chloride", "dichloromethane"), ("boranic", "boronic"), ("n-but", "but"), ("n-prop", "prop"), ("n-hex", "hex"), ("n-pent", "pent"),
    ("n-oct", "oct"), ("n-hept", "hept"), ("n-dec", "dec"), ("n-dodec", "dodec"), ("perfluoro-", "perfluoro"), ("chlorid ", "chloride "), ("carbodimide", "carbodiimide"), ("pyrolidin", "pyrrolidin"), ("methlenedioxy", "methylenedioxy"), ("napthal", "naphthal"), ("trietyl", "triethyl"), ("cynato", "cyanato"), ("acetoamid", "acetamid"), ("desoxy", "deoxy"),
    ("yl-triphenylphosph", "yltriphenylphosph"), ("yl triphenyl phosph", "yltriphenylphosph"), ("yl triphenylphosph", "yltriphenylphosph"), ("tetrahydro-pyran", "tetrahydropyran"), ("piperazino", "piperazino"),
)  # fmt: skip
_ENDS = re.compile(r"\s*(?:\([ivx]+\)|\(\d+[a-z]?\)|\((?:compound|formula|intermediate|\+|-|\+/-|±)[^()]*\)|[.,;:]+)$")


def normalise(name: str) -> str:
    """One spelling; lower case throughout (element letters of locants N, O, S too)."""
    text = "".join(_CHARS.get(c, c) for c in name.strip())
    text = re.sub(r"\b[n]-(?=(?:but|prop|hex|pent|oct|hept|dec|dodec))", "", text)
    text = text.lower()
    text = re.sub(r"\s*-\s*", "-", text)
    text = re.sub(r"\s*,\s*", ",", text)
    text = re.sub(r"\(\s*", "(", re.sub(r"\s*\)", ")", text))
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"--+", "-", text)
    text = re.sub(r"[(\[](\d,\d-[a-z])[)\]]", r"[\1]", text)
    text = re.sub(r"(?<=\[\d)\.(?=\d-[a-z]\])", ",", text)
    text = re.sub(r"(?<=\])\((\d(?:,\d)*)\)", r"[\1]", text)
    text = re.sub(r"(dibenzo?) ?[(\[]([a-z],[a-z])[)\]] ?", r"\1[\2]", text)
    text = re.sub(r"\[(\d+h)\]-? ?", r"\1-", text)
    text = re.sub(r"^\((?:\d+[αβ],?)+\)-", "", text)
    text = re.sub(r"(?<=\d)[αβ](?=[-,a-z(])(?!-[a-z]*lactam)", "", text)
    for old, new in _SPELL[:-1]:
        if old in ("n-but", "n-prop", "n-hex", "n-pent", "n-oct", "n-hept", "n-dec", "n-dodec"):
            continue
        text = text.replace(old, new)
    text = re.sub(r"(?<![a-z])t-(?=but|amyl|pent)", "tert-", text)
    text = re.sub(r"(?<![a-z])s-(?=but)", "sec-", text)
    while (shorter := _ENDS.sub("", text)) != text and len(shorter) > 2:
        text = shorter
    text = re.sub(r"(?<=yl)-?(?=(?:chloride|bromide|iodide|isocyanate|isothiocyanate|isocyanide|cyanide|alcohol)\b)", " ", text)
    return _stereo_first(square_to_round(text))


def _stereo_first(text: str) -> str:
    """``2-(s)-bromo-3(r)-hydroxy...`` as ``(2s,3r)-2-bromo-3-hydroxy...``, outside brackets only."""
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        before = text[: match.start()]
        if before.count("(") != before.count(")"):
            return match[0]
        found.append(match[1] + match[2])
        return f"{match[1]}-"

    out = re.sub(r"(?<![\d,])(\d+)-?\(([rs])\)-?(?=[a-z(])", take, text)
    return f"({','.join(found)})-{out}" if found else out


def square_to_round(text: str) -> str:
    """Square brackets that group become round; those that belong to ring names ([2.2.1], [1,2-a], [b]) stay."""
    out, stack = list(text), []
    for i, c in enumerate(text):
        if c == "[":
            stack.append(i)
        elif c == "]" and stack:
            j = stack.pop()
            inside = text[j + 1 : i]
            if not re.fullmatch(r"[\d.,a-z'’]{1,3}|\d[\d.,]*|(?:[\d,'a-z]{1,12}-)?[a-z]{1,2}|[\d.,]+|\d[\d,'a-z]*-[a-z]", inside):
                out[j], out[i] = "(", ")"
    return "".join(out)
