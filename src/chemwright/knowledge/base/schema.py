"""Tables of a knowledge base, written once for SQLite and PostgreSQL.

Content and filing are apart: a record's content is hashed and never changes; its filing (who may see it, what became of it) does, and every change
of it stands in the audit trail. Claims and substances have tables of their own, made for a million rows; every other record is an entry: JSON with
the links and numbers that it is searched by.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text, UniqueConstraint

from chemwright.record.claim import TIERS
from chemwright.record.filing import STATUSES, VISIBILITIES

DB_VERSION = 2
Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up by itself only on INTEGER

metadata = MetaData()


def _filing() -> tuple[Column[object], ...]:
    """Columns of a Filing, and of who filed it when."""
    return (
        Column("licence", Text, nullable=False, server_default=""),
        Column("visibility", SmallInteger, nullable=False, server_default="0"),
        Column("owner", Text, nullable=False, server_default=""),
        Column("status", SmallInteger, nullable=False, server_default="0"),
        Column("confidence", Float),
        Column("suspicion", Text, nullable=False, server_default=""),
        Column("replaced_by", LargeBinary),
        Column("created", Text, nullable=False),
        Column("batch", Integer, nullable=False, server_default="0"),
    )


meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

source = Table(
    "source",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),  # the whole Source as JSON
)

substance = Table(
    "substance",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("smiles", Text, nullable=False, server_default=""),
    Column("formula", Text, nullable=False, server_default="", index=True),
    Column("cas", Text, nullable=False, server_default="", index=True),
    Column("molar_mass", Float, nullable=False, server_default="0"),
    Column("body", Text, nullable=False, server_default=""),  # composition, basis and note as JSON; empty where there are none
    Column("pattern", LargeBinary),  # fingerprint that screens substructures; None until computed
    Column("morgan", LargeBinary),  # fingerprint that similarity is judged by; None until computed
    Column("licence", Text, nullable=False, server_default=""),
    Column("visibility", SmallInteger, nullable=False, server_default="2"),
    Column("owner", Text, nullable=False, server_default=""),
    Column("created", Text, nullable=False),
    Column("batch", Integer, nullable=False, server_default="0"),
)

synonym = Table(
    "synonym",
    metadata,
    Column("folded", Text, nullable=False),  # as compared: see text.fold
    Column("substance", Integer, ForeignKey("substance.pk"), nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("folded", "substance"),
)
Index("synonym_substance", synonym.c.substance)

property_ = Table(
    "property", metadata, Column("pk", Integer, primary_key=True), Column("name", Text, nullable=False, unique=True), Column("body", Text, nullable=False, server_default="")
)

claim = Table(
    "claim",
    metadata,
    Column("pk", Key, primary_key=True),
    Column("hash", LargeBinary, nullable=False, unique=True),  # 16 bytes: content_key of the claim
    Column("substance", Integer, ForeignKey("substance.pk"), nullable=False),
    Column("property", Integer, ForeignKey("property.pk"), nullable=False),
    Column("value", Float, nullable=False),  # in the property's SI unit
    Column("std", Float),
    Column("temperature", Float),
    Column("pressure", Float),
    Column("conditions", Text, nullable=False, server_default=""),  # all further ones, canonical JSON
    Column("phase", Text, nullable=False, server_default=""),
    Column("method", Text, nullable=False, server_default=""),
    Column("given", Text, nullable=False, server_default=""),  # number and unit as they came in
    Column("source", Integer, ForeignKey("source.pk"), nullable=False),
    Column("tier", SmallInteger, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    *_filing(),
)
# conditions, standing and substance stand in the index too: a range under conditions is answered from it, without a look at each row
Index("claim_property_value", claim.c.property, claim.c.value, claim.c.temperature, claim.c.pressure, claim.c.status, claim.c.substance)
Index("claim_substance", claim.c.substance, claim.c.property)

entry = Table(
    "entry",
    metadata,
    Column("pk", Key, primary_key=True),
    Column("hash", LargeBinary, nullable=False, unique=True),  # 32 bytes: content_hash of kind and record
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("source", Integer, ForeignKey("source.pk")),
    *_filing(),
)
Index("entry_kind_id", entry.c.kind, entry.c.id)

link = Table(
    "link",
    metadata,
    Column("entry", Key, ForeignKey("entry.pk"), nullable=False),
    Column("substance", Integer, ForeignKey("substance.pk"), nullable=False),
    Column("role", Text, nullable=False, server_default=""),
    UniqueConstraint("entry", "substance", "role"),
)
Index("link_substance", link.c.substance, link.c.role)

number = Table(
    "number",
    metadata,
    Column("entry", Key, ForeignKey("entry.pk"), nullable=False),
    Column("property", Integer, ForeignKey("property.pk"), nullable=False),
    Column("value", Float, nullable=False),
)
Index("number_property_value", number.c.property, number.c.value)
Index("number_entry", number.c.entry)

label = Table(
    "label",
    metadata,
    Column("kind", Text, nullable=False),  # claim, entry or substance
    Column("target", Key, nullable=False),
    Column("label", Text, nullable=False),
    UniqueConstraint("kind", "target", "label"),
)
Index("label_label", label.c.label)

text = Table("text", metadata, Column("pk", Key, primary_key=True), Column("kind", Text, nullable=False), Column("target", Key, nullable=False), UniqueConstraint("kind", "target"))

blob = Table(
    "blob",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("file", Text, nullable=False),  # name and hash of what was read, and with what mapping
    Column("part", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("created", Text, nullable=False),
    UniqueConstraint("file", "part"),
)

audit = Table(
    "audit",
    metadata,
    Column("pk", Key, primary_key=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("target", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

ENTRY_KINDS = ("reaction", "experiment", "dataset", "series", "asset", "model", "decision", "proposal")
TIER_CODE = {name: i for i, name in enumerate(TIERS)}
STATUS_CODE = {name: i for i, name in enumerate(STATUSES)}
VISIBILITY_CODE = {name: i for i, name in enumerate(VISIBILITIES)}
