"""Kloudless's memory while the sandbox runs: applications, accounts, tokens, codes, subscriptions.

It lives as a part of the sandbox's state, is filled from the world at its first use, and is never
written to disk. Ids and keys of what is planted follow from the world's seed, so a client that
kept them still fits after a restart; those of a visitor's application also from the visitor's
random text. Accounts of one person in several applications share one event log.
"""

import hashlib
import hmac
import secrets
import string
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from lib.sandbox.kloudless.errors import KloudlessError
from lib.sandbox.kloudless.feed import Feed
from lib.sandbox.kloudless.ids import Sealer
from lib.sandbox.kloudless.model import (
    Account,
    Application,
    Bearer,
    Code,
    Conventions,
    Subscription,
    Upstream,
)
from lib.sandbox.state import State

_ALPHABET = string.ascii_letters + string.digits
_TOKEN_LENGTH = 30
_APP_ID_LENGTH = 48


def derived(seed: int, name: str, length: int) -> str:
    """A text of letters and digits that follows from seed and name."""
    digest = hashlib.shake_256(f"kloudless\n{seed}\n{name}".encode()).digest(length)
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest)


def derived_id(seed: int, name: str) -> int:
    """A number of nine digits that follows from seed and name."""
    digest = hashlib.sha256(f"kloudless\n{seed}\n{name}".encode()).digest()
    return 100_000_000 + int.from_bytes(digest[:8], "big") % 900_000_000


class Bucket:
    """A token bucket: `burst` calls at once, `per_second` calls for ever."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._left, self._at = float(burst), 0.0

    def wait(self, now: float) -> float:
        """0 when a call may pass (and takes it), else the seconds until one may."""
        passed = max(now - self._at, 0.0) if self._at else 0.0
        self._at = now
        self._left = min(self._left + passed * self._per_second, float(self._burst))
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._per_second


class _Log(NamedTuple):
    """What tells one event log from another."""

    admin: bool
    person_id: str | None
    since: datetime


class Heard:
    """The admin events that were emitted since the sandbox began to listen."""

    def __init__(self, state: State) -> None:
        self.events: list[dict[str, Any]] = []
        state.world.subscribe(self.events.extend)


def listen(state: State) -> Heard:
    """Begins to keep emitted events, once."""
    return state.part(Heard, lambda: Heard(state))


class Kloudless:
    """Everything this Kloudless knows."""

    def __init__(self, state: State, conventions: Conventions) -> None:
        self.state = state
        self.conventions = conventions
        self.seed = state.world.spec.seed
        self.heard = listen(state)
        self.apps: dict[str, Application] = {}
        self.accounts: dict[int, Account] = {}
        self.bearers: dict[str, Bearer] = {}
        self.codes: dict[str, Code] = {}
        self.subscriptions: dict[int, Subscription] = {}
        self.main_app = self.other_app = ""
        self._buckets: dict[str, Bucket] = {}
        self._feeds: dict[_Log, Feed] = {}

    def now(self, app_id: str | None = None) -> datetime:
        """The time, UTC."""
        return self.state.now(app_id)

    # Applications ---------------------------------------------------------------------------

    def add_app(self, name: str, **settings: object) -> Application:
        """A new application with one API key. Its id and key follow from `name`."""
        app_id = derived(self.seed, f"app {name}", _APP_ID_LENGTH)
        key = derived(self.seed, f"key {name}", _APP_ID_LENGTH)
        app = Application(
            app_id=app_id,
            api_keys=[key],
            name=name,
            redirect_uris=(),
            trusted_domains=(),
            sealer=Sealer(key, "shared"),
        )
        for setting, value in settings.items():
            setattr(app, setting, value)
        self.apps[app_id] = app
        return app

    def remove_app(self, app: Application) -> None:
        """Deletes an application and everything in it."""
        self._remove({account.id for account in self.accounts_of(app.app_id)})
        self._buckets.pop(app.app_id, None)
        del self.apps[app.app_id]

    def app_of_key(self, key: str) -> Application | None:
        """The application of an API key (a meta token works alike)."""
        for app in self.apps.values():
            if any(hmac.compare_digest(key.encode(), known.encode()) for known in app.api_keys):
                return app
        return None

    def charge(self, app_id: str) -> None:
        """Counts a call of an application; raises the 429 when its bucket is empty."""
        if not self.state.settings.rate_limits:
            return
        rule = self.conventions
        bucket = self._buckets.setdefault(app_id, Bucket(rule.burst, rule.per_second))
        wait = bucket.wait(self.state.monotonic())
        if wait:
            raise KloudlessError("too_many_requests", retry_after=int(wait) + 1)

    # Accounts -------------------------------------------------------------------------------

    def accounts_of(self, app_id: str) -> list[Account]:
        """An application's accounts, oldest first."""
        found = [account for account in self.accounts.values() if account.app_id == app_id]
        return sorted(found, key=lambda account: (account.created, account.id))

    def add_account(  # the facts of an account
        self,
        app: Application,
        *,
        name: str,
        service: str,
        admin: bool,
        upstream: Upstream,
        scope: str,
        at: datetime,
        account_id: int | None = None,
    ) -> Account:
        """Connects an account: a new one, or the one of the same upstream user, renewed.

        A new account of an application that tracks activity gets its default subscription.
        """
        known = self._same_upstream(app, service, admin=admin, upstream=upstream, name=name)
        if known is not None:
            known.account, known.upstream, known.effective_scope = name, upstream, scope
            known.enabled, known.modified = True, at
            return known
        number = account_id or self.free_id(f"account {service} {name} {upstream.subject}")
        account = Account(
            id=number,
            app_id=app.app_id,
            account=name,
            service=service,
            admin=admin,
            created=at,
            modified=at,
            tracked_from=min(at, self.state.world.as_of()),
            upstream=upstream,
            sealer=Sealer(app.api_keys[0], f"account {number}"),
            effective_scope=scope,
            visitor=app.visitor,
        )
        self.accounts[number] = account
        if app.events_enabled and service == "box":
            self.add_subscription(account, at=at, since=Feed.cursor_at(account.tracked_from))
        return account

    def free_id(self, name: str) -> int:
        """An id for a new account: it follows from `name` unless that one is taken."""
        number = derived_id(self.seed, name)
        while number in self.accounts:
            number = 100_000_000 + secrets.randbelow(900_000_000)
        return number

    def _same_upstream(
        self, app: Application, service: str, *, admin: bool, upstream: Upstream, name: str
    ) -> Account | None:
        for account in self.accounts_of(app.app_id):
            if account.service != service or account.admin != admin:
                continue
            if upstream.subject is None:
                if account.upstream.subject is None and account.account == name:
                    return account
            elif account.upstream.subject == upstream.subject:
                return account
        return None

    def remove_account(self, account: Account) -> None:
        """Deletes an account: its tokens, codes and subscriptions are void at once."""
        self._remove({account.id})

    def _remove(self, gone: set[int]) -> None:
        for number in gone:
            del self.accounts[number]
        self.bearers = {t: b for t, b in self.bearers.items() if b.account_id not in gone}
        self.codes = {c: v for c, v in self.codes.items() if v.account_id not in gone}
        self.subscriptions = {
            key: value for key, value in self.subscriptions.items() if value.account not in gone
        }
        self.drop_logs()

    def add_bearer(self, account: Account, scope: str, token: str | None = None) -> str:
        """A Bearer token that opens the account; older ones stay valid."""
        made = token or "".join(secrets.choice(_ALPHABET) for _ in range(_TOKEN_LENGTH))
        self.bearers[made] = Bearer(account.app_id, account.id, scope)
        return made

    def planted_token(self, name: str) -> str:
        """The token of a planted account."""
        return derived(self.seed, f"token {name}", _TOKEN_LENGTH)

    # Activity -------------------------------------------------------------------------------

    def feed(self, account: Account) -> Feed:
        """The account's event log. It is another one when the upstream user is."""
        log = _log_of(account)
        if log not in self._feeds:
            rule = self.conventions
            self._feeds[log] = Feed(
                self.state.world,
                admin=log.admin,
                person_id=log.person_id,
                since=log.since,
                retention=rule.retention,
                most=rule.retention_events,
                heard=self.heard.events,
            )
        return self._feeds[log]

    def drop_logs(self) -> None:
        """Lets go of the event logs that no account has any longer."""
        used = {_log_of(account) for account in self.accounts.values()}
        self._feeds = {log: feed for log, feed in self._feeds.items() if log in used}

    def subscriptions_of(self, account: Account) -> list[Subscription]:
        """An account's subscriptions, oldest first."""
        return [sub for sub in self.subscriptions.values() if sub.account == account.id]

    def add_subscription(self, account: Account, *, at: datetime, since: int) -> Subscription:
        """A new subscription: the account's default one if it has none.

        It gives nothing up to the cursor `since`.
        """
        number = derived_id(self.seed, f"subscription {account.id} {len(self.subscriptions)}")
        while number in self.subscriptions:
            number += 1
        others = self.subscriptions_of(account)
        subscription = Subscription(
            id=number,
            account=account.id,
            default=not any(sub.default for sub in others),
            created=at,
            modified=at,
            since=since,
            born=self.state.monotonic(),
        )
        self.subscriptions[number] = subscription
        return subscription

    def affected(self, events: Iterable[dict[str, object]]) -> list[int]:
        """The accounts whose activity these Box events change: admins, actors and owners."""
        people: set[str] = set()
        for event in events:
            source = event.get("source")
            owner = source.get("owned_by") if isinstance(source, dict) else None
            for person in (event.get("created_by"), owner):
                if isinstance(person, dict):
                    people.add(str(person.get("id")))
        return [
            account.id
            for account in self.accounts_of(self.main_app)
            if account.service == "box"
            and account.enabled
            and (account.admin or account.upstream.subject in people)
        ]


def _log_of(account: Account) -> _Log:
    person = None if account.admin else account.upstream.subject
    return _Log(account.admin, person, account.tracked_from)
