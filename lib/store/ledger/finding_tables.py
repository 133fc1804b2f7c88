"""The ledger's tables of detections: what was found, what is muted, when it was looked for.

They belong to the same ledger as everything else (`tables.metadata`); an older ledger file gains
them when it is opened.
"""

from typing import Final

from sqlalchemy import Column, Index, Integer, String, Table, Text

from lib.store.ledger.tables import UtcTime, metadata, row_id

findings = Table(
    "findings",
    metadata,
    row_id(),
    Column("profile", String(80), nullable=False),
    Column("key", String(40), nullable=False),
    Column("detection", String(60), nullable=False),
    Column("subject", Text, nullable=False),
    Column("actor_id", Text),
    Column("source", String(20), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("events", Integer, nullable=False),
    Column("severity", String(20), nullable=False),
    Column("record", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime),
    Column("told_at", UtcTime),
    sqlite_autoincrement=True,  # an alert names a finding by its number: none is used twice
)
Index("findings_key", findings.c.profile, findings.c.key, unique=True)
Index("findings_until", findings.c.profile, findings.c.until)
finding_mutes = Table(
    "finding_mutes",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("detection", String(60), primary_key=True),
    Column("subject", String(200), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
)
detection_runs = Table(
    "detection_runs",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("source", String(20), nullable=False),
    Column("not_judged", Text, nullable=False),
)
TABLES: Final = (findings, finding_mutes, detection_runs)
"""Everything that is forgotten with a profile."""
