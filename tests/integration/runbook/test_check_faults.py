"""Each fault that the sandbox offers, and what `check` says of it: the right cause and person.

One row a fault: the checks that must not pass, with cause and person. Everything else passes, or is
skipped, or is what it is on a healthy profile. A wrong confident cause is worse than “unknown”.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lib.cli import main
from lib.http import Egress, Waiting
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.running import report
from lib.settings.profiles import sandbox_profile
from tests.sandbox_server import SandboxServer, running_sandbox

Row = Mapping[str, tuple[str, str, str]]
"""By check: status, cause, who."""

HEALTHY: Row = {
    "kloudless.account.callable": ("warning", "kloudless.service_unauthorized", "you"),
}


def token(cause: str, who: str) -> Row:
    return {"box.token.enterprise": ("failed", cause, who)}


def api(cause: str, who: str, upstream: str, upstream_who: str) -> Row:
    """Every call of Box's API is refused, also Kloudless's."""
    return {
        "box.identity": ("failed", cause, who),
        "kloudless.account.callable": ("failed", upstream, upstream_who),
    }


def key(cause: str, who: str) -> Row:
    return {"kloudless.api_key": ("failed", cause, who)}


def address(cause: str, who: str) -> Row:
    return {"kloudless.reachable": ("failed", cause, who)}


FORBIDDEN = ("kloudless.service_forbidden", "box_admin")

FAULTS: Mapping[str, Row] = {
    # -- the way there
    "slow": {"box.reachable": ("warning", "network.slow", "network")},
    "dropped_connection": {
        "box.reachable": ("failed", "network.reset", "network"),
        **address("network.reset", "network"),
    },
    "malformed_json": {
        "box.token.enterprise": ("failed", "network.malformed", "network"),
        **address("network.malformed", "network"),
    },
    "server_error_500": {
        "box.reachable": ("failed", "box.internal_error", "box_support"),
        **address("kloudless.internal_error", "kloudless_admin"),
    },
    "server_error_502": {
        "box.reachable": ("failed", "box.unavailable", "box_support"),
        **address("kloudless.bad_gateway", "kloudless_admin"),
    },
    "server_error_503": {
        "box.reachable": ("failed", "box.unavailable", "box_support"),
        **address("kloudless.service_not_available", "box_support"),
    },
    "rate_limit": {
        "box.reachable": ("failed", "rate_limited", "this_app"),
        **address("rate_limited", "this_app"),
    },
    "html_answer": {
        "box.reachable": ("failed", "network.malformed", "network"),
        **address("network.malformed", "network"),
    },
    "intermittent": {"box.scope.manage_groups": ("warning", "box.unavailable", "box_support")},
    "hang": {"box.scope.manage_groups": ("warning", "network.reset", "network")},
    # -- the token endpoint
    "token_exp_past": token("token.expired_assertion", "you"),
    "token_exp_too_far": token("token.exp_too_far", "you"),
    "token_exp_not_integer": token("token.exp_not_integer", "developer"),
    "token_exp": token("token.exp", "you"),
    "token_jti_used": token("token.jti_reused", "developer"),
    "token_jti": token("token.jti_reused", "developer"),
    "token_sub": token("token.sub_invalid", "you"),
    "token_signature": token("token.signature", "developer"),
    "token_iss": token("token.iss", "developer"),
    "token_aud": token("token.aud", "developer"),
    "token_grant_credentials": token("token.ccg_refused", "you"),
    "token_refresh_invalid": token("token.refresh_invalid", "you"),
    "token_refresh_expired": token("token.refresh_expired", "you"),
    "token_code_expired": token("token.code_expired", "you"),
    "app_not_authorized": token("token.app_not_authorized", "box_admin"),
    "app_not_authorized_short": token("token.app_not_authorized", "box_admin"),
    "token_grant_type": token("token.grant_not_allowed", "developer"),
    "token_grant_type_invalid_request": token("token.grant_not_allowed", "developer"),
    "token_subject_type": token("token.subject_type", "developer"),
    "token_user": token("token.user_token_refused", "developer"),
    "token_enterprise": token("token.enterprise_token_refused", "box_admin"),
    "token_client": token("token.bad_client", "developer"),
    "token_client_not_valid": token("token.bad_client", "developer"),
    "token_request": token("token.bad_request", "developer"),
    "token_scope": token("token.scope", "developer"),
    # -- scopes and rights
    "missing_scope_root_readonly": {
        "box.scope.read_files": ("failed", "box.insufficient_scope", "developer"),
        "kloudless.account.callable": ("failed", *FORBIDDEN),
    },
    "missing_scope_manage_managed_users": {
        "box.scope.manage_users": ("warning", "box.only_app_users", "developer"),
    },
    "missing_scope_manage_groups": {
        "kloudless.groups": ("failed", *FORBIDDEN),
        "box.scope.manage_groups": ("failed", "box.insufficient_scope", "developer"),
    },
    "missing_scope_manage_webhook": {
        "box.scope.manage_webhooks": ("failed", "box.insufficient_scope", "developer"),
    },
    "missing_scope_manage_enterprise_properties": {
        "box.scope.manage_enterprise_properties": ("failed", "events.scope_missing", "developer"),
    },
    "no_report_right": {
        "box.events.streaming": ("failed", "events.no_report_right", "box_admin"),
        "box.events.history": ("failed", "events.no_report_right", "box_admin"),
    },
    "location_blocked": api("box.location_blocked", "box_admin", *FORBIDDEN),
    "terms_of_service": api("box.terms_open", "you", "kloudless.request_failed", "developer"),
    "password_reset": api("box.password_reset", "you", "kloudless.request_failed", "developer"),
    "email_confirmation": api("box.email_unconfirmed", "you", *FORBIDDEN),
    "policy": api("box.forbidden_by_policy", "box_admin", *FORBIDDEN),
    "token_rejected": api("box.invalid_token", "you", "kloudless.service_unauthorized", "you"),
    "admin_logs_refused": {
        "box.events.history": ("failed", "events.no_report_right", "box_admin"),
    },
    "streaming_refused": {
        "box.events.streaming": ("failed", "events.no_report_right", "box_admin"),
    },
    "as_user_off": {
        "box.as_user": ("failed", "as_user.switch_off", "developer"),
        "kloudless.as_user": ("failed", *FORBIDDEN),
    },
    "as_user_target_refused": {
        "box.as_user": ("failed", "as_user.not_allowed", "you"),
        "kloudless.as_user": ("failed", *FORBIDDEN),
    },
    "user_tokens_off": {
        "box.token.user": ("failed", "token.user_token_refused", "developer"),
    },
    "no_users_right": {
        "box.scope.manage_users": ("failed", "box.no_permission", "box_admin"),
        "kloudless.team": ("failed", *FORBIDDEN),
    },
    "no_groups_right": {
        "kloudless.groups": ("failed", *FORBIDDEN),
        "box.scope.manage_groups": ("failed", "box.no_permission", "box_admin"),
    },
    "no_webhooks_right": {
        "box.scope.manage_webhooks": ("failed", "box.no_permission", "box_admin"),
    },
    "empty_403": api("box.forbidden", "developer", *FORBIDDEN),
    # -- who is behind the token
    "other_enterprise": {
        "box.enterprise": ("failed", "box.other_enterprise", "you"),
        "kloudless.enterprise": ("failed", "box.other_enterprise", "you"),
    },
    "free_account": {
        "box.enterprise": ("failed", "box.no_enterprise", "you"),
        "kloudless.enterprise": ("failed", "box.no_enterprise", "you"),
    },
    "person_inactive": {"box.identity": ("failed", "box.person_inactive", "box_admin")},
    "not_found_everywhere": {
        "box.scope.read_files": ("failed", "box.not_found", "you"),
        "kloudless.account.callable": ("failed", "kloudless.not_found", "you"),
    },
    "gcm_granted": {
        "box.gcm": ("warning", "box.gcm_granted", "box_support"),
        "box.least_privilege": ("warning", "box.granted_unused", "developer"),
    },
    # -- the clock: Box's is ahead of a slow one
    "clock_fast": {"box.clock": ("failed", "clock.slow", "you")},
    "clock_slow": {"box.clock": ("failed", "clock.fast", "you")},
    # -- Kloudless
    "upstream_expired": {
        "kloudless.account.callable": ("failed", "kloudless.service_unauthorized", "you"),
    },
    "kloudless_rate_limit": address("rate_limited", "this_app"),
    "kloudless_5xx": address("kloudless.bad_gateway", "kloudless_admin"),
    "kloudless_not_tracking": {
        "kloudless.activity.events": ("warning", "kloudless.no_activity", "you"),
    },
    "kloudless_no_jwt_keys": {
        "kloudless.account.callable": ("failed", "kloudless.service_unauthorized", "you"),
    },
    "kloudless_no_accounts": {
        "kloudless.account.present": ("failed", "kloudless.no_accounts", "you"),
    },
    "kloudless_no_admin_account": {
        "kloudless.account.admin": ("failed", "kloudless.no_admin_account", "you"),
    },
    "kloudless_account_disabled": {
        "kloudless.account.present": ("failed", "kloudless.accounts_disabled", "you"),
    },
    "kloudless_no_box_connector": {
        "kloudless.connector": ("failed", "kloudless.no_connector", "kloudless_admin"),
    },
    "kloudless_as_user_refused": {"kloudless.as_user": ("failed", *FORBIDDEN)},
    "kloudless_raw_headers_dropped": {
        "kloudless.raw_headers": ("failed", "kloudless.raw_headers_dropped", "kloudless_admin"),
    },
    "kloudless_no_subscription": {
        "kloudless.activity.subscription": ("failed", "kloudless.no_subscription", "you"),
    },
    "kloudless_subscription_inactive": {
        "kloudless.activity.subscription": (
            "failed",
            "kloudless.subscription_off",
            "kloudless_admin",
        ),
    },
    "kloudless_stale_activity": {
        "kloudless.activity.subscription": ("warning", "kloudless.cursor_still", "kloudless_admin"),
    },
    "kloudless_bad_request": key("kloudless.bad_request", "developer"),
    "kloudless_request_failed": key("kloudless.request_failed", "developer"),
    "kloudless_invalid_parent_folder": key("kloudless.invalid_parent_folder", "developer"),
    "kloudless_invalid_parameters": key("kloudless.invalid_parameters", "developer"),
    "kloudless_invalid_resource_type": key("kloudless.invalid_resource_type", "developer"),
    "kloudless_unauthorized": key("kloudless.unauthorized", "kloudless_admin"),
    "kloudless_service_unauthorized": key("kloudless.service_unauthorized", "you"),
    "kloudless_authentication_required": key("kloudless.authentication_required", "you"),
    "kloudless_invalid_token": key("kloudless.invalid_token", "you"),
    "kloudless_folder_not_empty": key("kloudless.folder_not_empty", "you"),
    "kloudless_permission_denied": key("kloudless.permission_denied", "you"),
    "kloudless_forbidden": key("kloudless.forbidden", "kloudless_admin"),
    "kloudless_service_forbidden": key("kloudless.service_forbidden", "box_admin"),
    "kloudless_not_found": {
        "kloudless.connector": ("failed", "kloudless.no_connector", "kloudless_admin"),
        **key("kloudless.not_found", "you"),
    },
    "kloudless_method_not_allowed": key("kloudless.method_not_allowed", "developer"),
    "kloudless_not_acceptable": key("kloudless.not_acceptable", "developer"),
    "kloudless_naming_conflict": key("kloudless.naming_conflict", "you"),
    "kloudless_too_many_requests": address("rate_limited", "this_app"),
    "kloudless_too_many_service_requests": address("rate_limited", "this_app"),
    "kloudless_internal_error": address("kloudless.internal_error", "kloudless_admin"),
    "kloudless_link_error": address("kloudless.link_error", "kloudless_admin"),
    "kloudless_unsupported_media_type": address(
        "kloudless.unsupported_media_type", "kloudless_admin"
    ),
    "kloudless_not_implemented": address("kloudless.not_implemented", "developer"),
    "kloudless_bad_gateway": address("kloudless.bad_gateway", "kloudless_admin"),
    "kloudless_service_not_available": address("kloudless.service_not_available", "box_support"),
    "kloudless_gateway_timeout": address("kloudless.gateway_timeout", "kloudless_admin"),
    "kloudless_insufficient_storage": address("kloudless.insufficient_storage", "box_admin"),
}
# Faults that nothing a check reads is touched by: all stays as it is.
UNSEEN = {
    "missing_scope_root_readwrite": "writing is not tried",
    "missing_scope_manage_app_users": "managed users are still listed",
    "missing_scope_enterprise_content": "not wanted",
    "missing_scope_admin_on_behalf_of": "only OAuth apps need it",
    "json_403": "only the form of a refusal",
    "empty_page_zero": "an empty page is a valid response",
    "repeated_page": "the page of a reader",
    "late_arrivals": "the completeness of a reader",
    "long_poll_reconnect": "no check polls",
    "webhook_cleaned_up": "there is no webhook to lose",
    "kloudless_cursor_expired": "no check hands in a stored cursor",
    "kloudless_consent_denied": "only met when an account is connected",
}
# How a fault is switched on where its defaults would make a test long.
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "slow": {"delay": 4.2, "times": 1},
    "hang": {"longest": 0.1, "times": 1, "path": "/2.0/groups"},
    "intermittent": {"every": 1, "times": 1, "path": "/2.0/groups"},
}


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[SandboxServer]:
    """A sandbox whose Kloudless has its tokens of Box, as one in use has."""
    with running_sandbox("--no-rate-limits") as server:
        profile = sandbox_profile(server.credentials())
        with CheckContext(profile, egress=Egress.for_profile(profile)) as context:
            assert report(context).ok
        yield server


@pytest.fixture
def found(
    sandbox: SandboxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """What `check --json` finds wrong: by check, status, cause and who."""
    monkeypatch.setenv("BOX_RUNBOOK_SANDBOX", sandbox.url)
    monkeypatch.setenv("BOX_RUNBOOK_DATA", str(tmp_path / "data"))

    def run() -> Row:
        code = main(["check", "--json"], waiting=Waiting(sleep=lambda _seconds: None))
        answer = json.loads(capsys.readouterr().out)
        assert code == (0 if answer["ok"] else 1)
        wrong = [one for one in answer["checks"] if one["status"] in ("failed", "warning")]
        for one in wrong:
            assert one["cause_text"]
            assert one["fix"]
        return {one["id"]: (one["status"], one["cause"], one["who"]) for one in wrong}

    return run


def expected(*names: str) -> Row:
    """The rows of the faults, over what is so on a healthy profile unless it can't be seen."""
    rows: dict[str, tuple[str, str, str]] = {}
    for name in names:
        rows.update(FAULTS.get(name, {}))
    blind = {"kloudless.reachable", "kloudless.api_key", "kloudless.account.present"}
    if any(status == "failed" for check, (status, *_) in rows.items() if check in blind):
        return rows
    return {**HEALTHY, **rows}


@pytest.mark.parametrize("name", [*FAULTS, *UNSEEN])
def test_a_fault_is_named_and_everything_unrelated_holds(
    sandbox: SandboxServer, found: Any, name: str
) -> None:
    with sandbox.fault(name, **OPTIONS.get(name, {})):
        assert found() == expected(name)


def test_every_fault_of_the_sandbox_has_a_row(sandbox: SandboxServer) -> None:
    offered = {fault["name"] for fault in sandbox.get("/sandbox/faults")}
    assert len(offered) >= 40
    assert offered == {*FAULTS, *UNSEEN}


@pytest.mark.parametrize(
    "one,other",
    [
        ("app_not_authorized", "kloudless_unauthorized"),
        ("clock_fast", "missing_scope_manage_groups"),
        ("no_report_right", "upstream_expired"),
        ("missing_scope_manage_webhook", "kloudless_not_tracking"),
    ],
)
def test_two_faults_at_once_are_both_named(
    sandbox: SandboxServer, found: Any, one: str, other: str
) -> None:
    sandbox.post("/sandbox/faults", {"name": one})
    with sandbox.fault(other):
        assert found() == expected(one, other)


def test_a_fault_that_goes_away_by_itself_is_a_warning_not_an_outage(
    sandbox: SandboxServer, found: Any
) -> None:
    with sandbox.fault("server_error_503", times=1, path="/2.0/groups"):
        assert found() == {
            **HEALTHY,
            "box.scope.manage_groups": ("warning", "box.unavailable", "box_support"),
        }
