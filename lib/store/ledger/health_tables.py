"""The ledger's tables of health: verdicts over time, incidents, mutes, alerts, fingerprints.

They belong to the same ledger as everything else (`tables.metadata`); an older ledger file gains
them when it is opened.
"""

from typing import Final

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from lib.store.ledger.tables import UtcTime, metadata, row_id

verdict_spans = Table(
    "verdict_spans",
    metadata,
    row_id(),
    Column("profile", String(80), nullable=False),
    Column("check_id", String(80), nullable=False),
    Column("status", String(20), nullable=False),
    Column("cause", String(120)),
    Column("at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("runs", Integer, nullable=False),
    Column("ms", Float, nullable=False),
)
Index("verdict_spans_key", verdict_spans.c.profile, verdict_spans.c.check_id, verdict_spans.c.at)
Index("verdict_spans_age", verdict_spans.c.seen_at)
latest_verdicts = Table(
    "latest_verdicts",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("check_id", String(80), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("record", Text, nullable=False),
)
incidents = Table(
    "incidents",
    metadata,
    row_id(),
    Column("profile", String(80), nullable=False),
    Column("cause", String(160), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("calm_at", UtcTime),
    Column("resolved_at", UtcTime),
    Column("episode", Integer, nullable=False),
    Column("episode_at", UtcTime, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("checks", Text, nullable=False),
    Column("waiting", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    sqlite_autoincrement=True,  # an alert names an incident by its number: none is used twice
)
Index("incidents_key", incidents.c.profile, incidents.c.cause)
mutes = Table(
    "mutes",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("cause", String(160), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
)
alerts = Table(
    "alerts",
    metadata,
    row_id(),
    Column("profile", String(80), nullable=False),
    Column("incident_id", Integer),
    Column("episode", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status", Integer),
    Column("detail", Text, nullable=False),
)
Index("alerts_profile", alerts.c.profile, alerts.c.at)
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("fingerprint", String(80), primary_key=True),
    Column("first_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)
TABLES: Final = (verdict_spans, latest_verdicts, incidents, mutes, alerts, fingerprints)
"""Everything that is forgotten with a profile."""
