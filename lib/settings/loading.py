"""Reading the host's settings: the secrets file, what the host hands over, the environment.

The environment wins (`BOX_RUNBOOK__PROFILES__ACME__BOX__API_URL`, double underscore = dot). A wrong
setting is named, its value never is. Nothing here reaches the network or writes a file.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.settings.profiles import (
    Access,
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Origin,
    Profile,
    ProfileKind,
    Settings,
    credentials_from_config,
)
from lib.settings.retention import retention_settings
from lib.settings.watching import alert_settings, health_settings
from lib.settings.watching import wrong as _wrong

ENVIRONMENT_PREFIX: Final = "BOX_RUNBOOK__"
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SECRETS: Final = frozenset(
    {
        "client_secret",
        "private_key",
        "passphrase",
        "refresh_token",
        "developer_token",
        "webhook_primary_key",
        "webhook_secondary_key",
    }
)


def load_settings(
    *,
    environ: Mapping[str, str] = os.environ,
    secrets: Mapping[str, Any] | None = None,
    secrets_path: Path = Path(".streamlit/secrets.toml"),
    data_dir: Path | None = None,
) -> Settings:
    """Read the host's settings; the environment wins over `secrets`, or else over the file.

    Raises ConfigurationError naming the setting that is wrong, never its value.
    """
    tree, origins = _merged(environ, secrets, secrets_path)
    store = _table(tree, "store")
    named = environ.get("BOX_RUNBOOK_SANDBOX")
    folder = data_dir or Path(environ.get("BOX_RUNBOOK_DATA") or ".data")
    return Settings(
        data_dir=folder,
        profiles=MappingProxyType(
            {key: _profile(key, value, origins) for key, value in _table(tree, "profiles").items()}
        ),
        access=_access(tree),
        events_url=str(store.get("events", "duckdb:///events.duckdb")),
        ledger_url=str(store.get("ledger", "sqlite:///ledger.sqlite")),
        sandbox_url=_url("BOX_RUNBOOK_SANDBOX", named) if named else None,
        health=health_settings(_table(tree, "health")),
        alerts=alert_settings(_table(tree, "alerts")),
        retention=retention_settings(_table(tree, "retention")),
        origins=_dotted(origins),
    )


def settings_origins(
    *,
    environ: Mapping[str, str] = os.environ,
    secrets: Mapping[str, Any] | None = None,
    secrets_path: Path = Path(".streamlit/secrets.toml"),
) -> Mapping[str, Origin]:
    """Which settings are given and where, by their dotted names, without judging their values.

    For settings that can't be used. A file that can't be read gives none.
    """
    try:
        return _dotted(_merged(environ, secrets, secrets_path)[1])
    except ConfigurationError:
        return _dotted(_merged(environ, {}, secrets_path)[1])


def _dotted(origins: Mapping[tuple[str, ...], Origin]) -> Mapping[str, Origin]:
    return MappingProxyType({".".join(path): origin for path, origin in origins.items()})


def _merged(
    environ: Mapping[str, str], secrets: Mapping[str, Any] | None, secrets_path: Path
) -> tuple[dict[str, Any], dict[tuple[str, ...], Origin]]:
    """What the host gives as one tree, and where each leaf came from; the environment wins."""
    tree = dict(secrets) if secrets is not None else _read_file(secrets_path)
    tree = _plain(tree)
    origins = dict.fromkeys(_leaves(tree), Origin.SECRETS_FILE)
    for name, value in environ.items():
        if name.startswith(ENVIRONMENT_PREFIX):
            path = tuple(part.lower() for part in name[len(ENVIRONMENT_PREFIX) :].split("__"))
            _put(tree, path, value, name)
            origins[path] = Origin.ENVIRONMENT
    return tree, origins


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        # The parser's own text may quote the line, and with it a secret: only the position is kept.
        place = re.search(r"\(at (line \d+, column \d+)\)", str(error))
        raise ConfigurationError(
            f"{path.name} can't be read{', ' + place[1] if place else ''}.",
            cause="It isn't valid TOML in UTF-8.",
            fix="Compare it with .streamlit/secrets.example.toml. Multi-line values need "
            "''' around them.",
            who=Who.YOU,
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"{path.name} can't be opened.",
            cause=str(error.strerror or type(error).__name__),
            fix="Check the file's permissions.",
            who=Who.YOU,
        ) from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, list | tuple) else value


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)


def _put(tree: dict[str, Any], path: tuple[str, ...], value: str, name: str) -> None:
    *parents, last = path
    for part in parents:
        child = tree.setdefault(part, {})
        if not isinstance(child, dict):
            raise _wrong(name, "it is below a setting that isn't a table")
        tree = child
    tree[last] = value


def _table(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = tree.get(name) or {}
    if not isinstance(value, Mapping):
        raise _wrong(name, "it must be a table")
    return value


def _profile(key: str, value: Any, origins: Mapping[tuple[str, ...], Origin]) -> Profile:
    name = f"profiles.{key}"
    if not _KEY.fullmatch(key) or key.startswith("session-"):
        raise _wrong(
            name,
            "a profile's key has 1 to 40 of a-z, 0-9, _ and -, and doesn't start with session-",
        )
    if not isinstance(value, Mapping):
        raise _wrong(name, "it must be a table")
    unknown = set(value) - {"label", "box", "kloudless"}
    if unknown:
        raise _wrong(f"{name}.{min(unknown)}", "there is no such setting")
    box = _table(value, "box")
    kloudless = _table(value, "kloudless")
    if not box and not kloudless:
        raise _wrong(name, "it has neither a box nor a kloudless table")
    mine = {
        ".".join(path[2:]): origin
        for path, origin in origins.items()
        if path[:2] == ("profiles", key)
    }
    return Profile(
        key=key,
        label=str(value.get("label") or key),
        kind=ProfileKind.CONFIGURED,
        box=_box(f"{name}.box", box) if box else None,
        kloudless=_kloudless(f"{name}.kloudless", kloudless) if kloudless else None,
        origins=MappingProxyType(mine),
    )


def _box(name: str, table: Mapping[str, Any]) -> BoxCredentials:
    known = {f.name for f in fields(BoxCredentials)} | {"config"}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise _wrong(f"{name}.{key}", "there is no such setting")
        if key in ("auth", "config") or value in ("", None):
            continue
        # TOML and hosts turn ids into numbers; Box's ids are text.
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise _wrong(f"{name}.{key}", "it must be a text")
        values[key] = Secret(str(value)) if key in _SECRETS else str(value)
    for key in ("api_url", "account_url"):
        if key in values:
            values[key] = _url(f"{name}.{key}", values[key])
    base = (
        credentials_from_config(_config(name, table["config"]))
        if table.get("config")
        else BoxCredentials()
    )
    try:
        auth = BoxAuth(str(table.get("auth", "jwt")))
    except ValueError:
        raise _wrong(f"{name}.auth", "it must be jwt, ccg, oauth or developer_token") from None
    return replace(base, auth=auth, **values)


def _config(name: str, value: Any) -> Mapping[str, Any]:
    try:
        config = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError) as error:
        place = (
            f" (line {error.lineno}, column {error.colno})"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise _wrong(
            f"{name}.config",
            f"it isn't valid JSON{place}",
            "Paste the file from Box's developer console between ''' and '''.",
        ) from None
    if not isinstance(config, Mapping):
        raise _wrong(f"{name}.config", "it must be the JSON object of the app settings file")
    return config


def _kloudless(name: str, table: Mapping[str, Any]) -> KloudlessCredentials:
    known = {f.name for f in fields(KloudlessCredentials)}
    for key, value in table.items():
        if key not in known:
            raise _wrong(f"{name}.{key}", "there is no such setting")
        if not isinstance(value, str):
            raise _wrong(f"{name}.{key}", "it must be a text")
    return KloudlessCredentials(
        base_url=_url(f"{name}.base_url", table["base_url"]) if table.get("base_url") else "",
        app_id=table.get("app_id", ""),
        api_key=Secret.of(table.get("api_key")),
    )


def _access(tree: Mapping[str, Any]) -> Access:
    table = _table(tree, "access")
    known = {"admins", "analysts", "open", "allowed_hosts"}
    for key in table:
        if key not in known:
            raise _wrong(f"access.{key}", "there is no such setting")
    return Access(
        admins=_texts("access.admins", table.get("admins")),
        analysts=_texts("access.analysts", table.get("analysts")),
        open=_truth("access.open", table.get("open", False)),
        allowed_hosts=_texts("access.allowed_hosts", table.get("allowed_hosts")),
        configured=bool(table.get("admins") or table.get("analysts")),
    )


def _url(name: str, value: str) -> str:
    """A web address without a slash at its end; whether it may be asked is for the guard to say."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(c.isspace() for c in value):
        raise _wrong(
            name,
            "it isn't a server address",
            "Enter the complete address with https://, such as https://api.box.com.",
        )
    return value.rstrip("/")


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):  # the environment has no lists
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    raise _wrong(name, "it must be a list of texts")


def _truth(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false", "1", "0"}:
        return value.lower() in {"true", "1"}
    raise _wrong(name, "it must be true or false")
