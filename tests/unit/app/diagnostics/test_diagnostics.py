"""The diagnostics of a data folder: each section, each section's failure, and nobody's secrets."""

import json
import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lib.app.clients import Clients
from lib.app.diagnostics import collect, contents, file_name, markdown, surroundings
from lib.app.diagnostics.collecting import NOT_FOUND_OUT
from lib.app.diagnostics.subjects import of_files
from lib.app.hosting import Hosting
from lib.app.last_errors import LAST_ERRORS
from lib.app.logs import redact_all_logs
from lib.core.call import Call
from lib.http import Journal
from lib.settings.loading import load_settings, settings_origins
from lib.settings.profiles import BoxCredentials, imported_profile
from lib.store import open_stores
from lib.store.ledger.records import KnownPerson
from tests.secrets_watch import Watch
from tests.unit.app.diagnostics.conftest import NOW, collected

SECRETS_FILE = """\
[profiles.quorumfish]
label = "Quorumfish GmbH"
[profiles.quorumfish.box]
auth = "ccg"
client_id = "canaryid7f31aa90"
client_secret = "canary-secret-c2a4"
enterprise_id = "7712345690"
api_url = "https://box.quorumfish.example"
webhook_primary_key = "canary-hook-key-51"
[access]
allowed_hosts = ["intern.quorumfish.example"]
[alerts]
url = "https://hooks.quorumfish.example/services/canary-alert-77"
kind = "generic"
"""
CANARIES = (
    "quorumfish",
    "Quorumfish",
    "canary",
    "7712345690",
    "zelda",
    "Zelda",
    "Quixote",
    "Zeppelin",
    "203.0.113.77",
)


@pytest.fixture
def configured(data: Path) -> Path:
    """A data folder whose host has a settings file, with stores that hold somebody's data."""
    settings = data.parent / ".streamlit"
    settings.mkdir()
    (settings / "secrets.toml").write_text(SECRETS_FILE, encoding="utf-8")
    stores = open_stores(load_settings(data_dir=data))
    person = KnownPerson("7798765", "zelda@quorumfish.example", "Zelda Quixote", "managed")
    stores.ledger.remember_people("quorumfish", [person], NOW)
    with stores.events.writing() as cursor:
        for reason in ("it has no time", "Zeppelin of Zelda Quixote"):
            cursor.execute(
                "INSERT INTO quarantine VALUES ('quorumfish', 'import', 'all', ?, 1, ?, ?)",
                [NOW.replace(tzinfo=None), reason, b"{}"],
            )
    with closing(sqlite3.connect(data / "ledger.sqlite")) as ledger, ledger:
        for check, cause in (("box.identity", None), ("zelda.check", "zelda.cause")):
            record = {
                "id": check,
                "title": "Zelda Quixote",
                "status": "passed",
                "at": NOW.isoformat(),
                "cause": cause,
                "evidence": {"note": "zelda@quorumfish.example", "compared": {"id": "7798765"}},
            }
            ledger.execute(
                "INSERT INTO latest_verdicts VALUES ('quorumfish', ?, 1, ?)",
                [check, json.dumps(record)],
            )
    stores.close()
    return data


def test_versions_and_machine_name_what_matters_and_no_host(data: Path) -> None:
    found = collected(data)
    versions, machine = found["versions"], found["machine"]
    packages = {
        line.partition("[")[0].partition("=")[0].strip()
        for line in (Path(__file__).parents[4] / "requirements.in").read_text().splitlines()
        if line and not line.startswith("#")
    }
    assert packages <= versions["packages"].keys()
    assert "not installed" not in versions["packages"].values()
    assert versions["store schemas"].keys() == {"ledger", "events"}
    assert machine["processors"] == os.cpu_count()
    assert machine["encoding of file names"]
    node = os.uname().nodename
    assert len(node) < 3 or not re.search(rf"\b{re.escape(node)}\b", json.dumps(found))


def test_settings_say_where_they_come_from_and_never_a_value(
    configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_RUNBOOK__PROFILES__QUORUMFISH__BOX__USER_ID", "7700000001")
    monkeypatch.setenv("BOX_RUNBOOK__HEALTH__GOAL", "people")
    reported = collected(configured)["settings"]
    box = reported["profile 1"]["box"]
    assert box.keys() == {"config", *(one.name for one in fields(BoxCredentials))}
    assert box["auth"] == "set (secrets file): ccg"
    assert box["client_secret"] == "set (secrets file)"
    assert box["user_id"] == "set (environment)"
    assert box["api_url"] == "set (secrets file): another host"
    assert box["account_url"] == box["passphrase"] == "not set"
    assert reported["profile 1"]["kloudless"] == "not set"
    assert reported["health"]["goal"] == "set (environment): people"
    assert reported["alerts"] == {
        "url": "set (secrets file)",
        "kind": "set (secrets file): generic",
        "min_severity": "not set",
        "after": "not set",
    }
    assert reported["access"]["allowed_hosts"] == "set (secrets file)"
    assert reported["environment"]["BOX_RUNBOOK_DATA"] == "not set"


def test_values_inside_a_config_are_reported_as_set(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = json.dumps({"boxAppSettings": {"clientID": "x1"}, "enterpriseID": "7"})
    monkeypatch.setenv("BOX_RUNBOOK__PROFILES__A__BOX__CONFIG", config)
    box = collected(data)["settings"]["profile 1"]["box"]
    assert (box["config"], box["client_id"]) == ("set (environment)", "set (in config)")
    assert box["passphrase"] == "not set"


def test_stores_are_counted_and_checks_reported_without_evidence(configured: Path) -> None:
    found = collected(configured)
    assert found["missing"] == []
    stores = found["stores"]
    assert stores["ledger"]["rows"]["people"] == 1
    assert stores["ledger"]["inbox"] == {"waiting": 0, "drain_lag_s": 0.0}
    assert stores["event store"]["quarantine"]["it has no time"] == 1
    assert sum(stores["event store"]["quarantine"].values()) == 2
    assert stores["sizes"]["event store"] > 0
    assert stores["folder"]["disk_free_bytes"] > 0
    checks = found["checks"]["profile 1"]
    (check,) = checks["checks"]
    assert check == {
        "id": "box.identity",
        "status": "passed",
        "cause": None,
        "ms": 0,
        "at": "2026-11-01T12:00:00Z",
    }
    assert checks["of another version"] == 1


def test_looking_makes_and_changes_nothing(configured: Path) -> None:
    ours = ("ledger.sqlite", "events.duckdb")
    before = {name: (configured / name).read_bytes() for name in ours}
    collected(configured)
    assert {name: (configured / name).read_bytes() for name in ours} == before
    assert {p.name for p in configured.iterdir()} - {"owner.lock"} <= {
        *ours,
        "ledger.sqlite-wal",
        "ledger.sqlite-shm",
    }


def test_a_missing_folder_is_said_and_not_made(tmp_path: Path, data: Path) -> None:
    del data
    found = collected(tmp_path / "nowhere")
    assert found["stores"]["folder"] == {"exists": False}
    assert {one["part"] for one in found["missing"]} >= {"stores, ledger", "stores, event store"}
    assert not (tmp_path / "nowhere").exists()


def broken_ledger(data: Path) -> None:
    (data / "ledger.sqlite").write_bytes(b"Zelda Quixote, not a database" * 500)


def broken_events(data: Path) -> None:
    (data / "events.duckdb").write_bytes(b"Zelda Quixote, not a database" * 500)


def foreign_tables(data: Path) -> None:
    with closing(sqlite3.connect(data / "ledger.sqlite")) as ledger, ledger:
        ledger.execute('CREATE TABLE "Zelda""s table" (a)')
        ledger.execute("DROP TABLE inbox")


def wrong_toml(data: Path) -> None:
    (data.parent / ".streamlit" / "secrets.toml").write_text("canary = [unclosed zelda")


def wrong_setting(data: Path) -> None:
    text = SECRETS_FILE.replace('"generic"', '"canary-kind"')
    (data.parent / ".streamlit" / "secrets.toml").write_text(text)


def folder_for_a_store(data: Path) -> None:
    (data / "events.duckdb").unlink()
    (data / "events.duckdb").mkdir()


@pytest.mark.parametrize(
    "damage, part",
    [
        (broken_ledger, "stores, ledger"),
        (broken_events, "stores, event store"),
        (foreign_tables, "stores, ledger"),
        (wrong_toml, None),
        (wrong_setting, None),
        (folder_for_a_store, "stores, event store"),
    ],
)
def test_what_is_broken_is_said_in_its_place_and_the_rest_is_there(
    configured: Path, damage: Callable[[Path], None], part: str | None
) -> None:
    damage(configured)
    found = collected(configured)
    if part is None:
        reported = found["runs"]["problem at the start"]
        assert reported["error"] == "lib.core.errors.ConfigurationError"
        assert "secrets.toml" in reported["says"] or "alerts.kind" in reported["says"]
    else:
        assert part in {one["part"] for one in found["missing"]}
    assert found["versions"]["Python"]
    assert found["stores"]["folder"]["exists"]
    text = markdown(found).decode()
    assert not [one for one in CANARIES if one in text]


def test_each_section_that_fails_leaves_the_others(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        """Everything that a collector asks of it raises, with somebody's name."""

        def __getattr__(self, name: str) -> Any:
            message = f"Zelda Quixote can't {name}"
            raise RuntimeError(message)

        def __call__(self, *_arguments: object) -> Any:
            return self.called

    broken: Any = Broken()
    with of_files(data, NOW, "") as subject:
        bad = replace(
            subject,
            hosting=broken,
            clients=broken,
            readers=broken,
            events=broken,
            sandbox_url="http://127.0.0.1:9",
            own=(imported_profile(), broken),
        )
    for name in ("machine", "versions"):
        monkeypatch.setattr(surroundings, name, broken)
    monkeypatch.setattr(contents, "sizes", broken)
    found = collect(bad, now=NOW)
    failed = {one["part"] for one in found["missing"]}
    assert failed >= {
        "versions",
        "machine",
        "runs",
        "calls",
        "reading",
        "checks",
        "stores, sizes",
        "stores, event store",
    }
    assert found["machine"][NOT_FOUND_OUT]["error"] == "RuntimeError"
    assert found["stores"]["folder"]["exists"]
    assert found["settings"]["health"]
    assert "Zelda" not in markdown(found).decode()


def test_a_sandbox_that_does_not_answer_is_said(data: Path) -> None:
    with of_files(data, NOW, "") as subject:
        found = collect(replace(subject, sandbox_url="http://127.0.0.1:9"), now=NOW)
    assert "Connect" in found["runs"]["sandbox asked"][NOT_FOUND_OUT]["error"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_read_all_the_same(configured: Path) -> None:
    configured.chmod(0o500)
    try:
        found = collected(configured)
    finally:
        configured.chmod(0o700)
    assert found["stores"]["folder"]["writable"] is False
    assert found["stores"]["ledger"]["rows"]["people"] == 1


def test_another_process_that_has_the_event_store_is_said(configured: Path) -> None:
    with duckdb.connect(str(configured / "events.duckdb")):
        found = collected(configured)
    reported = found["stores"]["event store"]
    assert (
        NOT_FOUND_OUT in reported or reported["version"] is not None
    )  # the same process may share it
    assert found["stores"]["ledger"]["rows"]["people"] == 1


def call(path: str, **changes: Any) -> Call:
    made = Call(NOW, "GET", "api.box.com", path, 403, 12.5, ("0a1b2c3d4e5f",), 1, "access_denied")
    return replace(made, **changes)


def test_calls_that_failed_are_reported_by_kind_with_their_request_ids(configured: Path) -> None:
    settings = load_settings(data_dir=configured)
    clients = Clients((), lambda: None)
    journal: Journal = clients.journal(settings.profiles["quorumfish"])
    journal.add(call("/2.0/users/7798765", status=200))
    journal.add(call("/2.0/folders/7798765/items"))
    journal.add(
        call(
            "/v1/accounts/zelda/search/Zeppelin.xlsx",
            host="box.quorumfish.example",
            status=None,
            request_ids=("zelda@quorumfish.example", "Zelda Quixote"),
            error_code="zelda_not_found",
        )
    )
    with of_files(configured, NOW, "") as subject:
        found = collect(replace(subject, clients=clients), now=NOW)
    first, second = sorted(found["calls"], key=lambda one: str(one["host"]))
    assert first["path"] == "/2.0/folders/{…}/items"
    assert (first["host"], first["request_ids"]) == ("Box", ["0a1b2c3d4e5f"])
    assert (first["profile"], first["error_code"]) == ("profile 1", "access_denied")
    assert (second["host"], second["error_code"]) == ("another host", "[…]")
    assert second["path"] == "/v1/accounts/{…}/search/{…}"
    assert "request_ids" not in second
    text = markdown(found).decode()
    assert not [one for one in CANARIES if one in text]


def test_the_profile_that_is_asked_for_is_the_only_one_reported(configured: Path) -> None:
    with of_files(configured, NOW, "") as subject:
        assert collect(subject, now=NOW, profile="quorumfish")["checks"].keys() == {"profile 1"}
        assert collect(subject, now=NOW, profile="sandbox")["checks"] == {}


def refuse(name: str) -> None:
    raise OSError(13, "Permission denied", name)


def test_planted_secrets_are_in_no_form_in_the_file(configured: Path) -> None:
    """Secrets of the settings, logins, names: in lines of the log and in exceptions."""
    import logging  # noqa: PLC0415  # this test logs

    watch = Watch()
    for name, secret in (
        ("client secret", "canary-secret-c2a4"),
        ("client id", "canaryid7f31aa90"),
        ("webhook key", "canary-hook-key-51"),
        ("alert", "https://hooks.quorumfish.example/services/canary-alert-77"),
        ("enterprise", "7712345690"),
        ("login", "zelda@quorumfish.example"),
        ("name", "Zelda Quixote"),
        ("file", "Zeppelin Kürbis (final).xlsx"),
        ("address", "203.0.113.77"),
        ("home", str(Path.home() / "zelda-canary")),
    ):
        watch.add(name, secret)
    before = logging.getLogRecordFactory()
    redact_all_logs()
    LAST_ERRORS.clear()
    logger = logging.getLogger("zelda.quorumfish")
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    try:
        for name in sorted(watch.names):
            secret = watch.value(name)
            logger.error("Reading %s stopped", secret)
            logger.error(f"Reading {secret} stopped")  # noqa: G004  # as foreign packages do
            try:
                refuse(secret)
            except OSError:
                logger.exception("It stopped: %r", secret)
        found = collected(configured)
    finally:
        LAST_ERRORS.clear()
        logging.setLogRecordFactory(before)
    assert len(found["errors"]) >= 2 * len(watch.names)
    text = markdown(found)
    assert watch.find(text, "the file") == []
    assert not [one for one in CANARIES if one.encode() in text]
    assert str(configured).encode() not in text


def test_the_file_reads_as_markdown_and_its_json_is_the_document(configured: Path) -> None:
    found = collected(configured)
    found["errors"] = [{"message": "``` | <script>\n# @zelda", "frames": ["a`b", "c"]}]
    text = markdown(found).decode()
    readable, block = text.split("```json\n")
    assert "`''' \\| <script> # @zelda`" in readable
    assert "`a'b`<br>`c`" in readable
    body, end = block.split("\n```\n")
    assert end.strip() == ""
    assert json.loads(body) == found
    assert "<" not in body


def test_the_file_has_its_time_in_its_name() -> None:
    assert file_name(datetime(2026, 3, 4, 5, 6, tzinfo=UTC)) == (
        "box-runbook-diagnostics-20260304-0506.md"
    )


def test_what_nobody_reported_is_not_made_up() -> None:
    assert Hosting().visits is None
    assert settings_origins(environ={}, secrets={}) == {}
