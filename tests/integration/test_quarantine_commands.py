"""A sync that sets events aside says how many and why, and isn't ok; an export says it too."""

from pathlib import Path

from tests.integration.test_cli import answer, run
from tests.wire_server import Reply, Seen, as_json, wire_server

GOOD = {
    "event_id": "good", "event_type": "UPLOAD", "created_at": "2026-10-30T12:00:00Z",
    "created_by": {"type": "user", "id": "11", "login": "ada@example.test", "name": "Ada"},
}  # fmt: skip
BAD = {"event_id": "bad", "event_type": "UPLOAD"}


def box(seen: Seen) -> Reply:
    """A Box with two events, one of which has no time."""
    history = seen.path.endswith("/events") and "created_after" in seen.query
    if history and seen.query.get("stream_position") in (None, "0"):
        return as_json({"entries": [GOOD, BAD], "next_stream_position": "1", "chunk_size": 2})
    if seen.path.endswith("/users/me"):
        return as_json({"type": "user", "id": "1", "enterprise": {"id": "9"}})
    return as_json({"entries": [], "next_stream_position": "1", "chunk_size": 0})


def test_what_is_set_aside_is_said_and_only_once_not_ok(tmp_path: Path) -> None:
    with wire_server() as wire:
        wire.answer = box
        profile = "BOX_RUNBOOK__PROFILES__ACME__BOX__"
        env = {
            f"{profile}AUTH": "developer_token",
            f"{profile}DEVELOPER_TOKEN": "a" * 32,
            f"{profile}API_URL": wire.url,
            "BOX_RUNBOOK__ACCESS__ALLOWED_HOSTS": "127.0.0.1",
            "BOX_RUNBOOK_DATA": str(tmp_path / "data"),
        }
        sync = ("sync", "--profile", "acme", "--json", "--since", "1d")
        first = answer(run(*sync, env=env), 1)
        assert (first["ok"], first["quarantined"], first["added"]) == (False, 1, 1)
        ((reason, rows),) = [one.values() for one in first["quarantine"]]
        assert reason
        assert rows == 1
        again = answer(run(*sync, env=env))
        assert (again["ok"], again["quarantine"]) == (True, [])
        out = ("--format", "jsonl", "--out", str(tmp_path / "events.jsonl"))
        export = answer(run("export", "--profile", "acme", "--json", *out, env=env))
        assert export["rows"] == 1
        assert export["quarantine"] == first["quarantine"]
