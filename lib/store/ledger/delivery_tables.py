"""The ledger's tables about webhooks: what was accepted, what was refused, what is asked for.

`accepted` tells a repeat; `wanted` are the accounts that Kloudless named; `rejects` is a ring.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text

from lib.store.ledger.tables import UtcTime, metadata, row_id

accepted = Table(
    "accepted",
    metadata,
    row_id(),
    Column("profile", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("body_id", String(200), nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False),
)
Index("accepted_key", accepted.c.profile, accepted.c.kind, accepted.c.body_id, unique=True)
requested = Table(
    "wanted",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("account_id", String(80), primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("times", Integer, nullable=False),
)
rejects = Table(
    "rejects",
    metadata,
    row_id(),
    Column("at", UtcTime, nullable=False),
    Column("profile", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("status", Integer, nullable=False),
    Column("method", String(20), nullable=False),
    Column("size", Integer),
    Column("age_s", Float),
    Column("headers", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("rejects_at", rejects.c.at)
reject_counts = Table(
    "reject_counts",
    metadata,
    Column("minute", UtcTime, primary_key=True),
    Column("profile", String(80), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("reason", String(40), primary_key=True),
    Column("times", BigInteger, nullable=False),
)
key_uses = Table(
    "key_uses",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("key", String(20), primary_key=True),
    Column("verified_at", UtcTime),
    Column("verified", BigInteger, nullable=False),
    Column("mismatched_at", UtcTime),
    Column("mismatched", BigInteger, nullable=False),
)
drills = Table(
    "drills",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("mode", String(20), nullable=False),
    Column("remaining", Integer, nullable=False),
    Column("delay_s", Float, nullable=False),
    Column("set_at", UtcTime, nullable=False),
)

TABLES: Final = (accepted, requested, rejects, reject_counts, key_uses, drills)
"""All of them; each has a profile."""
