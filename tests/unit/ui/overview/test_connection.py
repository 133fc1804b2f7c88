"""Overview is green about the connection only as long as a call that worked is recent."""

from datetime import UTC, datetime, timedelta

from lib.ui.overview.view_sections import connected

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def test_a_call_that_worked_long_ago_is_not_green() -> None:
    assert connected(NOW - timedelta(minutes=9), NOW, reads=False).startswith(":green[")
    old = connected(NOW - timedelta(hours=3), NOW, reads=False)
    assert old.startswith(":gray[")
    assert "Connected 3 hours ago" in old
    assert connected(NOW - timedelta(hours=3), NOW, reads=True).startswith(":green[")
