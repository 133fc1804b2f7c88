"""`webhook verify`, `webhook send` and `receive`, as a person runs them."""

import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from lib.cli import main
from lib.cli.webhooks import API_KEY, PRIMARY, SECONDARY
from tests.sandbox_server import ROOT, SandboxServer
from tests.signature_vectors import Vector, vectors

ACME = {
    "BOX_RUNBOOK__PROFILES__ACME__BOX__AUTH": "developer_token",
    "BOX_RUNBOOK__PROFILES__ACME__BOX__DEVELOPER_TOKEN": "nobody-asks-for-it",
    "BOX_RUNBOOK__PROFILES__ACME__BOX__WEBHOOK_PRIMARY_KEY": "canary-primary-key",
    "BOX_RUNBOOK__PROFILES__ACME__BOX__WEBHOOK_SECONDARY_KEY": "canary-secondary-key",
    "BOX_RUNBOOK__PROFILES__ACME__KLOUDLESS__BASE_URL": "https://kloudless.acme.example/v1",
    "BOX_RUNBOOK__PROFILES__ACME__KLOUDLESS__APP_ID": "acme-app",
    "BOX_RUNBOOK__PROFILES__ACME__KLOUDLESS__API_KEY": "canary-api-key",
}
VARIABLES = {"primary": PRIMARY, "secondary": SECONDARY, "api_key": API_KEY}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("BOX_RUNBOOK")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BOX_RUNBOOK_DATA", str(tmp_path / "data"))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """A command in this process: its exit code and the one JSON document it printed."""
    code = main([*arguments, "--json"])
    printed = capsys.readouterr()
    assert "canary" not in printed.out + printed.err
    answer: dict[str, Any] = json.loads(printed.out)
    return code, answer


def files(tmp_path: Path, body: bytes, headers: str) -> list[str]:
    (tmp_path / "body").write_bytes(body)
    (tmp_path / "headers").write_text(headers, encoding="utf-8")
    return ["--body", str(tmp_path / "body"), "--headers", str(tmp_path / "headers")]


WITH_KEYS = [v for v in [*vectors("box"), *vectors("kloudless")] if any(v.keys.values())]


def test_the_command_says_what_the_vectors_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for vector, form in itertools.product(WITH_KEYS, ("lines", "object")):
        if form == "lines" and any(value != value.strip() for value in vector.headers.values()):
            continue  # a line can't say it
        row = f"{vector.kind}: {vector.name}, headers as {form}"
        with monkeypatch.context() as environment:
            for name, key in vector.keys.items():
                environment.setenv(VARIABLES[name], key)
            given = files(tmp_path, vector.body, headers_text(vector, form))
            arguments = ("webhook", "verify", vector.kind, *given, "--at", vector.at.isoformat())
            code, answer = run(capsys, *arguments)
        assert answer == {**vector.expect, "kind": vector.kind}, row
        assert list(answer) == ["ok", "kind", "key", "reason", "age_s"], row
        assert code == (0 if vector.expect["ok"] else 1), row


def headers_text(vector: Vector, form: str) -> str:
    """The headers of a vector as a tool prints them, or as a JSON object."""
    if form == "object":
        return json.dumps(vector.headers)
    lines = "".join(f"{name.title()}: {value}\r\n" for name, value in vector.headers.items())
    return f"POST /x HTTP/1.1\r\n{lines}\r\n"


def test_without_json_it_says_each_step(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(API_KEY, "canary-api-key")
    given = files(tmp_path, b"account=1", f"X-Kloudless-Signature: {'A' * 43}=")
    assert main(["webhook", "verify", "kloudless", *given]) == 1
    printed = capsys.readouterr()
    assert "canary" not in printed.out + printed.err
    assert [line[:2] for line in printed.out.splitlines()] == ["ok", "ok", "ok", "NO", "ok"]
    assert "(wrong)" in printed.out


def test_keys_come_from_the_profile_where_the_environment_names_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in ACME.items():
        monkeypatch.setenv(name, value)
    given = files(tmp_path, b"", "X-Kloudless-Signature: x")
    assert run(capsys, "webhook", "verify", "kloudless", *given)[1]["reason"] == "malformed"
    assert run(capsys, "webhook", "verify", "box", *given)[1]["reason"] == "missing"


def test_a_profile_without_keys_is_wrong_configuration(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AUTH", "DEVELOPER_TOKEN"):
        monkeypatch.setenv(f"BOX_RUNBOOK__PROFILES__ACME__BOX__{name}", "developer_token")
    given = files(tmp_path, b"", "")
    for kind, setting in (("box", "webhook_primary_key"), ("kloudless", "api_key")):
        code, answer = run(capsys, "webhook", "verify", kind, *given)
        assert code == 2
        assert setting in answer["error"]["cause"]


@pytest.mark.parametrize("text", ["no colon", '{"a":', '{"a": {}}', '{"a": [null]}', ": value"])
def test_a_file_without_headers_is_said_to_be_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    monkeypatch.setenv(PRIMARY, "k")
    code, answer = run(capsys, "webhook", "verify", "box", *files(tmp_path, b"", text))
    assert (code, answer["ok"]) == (2, False)
    assert "contains no valid headers" in answer["error"]["cause"]


def test_a_file_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(PRIMARY, "k")
    code, answer = run(capsys, "webhook", "verify", "box", "--body", str(tmp_path / "nobody"),
                       "--headers", str(tmp_path / "nothing"))  # fmt: skip
    assert code == 2
    assert "nobody" in answer["error"]["cause"]


# --- send and receive


@contextmanager
def receiving(data: Path, env: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """`receive --port 0` in a process of its own, ended with SIGTERM."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lib", "receive", "--port", "0", "--json", "--data", str(data)],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    return process.stderr.readline().strip()


def test_what_is_sent_is_received(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in ACME.items():
        monkeypatch.setenv(name, value)
    data = tmp_path / "received"
    with receiving(data, ACME) as process:
        url = address(process)
        assert httpx.get(f"{url}/healthz").json() == {"ok": True, "ledger": True}
        assert httpx.get(f"{url}/webhooks/box/acme").status_code == 405
        assert httpx.post(f"{url}/webhooks/box/sandbox").status_code == 404
        to = f"{url}/webhooks/box/acme"
        for trigger in ("FILE.UPLOADED", "COLLABORATION.CREATED"):
            code, answer = run(capsys, "webhook", "send", "box", "--to", to, "--trigger", trigger)
            assert (code, answer) == (0, {"ok": True, "kind": "box", "key": "primary",
                                          "reason": None, "age_s": 0.0, "status": 200})  # fmt: skip
        body = tmp_path / "mine"
        body.write_bytes(b'{"id":"mine","trigger":"FILE.MOVED"}')
        for _ in range(2):
            assert run(capsys, "webhook", "send", "box", "--to", to, "--body", str(body))[0] == 0
        code, answer = run(capsys, "webhook", "send", "kloudless", "--to",
                           f"{url}/webhooks/kloudless/acme")  # fmt: skip
        assert (code, answer["key"], answer["status"]) == (0, "api_key", 200)
        monkeypatch.setenv(PRIMARY, "another-key")
        code, answer = run(capsys, "webhook", "send", "box", "--to", to)
        assert (code, answer["ok"], answer["reason"], answer["status"]) == (1, False, "wrong", 403)
        code, answer = run(capsys, "webhook", "send", "box", "--to", f"{url}/nothing")
        assert (code, answer["reason"]) == (1, "status_404")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out) == {
        "ok": True,
        "url": url,
        "accepted": 0,  # all were sent by the app itself
        "repeated": 0,
        "refused": {"wrong_method": 1, "unknown_profile": 1, "wrong": 1},
        "own": {"accepted": 4, "repeated": 1, "refused": {}},
    }
    with closing(sqlite3.connect(data / "ledger.sqlite")) as ledger, ledger:
        found = ledger.execute("SELECT body_id, attempts FROM accepted WHERE body_id = 'mine'")
        assert found.fetchall() == [("mine", 2)]
        assert ledger.execute("SELECT count(*) FROM inbox").fetchall() == [(5,)]
        counted = dict(ledger.execute("SELECT reason, times FROM reject_counts").fetchall())
        assert counted == {"wrong_method": 1, "unknown_profile": 1, "wrong": 1}
    ledger.close()
    assert (data / "ledger.sqlite").stat().st_mode & 0o077 == 0


def test_without_a_profile_it_receives_for_the_sandbox(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    with receiving(tmp_path / "data", {"BOX_RUNBOOK_SANDBOX": sandbox.url}) as process:
        url = address(process)
        assert httpx.get(f"{url}/webhooks/kloudless/sandbox").status_code == 405
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert json.loads(out)["ok"]


@pytest.mark.parametrize(
    "to",
    [
        "http://example.com/webhooks",
        "ftp://127.0.0.1/",
        "https://",
        "nothing",
        "https://user:word@example.com/",
        "http://127.0.0.1:99999/",
        "http://2130706433/",
        "https://[::1",
    ],
)
def test_an_address_that_may_not_be_sent_to_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    monkeypatch.setenv(PRIMARY, "k")
    code, answer = run(capsys, "webhook", "send", "box", "--to", to)
    assert code == 2
    assert "can't be sent to that address" in answer["error"]["cause"]


@pytest.mark.parametrize(
    "to", ["https://10.0.0.1/", "https://169.254.169.254/", "https://0x7f000001/", "https://0/"]
)
def test_an_address_of_a_private_range_is_not_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    monkeypatch.setenv(PRIMARY, "k")
    code, answer = run(capsys, "webhook", "send", "box", "--to", to)
    assert (code, answer["ok"]) == (1, False)


@pytest.mark.parametrize(
    "arguments",
    [
        (
            "webhook",
            "send",
            "kloudless",
            "--to",
            "https://x.example/",
            "--trigger",
            "FILE.UPLOADED",
        ),
        ("webhook", "send", "box", "--to", "https://x.example/", "--trigger", "file uploaded"),
        ("webhook", "send", "dropbox", "--to", "https://x.example/"),
        ("webhook", "verify", "box"),
        ("receive",),
        ("receive", "--port", "70000"),
        ("receive", "--port", "0", "--address", "192.0.2.1"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    for name, value in ACME.items():
        monkeypatch.setenv(name, value)
    code, answer = run(capsys, *arguments)
    assert (code, answer["ok"]) == (2, False)
    assert answer["error"]["fix"]
