"""Which settings are set and where they come from, never their values.

A word is shown only where a setting has a closed set of words (`auth`, `kind`) and only if it is
one of that set. Profiles have numbers instead of their keys, because a key may name a customer.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Final
from urllib.parse import urlsplit

from lib.app.diagnostics.plain_words import host_class, host_of
from lib.settings.profiles import (
    Access,
    BoxCredentials,
    KloudlessCredentials,
    Origin,
    Profile,
    ProfileKind,
    Settings,
)
from lib.settings.retention import RetentionSettings
from lib.settings.watching import AlertSettings, HealthSettings

NOT_SET: Final = "not set"
_VARIABLES: Final = ("BOX_RUNBOOK_DATA", "BOX_RUNBOOK_SANDBOX")
_OTHERS: Final = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


_BOX: Final = ("config", *_names(BoxCredentials))
_KLOUDLESS: Final = _names(KloudlessCredentials)
_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "store": ("events", "ledger"),
    "access": tuple(name for name in _names(Access) if name != "configured"),
    "health": _names(HealthSettings),
    "alerts": _names(AlertSettings),
    "retention": _names(RetentionSettings),
}


def aliases(keys: Iterable[str]) -> dict[str, str]:
    """What stands for the profiles of these keys: `profile 1`, in the order of the keys."""
    return {key: f"profile {number}" for number, key in enumerate(sorted(keys), 1)}


def describe_settings(
    origins: Mapping[str, Origin],
    settings: Settings | None,
    *,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, Any]:
    """Each known setting: `not set`, or `set (secrets file)` with its word from a closed set."""
    words = _words(settings) if settings is not None else {}
    reported: dict[str, Any] = {
        table: {
            name: _describe(origins, f"{table}.{name}", words.get(f"{table}.{name}"))
            for name in names
        }
        for table, names in _TABLES.items()
    }
    given = {name.split(".")[1] for name in origins if name.startswith("profiles.")}
    profiles = settings.profiles if settings is not None else {}
    for key, alias in aliases(given).items():
        reported[alias] = _profile(origins, key, profiles.get(key))
    reported["environment"] = {
        name: "set" if environ.get(name) else NOT_SET for name in (*_VARIABLES, *_OTHERS)
    }
    unknown = sum(not _is_known(name) for name in origins)
    if unknown:
        reported["settings that this app doesn't know"] = unknown
    return reported


def known_values(settings: Settings | None) -> Iterator[str]:
    """The values that this process knows and that nobody else should: a net for what slips by."""
    if settings is None:
        return
    yield str(settings.data_dir.absolute())
    yield from settings.access.allowed_hosts
    yield from settings.access.admins
    yield from settings.access.analysts
    if settings.alerts is not None:
        yield from (settings.alerts.url.reveal(), settings.alerts.host)
    for profile in settings.profiles.values():
        yield from profile_values(profile)
    for url in (settings.events_url, settings.ledger_url, settings.sandbox_url or ""):
        password = urlsplit(url).password if "@" in url else None
        if password:
            yield password


def profile_values(profile: Profile) -> Iterator[str]:
    """The values of one profile: its key and label, its credentials, the hosts of a customer."""
    if profile.kind is not ProfileKind.SANDBOX:
        yield from (profile.key, profile.label)
    for half in (profile.box, profile.kloudless):
        if half is None:
            continue
        for one in fields(half):
            value = getattr(half, one.name)
            if one.name.endswith("_url"):
                host = host_of(value)
                if host_class(host) == "another host":
                    yield host or value
            elif one.name != "auth" and value:
                yield value if isinstance(value, str) else value.reveal()


def _profile(origins: Mapping[str, Origin], key: str, profile: Profile | None) -> dict[str, Any]:
    reported: dict[str, Any] = {"label": _describe(origins, f"profiles.{key}.label", None)}
    for half, names in (("box", _BOX), ("kloudless", _KLOUDLESS)):
        table = f"profiles.{key}.{half}"
        if not any(name.startswith(f"{table}.") for name in origins):
            reported[half] = NOT_SET
            continue
        credentials = getattr(profile, half) if profile is not None else None
        reported[half] = {
            name: _credential(origins, f"{table}.{name}", credentials, name) for name in names
        }
    return reported


def _credential(origins: Mapping[str, Origin], name: str, credentials: Any, field: str) -> str:
    value = getattr(credentials, field, None)
    word = None
    if field == "auth" and value is not None:
        word = str(value)
    elif field.endswith("_url") and value:
        word = host_class(host_of(value))
    reported = _describe(origins, name, word)
    if reported == NOT_SET and value and field != "auth" and not field.endswith("_url"):
        return "set (in config)"
    return reported


def _describe(origins: Mapping[str, Origin], name: str, word: str | None) -> str:
    below = f"{name}."
    origin = origins.get(name) or next(
        (origins[one] for one in origins if one.startswith(below)), None
    )
    if origin is None:
        return NOT_SET
    return f"set ({origin.value}){f': {word}' if word else ''}"


def _words(settings: Settings) -> dict[str, str]:
    found = {
        "access.open": "true" if settings.access.open else "false",
        "health.goal": settings.health.goal,
        "store.events": _engine(settings.events_url),
        "store.ledger": _engine(settings.ledger_url),
    }
    if settings.alerts is not None:
        found["alerts.kind"] = settings.alerts.kind.value
        found["alerts.min_severity"] = settings.alerts.min_severity
    return found


def _engine(url: str) -> str:
    scheme = url.partition(":")[0].partition("+")[0]
    return (
        scheme if scheme in {"duckdb", "clickhouse", "sqlite", "postgresql"} else "another engine"
    )


def _is_known(name: str) -> bool:
    table, _, rest = name.partition(".")
    if table == "profiles":
        _key, _, rest = rest.partition(".")
        half, _, setting = rest.partition(".")
        known = {"box": _BOX, "kloudless": _KLOUDLESS}.get(half, ())
        return half == "label" or setting.partition(".")[0] in known
    return rest.partition(".")[0] in _TABLES.get(table, ())
