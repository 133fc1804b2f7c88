"""The checks for every kind of profile, and what is wrong with a profile itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.app.background.checking import LedgerRecords, context_for
from lib.app.clients import Clients
from lib.box.key_inspection import generate_key_pair
from lib.core.redaction import Secret
from lib.http import Policy, RetryPolicy, Waiting
from lib.runbook.checks.check_context import CheckContext, StreamReading
from lib.runbook.checks.running import report
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.goals import Goal, Need
from lib.settings.profiles import (
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Profile,
    ProfileKind,
    sandbox_profile,
)
from lib.store import Ledger
from lib.store.ledger.inbox import Position
from lib.webhooks.log.alarms import Alarm
from tests.sandbox_oauth import sign_in
from tests.sandbox_server import SandboxServer

QUICK = Policy(
    retry=RetryPolicy(attempts=1, page_attempts=1, network_retries=0),
    waiting=Waiting(sleep=lambda _: None),
)
Found = dict[str, tuple[str, str | None]]


@pytest.fixture
def clients(sandbox: SandboxServer) -> Iterator[Clients]:
    made = Clients((), lambda: sandbox.url)
    yield made
    made.close()


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


def found(profile: Profile, clients: Clients, **options: Any) -> Found:
    with context_for(profile, clients, **options) as context:
        return {one.id: (one.status.value, one.cause) for one in report(context).verdicts}


def box_only(profile: Profile, **changes: Any) -> Profile:
    assert profile.box is not None
    return replace(profile, box=replace(profile.box, **changes), kloudless=None)


def test_client_credentials_need_no_key(
    sandbox: SandboxServer, profile: Profile, clients: Clients
) -> None:
    ccg = sandbox.credentials()["box"]["ccg"]
    seen = found(
        box_only(
            profile,
            auth=BoxAuth.CCG,
            client_id=ccg["client_id"],
            client_secret=Secret(ccg["client_secret"]),
            private_key=None,
            public_key_id="",
        ),
        clients,
    )
    assert seen["box.key.readable"] == ("skipped", "check.not_here")
    assert seen["box.token.enterprise"] == ("passed", None)
    assert seen["box.as_user"] == ("passed", None)
    assert seen["kloudless.reachable"] == ("skipped", "check.not_here")
    assert all(status != "failed" for status, _ in seen.values())


def test_an_admin_who_signed_in_is_a_person_and_may_not_act_for_users(
    sandbox: SandboxServer, profile: Profile, clients: Clients
) -> None:
    grant = sign_in(sandbox)
    oauth = box_only(
        profile,
        auth=BoxAuth.OAUTH,
        client_id=grant.client_id,
        client_secret=Secret(grant.client_secret),
        refresh_token=Secret(grant.refresh_token),
        enterprise_id="",
        private_key=None,
    )
    seen = found(oauth, clients)
    assert seen["box.token.signin"] == ("passed", None)
    assert seen["box.token.enterprise"] == ("skipped", "check.not_here")
    assert seen["box.events.streaming"] == ("passed", None)
    assert seen["box.as_user"] == ("failed", "as_user.switch_off")
    assert seen["box.token.user"] == ("skipped", "check.not_here")
    # The refresh token was used up, and the next one kept: a second run still works.
    again = found(oauth, clients, goal=Goal.PEOPLE)
    assert again["box.token.signin"] == ("passed", None)
    assert again["box.as_user"] == ("skipped", "check.not_wanted")


def test_an_ordinary_user_who_signed_in_has_a_stream_of_their_own(
    sandbox: SandboxServer, profile: Profile, clients: Clients
) -> None:
    grant = sign_in(sandbox, user="managed")
    seen = found(
        box_only(
            profile,
            auth=BoxAuth.OAUTH,
            client_id=grant.client_id,
            client_secret=Secret(grant.client_secret),
            refresh_token=Secret(grant.refresh_token),
            enterprise_id="",
        ),
        clients,
    )
    assert seen["box.events.user"] == ("passed", None)
    for check in ("box.scope.manage_users", "box.events.history", "box.as_user"):
        assert seen[check] == ("skipped", "check.not_here")


def test_a_developer_token_is_the_admin_who_made_it(
    sandbox: SandboxServer, profile: Profile, clients: Clients
) -> None:
    token = sandbox.credentials()["box"]["developer_token"]
    seen = found(
        box_only(profile, auth=BoxAuth.DEVELOPER_TOKEN, developer_token=Secret(token)), clients
    )
    assert seen["box.identity"] == ("passed", None)
    assert seen["box.token.enterprise"] == ("skipped", "check.not_here")
    wrong = found(
        box_only(profile, auth=BoxAuth.DEVELOPER_TOKEN, developer_token=Secret("x" * 32)), clients
    )
    assert wrong["box.identity"] == ("failed", "box.invalid_token")
    assert wrong["box.scope.read_files"] == ("skipped", "check.need_failed")


def test_a_profile_with_kloudless_alone_skips_box(profile: Profile, clients: Clients) -> None:
    seen = found(replace(profile, box=None), clients)
    assert {status for check, (status, _) in seen.items() if check.startswith("box.")} == {
        "skipped"
    }
    assert seen["kloudless.team"] == ("passed", None)
    assert seen["kloudless.activity.position"] == ("skipped", "events.no_records")


@pytest.mark.parametrize(
    "changes,cause",
    [
        ({"client_secret": None}, "settings.incomplete"),
        ({"enterprise_id": ""}, "settings.incomplete"),
        ({"enterprise_id": "0"}, "settings.enterprise_zero"),
        ({"enterprise_id": "Acme Ltd"}, "settings.not_an_id"),
        ({"user_id": "ada@acme.example"}, "settings.not_an_id"),
    ],
)
def test_settings_that_cannot_work_are_reported_before_anybody_is_asked(
    sandbox: SandboxServer,
    profile: Profile,
    clients: Clients,
    changes: dict[str, Any],
    cause: str,
) -> None:
    before = len(sandbox.get("/sandbox/log"))
    seen = found(box_only(profile, **changes), clients)
    assert seen["box.settings"] == ("failed", cause)
    rest = {status for check, (status, _) in seen.items() if check != "box.settings"}
    assert rest == {"skipped"}
    assert [one["path"] for one in sandbox.get("/sandbox/log")[before:]] == ["/sandbox/log"]


OTHER = generate_key_pair("other passphrase")


@pytest.mark.parametrize(
    "changes,status,cause",
    [
        ({"passphrase": Secret("wrong")}, "failed", "key.passphrase_wrong"),
        ({"passphrase": None}, "failed", "key.passphrase_missing"),
        ({"private_key": Secret(OTHER.public_pem)}, "failed", "key.public_not_private"),
        ({"private_key": Secret("nonsense")}, "failed", "key.not_a_key"),
        (
            {"private_key": Secret(OTHER.private_pem.reveal()[:400])},
            "failed",
            "key.truncated",
        ),
        (
            {
                "private_key": Secret(OTHER.private_pem.reveal().replace("\n", "\\n")),
                "passphrase": Secret("other passphrase"),
            },
            "warning",
            "key.escaped_newlines",
        ),
    ],
)
def test_a_key_that_cannot_sign_is_reported_by_its_own_cause(
    profile: Profile, clients: Clients, changes: dict[str, Any], status: str, cause: str
) -> None:
    seen = found(box_only(profile, **changes), clients)
    assert seen["box.key.readable"] == (status, cause)
    after = (
        ("skipped", "check.need_failed") if status == "failed" else ("failed", "token.signature")
    )
    assert seen["box.token.enterprise"] == after


def test_a_key_of_another_pair_is_reported_by_box(profile: Profile, clients: Clients) -> None:
    other = box_only(profile, private_key=OTHER.private_pem, passphrase=Secret("other passphrase"))
    assert found(other, clients)["box.token.enterprise"] == ("failed", "token.signature")


def test_another_enterprise_id_is_refused_by_the_token_endpoint(
    profile: Profile, clients: Clients
) -> None:
    seen = found(box_only(profile, enterprise_id="999"), clients)
    assert seen["box.token.enterprise"] == ("failed", "token.sub_invalid")


def test_an_address_that_is_not_kloudless_is_reported_as_such(
    sandbox: SandboxServer, profile: Profile, clients: Clients
) -> None:
    assert profile.kloudless is not None
    nowhere = replace(profile.kloudless, base_url=f"{sandbox.url}/v7")
    seen = found(replace(profile, box=None, kloudless=nowhere), clients)
    assert seen["kloudless.reachable"] == ("failed", "network.malformed")
    empty = KloudlessCredentials(base_url=profile.kloudless.base_url)
    seen = found(replace(profile, box=None, kloudless=empty), clients)
    assert seen["kloudless.settings"] == ("failed", "kloudless.settings_incomplete")


def test_nobody_listening_is_the_network(clients: Clients) -> None:
    lost = Profile(
        "lost",
        "Lost",
        ProfileKind.CONFIGURED,
        box=BoxCredentials(
            auth=BoxAuth.DEVELOPER_TOKEN,
            developer_token=Secret("y" * 32),
            api_url="http://127.0.0.1:9",
        ),
    )
    with CheckContext(lost, egress=clients.egress(lost), policy=QUICK) as context:
        verdicts = {one.id: one for one in report(context).verdicts}
    reachable = verdicts["box.reachable"]
    assert (reachable.cause, str(reachable.who)) == ("network.refused", "network")
    assert verdicts["box.identity"].status is Status.SKIPPED


# -- what the ledger knows


@pytest.mark.parametrize(
    "age,status,cause",
    [
        (timedelta(minutes=5), "passed", None),
        (timedelta(days=8), "warning", "events.position_old"),
        (timedelta(days=15), "failed", "events.position_lost"),
    ],
)
def test_a_position_is_judged_by_what_box_still_keeps(
    profile: Profile,
    clients: Clients,
    tmp_path: Path,
    age: timedelta,
    status: str,
    cause: str | None,
) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    at = datetime.now(UTC) - age
    for stream, when in (("admin_logs_streaming", at), ("late", datetime.now(UTC))):
        ledger.inbox.acknowledge(
            position=Position(profile.key, "box_stream", stream, "", "1152922976252290886", when)
        )
    seen = found(profile, clients, ledger=ledger)
    assert seen["box.events.position"] == (status, cause)
    ledger.close()


@pytest.mark.parametrize(
    "age,status,cause",
    [
        (timedelta(hours=1), "passed", None),
        (timedelta(hours=30), "warning", "kloudless.position_old"),
        (timedelta(days=8), "failed", "kloudless.position_lost"),
    ],
)
def test_the_oldest_cursor_of_an_account_counts(
    profile: Profile, clients: Clients, age: timedelta, status: str, cause: str | None
) -> None:
    ledger = Ledger.in_memory()
    for account, when in (("1", datetime.now(UTC)), ("2", datetime.now(UTC) - age)):
        position = Position(profile.key, "kloudless", "activity", account, "7", when)
        ledger.inbox.acknowledge(position=position)
    seen = found(replace(profile, box=None), clients, ledger=ledger)
    assert seen["kloudless.activity.position"] == (status, cause)
    ledger.close()


class Remembered:
    """A last delivery some time ago."""

    def __init__(self, age: timedelta | None) -> None:
        self._age = age

    def readings(self, _profile: str, _source: str) -> list[StreamReading]:
        return []

    def newest_event(self, _profile: str, _source: str) -> datetime | None:
        return None

    def last_delivery(self, _profile: str, _kind: str) -> datetime | None:
        return None if self._age is None else datetime.now(UTC) - self._age

    def alarms(self, _profile: str, _now: datetime) -> list[Alarm]:
        return []


@pytest.mark.parametrize(
    "there,age,status,cause",
    [
        (False, None, "skipped", "webhooks.none"),
        (False, timedelta(days=1), "unproven", "webhooks.gone"),
        (True, None, "unproven", "webhooks.never_delivered"),
        (True, timedelta(days=1), "passed", None),
        (True, timedelta(days=22), "warning", "webhooks.quiet"),
        (True, timedelta(days=31), "failed", "webhooks.silent"),
    ],
)
def test_webhooks_are_judged_by_what_came_here(
    own_sandbox: SandboxServer,
    *,
    there: bool,
    age: timedelta | None,
    status: str,
    cause: str | None,
) -> None:
    profile = sandbox_profile(own_sandbox.credentials())
    made = Clients((), lambda: own_sandbox.url)
    if there:
        client = made.box(profile)
        own = client.request(
            "POST", "/2.0/folders", json={"name": "watched", "parent": {"id": "0"}}
        ).json()["id"]
        client.create_webhook(
            target_type="folder",
            target_id=own,
            address="https://runbook.example/webhooks/box/sandbox",
            triggers=["FILE.UPLOADED"],
        )
    with CheckContext(profile, egress=made.egress(profile), records=Remembered(age)) as context:
        seen = {one.id: (one.status.value, one.cause) for one in report(context).verdicts}
    made.close()
    assert seen["box.webhooks.alive"] == (status, cause)


# -- what runs may write, and what a verdict keeps


def test_the_write_probe_cleans_up_after_itself(own_sandbox: SandboxServer) -> None:
    profile = sandbox_profile(own_sandbox.credentials())
    made = Clients((), lambda: own_sandbox.url)
    before = made.box(profile).folder_items("0").entries
    with context_for(profile, made, allow_writes=True) as context:
        seen = {one.id: (one.status.value, one.cause) for one in report(context).verdicts}
    assert seen["box.scope.write_files"] == ("passed", None)
    assert seen["box.notifications"] == ("unproven", "box.notifications_accepted")
    assert made.box(profile).folder_items("0").entries == before
    made.close()


def test_any_content_is_asked_for_on_top_of_a_goal(profile: Profile, clients: Clients) -> None:
    seen = found(profile, clients, extras=frozenset({Need.GCM}))
    assert seen["box.gcm"] == ("failed", "box.insufficient_scope")


def test_a_verdict_comes_back_from_its_record(profile: Profile, clients: Clients) -> None:
    with context_for(box_only(profile, enterprise_id="999"), clients) as context:
        for verdict in report(context).verdicts:
            assert Verdict.from_record(verdict.to_record()) == verdict
    with pytest.raises(ValueError, match="lacks"):
        Verdict.from_record({"id": "x"})


def test_records_of_an_empty_ledger_are_none() -> None:
    ledger = Ledger.in_memory()
    records = LedgerRecords(ledger)
    assert list(records.readings("x", "box_stream")) == []
    ledger.close()
