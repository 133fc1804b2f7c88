"""Who is who in an enterprise, as far as it is known when events are drained.

An actor's kind follows from Box's own conventions (the logins of service accounts and app users,
the id of anonymous visitors) and from the list of users that a sync keeps in the ledger. Without
that list everybody else is unknown: a guess would be counted as a fact.
Source: Box developer documentation, service accounts and app users; event samples.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lib.activity.model.event import ActorKind
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.records import KnownPerson

ANONYMOUS_ID: Final = "2"
_BOX_APPS: Final = "@boxdevedition.com"
# People of a company don't share these; a login there says nothing about who employs its owner.
_PUBLIC_DOMAINS: Final = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com",
     "icloud.com", "me.com", "aol.com", "gmx.net", "gmx.de", "web.de", "proton.me",
     "protonmail.com", "mail.ru", "qq.com", "163.com"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Directory:
    """The known users of one profile: kinds by id and by lower-case login, and own domains."""

    by_id: Mapping[str, str] = field(default_factory=dict)
    by_login: Mapping[str, str] = field(default_factory=dict)
    domains: frozenset[str] = frozenset()

    @classmethod
    def of(cls, people: Iterable[KnownPerson]) -> "Directory":
        """A directory of these people."""
        known = list(people)
        managed = {_domain(p.login) for p in known if p.kind == ActorKind.MANAGED and p.login}
        return cls(
            by_id={p.user_id: p.kind for p in known},
            by_login={p.login.lower(): p.kind for p in known if p.login},
            domains=frozenset(managed - _PUBLIC_DOMAINS),
        )

    def kind(self, user_id: str | None, login: str | None) -> str:
        """The kind of an actor with this id and login."""
        if user_id == ANONYMOUS_ID:
            return ActorKind.ANONYMOUS
        known = self.by_id.get(user_id) if user_id is not None else None
        if known is not None or login is None:
            return known or ActorKind.UNKNOWN
        low = login.lower()
        known = _by_convention(low) or self.by_login.get(low)
        if known is not None or not self.by_id or "@" not in low:
            return known or ActorKind.UNKNOWN
        # a former employee is in no list any more, but keeps the company's domain
        return ActorKind.MANAGED if _domain(low) in self.domains else ActorKind.EXTERNAL


Directories = Callable[[str], Directory]
"""Gives the directory of a profile."""


def ledger_directories(ledger: Ledger) -> Directories:
    """Directories out of the ledger, read again only when the people of a profile changed."""
    existing: dict[str, tuple[object, Directory]] = {}

    def directory(profile: str) -> Directory:
        version = ledger.people_version(profile)
        if profile not in existing or existing[profile][0] != version:
            existing[profile] = (version, Directory.of(ledger.people(profile)))
        return existing[profile][1]

    return directory


def known_person(user: Mapping[str, Any], enterprise_id: str | None = None) -> KnownPerson | None:
    """A person out of a Box user object; None without an id.

    A user whose `enterprise` is another one, or null, is external; service accounts and app users
    are told by their logins.
    """
    user_id = user.get("id")
    if user_id is None:
        return None
    login = user.get("login")
    login = login if isinstance(login, str) and login else None
    kind = Directory().kind(None, login)
    if kind == ActorKind.UNKNOWN:
        kind = ActorKind.MANAGED
        if "enterprise" in user:
            enterprise = user["enterprise"]
            theirs = enterprise.get("id") if isinstance(enterprise, Mapping) else None
            if theirs is None or (enterprise_id and str(theirs) != enterprise_id):
                kind = ActorKind.EXTERNAL
    name = user.get("name")
    return KnownPerson(str(user_id), login, name if isinstance(name, str) else None, str(kind))


def _by_convention(login: str) -> str | None:
    """The kind of Box's own accounts, whose logins Box makes."""
    if login.endswith(_BOX_APPS):
        if login.startswith("automationuser_"):
            return ActorKind.SERVICE
        if login.startswith("appuser_"):
            return ActorKind.APP
    return None


def _domain(login: str | None) -> str:
    return (login or "").rpartition("@")[2].lower()
