"""What a page shows while stores of an earlier version are upgraded."""

from pathlib import Path
from types import MappingProxyType

import pytest
from streamlit.testing.v1 import AppTest

from lib.app import Runtime
from lib.core.version import VERSION
from lib.settings.profiles import Settings
from lib.store.schema_version import UpgradeProgress
from lib.ui.shell import frame


def _page() -> None:
    from lib.ui.shell.frame import enter  # noqa: PLC0415  # AppTest runs this function by its source alone

    enter()
    raise AssertionError("the page went on")


def test_every_page_waits_and_says_how_far_the_upgrade_is(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = Runtime(Settings(Path("nowhere"), MappingProxyType({})))
    monkeypatch.setattr(frame, "start_background", lambda *_args, **_options: runtime)
    runtime.upgrade = UpgradeProgress("Upgrading the event store", 3, 4)
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert not app.exception
    assert app.title[0].value == f"Upgrading to Box Runbook {VERSION}"
    (bar,) = app.get("progress")
    assert bar.proto.value == 75
    assert bar.proto.text == "Upgrading the event store: 75 %"
