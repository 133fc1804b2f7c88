"""What each fault of the sandbox touches and what it leaves alone, seen on a whole panel.

A fault is switched on for one visitor: exactly the named questions of that visitor's panel are
answered otherwise, another visitor's panel stays as it was, and so does everything afterwards.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox_guest import PANEL, Guest, outcomes, prepared, visiting
from tests.sandbox_server import SandboxServer, running_sandbox

BOX = "client_id"
KLOUDLESS = "app_id"
DENIED = "403 access_denied_insufficient_permissions"
SCOPE = "403 insufficient_scope"
TOKENS = ("token", "user token")
API = (
    "me", "version", "as user", "users", "groups", "streaming", "history", "root", "webhooks",
    "webhook", "gcm", "pinners",
)  # fmt: skip
FILES = ("k root", "k as user")
UNIFIED = ("k root", "k team", "k as user")
RAW = ("k raw", "k raw headers")
EVENTS = ("k cursor", "k events", "k latest", "k activity")
DATA = (*UNIFIED, *RAW, *EVENTS)
ACCOUNTS = ("accounts", "account", "verify")
OF_KLOUDLESS = ("catalogue", *ACCOUNTS, *DATA, "k subscription")
BY_BOX = (*API, *UNIFIED, *RAW)


def all_of(names: tuple[str, ...], outcome: str) -> dict[str, str]:
    return dict.fromkeys(names, outcome)


Row = tuple[str, dict[str, Any], dict[str, str]]
TABLE: dict[str, Row] = {
    "admin_logs_refused": (BOX, {}, {"history": DENIED}),
    "streaming_refused": (BOX, {}, {"streaming": DENIED}),
    "no_report_right": (BOX, {}, {"history": DENIED, "streaming": DENIED}),
    "as_user_off": (BOX, {}, {"as user": SCOPE, "k as user": "403 service_forbidden"}),
    "as_user_target_refused": (
        BOX,
        {},
        {"as user": DENIED, "k as user": "403 service_forbidden"},
    ),
    "user_tokens_off": (
        BOX,
        {},
        {
            "user token": "400 Cannot obtain user token based on the enterprise configuration "
            "for your app"
        },
    ),
    "no_users_right": (BOX, {}, {"users": DENIED, "k team": "403 service_forbidden"}),
    "no_groups_right": (BOX, {}, {"groups": DENIED}),
    "no_webhooks_right": (BOX, {}, {"webhooks": DENIED, "webhook": DENIED}),
    "other_enterprise": (BOX, {}, {"me": "200 other active"}),
    "free_account": (BOX, {}, {"me": "200 free active"}),
    "person_inactive": (BOX, {}, {"me": "200 own inactive"}),
    "empty_403": (
        BOX,
        {},
        all_of((*API, *RAW), "403") | all_of(UNIFIED, "403 service_forbidden"),
    ),
    "not_found_everywhere": (BOX, {}, all_of(("root", *FILES), "404 not_found")),
    "gcm_granted": (BOX, {}, {"gcm": "200"}),
    "webhook_cleaned_up": (BOX, {}, {"webhooks": "200 with 0", "webhook": "404 not_found"}),
    "token_rejected": (
        BOX,
        {},
        all_of(API, "401") | all_of((*UNIFIED, *RAW), "401 service_unauthorized"),
    ),
    "missing_scope_manage_groups": (BOX, {}, {"groups": SCOPE}),
    "missing_scope_manage_webhook": (BOX, {}, all_of(("webhooks", "webhook"), SCOPE)),
    "missing_scope_manage_enterprise_properties": (
        BOX,
        {},
        all_of(("streaming", "history", "pinners"), SCOPE),
    ),
    "missing_scope_root_readonly": (
        BOX,
        {},
        {"root": SCOPE} | all_of(FILES, "403 service_forbidden"),
    ),
    "upstream_expired": (KLOUDLESS, {}, all_of(DATA, "401 service_unauthorized")),
    "kloudless_not_tracking": (
        KLOUDLESS,
        {},
        all_of(("k cursor", "k events", "k activity"), "200 0"),
    ),
    "kloudless_no_accounts": (
        KLOUDLESS,
        {},
        {"accounts": "200 0 of 0, 0 enabled", "verify": "400 invalid_token"}
        | all_of(("account", "k subscription", *DATA), "404 not_found"),
    ),
    "kloudless_no_admin_account": (
        KLOUDLESS,
        {},
        {"accounts": "200 14 of 0, 13 enabled", "verify": "400 invalid_token"}
        | all_of(("account", "k subscription", *DATA), "404 not_found"),
    ),
    "kloudless_account_disabled": (
        KLOUDLESS,
        {},
        {"accounts": "200 15 of 1, 0 enabled"} | all_of(("k subscription", *DATA), "403 forbidden"),
    ),
    "kloudless_no_box_connector": (KLOUDLESS, {}, {"catalogue": "404 not_found"}),
    "kloudless_as_user_refused": (KLOUDLESS, {}, {"k as user": "403 service_forbidden"}),
    "kloudless_raw_headers_dropped": (KLOUDLESS, {}, {"k raw headers": "200"}),
    "kloudless_no_subscription": (
        KLOUDLESS,
        {},
        {"k subscription": "200 none", "k activity": "404 not_found"}
        | all_of(("k cursor", "k events"), "200 0"),
    ),
    "kloudless_subscription_inactive": (
        KLOUDLESS,
        {"reason": "Why."},
        {"k subscription": "200 False Why. fresh", "k activity": "400 request_failed"}
        | all_of(("k cursor", "k events"), "200 0"),
    ),
    "kloudless_stale_activity": (KLOUDLESS, {}, {"k subscription": "200 True None old"}),
    "kloudless_cursor_expired": (KLOUDLESS, {}, {"k cursor": "400 invalid_parameters"}),
    "html_answer": (
        BOX,
        {},
        all_of((*TOKENS, *API, *RAW), "200 text/html") | all_of(UNIFIED, "502 bad_gateway"),
    ),
}
BOTH: dict[str, Row] = {
    "html_answer": (KLOUDLESS, {}, all_of(OF_KLOUDLESS, "200 text/html")),
    "intermittent": (
        KLOUDLESS,
        {"every": 1},
        all_of(OF_KLOUDLESS, "503 service_not_available"),
    ),
    "rate_limit": (KLOUDLESS, {}, all_of(OF_KLOUDLESS, "429 too_many_requests")),
}
TABLE["intermittent"] = (
    BOX,
    {"every": 1},
    all_of((*TOKENS, *API, *RAW), "503 unavailable") | all_of(UNIFIED, "503 service_not_available"),
)
ROWS = [*TABLE.items(), *BOTH.items()]
NAMES = [f"{name}-{row[0]}" for name, row in ROWS]


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[SandboxServer]:
    """A sandbox without call limits: a panel is asked many times a second."""
    with running_sandbox("--no-rate-limits") as server:
        yield server


@pytest.fixture
def ada(sandbox: SandboxServer) -> Iterator[Guest]:
    with visiting(sandbox) as made:
        yield made


@pytest.fixture
def bob(sandbox: SandboxServer) -> Iterator[Guest]:
    with visiting(sandbox) as made:
        yield made


@pytest.mark.parametrize("name, row", ROWS, ids=NAMES)
def test_a_fault_changes_exactly_this_and_only_for_its_visitor(
    sandbox: SandboxServer, ada: Guest, bob: Guest, name: str, row: Row
) -> None:
    whose, params, expected = row
    mine, others = prepared(ada), prepared(bob)
    before, elsewhere = outcomes(ada, mine), outcomes(bob, others)
    with sandbox.fault(name, client_id=getattr(ada, whose), **params):
        during = outcomes(ada, mine)
        assert outcomes(bob, others) == elsewhere
    assert during == before | expected
    assert all(before[question] != answer for question, answer in expected.items())
    assert outcomes(ada, mine) == before


@pytest.mark.parametrize("name, row", ROWS, ids=NAMES)
def test_each_limit_holds(sandbox: SandboxServer, ada: Guest, name: str, row: Row) -> None:
    whose, params, expected = row
    tokens = prepared(ada)
    question, outcome = next(iter(expected.items()))
    before = PANEL[question](ada, tokens)
    own, other = ("/v1/", "/2.0/") if whose == KLOUDLESS else ("/2.0/", "/v1/")
    if question in TOKENS:
        own = "/oauth2/token"

    def on(**limits: Any) -> None:
        given = {"client_id": getattr(ada, whose), **params, **limits}
        sandbox.clear_faults()
        sandbox.post("/sandbox/faults", {"name": name, **given})

    def asked() -> str:
        return PANEL[question](ada, tokens)

    on(times=1)
    assert [asked(), asked()] == [outcome, before]
    on(path=own)
    assert asked() == outcome
    on(path=other)
    assert asked() == before
    on(seconds=1e-9)
    assert asked() == before
    on(client_id="somebody else")
    assert asked() == before
    on()
    assert asked() == outcome
    sandbox.clear_faults()
    assert asked() == before


def test_each_fault_of_the_panel_is_listed_with_what_it_does(sandbox: SandboxServer) -> None:
    listed = {one["name"]: one for one in sandbox.get("/sandbox/faults")}
    for name, (_, params, _) in ROWS:
        assert len(listed[name]["does"]) > 20
        assert params.keys() <= listed[name]["params"].keys()


def test_two_faults_at_once_change_what_each_changes(
    sandbox: SandboxServer, ada: Guest, bob: Guest
) -> None:
    mine, others = prepared(ada), prepared(bob)
    before, elsewhere = outcomes(ada, mine), outcomes(bob, others)
    for name in ("as_user_off", "no_groups_right", "kloudless_no_subscription"):
        whose = TABLE[name][0]
        sandbox.post("/sandbox/faults", {"name": name, "client_id": getattr(ada, whose)})
    both: dict[str, str] = {}
    for name in ("as_user_off", "no_groups_right", "kloudless_no_subscription"):
        both |= TABLE[name][2]
    assert outcomes(ada, mine) == before | both
    assert outcomes(bob, others) == elsewhere


def test_a_path_narrows_a_fault_to_one_call(sandbox: SandboxServer, ada: Guest) -> None:
    mine = prepared(ada)
    before = outcomes(ada, mine)
    with sandbox.fault("empty_403", client_id=ada.client_id, path="/2.0/groups"):
        assert outcomes(ada, mine) == before | {"groups": "403"}
    path = f"/v1/accounts/{ada.kloudless.admin}/team"
    with sandbox.fault("upstream_expired", client_id=ada.app_id, path=path):
        assert outcomes(ada, mine) == before | {"k team": "401 service_unauthorized"}
