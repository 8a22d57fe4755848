"""What a licence lets leave the base, and to whom. Private records never leave; a licence that nobody knows stays until it is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.base.claims import Filed
from chemwright.record import Source
from chemwright.record.fields import as_tuple, one_of

TARGETS = ("public", "group")
SHOWN = 20


@frozen
class Terms:
    """What a licence allows.

    Args:
        public: may be given to anyone.
        commercial: may be used for money.
        changed: may be given on in another form or arrangement than it came in.
        group: may be given within the group that holds it.
        url: where it is written down.
    """

    public: bool = True
    commercial: bool = True
    changed: bool = True
    group: bool = True
    url: str = ""


def _cc(name: str, version: str) -> Terms:
    return Terms(commercial="-NC" not in name, changed="-ND" not in name, url=f"https://creativecommons.org/licenses/{name.removeprefix('CC-').lower()}/{version}/")


TABLE: dict[str, Terms] = {
    **{f"{n}-{v}": _cc(n, v) for n in ("CC-BY", "CC-BY-SA", "CC-BY-NC", "CC-BY-ND", "CC-BY-NC-SA", "CC-BY-NC-ND") for v in ("2.0", "2.5", "3.0", "4.0")},
    "CC0-1.0": Terms(url="https://creativecommons.org/publicdomain/zero/1.0/"),
    "PDDL-1.0": Terms(url="https://opendatacommons.org/licenses/pddl/1-0/"),
    "ODC-BY-1.0": Terms(url="https://opendatacommons.org/licenses/by/1-0/"),
    "ODBL-1.0": Terms(url="https://opendatacommons.org/licenses/odbl/1-0/"),
    **{n: Terms(url=f"https://spdx.org/licenses/{n}.html") for n in ("MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "Unlicense", "LGPL-2.1-or-later", "LGPL-3.0-or-later")},
    "public-domain": Terms(url="https://creativecommons.org/publicdomain/mark/1.0/"),
    "proprietary": Terms(public=False, commercial=False, changed=True),
    "no-redistribution": Terms(public=False, commercial=False, changed=False, group=False),
}
"""Licence (SPDX name where there is one) to what it allows; read from the licences' own summaries, and no legal advice."""
_ALIASES = {"public domain": "public-domain", "cc0": "CC0-1.0", "all rights reserved": "proprietary", "odbl-1.0": "ODBL-1.0", "apache 2.0": "Apache-2.0", "none": ""}


def known(licence: str) -> str:
    """The table's name of a licence, however it is written (``cc by 4.0``); empty when the table does not know it."""
    text = " ".join(licence.split()).lower()
    if text in _ALIASES:
        return _ALIASES[text]
    plain = re.sub(r"[\s_]+", "-", text)
    return next((n for n in TABLE if n.lower() == plain), "")


@frozen
class Purpose:
    """For whom an export is.

    Args:
        target: ``public`` (anyone) or ``group``.
        commercial: it shall be usable for money: what forbids that stays.
        changed: it is written in another form than records and files as they are (CSV, ORD): what forbids that stays.
        allow_unknown: licences that the table does not know and that the user vouches for, by name; ``unknown`` for records without any.

    Raises:
        InputError: unknown target.
    """

    target: str = field(default="public", validator=one_of(TARGETS))
    commercial: bool = False
    changed: bool = False
    allow_unknown: tuple[str, ...] = field(default=(), converter=as_tuple)

    def refusal(self, licence: str, visibility: str, source: Source | None = None) -> str:
        """Why a record may not leave, in words; empty when it may. A licence of the record comes before that of its source; what the source is known to forbid stays."""
        if visibility == "private":
            return "it is private"
        if self.target == "public" and visibility == "group":
            return "it is for the group only"
        behind = source.licence if source is not None else ""
        own = licence or behind
        for text in dict.fromkeys((own, behind if known(behind) else own)):
            if why := self._forbids(text):
                return why
        return ""

    def _forbids(self, licence: str) -> str:
        name = known(licence)
        if not name:
            if self.target == "group" or (licence or "unknown") in self.allow_unknown:
                return ""
            return f"its licence {licence!r} is not in the table" if licence else "its licence is unknown"
        terms = TABLE[name]
        if not (terms.public if self.target == "public" else terms.group):
            return f"{name} forbids to give it to {'anyone' if self.target == 'public' else 'others'}"
        if self.commercial and not terms.commercial:
            return f"{name} forbids commercial use"
        if self.changed and self.target == "public" and not terms.changed:
            return f"{name} forbids to give it on in another form"
        return ""


@frozen
class Refused:
    """A record that may not leave, and why."""

    kind: str
    key: str
    why: str


def refused_among(items: Iterable[Filed], sources: dict[str, Source], purpose: Purpose) -> list[Refused]:
    """Those that may not leave."""
    out = []
    for item in items:
        why = purpose.refusal(item.filing.licence, item.filing.visibility, sources.get(str(getattr(item.record, "source", ""))))
        if why:
            out.append(Refused(item.kind, item.key, why))
    return out


def refuse(refused: Sequence[Refused], where: str) -> None:
    """An error that lists them, when there are any.

    Raises:
        InputError: at least one record may not leave.
    """
    if not refused:
        return
    why: dict[str, int] = {}
    for r in refused:
        why[r.why] = why.get(r.why, 0) + 1
    reasons = "; ".join(f"{n} because {w}" for w, n in sorted(why.items(), key=lambda x: -x[1])[:5])
    some = ", ".join(f"{r.kind} {r.key[:12]}" for r in refused[:SHOWN]) + (f" and {len(refused) - SHOWN} more" if len(refused) > SHOWN else "")
    raise InputError(
        f"{len(refused)} records may not leave: {reasons}. They are {some}",
        where=where,
        fix="leave them out (--leave-out), change their terms where you may (kb share KEY --licence ... --visibility ...), or vouch for a licence by name (--allow-licence NAME)",
    )


def licence_url(licence: str) -> str:
    """Where a licence is written down; empty when the table does not know it."""
    return TABLE[known(licence)].url if known(licence) else ""


def suggest(licence: str) -> str:
    """Near misses of a licence's name."""
    return did_you_mean(licence, TABLE)
