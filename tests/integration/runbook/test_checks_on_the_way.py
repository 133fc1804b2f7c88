"""What stands between us and the other side, and answers that nobody has heard of.

A small server stands in front of the sandbox, as a proxy does: it hands calls on, but for those
that a test lets it change.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from lib.app.clients import Clients
from lib.http import Policy, RetryPolicy, Waiting
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.running import report
from lib.runbook.checks.verdict import Verdict
from lib.settings.profiles import Profile, ProfileKind, sandbox_profile
from tests.sandbox_server import SandboxServer
from tests.wire_server import Reply, Seen, WireServer, as_json, wire_server

QUICK = Policy(
    retry=RetryPolicy(attempts=1, page_attempts=1, network_retries=0),
    waiting=Waiting(sleep=lambda _: None),
)
HOP = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "date"}
Change = Callable[[Seen], Reply | None]


class Proxy:
    """Hands calls on to the sandbox. `change` answers in its place, `without` drops a header."""

    def __init__(self, server: WireServer, url: str) -> None:
        self.url = server.url
        self.change: Change = lambda _seen: None
        self.without = ""
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        server.answer = self._answer

    def _answer(self, seen: Seen) -> Reply:
        changed = self.change(seen)
        if changed is not None:
            return changed
        headers = {
            name: value
            for name, value in seen.headers.items()
            if name.lower() not in HOP and name.lower() != self.without
        }
        answer = self._http.request(
            seen.method, seen.path, params=dict(seen.query), headers=headers, content=seen.body
        )
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
        return Reply(answer.status_code, answer.content, kept)

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def proxy(sandbox: SandboxServer) -> Iterator[Proxy]:
    with wire_server() as server:
        made = Proxy(server, sandbox.url)
        yield made
        made.close()


@pytest.fixture
def check(sandbox: SandboxServer, proxy: Proxy) -> Iterator[Callable[..., dict[str, Verdict]]]:
    """The verdicts of a profile whose addresses are the proxy's."""
    known = sandbox_profile(sandbox.credentials())
    assert known.box is not None
    assert known.kloudless is not None
    profile = Profile(
        "acme",
        "Acme",
        ProfileKind.CONFIGURED,
        box=replace(known.box, api_url=proxy.url),
        kloudless=replace(known.kloudless, base_url=f"{proxy.url}/v1"),
    )
    clients = Clients(("127.0.0.1",), lambda: None)

    def run(changes: dict[str, Any] | None = None, **options: Any) -> dict[str, Verdict]:
        assert profile.box is not None
        box = replace(profile.box, **(changes or {}))
        chosen = replace(profile, box=box)
        with CheckContext(
            chosen, egress=clients.egress(chosen), policy=QUICK, **options
        ) as context:
            return {one.id: one for one in report(context).verdicts}

    yield run
    clients.close()


def reported(verdict: Verdict) -> tuple[str, str | None]:
    return verdict.status.value, verdict.cause


def test_a_proxy_that_hands_on_everything_changes_nothing(check: Any) -> None:
    assert all(one.status.value != "failed" for one in check().values())


def test_a_proxy_that_drops_headers_is_named_and_nobody_believes_the_wrong_person(
    check: Any, proxy: Proxy
) -> None:
    proxy.without = "as-user"
    found = check()
    assert reported(found["box.as_user"]) == ("failed", "as_user.wrong_person")
    assert str(found["box.as_user"].who) == "network"
    assert reported(found["box.token.user"]) == ("passed", None)


def at(path: str, reply: Reply, method: str = "GET") -> Change:
    return lambda seen: reply if (seen.method, seen.path.rstrip("/")) == (method, path) else None


@pytest.mark.parametrize(
    "path,method,reply,check_id",
    [
        (
            "/2.0/groups",
            "GET",
            as_json(
                {"type": "error", "status": 403, "code": "no_moonlight", "message": "Dark."}, 403
            ),
            "box.scope.manage_groups",
        ),
        (
            "/oauth2/token",
            "POST",
            as_json({"error": "no_moonlight", "error_description": "It is dark."}, 400),
            "box.token.enterprise",
        ),
        (
            "/v1/accounts",
            "GET",
            as_json({"status_code": 418, "error_code": "no_moonlight", "message": "Dark."}, 418),
            "kloudless.api_key",
        ),
    ],
)
def test_a_fault_that_no_row_knows_is_called_unknown_and_shown_as_it_came(
    check: Any, proxy: Proxy, path: str, method: str, reply: Reply, check_id: str
) -> None:
    proxy.change = at(path, reply, method)
    verdict = check()[check_id]
    assert reported(verdict) == ("failed", "unknown")
    assert "no_moonlight" in verdict.cause_text
    assert "request id" in verdict.fix
    assert verdict.evidence.code == "no_moonlight"


def test_a_folder_that_could_not_be_deleted_again_is_named(
    own_sandbox: SandboxServer,
) -> None:
    known = sandbox_profile(own_sandbox.credentials())
    assert known.box is not None
    with wire_server() as server:
        proxy = Proxy(server, own_sandbox.url)
        proxy.change = lambda seen: Reply(500) if seen.method == "DELETE" else None
        profile = replace(known, kloudless=None, box=replace(known.box, api_url=proxy.url))
        profile = replace(profile, kind=ProfileKind.CONFIGURED)
        clients = Clients(("127.0.0.1",), lambda: None)
        egress = clients.egress(profile)
        with CheckContext(profile, egress=egress, policy=QUICK, allow_writes=True) as context:
            verdict = {one.id: one for one in report(context).verdicts}["box.scope.write_files"]
        clients.close()
        proxy.close()
    assert reported(verdict) == ("failed", "box.scratch_left")
    assert "box-runbook check" in verdict.evidence.note
    assert "Delete the folder with the ID" in verdict.fix


def test_without_a_date_nobody_judges_the_clock(check: Any, proxy: Proxy) -> None:
    body = b'{"type":"error"}'
    raw = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
        len(body),
        body,
    )

    def undated(seen: Seen) -> Reply | None:
        anonymous = "authorization" not in {name.lower() for name in seen.headers}
        if anonymous and seen.path == "/2.0/users/me":
            return Reply(raw=raw)
        if seen.path == "/oauth2/token":
            text = b'{"access_token":"a-token-of-nobody","expires_in":3600,"token_type":"bearer"}'
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            return Reply(raw=head % len(text) + b"Connection: close\r\n\r\n" + text)
        return None

    proxy.change = undated
    assert reported(check()["box.clock"]) == ("warning", "clock.unknown")


def test_a_catalogue_that_is_closed_says_nothing_about_the_connector(
    check: Any, proxy: Proxy
) -> None:
    closed = as_json({"status_code": 403, "error_code": "forbidden", "message": "No."}, 403)
    proxy.change = at("/v1/public/services/box", closed)
    found = check()
    assert reported(found["kloudless.reachable"]) == ("passed", None)
    assert reported(found["kloudless.connector"]) == ("unproven", "kloudless.catalogue_closed")
    assert reported(found["kloudless.team"]) == ("passed", None)


def test_without_anybody_to_act_for_nothing_is_claimed(check: Any, proxy: Proxy) -> None:
    empty = as_json({"total_count": 0, "entries": [], "offset": 0, "limit": 25})
    proxy.change = at("/2.0/users", empty)
    found = check()
    assert reported(found["box.as_user"]) == ("skipped", "as_user.nobody")
    assert reported(found["box.token.user"]) == ("skipped", "as_user.nobody")


def test_a_token_of_somebody_else_is_noticed(
    sandbox: SandboxServer, check: Any, proxy: Proxy
) -> None:
    managed = sandbox.credentials()["box"]["users"]["managed"]
    someone = as_json({"type": "user", "id": "123", "login": "x@acme.example", "role": "user"})

    def other(seen: Seen) -> Reply | None:
        known = {name.lower() for name in seen.headers}
        return someone if seen.path == "/2.0/users/me" and "authorization" in known else None

    proxy.change = other
    assert reported(check({"user_id": managed})["box.identity"]) == ("failed", "box.other_user")


def test_what_was_never_read_or_cannot_be_read_is_not_called_broken(check: Any) -> None:
    class Nothing:
        def readings(self, _profile: str, _source: str) -> list[Any]:
            return []

        def newest_event(self, _profile: str, _source: str) -> None:
            return None

        def last_delivery(self, _profile: str, _kind: str) -> None:
            return None

        def alarms(self, _profile: str, _now: Any) -> None:
            return None

    found = check(records=Nothing())
    assert reported(found["box.events.position"]) == ("skipped", "events.never_read")
    assert reported(found["box.events.arrived"]) == ("unproven", "events.none_arrived")
    assert reported(found["box.webhooks.deleted"]) == ("skipped", "events.no_records")
    assert reported(found["box.notifications"]) == ("unproven", "box.notifications_unproven")
    assert reported(found["kloudless.webhook"]) == ("unproven", "kloudless.webhook_unproven")
