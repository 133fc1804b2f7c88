"""Clients of the profiles, made once each, with the addresses each may reach and its journal."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.settings.profiles import BoxAuth, Profile, ProfileKind

if TYPE_CHECKING:
    from lib.box import BoxClient
    from lib.box.tokens.auth import RefreshTokens
    from lib.http import Closable, Egress, Journal
    from lib.kloudless import KloudlessClient

JOURNAL_CALLS: Final = 2000
"""How many calls a profile's journal keeps: enough for percentiles of what is asked often."""

Clock = Callable[[], datetime]
C = TypeVar("C", bound="Closable")


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Clients:
    """One client of each side and one journal for each profile in use.

    A client is used by several threads; it is closed when its profile is forgotten. The libraries
    behind it load with the first client, not with the app.
    """

    def __init__(
        self,
        allowed_hosts: tuple[str, ...],
        sandbox_url: Callable[[], str | None],
        data_dir: Path | None = None,
    ) -> None:
        self._allowed_hosts = allowed_hosts
        self._sandbox_url = sandbox_url
        self._data_dir = data_dir
        self._lock = threading.Lock()
        self._box: dict[str, tuple[Profile, BoxClient]] = {}
        self._kloudless: dict[str, tuple[Profile, KloudlessClient]] = {}
        self._journals: dict[str, Journal] = {}
        self._refresh_tokens: dict[str, tuple[Profile, RefreshTokens]] = {}
        self._closed = False

    def egress(self, profile: Profile) -> "Egress":
        """What the profile may reach."""
        from lib.http import Egress  # noqa: PLC0415  # see the class

        return Egress.for_profile(
            profile, allowed_hosts=self._allowed_hosts, sandbox_url=self._sandbox_url()
        )

    def journal(self, profile: Profile) -> "Journal":
        """The profile's call journal."""
        from lib.http import Journal  # noqa: PLC0415  # see the class

        with self._lock:
            return self._journals.setdefault(profile.key, Journal(JOURNAL_CALLS))

    def journals(self) -> "dict[str, Journal]":
        """The journals kept now, by the key of their profile."""
        with self._lock:
            return dict(self._journals)

    def refresh_tokens(self, profile: Profile) -> "RefreshTokens | None":
        """Where the refresh token of an OAuth profile lives; None for another way to prove itself.

        Everything that renews goes through it, because each token works once. A configured
        profile's is kept in the data folder, a session's in memory only.
        """
        from lib.app.refresh_tokens import KeptToken  # noqa: PLC0415  # as above
        from lib.box.tokens.auth import TokenInMemory  # noqa: PLC0415  # see the class

        box = profile.box
        if box is None or box.auth is not BoxAuth.OAUTH or not box.refresh_token:
            return None
        with self._lock:
            existing = self._refresh_tokens.get(profile.key)
            if existing is not None and existing[0].box == box:
                return existing[1]
            tokens: RefreshTokens
            if profile.kind is ProfileKind.CONFIGURED and self._data_dir and box.client_secret:
                tokens = KeptToken(self._data_dir, profile)
            else:
                tokens = TokenInMemory(box.refresh_token)
            self._refresh_tokens[profile.key] = (profile, tokens)
            return tokens

    def renew(self, profile: Profile, refresh_token: Secret) -> None:
        """Replace the profile's refresh token with that of a new sign-in.

        Whoever renews from now on does it with this one, other processes too. Raises
        ConfigurationError for a profile that keeps none, StoreError when it can't be kept.
        """
        tokens = self.refresh_tokens(profile)
        if tokens is None:
            raise ConfigurationError(
                f"The profile {profile.key} stores no refresh token.",
                cause="Only a profile with auth = oauth and a first refresh token does.",
                fix="Set box.refresh_token once. Later sign-ins replace it.",
                who=Who.YOU,
            )
        with tokens.turn():
            tokens.keep(refresh_token)
        with self._lock:
            existing = self._box.get(profile.key)
        if existing is not None:
            existing[1].tokens.invalidate()

    def box(self, profile: Profile) -> "BoxClient":
        """The profile's Box client.

        Raises ConfigurationError or KeyProblem for credentials that can't work.
        """
        from lib.box import connect  # noqa: PLC0415  # see the class

        journal, egress = self.journal(profile), self.egress(profile)
        tokens = self.refresh_tokens(profile)
        return self._made_once(
            self._box,
            profile,
            lambda: connect(profile, egress=egress, journal=journal, refresh_tokens=tokens),
        )

    def kloudless(self, profile: Profile) -> "KloudlessClient":
        """The profile's Kloudless client. Raises ConfigurationError when it has no address."""
        from lib.kloudless import connect  # noqa: PLC0415  # see the class

        journal, egress = self.journal(profile), self.egress(profile)
        return self._made_once(
            self._kloudless, profile, lambda: connect(profile, egress=egress, journal=journal)
        )

    def reader(self, profile: Profile) -> "BoxClient | KloudlessClient":
        """The client whose events are this profile's record, with the priority of background."""
        if profile.box is not None:
            return self.box(profile).in_background()
        return self.kloudless(profile).in_background()

    def refreshed(self, key: str) -> Secret | None:
        """The newest refresh token of a session's OAuth profile, if Box has given one by now.

        Box accepts each one once: whoever keeps the profile has to keep this one. A configured
        profile's isn't given away.
        """
        from lib.box.tokens.auth import TokenInMemory  # noqa: PLC0415  # see the class

        with self._lock:
            existing = self._refresh_tokens.get(key)
        if (
            existing is None
            or existing[0].box is None
            or not isinstance(existing[1], TokenInMemory)
        ):
            return None
        newest = existing[1].current
        return None if newest == existing[0].box.refresh_token else newest

    def forget(self, key: str) -> None:
        """Close and drop everything of a profile."""
        with self._lock:
            box, kloudless = self._box.pop(key, None), self._kloudless.pop(key, None)
            self._journals.pop(key, None)
            self._refresh_tokens.pop(key, None)
        if box is not None:
            box[1].close()
        if kloudless is not None:
            kloudless[1].close()

    def close(self) -> None:
        """Close all, and whatever is asked for later."""
        with self._lock:
            self._closed = True
            keys = {*self._box, *self._kloudless}
        for key in keys:
            self.forget(key)

    def _made_once(
        self, clients: "dict[str, tuple[Profile, C]]", profile: Profile, make: "Callable[[], C]"
    ) -> "C":
        """The profile's client among these; a new one in its place when the profile changed."""
        with self._lock:
            existing = clients.get(profile.key)
            if existing is not None and existing[0] == profile:
                return existing[1]
            client = make()
            if existing is not None:
                existing[1].close()
            if self._closed:  # nobody would close it later: it says so when it is used
                client.close()
            clients[profile.key] = (profile, client)
            return client
