"""Two small records of the ledger: the people of an enterprise, and the audit record.

People are what the drain needs to tell managed, app and external actors apart. The audit record
says who did what, on what, when and with which outcome; it is only ever added to.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.sql.dml import Insert

from lib.store.ledger.tables import audit, people, upsert


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A user of the enterprise as the sender lists them. `kind` is an actor kind."""

    user_id: str
    login: str | None
    name: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit record. `who` is a role or a sign-in name, never a secret."""

    at: datetime
    who: str
    what: str
    profile: str | None = None
    subject: str | None = None
    outcome: str = "ok"
    detail: str | None = None


def remember_people(
    connection: Connection, profile: str, known: Iterable[KnownPerson], at: datetime
) -> int:
    """Add people or bring them up to date; how many."""
    rows = [{**asdict(person), "profile": profile, "seen_at": at} for person in known]
    if rows:
        statement = upsert(connection, people)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[people.c.profile, people.c.user_id],
                set_={
                    name: statement.excluded[name] for name in ("login", "name", "kind", "seen_at")
                },
            ),
            rows,
        )
    return len(rows)


def read_people(connection: Connection, profile: str) -> list[KnownPerson]:
    """Everyone known of a profile."""
    query = select(people.c.user_id, people.c.login, people.c.name, people.c.kind).where(
        people.c.profile == profile
    )
    return [KnownPerson(*row) for row in connection.execute(query)]


def people_version(connection: Connection, profile: str) -> tuple[int, datetime | None]:
    """A value that changes when the people of a profile do."""
    query = select(func.count(), func.max(people.c.seen_at)).where(people.c.profile == profile)
    row = connection.execute(query).one()
    return int(row[0]), row[1]


def audit_insert(entry: AuditEntry) -> Insert:
    """The statement that adds a line."""
    return audit.insert().values(**asdict(entry))


def read_audit(
    connection: Connection, *, profile: str | None = None, limit: int | None = 1000
) -> Iterator[AuditEntry]:
    """Lines of the audit record, newest first; `limit` None reads all."""
    columns = [audit.c[name] for name in AuditEntry.__slots__]
    query = select(*columns).order_by(audit.c.id.desc()).limit(limit)
    if profile is not None:
        query = query.where(audit.c.profile == profile)
    for row in connection.execute(query):
        yield AuditEntry(*row)
