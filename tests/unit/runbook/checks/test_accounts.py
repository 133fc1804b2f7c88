"""Who stands behind Kloudless's accounts, and which webhooks are sent here: what is told apart."""

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from lib.runbook.checks.box_watch import CHECKS as WATCH
from lib.runbook.checks.check_context import Facts
from lib.runbook.checks.kloudless_accounts import CHECKS
from lib.settings.profiles import BoxAuth, BoxCredentials

BY_ID = {check.id: check for check in (*WATCH, *CHECKS)}
ROBOT = {"id": "7", "login": "AutomationUser_1_x@boxdevedition.com", "role": "user"}
ADMIN = {"id": "8", "login": "ada@acme.example", "role": "admin"}
PERSON = {"id": "9", "login": "bob@acme.example", "role": "user"}


def context(behind: Any = None, **changes: Any) -> Any:
    box = BoxCredentials(auth=BoxAuth.JWT, client_id="one", enterprise_id="1")
    facts = Facts(behind_admin=behind or {}, **changes)
    return SimpleNamespace(facts=facts, profile=SimpleNamespace(key="acme", box=box))


def found(check_id: str, given: Any) -> tuple[str, str | None]:
    outcome = BY_ID[check_id].probe(given)
    return outcome.status.value, outcome.cause


@pytest.mark.parametrize(
    "behind,own,outcome",
    [
        (ROBOT, ROBOT, ("passed", None)),
        (ROBOT, {}, ("passed", None)),
        (ROBOT, {**ROBOT, "id": "77"}, ("failed", "kloudless.other_app")),
        (ADMIN, ROBOT, ("skipped", "check.not_here")),
    ],
)
def test_jwt_keys_are_those_of_this_profiles_app(behind: Any, own: Any, outcome: Any) -> None:
    assert found("kloudless.keys.jwt", context(behind, me=own)) == outcome


@pytest.mark.parametrize(
    "behind,outcome",
    [
        (ADMIN, ("passed", None)),
        (PERSON, ("failed", "kloudless.not_an_admin")),
        (ROBOT, ("skipped", "check.not_here")),
    ],
)
def test_an_admin_who_signed_in_has_an_admins_role(behind: Any, outcome: Any) -> None:
    assert found("kloudless.keys.admin_oauth", context(behind)) == outcome


@pytest.mark.parametrize(
    "enterprise,outcome",
    [
        ({"id": "1"}, ("passed", None)),
        ({"id": "2"}, ("failed", "box.other_enterprise")),
        (None, ("failed", "box.no_enterprise")),
    ],
)
def test_the_admin_account_is_of_the_enterprise(enterprise: Any, outcome: Any) -> None:
    given = context({**ROBOT, "enterprise": enterprise})
    assert found("kloudless.enterprise", given) == outcome


def answering(given: Any, body: Any) -> Any:
    given.kloudless = SimpleNamespace(
        raw=lambda *_: httpx.Response(200, json=body),
        request=lambda *_, **__: httpx.Response(200, json=body),
    )
    return given


def test_only_an_ordinary_account_that_works_as_a_person_shows_the_oauth_keys() -> None:
    account, admin = {"id": 1, "admin": False}, {"id": 2, "admin": True}
    missing = ("failed", "kloudless.no_ordinary_account")
    assert found("kloudless.keys.oauth", context(accounts=(admin,))) == missing
    with_one = answering(context(accounts=(admin, account)), PERSON)
    assert found("kloudless.keys.oauth", with_one) == ("passed", None)
    assert found("kloudless.keys.oauth", answering(with_one, ROBOT)) == missing


def test_no_recent_file_proves_nothing() -> None:
    given = context(accounts=({"id": 1},))
    empty = answering(given, {"objects": []})
    assert found("kloudless.recent", empty) == ("unproven", "kloudless.nothing_recent")
    assert found("kloudless.recent", answering(given, {"objects": [{}]})) == ("passed", None)


@pytest.mark.parametrize(
    "address,outcome",
    [
        ("https://x.example/webhooks/box/acme", ("passed", None)),
        ("https://x.example/base/webhooks/box/acme/", ("passed", None)),
        ("https://x.example/webhooks/box/other", ("failed", "webhooks.elsewhere")),
        (None, ("failed", "webhooks.elsewhere")),
    ],
)
def test_a_webhook_is_this_profiles_by_its_address(address: Any, outcome: Any) -> None:
    given = context(webhooks=({"id": "5"},))
    given.box = SimpleNamespace(webhook=lambda _id: {"id": "5", "address": address})
    assert found("box.webhooks.here", given) == outcome
    assert found("box.webhooks.here", context()) == ("skipped", "webhooks.none")
