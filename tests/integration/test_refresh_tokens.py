"""A configured OAuth profile over the sandbox: its one-use refresh token survives what happens."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from lib.app.clients import Clients
from lib.core.errors import StoreError, TokenError
from lib.core.redaction import Secret
from lib.settings.loading import load_settings
from lib.settings.profiles import Profile, session_profile
from tests.sandbox_oauth import Grant, sign_in
from tests.sandbox_server import ROOT, SandboxServer

FILE = "refresh-token.acme"
SPENT = {"token.refresh_invalid", "token.refresh_expired"}

# Renews once for each line it is sent, and answers with "ok" or the id of the cause.
RENEWER = """
import sys
from lib.core.errors import RunbookError
from lib.settings.loading import load_settings
from lib.app.clients import Clients
settings = load_settings()
client = Clients((), lambda: None, settings.data_dir).box(settings.profiles["acme"])
print("ready", flush=True)
for line in sys.stdin:
    try:
        client.tokens.invalidate()
        print("ok" if client.me(("id",))["id"] else "nobody", flush=True)
    except RunbookError as error:
        print(error.cause_id, flush=True)
"""


@pytest.fixture
def grant(sandbox: SandboxServer) -> Grant:
    return sign_in(sandbox)


@pytest.fixture
def env(sandbox: SandboxServer, grant: Grant, tmp_path: Path) -> dict[str, str]:
    data = {"BOX_RUNBOOK_DATA": str(tmp_path / "data"), "BOX_RUNBOOK_SANDBOX": sandbox.url}
    return {**data, **grant.environment(sandbox.url)}


@pytest.fixture
def profile(env: dict[str, str]) -> Profile:
    return load_settings(environ=env, secrets={}).profiles["acme"]


Start = Callable[..., Clients]


@pytest.fixture
def start(env: dict[str, str]) -> Iterator[Start]:
    """The clients of a process that has just started, without any memory of the one before."""
    made: list[Clients] = []

    def clients(folder: Path | None = None) -> Clients:
        url = env["BOX_RUNBOOK_SANDBOX"]
        made.append(Clients((), lambda: url, folder or Path(env["BOX_RUNBOOK_DATA"])))
        return made[-1]

    yield clients
    for one in made:
        one.close()


@pytest.fixture
def kept(env: dict[str, str]) -> Path:
    return Path(env["BOX_RUNBOOK_DATA"]) / FILE


def with_token(profile: Profile, token: str) -> Profile:
    assert profile.box is not None
    return replace(profile, box=replace(profile.box, refresh_token=Secret(token)))


def refused(clients: Clients, profile: Profile) -> TokenError:
    with pytest.raises(TokenError) as caught:
        clients.box(profile).me()
    assert caught.value.cause_id in SPENT
    return caught.value


def sync(env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "lib", "sync", "--since", "1d", "--json"],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_restart_goes_on_with_the_newest_token(
    env: dict[str, str], kept: Path, grant: Grant
) -> None:
    for _ in range(2):
        done = sync(env)
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["ok"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.unlink()
    lost = sync(env)  # proof that the file is what carried it
    assert lost.returncode == 1
    assert "refresh token" in json.loads(lost.stdout)["error"]["cause"]
    assert grant.refresh_token not in lost.stdout + lost.stderr


def test_two_processes_take_turns_and_nobody_spends_a_token_twice(env: dict[str, str]) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RENEWER],
            cwd=ROOT,
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]

    def renew(process: "subprocess.Popen[str]") -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("renew\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
        one_by_one = [renew(process) for _ in range(4) for process in processes]
        with ThreadPoolExecutor(2) as pool:
            at_once = [found for _ in range(8) for found in pool.map(renew, processes)]
        assert one_by_one == ["ok"] * 8
        assert at_once == ["ok"] * 16
    finally:
        for process in processes:
            process.communicate(timeout=20)


def test_the_file_tells_nothing_and_nothing_else_is_written(
    start: Start, profile: Profile, grant: Grant, kept: Path
) -> None:
    clients = start()
    clients.box(profile).me()
    assert {path.name for path in kept.parent.iterdir()} == {FILE, f"{FILE}.lock"}
    existing = kept.read_bytes()
    for secret in (grant.refresh_token, grant.client_secret, grant.client_id):
        assert secret.encode() not in existing
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.parent.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-1] + bytes([data[-1] ^ 1]), id="a changed last byte"),
        pytest.param(lambda data: data[:30] + bytes([data[30] ^ 1]) + data[31:], id="other salt"),
        pytest.param(lambda data: data[:-20], id="cut off"),
        pytest.param(lambda data: data[:25], id="cut off in its head"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: os.urandom(200), id="something else"),
        pytest.param(lambda data: data + b"x" * 100_000, id="too large"),
    ],
)
def test_a_damaged_file_falls_back_to_the_configured_token(
    start: Start,
    profile: Profile,
    kept: Path,
    damage: Callable[[bytes], bytes],
    sandbox: SandboxServer,
) -> None:
    start().box(profile).me()
    kept.write_bytes(damage(kept.read_bytes()))
    error = refused(start(), profile)  # the configured one was spent by the first renewal
    assert "sign in" in error.fix.lower()
    # An unused one in the settings works again, whatever stands in the file.
    fresh = with_token(profile, sign_in(sandbox).refresh_token)
    assert start().box(fresh).me()["id"]
    assert start().box(fresh).me()["id"]


def test_a_damaged_file_is_named_beside_the_refusal(
    start: Start, profile: Profile, kept: Path
) -> None:
    start().box(profile).me()
    kept.write_bytes(kept.read_bytes()[:-3])
    error = refused(start(), profile)
    assert "stored refresh token of this profile is damaged" in error.cause


def test_a_new_authorization_supersedes_the_kept_token(
    start: Start, profile: Profile, sandbox: SandboxServer
) -> None:
    start().box(profile).me()
    newer = with_token(profile, sign_in(sandbox, user="coadmin").refresh_token)
    who = sandbox.credentials()["box"]["users"]["coadmin"]
    assert start().box(newer).me()["id"] == who
    assert start().box(newer).me()["id"] == who


def test_without_a_place_to_keep_the_next_one_no_token_is_spent(
    start: Start, profile: Profile, tmp_path: Path
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("not a folder")
    with pytest.raises(StoreError) as caught:
        start(blocked / "data").box(profile).me()
    assert "data folder" in caught.value.cause
    assert start().box(profile).me()["id"]  # it was still good


def test_a_session_writes_nothing_and_its_newest_token_can_be_asked_for(
    start: Start, profile: Profile, kept: Path
) -> None:
    mine = session_profile(box=profile.box)
    clients = start()
    assert clients.refreshed(mine.key) is None
    clients.box(mine).me()
    newest = clients.refreshed(mine.key)
    assert newest is not None
    assert mine.box is not None
    assert newest != mine.box.refresh_token
    assert not kept.parent.exists()
    clients.forget(mine.key)
    assert clients.refreshed(mine.key) is None
    assert start().box(with_token(mine, newest.reveal())).me()["id"]
