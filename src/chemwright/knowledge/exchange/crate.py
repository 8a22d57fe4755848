"""What a package says about itself: RO-Crate 1.1 metadata (JSON-LD), citation file, BibTeX, and a page for people.

The forms are those of the RO-Crate specification 1.1 (https://w3id.org/ro/crate/1.1) and of the Citation File Format 1.2.0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from attrs import frozen

from chemwright.knowledge.exchange.rights import known, licence_url
from chemwright.record import Source

CRATE = "ro-crate-metadata.json"
FORMAT, FORMAT_VERSION = "#format", "1"
_TYPES = {".jsonl": "application/jsonl", ".json": "application/json", ".md": "text/markdown", ".cff": "application/yaml", ".bib": "application/x-bibtex", ".txt": "text/plain"}


@frozen
class About:
    """What a person says of a package, and what was counted.

    Args:
        title, description: in words.
        author: who gives it out.
        date: ISO 8601.
        licences: licence to number of records under it; ``""`` for none.
        counts: kind to number of records.
        target: ``public`` or ``group``.
    """

    title: str
    description: str
    author: str
    date: str
    licences: Mapping[str, int]
    counts: Mapping[str, int]
    target: str


def licence_of(about: About) -> str:
    """The licence of the package as a whole: the one that all records share, else in words that they have their own."""
    named = [x for x in about.licences if x]
    return named[0] if len(about.licences) == 1 and named else "each record under its own licence, told in its filing"


def metadata(about: About, files: Mapping[str, tuple[int, str]], sources: Iterable[Source]) -> str:
    """The JSON-LD of a package.

    Args:
        about: what it says of itself.
        files: name to (size in bytes, SHA-256).
        sources: what its records rest on.
    """
    licences = [_licence(n) for n in sorted(about.licences) if n]
    cited = [_article(s) for s in sources if s.doi or s.citation]
    root: dict[str, Any] = {
        "@id": "./", "@type": "Dataset", "name": about.title, "description": about.description, "datePublished": about.date[:10], "author": {"@id": "#author"},
        "license": [{"@id": x["@id"]} for x in licences] or licence_of(about), "conformsTo": {"@id": FORMAT}, "hasPart": [{"@id": n} for n in sorted(files)],
        "citation": [{"@id": x["@id"]} for x in cited], "variableMeasured": [f"{k}: {n}" for k, n in sorted(about.counts.items())],
    }  # fmt: skip
    graph: list[dict[str, Any]] = [
        {"@id": CRATE, "@type": "CreativeWork", "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}, "about": {"@id": "./"}},
        root,
        {"@id": "#author", "@type": "Person", "name": about.author},
        {"@id": FORMAT, "@type": "CreativeWork", "name": "chemwright package", "version": FORMAT_VERSION},
        {"@id": "#software", "@type": "SoftwareApplication", "name": "chemwright", "version": version("chemwright")},
        {"@id": "#export", "@type": "CreateAction", "agent": {"@id": "#author"}, "instrument": {"@id": "#software"}, "endTime": about.date, "result": {"@id": "./"}},
        *licences,
        *cited,
        *(_file(n, size, sha) for n, (size, sha) in sorted(files.items())),
    ]
    return (
        json.dumps(
            {"@context": ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}], "@graph": graph}, indent=1, ensure_ascii=False
        )
        + "\n"
    )


def _licence(name: str) -> dict[str, Any]:
    return {"@id": licence_url(name) or f"#licence-{quote(name, safe='')}", "@type": "CreativeWork", "name": known(name) or name}


def _article(s: Source) -> dict[str, Any]:
    out: dict[str, Any] = {
        "@id": f"https://doi.org/{quote(s.doi)}" if s.doi else f"#source-{quote(s.id, safe='')}",
        "@type": "ScholarlyArticle",
        "name": s.citation or s.id,
        "identifier": s.id,
    }
    return out | ({"datePublished": str(s.year)} if s.year else {})


def _file(name: str, size: int, sha: str) -> dict[str, Any]:
    ending = "." + name.rsplit(".", 1)[-1] if "." in name else ""
    return {
        "@id": name,
        "@type": "File",
        "name": name.rsplit("/", 1)[-1],
        "contentSize": str(size),
        "sha256": sha,
        "encodingFormat": _TYPES.get(ending, "application/octet-stream"),
    }


def version_of(text: str) -> str:
    """The version of the form that a package's metadata say; empty when they say none."""
    try:
        graph = json.loads(text).get("@graph", [])
        return next((str(x.get("version", "")) for x in graph if isinstance(x, dict) and x.get("@id") == FORMAT), "")
    except (ValueError, AttributeError, TypeError, RecursionError):
        return ""


def citation(about: About, sources: Iterable[Source]) -> str:
    """CITATION.cff: how the package and what it rests on are cited. Texts are written as JSON strings, which YAML reads as they are."""
    lines = ["cff-version: 1.2.0", "message: " + _quoted("If you use these data, cite them and what they rest on."), "type: dataset", "title: " + _quoted(about.title)]
    lines += ["authors:", "  - name: " + _quoted(about.author), "date-released: " + about.date[:10]]
    named = [known(x) for x in about.licences if known(x) and known(x) != "proprietary"]
    if named and len(named) == len(about.licences):
        lines += ["license: " + (_quoted(named[0]) if len(named) == 1 else json.dumps(sorted(named)))]
    rows = [s for s in sources if s.citation or s.doi]
    if rows:
        lines.append("references:")
    for s in rows:
        lines += ["  - type: generic", "    title: " + _quoted(s.citation or s.id), "    authors:", "      - name: " + _quoted("see title")]
        lines += ["    doi: " + _quoted(s.doi)] if s.doi else []
        lines += [f"    year: {s.year}"] if s.year else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(" ".join(text.split()) or "unknown", ensure_ascii=False)


def readme(about: About, left_out: int) -> str:
    """The page for people, in Markdown; what comes from records is kept on one line and without markup."""
    rows = "\n".join(f"| {k} | {n} |" for k, n in sorted(about.counts.items()))
    terms = "\n".join(f"- {_plain(n) or 'no licence told'}: {count} records" for n, count in sorted(about.licences.items()))
    missing = f"\n{left_out} records of the selection were left out, because their terms forbid to give them on.\n" if left_out else ""
    return f"""# {_plain(about.title)}

{_plain(about.description)}

Given out by {_plain(about.author)} on {about.date[:10]}, for {"anyone" if about.target == "public" else "the group"}.

| kind | records |
|---|---|
{rows}

## Terms

{terms}
{missing}
## How to read it

    from chemwright.knowledge.base.database import open_base
    from chemwright.knowledge.exchange.package_read import import_package

    with open_base("plant.kb", create=True) as kb:
        import_package(kb, "PACKAGE.zip")

Every file's SHA-256 stands in `manifest-sha256.txt`; the import checks all of them before it files anything. Records are JSON, one a line, in `data/`;
files that belong to them are in `assets/`, named by their SHA-256. `{CRATE}` describes the whole (RO-Crate 1.1); `CITATION.cff` and `references.bib`
say how to cite it.
"""


def _plain(text: str) -> str:
    return " ".join(text.replace("<", "&lt;").replace("|", "/").replace("`", "'").split())
