"""`[health]` and `[alerts]`: what they take, and that the address of an alert stays a secret."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.core.errors import ConfigurationError
from lib.runbook.goals import Goal
from lib.settings.loading import load_settings
from lib.settings.profiles import Settings
from lib.settings.watching import GOALS, AlertFormat, AlertSettings, HealthSettings

URL = "https://hooks.example.com/services/T000/B000/canary-9f31"


def read(**tables: dict[str, Any]) -> Settings:
    return load_settings(environ={}, secrets=tables, data_dir=Path("data"))


def test_without_settings_it_is_checked_every_five_minutes_and_nobody_is_reported() -> None:
    found = read()
    assert found.health == HealthSettings(timedelta(minutes=5), timedelta(minutes=30))
    assert found.alerts is None
    assert read(alerts={"url": ""}).alerts is None


def test_spans_and_words_are_read() -> None:
    found = read(
        health={"every": "1h", "calm": "0s"},
        alerts={"url": URL, "kind": "generic", "min_severity": "warning", "after": "30s"},
    )
    assert found.health == HealthSettings(timedelta(hours=1), timedelta(0))
    alerts = found.alerts
    assert alerts is not None
    assert (alerts.kind, alerts.min_severity) == (AlertFormat.GENERIC, "warning")
    assert alerts.after == timedelta(seconds=30)
    assert alerts.host == "hooks.example.com"


def test_a_goal_of_the_settings_is_a_goal_of_the_runbook() -> None:
    assert set(GOALS) == set(Goal)
    assert read(health={"goal": "activity"}).health.goal == Goal.ACTIVITY


def test_the_environment_sets_them_too() -> None:
    environ = {"BOX_RUNBOOK__HEALTH__EVERY": "90s", "BOX_RUNBOOK__ALERTS__URL": URL}
    found = load_settings(environ=environ, secrets={}, data_dir=Path("data"))
    assert found.health.every == timedelta(seconds=90)
    assert found.alerts is not None
    assert found.alerts.url.reveal() == URL


def test_the_address_hides_itself() -> None:
    found = read(alerts={"url": URL}).alerts
    assert isinstance(found, AlertSettings)
    assert "canary" not in repr(found)
    assert "canary" not in str(found)


@pytest.mark.parametrize(
    "tables, setting",
    [
        ({"health": {"every": "1s"}}, "health.every"),
        ({"health": {"every": "2d"}}, "health.every"),
        ({"health": {"every": "soon"}}, "health.every"),
        ({"health": {"calm": "-5m"}}, "health.calm"),
        ({"health": {"often": "5m"}}, "health.often"),
        ({"health": {"goal": "canary-9f31"}}, "health.goal"),
        ({"health": "5m"}, "health"),
        ({"alerts": {"url": "hooks.example.com/canary-9f31"}}, "alerts.url"),
        ({"alerts": {"url": "ftp://hooks.example.com/canary-9f31"}}, "alerts.url"),
        ({"alerts": {"url": "https://user:canary-9f31@hooks.example.com/x"}}, "alerts.url"),
        ({"alerts": {"url": "https://[canary-9f31"}}, "alerts.url"),
        ({"alerts": {"url": 5}}, "alerts.url"),
        ({"alerts": {"url": URL, "kind": "canary-9f31"}}, "alerts.kind"),
        ({"alerts": {"url": URL, "min_severity": "all"}}, "alerts.min_severity"),
        ({"alerts": {"url": URL, "after": "10"}}, "alerts.after"),
        ({"alerts": {"url": URL, "channel": "#box"}}, "alerts.channel"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(tables: dict[str, Any], setting: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(**tables)
    reported = f"{caught.value.message} {caught.value.cause} {caught.value.fix}"
    assert f"setting {setting} " in reported
    assert "canary" not in reported
