"""What the sandbox's command promises, and what it leaves for later so that it starts soon."""

import subprocess
import sys

import pytest

from lib.cli import main
from lib.sandbox.world.people import SMALLEST_WORLD
from lib.sandbox.world.streams import ADMIN_LOGS, KEPT
from tests.sandbox_server import ROOT

LATER = ("httpx", "jwt", "cryptography")


def test_help_says_how_few_users_and_how_many_days_there_can_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["sandbox", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert f"at least {SMALLEST_WORLD} are created" in said
    assert f"Box keeps {KEPT[ADMIN_LOGS].days}" in said


def test_what_only_a_later_call_needs_is_not_imported_at_the_start() -> None:
    code = (
        "import sys; from datetime import UTC, datetime\n"
        "import lib.sandbox.serve\n"
        "from lib.sandbox import app, box, kloudless\n"
        "from lib.sandbox.world import World, WorldSpec\n"
        "state = app.create_state(World(WorldSpec(), lambda: datetime.now(UTC)))\n"
        "app.create_app(state); box.credentials(state); kloudless.credentials(state)\n"
        f"print([name for name in {LATER!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
