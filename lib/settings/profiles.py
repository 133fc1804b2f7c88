"""Profiles and settings, as values: frozen, with every secret wrapped.

A configured profile comes from the host (`lib.settings.loading`). A session profile is built from
what one person typed. The sandbox's profile is built from its own answer. Nothing here reaches the
network or reads a file.
"""

import secrets as random_secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.settings.retention import RetentionSettings
from lib.settings.watching import AlertSettings, HealthSettings

BOX_API_URL: Final = "https://api.box.com"
BOX_ACCOUNT_URL: Final = "https://account.box.com/api"
SANDBOX_KEY: Final = "sandbox"
VISITOR_LABEL: Final = "Sandbox, yours"


class ProfileKind(StrEnum):
    """Where the profile comes from."""

    CONFIGURED = "configured"
    SESSION = "session"
    SANDBOX = "sandbox"


class BoxAuth(StrEnum):
    """How the Box app authenticates."""

    JWT = "jwt"
    CCG = "ccg"
    OAUTH = "oauth"
    DEVELOPER_TOKEN = "developer_token"  # noqa: S105  # the name of a method


class Origin(StrEnum):
    """Where a value came from; shown in place of the value."""

    TYPED = "typed"
    SECRETS_FILE = "secrets file"
    ENVIRONMENT = "environment"
    SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class BoxCredentials:
    """One Box app and the enterprise or user it acts for. Secrets hide their values."""

    auth: BoxAuth = BoxAuth.JWT
    client_id: str = ""
    client_secret: Secret | None = None
    public_key_id: str = ""
    private_key: Secret | None = None
    passphrase: Secret | None = None
    refresh_token: Secret | None = None
    developer_token: Secret | None = None
    enterprise_id: str = ""
    user_id: str = ""
    api_url: str = BOX_API_URL
    account_url: str = BOX_ACCOUNT_URL
    webhook_primary_key: Secret | None = None
    webhook_secondary_key: Secret | None = None


@dataclass(frozen=True, slots=True)
class KloudlessCredentials:
    """One Kloudless application. `base_url` ends in the version (`…/v1`), without a slash."""

    base_url: str = ""
    app_id: str = ""
    api_key: Secret | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One set of credentials and addresses.

    `key` names it in links, stores and caches; `origins` says where each value came from, by its
    dotted name (`box.client_secret`).
    """

    key: str
    label: str
    kind: ProfileKind
    box: BoxCredentials | None = None
    kloudless: KloudlessCredentials | None = None
    origins: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def only_imported(self) -> bool:
        """Whether it has no API to call: its events are those of imported files."""
        return self.box is None and self.kloudless is None

    @property
    def given_by_sandbox(self) -> bool:
        """Whether the app's sandbox provided its credentials: nobody typed them."""
        return self.origins.get("box") is Origin.SANDBOX


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see configured profiles (`[access]`)."""

    admins: tuple[str, ...] = ()
    analysts: tuple[str, ...] = ()
    open: bool = False
    allowed_hosts: tuple[str, ...] = ()
    configured: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the host configured."""

    data_dir: Path
    profiles: Mapping[str, Profile]
    access: Access = Access()
    events_url: str = "duckdb:///events.duckdb"
    ledger_url: str = "sqlite:///ledger.sqlite"
    sandbox_url: str | None = None
    health: HealthSettings = field(default_factory=HealthSettings)
    alerts: AlertSettings | None = None
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    origins: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}))
    """Where each setting that is given came from, by its dotted name."""

    def profile(self, key: str | None) -> Profile | None:
        """The profile of that key; without a key the only one. None = use the sandbox.

        Raises ConfigurationError for an unknown key, and when several profiles are configured.
        """
        if key is None:
            if len(self.profiles) > 1:
                raise ConfigurationError(
                    "Several profiles are configured.",
                    cause="It isn't clear which one to use: "
                    + ", ".join(sorted(self.profiles))
                    + ".",
                    fix="Name one with --profile.",
                    who=Who.YOU,
                )
            return next(iter(self.profiles.values()), None)
        if key == SANDBOX_KEY and key not in self.profiles:
            return None
        if key not in self.profiles:
            known = ", ".join([*sorted(self.profiles), SANDBOX_KEY])
            raise ConfigurationError(
                f"There is no profile {key!r}.",
                cause=f"Known profiles: {known}.",
                fix="Use one of these, or add it to .streamlit/secrets.toml.",
                who=Who.YOU,
            )
        return self.profiles[key]


def sandbox_profile(answer: Mapping[str, Any]) -> Profile:
    """The profile of a sandbox from its answer to `GET /sandbox/credentials`."""
    box, kloudless = answer["box"], answer["kloudless"]
    credentials = credentials_from_config(box["config"])
    return Profile(
        key=SANDBOX_KEY,
        label="Sandbox",
        kind=ProfileKind.SANDBOX,
        box=replace(
            credentials,
            api_url=box["api_url"],
            account_url=box["account_url"],
            webhook_primary_key=Secret(box["webhook_keys"]["primary"]),
            webhook_secondary_key=Secret(box["webhook_keys"]["secondary"]),
        ),
        kloudless=KloudlessCredentials(
            base_url=kloudless["base_url"],
            app_id=kloudless["app_id"],
            api_key=Secret(kloudless["api_key"]),
        ),
        origins=MappingProxyType({"box": Origin.SANDBOX, "kloudless": Origin.SANDBOX}),
    )


def visitor_profile(answer: Mapping[str, Any]) -> Profile:
    """The profile of one session's own apps in the sandbox, from `POST /sandbox/visitors`."""
    given = sandbox_profile(answer)
    made = session_profile(box=given.box, kloudless=given.kloudless, label=VISITOR_LABEL)
    return replace(made, origins=given.origins)


def session_profile(
    *,
    box: BoxCredentials | None = None,
    kloudless: KloudlessCredentials | None = None,
    label: str = "",
) -> Profile:
    """A profile for one browser session, under a key of our own making (128 random bits)."""
    return Profile(
        key=f"session-{random_secrets.token_hex(16)}",
        label=label or "This session",
        kind=ProfileKind.SESSION,
        box=box,
        kloudless=kloudless,
        origins=MappingProxyType({"box": Origin.TYPED, "kloudless": Origin.TYPED}),
    )


def imported_profile() -> Profile:
    """A session profile without credentials, for the events of imported files."""
    return replace(session_profile(label="Imported files"), origins=MappingProxyType({}))


def credentials_from_config(config: Mapping[str, Any]) -> BoxCredentials:
    """JWT credentials from a parsed Box app settings JSON, without validating them.

    `lib.box.settings.app_settings` checks such a file field by field; this is for the host's.
    Source: Box developer documentation, JWT with SDKs.
    """
    app = _inner(config, "boxAppSettings")
    auth = _inner(app, "appAuth")
    webhooks = _inner(config, "webhooks")
    return BoxCredentials(
        auth=BoxAuth.JWT,
        client_id=_scalar(app, "clientID"),
        client_secret=Secret.of(_scalar(app, "clientSecret")),
        public_key_id=_scalar(auth, "publicKeyID"),
        private_key=Secret.of(_scalar(auth, "privateKey")),
        passphrase=Secret.of(_scalar(auth, "passphrase")),
        enterprise_id=_scalar(config, "enterpriseID"),
        user_id=_scalar(config, "userID"),
        webhook_primary_key=Secret.of(_scalar(webhooks, "primaryKey")),
        webhook_secondary_key=Secret.of(_scalar(webhooks, "secondaryKey")),
    )


def _inner(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = tree.get(name)
    return value if isinstance(value, Mapping) else {}


def _scalar(tree: Mapping[str, Any], name: str) -> str:
    """The text of a field; a number, as hosts and manual edits make it, counts as its text."""
    value = tree.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
