"""The page: sections in order, each written or said to be missing, in one file that asks nothing of the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chemwright.record.atomic import write_atomic
from chemwright.report import (
    sections_cost,
    sections_gaps,
    sections_kinetics,
    sections_plant,
    sections_readiness,
    sections_record,
    sections_streams,
    sections_summary,
    sections_uncertainty,
)
from chemwright.report.parts import Absent, get
from chemwright.report.style import CSS
from chemwright.report.tables import absent
from chemwright.report.text import Markup, element, esc, glue
from chemwright.report.words import speaking, term, tr

CODES = {"en": "en", "zh": "zh-Hans"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

Section = Callable[[dict[str, Any]], Markup]
SECTIONS: tuple[tuple[str, str, tuple[tuple[str, Section], ...]], ...] = (
    ("summary", "Summary", (("", sections_summary.summary),)),
    ("readiness", "Readiness", (("", sections_readiness.readiness),)),
    ("flow", "Process flow diagram", (("", sections_plant.flow),)),
    ("streams", "Streams", (("", sections_streams.streams),)),
    ("conditions", "Operating conditions", (("", sections_plant.conditions),)),
    ("cost", "Cost", (("", sections_cost.breakdown),)),
    ("front", "Cost against E-factor", (("", sections_cost.pareto),)),
    ("shares", "Where the uncertainty comes from", (("", sections_uncertainty.shares),)),
    ("gaps", "What is not known", (("", sections_gaps.gaps),)),
    ("next", "Next experiments", (("", sections_gaps.next_experiments),)),
    ("equipment", "Equipment", (("", sections_plant.equipment),)),
    ("network", "Reactions", (("", sections_kinetics.network),)),
    (
        "kinetics",
        "Kinetics",
        (
            ("Parameters", sections_kinetics.parameters),
            ("Model against measurement", sections_kinetics.parity),
            ("Before and after the runs", sections_kinetics.posterior),
            ("Along the reactor", sections_kinetics.profile),
        ),
    ),
    ("properties", "Properties", (("", sections_record.properties),)),
    ("assumptions", "Assumptions", (("", sections_plant.assumptions),)),
    ("decisions", "Decisions", (("", sections_record.decisions),)),
    ("citations", "Citations", (("", sections_record.citations),)),
)


def _part(title: str, write: Section, details: dict[str, Any]) -> Markup:
    """One part, or the reason why it is not there."""
    try:
        body = write(details)
    except Absent as gone:
        body = absent(str(gone))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        body = absent(tr("its data have another layout than expected ({error})", error=f"{type(error).__name__}: {str(error)[:200]}"))
    return glue([element("h3", term(title)) if title else "", body], "\n")


def page(details: dict[str, Any], lang: str = "en") -> str:
    """The report as HTML text; the same details give the same text.

    Raises:
        InputError: a language that the report does not speak.
    """
    with speaking(lang):
        return _page(details, lang)


def _page(details: dict[str, Any], lang: str) -> str:
    name = get(details, "record", "name", default=tr("case"))
    blocks = [element("section", glue([element("h2", term(title)), *(_part(t, write, details) for t, write in parts)], "\n"), id=key) for key, title, parts in SECTIONS]
    links = glue((element("a", term(title), href=f"#{key}") for key, title, _ in SECTIONS), "\n")
    version = get(details, "summary", "meta", "version")
    made = tr("Made by chemwright {version}.", version=version) if version else tr("Made by chemwright.")
    head = f"""<!DOCTYPE html>
<html lang="{CODES[lang]}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{esc(name)} - chemwright</title>
<style>{CSS}</style>
</head>
<body>
"""
    top = element("header", glue([element("h1", name), element("p", tr("Process design report: every figure with its standard uncertainty and its source."))]))
    body = glue([top, element("nav", links, aria_label=tr("sections")), element("main", glue(blocks, "\n\n")), element("footer", made)], "\n")
    return f"{head}{body}\n</body>\n</html>\n"


def write_report(details: dict[str, Any], path: Path, lang: str = "en") -> Path:
    """Write the report as one self-contained HTML file, replacing what is there in one step.

    Args:
        details: ``record`` (a CaseRecord as plain data), ``results`` (``properties``, ``fit``, ``design``, ``explain``, ``next``), ``summary`` (the
            develop JSON), ``decisions`` (plain data) and ``citations`` (BibTeX); a part that is missing is said to be missing.
        path: file to write; its folder is made when it is not there.
        lang: language of the page: ``en`` or ``zh``.

    Returns:
        The path.

    Raises:
        InputError: unknown language. StorageError: the file can't be written.
    """
    path = Path(path)
    write_atomic(path, page(details, lang).encode("utf-8"))
    return path
