"""KnowledgeBase: the handle on a database of records. It keeps no state of its own but the address and who is asking; every verb is a function elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import evolve
from sqlalchemy import Connection, Engine, func, insert, inspect, select

from chemwright.errors import InputError, StorageError
from chemwright.knowledge.base import audit, backup, blobs, changes, checksums, claims, entries, onnx, sources, substances, text, upgrades, verify
from chemwright.knowledge.base.claims import ClaimRow, Filed
from chemwright.knowledge.base.engine import file_of, make_engine, reader
from chemwright.knowledge.base.layout import check_layout, make_tables
from chemwright.knowledge.base.limits import check_record
from chemwright.knowledge.base.prepare import claim_row
from chemwright.knowledge.base.schema import DB_VERSION, claim, entry, meta, metadata, property_, source, substance
from chemwright.knowledge.base.schema import audit as audit_table
from chemwright.knowledge.base.trouble import place, plain
from chemwright.knowledge.base.verify import Progress, Verdict
from chemwright.knowledge.identity import identify
from chemwright.knowledge.properties import Property
from chemwright.knowledge.vocabulary import Vocabulary
from chemwright.record import AssetRecord, Claim, Filing, Source, SubstanceRecord

UNKNOWN = Source("unknown", "assumption", "no source was given")


class KnowledgeBase:
    """What is known, kept in a file or on PostgreSQL.

    Make it with :func:`open_base`. Reading sees one consistent state; writing is one transaction, all or nothing.

    Args:
        engine: to the database.
        address: its address as the user gave it.
        who: person or program that asks, for the audit trail.
    """

    def __init__(self, engine: Engine, address: str, who: str) -> None:
        self.engine, self.address, self.who = engine, address, who
        self._vocabulary: Vocabulary | None = None

    def __enter__(self) -> KnowledgeBase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @property
    def path(self) -> Path | None:
        """The file; None on a server."""
        return file_of(self.address)

    @property
    def vocabulary(self) -> Vocabulary:
        """The shipped vocabulary with the base's own properties."""
        if self._vocabulary is None:
            with self.reading() as connection:
                self._vocabulary = sources.own_vocabulary(connection)
        return self._vocabulary

    def forget_vocabulary(self) -> None:
        """Read the base's own properties anew, after an import may have added some."""
        self._vocabulary = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database.

        Raises:
            StorageError: damaged or out of reach.
        """
        with plain(self.address), reader(self.engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all that is done in it is kept, or nothing.

        Raises:
            StorageError: damaged, read-only, locked for over a minute, or the disk is full.
        """
        with plain(self.address), self.engine.begin() as connection:
            yield connection
            checksums.settle(connection)

    def add(self, *records: Any, filing: Filing | None = None, batch: int = 0) -> list[str]:
        """File records in one transaction: claims, sources, substances and every kind of entry, in any order.

        Args:
            records: of the kinds in :mod:`chemwright.record`; a claim's subject may be a key, a name, a CAS number or a SMILES.
            filing: terms for all of them; private and trusted when None.
            batch: import that they belong to.

        Returns:
            a key for each: the content hash in hexadecimal; of a substance its key, of a source its id.

        Raises:
            ChemwrightError: a record that can't be filed; nothing is filed then.
        """
        terms = evolve(filing or Filing(), owner=(filing.owner if filing else "") or self.who)
        with self.writing() as connection:
            keys = self.file(connection, records, terms, batch)
            audit.write(connection, self.who, "add", records=len(records), first=keys[0] if keys else "")
        return keys

    def file(self, connection: Connection, records: Sequence[Any], filing: Filing, batch: int = 0) -> list[str]:
        """As :meth:`add`, within a transaction that is open already and without a line in the audit trail."""
        made = [r for r in records if isinstance(r, SubstanceRecord)]
        said = [r for r in records if isinstance(r, Claim)]
        other = [r for r in records if type(r) in entries.KIND_OF]
        for r in records:
            if not isinstance(r, SubstanceRecord | Claim | Source) and type(r) not in entries.KIND_OF:
                entries.kind_of(r)
            check_record(r, f"{type(r).__name__} {str(getattr(r, 'id', '') or getattr(r, 'key', ''))[:60]!r}")
        source_rows = self._sources(connection, records)
        subjects = self._subjects(connection, [*(c.subject for c in said), *(k for r in other for k, _ in entries.links_of(r))], made)
        substance_rows = substances.ensure(connection, [*made, *subjects.values()], filing, batch)
        words = self.vocabulary
        keys = {name: s.key for name, s in subjects.items()}
        given, other = other, [entries.keyed(r, keys) for r in other]
        names = {c.property: words.find(c.property, f"claim {c.id!r}").name for c in said}
        names |= {n: words.find(n.partition("[")[0], f"{entries.kind_of(r)} {getattr(r, 'id', '')!r}").name for r in other for n, _ in entries.numbers_of(r)}
        property_rows = sources.ensure_properties(connection, names.values())
        rows = {}
        for c in said:
            subject = subjects[c.subject].key if c.subject in subjects else c.subject
            whole = evolve(c, subject=subject, source=c.source or UNKNOWN.id)
            row = claim_row(whole, words, (substance_rows[subject], property_rows[names[c.property]], source_rows[whole.source]), f"claim {c.id!r}")
            rows[id(c)] = row
        claims.file_claims(connection, rows.values(), filing, batch)
        by_name = {n: property_rows[w] for n, w in names.items()}
        filed = entries.file_entries(connection, other, filing, substances=substance_rows, properties=by_name, sources=source_rows, batch=batch)
        keys_of = {id(r): h.hex() for r, (h, _) in zip(given, filed, strict=True)}
        keys_of |= {k: claims.content_key(row).hex() for k, row in rows.items()}
        return [keys_of.get(id(r)) or (r.key if isinstance(r, SubstanceRecord) else r.id) for r in records]

    def _sources(self, connection: Connection, records: Iterable[Any]) -> dict[str, int]:
        """Rows of all sources named; one that is only named and nowhere told is filed as unknown beyond its id."""
        records = list(records)
        given = {r.id: r for r in records if isinstance(r, Source)}
        named = {str(getattr(r, "source", "")) or (UNKNOWN.id if isinstance(r, Claim) else "") for r in records if not isinstance(r, Source | SubstanceRecord)} - {""}
        missing = [Source(n, "assumption") if n != UNKNOWN.id else UNKNOWN for n in sorted(named - set(given))]
        there = {str(i): int(pk) for i, pk in connection.execute(select(source.c.id, source.c.pk).where(source.c.id.in_([m.id for m in missing])))}
        return sources.ensure_sources(connection, [*given.values(), *(m for m in missing if m.id not in there)]) | there

    def _subjects(self, connection: Connection, named: Iterable[str], made: Sequence[SubstanceRecord]) -> dict[str, SubstanceRecord]:
        """What each subject means: a substance given along, one that is filed already, or one that is identified now.

        Raises:
            SubstanceError: a name that several filed substances share, or that can't be read.
        """
        given = {s.key: s for s in made} | {text.fold(s.name): s for s in made if s.name}
        out: dict[str, SubstanceRecord] = {}
        for name in dict.fromkeys(named):
            if name in given or text.fold(name) in given:
                out[name] = given.get(name) or given[text.fold(name)]
                continue
            rows = substances.find(connection, name)
            out[name] = substances.read(connection, rows[:1], names=False)[0] if len(rows) == 1 else identify(name, f"subject {name!r}")
        return out

    def add_rows(self, connection: Connection, rows: Iterable[ClaimRow], filing: Filing, batch: int = 0) -> tuple[int, int]:
        """File prepared claims in bulk within an open transaction: (taken in, known already)."""
        return claims.file_claims(connection, rows, filing, batch)

    def add_property(self, item: Property) -> None:
        """Add a property of the user's own, named ``group:name``.

        Raises:
            InputError: malformed or taken; UnitError: unreadable unit.
        """
        with self.writing() as connection:
            sources.add_own_property(connection, item)
            audit.write(connection, self.who, "property", item.name, unit=item.unit)
        self._vocabulary = None

    def put_asset(self, data: bytes, name: str, *, media_type: str = "application/octet-stream", source: str = "", note: str = "", filing: Filing | None = None) -> AssetRecord:
        """Keep a file in the base: once for the same content.

        Raises:
            InputError: over 2 GiB; an ONNX model that keeps data in other files.
        """
        if name.lower().endswith(".onnx") or "onnx" in media_type.lower():
            onnx.check_onnx(data, f"asset {name!r}")
        with self.writing() as connection:
            key = blobs.put(connection, data)
            record = AssetRecord(key, media_type, len(data), name, source, note)
            self.file(connection, [record], evolve(filing or Filing(), owner=self.who))
            audit.write(connection, self.who, "asset", key, name=name, size=len(data))
        return record

    def asset(self, sha256: str) -> bytes:
        """The content of a kept file, checked against its hash.

        Raises:
            StorageError: not there, or damaged.
        """
        with self.reading() as connection:
            return blobs.get(connection, sha256)

    def substance(self, name: str) -> SubstanceRecord:
        """The filed substance of a key, CAS number, name, synonym or SMILES.

        Raises:
            SubstanceError: none, or several with that name.
        """
        from chemwright.errors import SubstanceError

        with self.reading() as connection:
            rows = substances.find(connection, name)
            if not rows:
                with suppress(SubstanceError):  # it may be a structure written in another way; else it is not there
                    rows = substances.find(connection, identify(name, names=False).key)
            if len(rows) != 1:
                some = [s.name or s.key for s in substances.read(connection, rows[:3], names=False)]
                what = f"{len(rows)} substances are called {name!r}" if rows else f"{name!r} is not in the base"
                raise SubstanceError(what, where=self.address, fix="give a key or CAS number; among them: " + ", ".join(some) if rows else "chemwright kb search, or add it")
            return substances.read(connection, rows)[0]

    def claims(self, substance_name: str | None = None, property_name: str | None = None, *, standing: bool = True) -> list[Filed]:
        """Claims on a substance, a property, or both, with their filing; the standing ones only unless ``standing`` is False."""
        query = claims.full_claims()
        if substance_name is not None:
            query = query.where(substance.c.key == self.substance(substance_name).key)
        if property_name is not None:
            query = query.where(property_.c.name == self.vocabulary.find(property_name).name)
        if standing:
            query = query.where(claim.c.status == 0)
        units = {p.name: p.unit for p in self.vocabulary}
        with self.reading() as connection:
            rows = connection.execute(query.order_by(claim.c.pk)).all()
            labels = changes.labels_of(connection, "claim", [r.pk for r in rows])
        return [claims.as_filed(r, units.get(r.property_name, "1"), labels.get(r.pk, ())) for r in rows]

    def get(self, key: str) -> Filed:
        """A claim or entry by its key, or the first digits of it.

        Raises:
            InputError: no such record, or several.
        """
        with self.reading() as connection:
            kind, pk, _ = changes.locate(connection, key)
            labels = changes.labels_of(connection, kind, [pk]).get(pk, ())
            if kind == "claim":
                row = connection.execute(claims.full_claims().where(claim.c.pk == pk)).one()
                return claims.as_filed(row, self.vocabulary.find(row.property_name).unit, labels)
            return entries.entry_as_filed(connection.execute(select(entry).where(entry.c.pk == pk)).one(), labels)

    def sources(self) -> dict[str, Source]:
        """All sources by id."""
        with self.reading() as connection:
            return sources.read_sources(connection)

    def label(self, *keys: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Put labels on records or take them off."""
        with self.writing() as connection:
            changes.set_labels(connection, self.who, keys, add, remove)

    def retract(self, *keys: str, why: str) -> None:
        """Take records out of what counts as known; they stay to be read."""
        with self.writing() as connection:
            changes.set_status(connection, self.who, keys, "retracted", why)

    def supersede(self, *keys: str, by: str, why: str) -> None:
        """Put another record in the place of these."""
        with self.writing() as connection:
            changes.set_status(connection, self.who, keys, "superseded", why, by)

    def judge(self, *keys: str, status: str, why: str) -> None:
        """Accept (``trusted``) or refuse (``rejected``) what was proposed, or take an earlier change back."""
        with self.writing() as connection:
            changes.set_status(connection, self.who, keys, status, why)

    def terms(self, *keys: str, licence: str | None = None, visibility: str | None = None) -> None:
        """Change who may see records and under which licence."""
        with self.writing() as connection:
            changes.set_terms(connection, self.who, keys, licence=licence, visibility=visibility)

    def history(self, target: str = "", limit: int = 100) -> list[dict[str, Any]]:
        """Lines of the audit trail, newest first; of one record where its key is given."""
        query = select(audit_table).order_by(audit_table.c.pk.desc()).limit(limit)
        if target:
            query = query.where(audit_table.c.target.startswith(target, autoescape=True))
        with self.reading() as connection:
            return [dict(r) for r in connection.execute(query).mappings()]

    def verify(self, *, quick: bool = False, progress: Progress | None = None) -> Verdict:
        """Whether the base is whole: see :func:`chemwright.knowledge.base.verify.verify`."""
        return verify.verify(self, quick=quick, progress=progress)

    def backup(self, to: str | Path | None = None, *, progress: Progress | None = None) -> Path:
        """A checked copy of the file: see :func:`chemwright.knowledge.base.backup.backup`."""
        return backup.backup(self, to, progress=progress)

    def counts(self) -> Mapping[str, int]:
        """How many substances, claims, sources and entries of each kind there are."""
        with self.reading() as connection:
            out = {t.name: int(connection.execute(select(func.count()).select_from(t)).scalar_one()) for t in (substance, claim, source)}
            out |= {k: int(n) for k, n in connection.execute(select(entry.c.kind, func.count()).group_by(entry.c.kind).order_by(entry.c.kind))}
        return out


def open_base(url: str | Path, *, create: bool = False, read_only: bool = False, who: str = "") -> KnowledgeBase:
    """The knowledge base at an address.

    Args:
        url: a file such as ``plant.kb``, or ``postgresql://user:password@host/name``.
        create: make it when it is not there.
        read_only: refuse to write; for files that come from elsewhere.
        who: person or program, for the audit trail; the login name when empty.

    Raises:
        StorageError: not there, damaged, not a knowledge base, or of a newer chemwright. MissingExtra: PostgreSQL without its driver.
    """
    engine = make_engine(url, read_only=read_only, create=create)
    base = KnowledgeBase(engine, str(url), who or audit.actor())
    try:
        _prepare(base, create, read_only)
    except BaseException:
        base.close()
        raise
    return base


def _prepare(base: KnowledgeBase, create: bool, read_only: bool) -> None:
    """Make the tables where there are none; bring older ones to this version; refuse what is not ours or newer."""
    where = place(base.address)
    with base.reading() as connection:
        version = _version(connection, where)
    if version is None:
        if not create:
            raise StorageError("holds no knowledge base", where=where, fix=f"make one: chemwright kb init {where}")
        with base.writing() as connection:
            if _version(connection, where) is None:  # another program may have made it just now
                make_tables(connection)
                connection.execute(insert(meta), [{"name": "version", "value": str(DB_VERSION)}, {"name": "created", "value": audit.now()}])
                sources.ensure_sources(connection, [UNKNOWN])
                audit.write(connection, base.who, "init")
    elif path := upgrades.steps(version, DB_VERSION, where):
        if read_only:
            raise StorageError(
                f"is of version {version}, this chemwright reads {DB_VERSION}", where=where, fix="open it once for writing: it is brought to the new version after a backup"
            )
        if base.path is not None:
            backup.backup(base, check=False)
        with base.writing() as connection:
            if path := upgrades.steps(_version(connection, where) or version, DB_VERSION, where):
                upgrades.upgrade(connection, base.who, path, DB_VERSION)


def _version(connection: Connection, where: str) -> str | None:
    """Version of the tables; None where there are none.

    Raises:
        StorageError: tables or code of something else.
    """
    there = set(inspect(connection).get_table_names())
    version = connection.execute(select(meta.c.value).where(meta.c.name == "version")).scalar() if "meta" in there else None
    if version is None and there & (set(metadata.tables) - {"text", "source"}):
        raise StorageError("holds tables of something else", where=where, fix="choose another file or database")
    if connection.dialect.name == "sqlite":
        check_layout(connection, where, exact=version == str(DB_VERSION))
    return None if version is None else str(version)


__all__ = ["InputError", "KnowledgeBase", "open_base"]
