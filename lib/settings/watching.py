"""How often the host's profiles are checked, and who is alerted when something breaks.

`[health]` and `[alerts]` of the settings. The address of an alert is a secret: anyone who knows it
can post to that channel. Nothing here reaches the network.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret

GOALS: Final = ("activity", "people", "webhooks", "full")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_OFTEN: Final = timedelta(seconds=5)
_RARE: Final = timedelta(days=1)
_LONG: Final = timedelta(days=7)


class AlertFormat(StrEnum):
    """The format of an alert."""

    SLACK = "slack"
    GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """`[health]`: how often each check runs, and how long a cause must be absent to be resolved.

    `goal` is what the integration is for: `activity`, `people`, `webhooks` or `full`.
    """

    every: timedelta = timedelta(minutes=5)
    calm: timedelta = timedelta(minutes=30)
    goal: str = "full"


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """`[alerts]`: where alerts go, their format, from which severity on, and after how long.

    `min_severity` is `warning` or `failure`.
    """

    url: Secret
    kind: AlertFormat = AlertFormat.SLACK
    min_severity: str = "failure"
    after: timedelta = timedelta(minutes=10)

    @property
    def host(self) -> str:
        """The part of the address that may be shown."""
        parts = urlsplit(self.url.reveal())
        return parts.hostname or ""


def health_settings(table: Mapping[str, Any]) -> HealthSettings:
    """Read `[health]`. Raises ConfigurationError naming the setting that is wrong."""
    _known("health", table, {"every", "calm", "goal"})
    usual = HealthSettings()
    goal = table.get("goal") or usual.goal
    if goal not in GOALS:
        raise wrong("health.goal", f"it must be one of {', '.join(GOALS)}")
    return HealthSettings(
        every=_span("health.every", table.get("every"), usual.every, _OFTEN, _RARE),
        calm=_span("health.calm", table.get("calm"), usual.calm, timedelta(0), _LONG),
        goal=str(goal),
    )


def alert_settings(table: Mapping[str, Any]) -> AlertSettings | None:
    """Read `[alerts]`; None without an address. Raises ConfigurationError, never with a value."""
    _known("alerts", table, {"url", "kind", "min_severity", "after"})
    if not table.get("url"):
        return None
    usual = AlertSettings(Secret("-"))
    severity = table.get("min_severity", usual.min_severity)
    if severity not in ("warning", "failure"):
        raise wrong("alerts.min_severity", "it must be warning or failure")
    try:
        kind = AlertFormat(table.get("kind", usual.kind))
    except ValueError:
        raise wrong("alerts.kind", "it must be slack or generic") from None
    return AlertSettings(
        url=_address(table["url"]),
        kind=kind,
        min_severity=str(severity),
        after=_span("alerts.after", table.get("after"), usual.after, timedelta(0), _LONG),
    )


def wrong(setting: str, why: str, fix: str = "") -> ConfigurationError:
    """The error for a setting; it names the setting, never its value."""
    return ConfigurationError(
        f"The setting {setting} is wrong: {why}.",
        cause="",
        fix=fix or "Compare it with .streamlit/secrets.example.toml.",
        who=Who.YOU,
    )


def _known(name: str, table: Mapping[str, Any], known: set[str]) -> None:
    for key in table:
        if key not in known:
            raise wrong(f"{name}.{key}", "there is no such setting")


def _span(name: str, value: Any, usual: timedelta, least: timedelta, most: timedelta) -> timedelta:
    if value in (None, ""):
        return usual
    match = re.fullmatch(r"(\d{1,7})([smhd])", str(value).strip())
    found = timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else None
    if found is None or not least <= found <= most:
        raise wrong(
            name,
            f"it must be a duration from {_words(least)} to {_words(most)}",
            "Write it as 90s, 5m, 1h or 1d.",
        )
    return found


def _words(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 86_400}d" if seconds >= _UNITS["d"] else f"{seconds}s"


def _address(value: Any) -> Secret:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        usable = (
            parts is not None
            and parts.scheme in {"https", "http"}
            and bool(parts.hostname)
            and parts.port != 0
            and parts.username is None
            and not any(c.isspace() for c in value)
        )
    except ValueError:
        usable = False
    if not usable:
        raise wrong(
            "alerts.url",
            "it isn't a webhook address",
            "Copy the complete address from the channel's settings: it starts with https://.",
        )
    return Secret(value)
