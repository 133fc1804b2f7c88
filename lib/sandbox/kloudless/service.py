"""Kloudless's memory while the sandbox runs: applications, accounts, tokens, codes, subscriptions.

It lives as a part of the sandbox's state, is filled from the world at its first use, and is never
written to disk. Ids and keys of what is planted follow from the world's seed, so a client that
kept them still fits after a restart.
"""

import hashlib
import hmac
import secrets
import string
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lib.sandbox.kloudless.errors import Refusal
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
        self.main_app = ""
        self.admin_account = self.dead_account = self.disabled_account = 0
        self._buckets: dict[str, Bucket] = {}
        self._feeds: dict[int, Feed] = {}

    def now(self, app_id: str | None = None) -> datetime:
        """The time, UTC."""
        return self.state.now(app_id)

    # Applications ---------------------------------------------------------------------------

    def add_app(self, name: str, **settings: object) -> Application:
        """A new application with one API key."""
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
            raise Refusal("too_many_requests", retry_after=int(wait) + 1)

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
        number = account_id or self._free_id(f"account {service} {name} {upstream.subject}")
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
        )
        self.accounts[number] = account
        if app.events_enabled and service == "box":
            self.add_subscription(account, at=at, since=Feed.cursor_at(account.tracked_from))
        return account

    def _free_id(self, name: str) -> int:
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
        del self.accounts[account.id]
        self.bearers = {t: b for t, b in self.bearers.items() if b.account_id != account.id}
        self.codes = {c: v for c, v in self.codes.items() if v.account_id != account.id}
        self.subscriptions = {
            key: value for key, value in self.subscriptions.items() if value.account != account.id
        }
        self._feeds.pop(account.id, None)

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
        """The account's event log."""
        if account.id not in self._feeds:
            rule = self.conventions
            self._feeds[account.id] = Feed(
                self.state.world,
                admin=account.admin,
                person_id=None if account.admin else account.upstream.subject,
                since=account.tracked_from,
                retention=rule.retention,
                most=rule.retention_events,
                heard=self.heard.events,
            )
        return self._feeds[account.id]

    def forget_feed(self, account: Account) -> None:
        """Starts the account's event log anew: its upstream user may be another one."""
        self._feeds.pop(account.id, None)

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
