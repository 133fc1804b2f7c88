"""From the settings to a token: what must be right before Box can be asked for anything.

Sources: Box developer documentation (JWT, Client Credentials Grant, OAuth 2.0), RFC 9110 (Date).
"""

from typing import Final

from lib.box.credential_problems import Problem, ProblemSeverity
from lib.box.key_inspection import MIN_BITS, inspect_key
from lib.core.errors import KeyProblem, Who
from lib.http import CallContext, date_of, malformed, send
from lib.runbook.checks.check import Check, CheckSide
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.verdict import CheckOutcome, failed, passed, warning
from lib.settings.profiles import BoxAuth, BoxCredentials

WARN_SKEW_S: Final = 15.0
# An assertion lives for 30 seconds: a clock that is further off makes it expired or too far ahead.
FAIL_SKEW_S: Final = 30.0
_UNAUTHORIZED: Final = 401
_HALF_S: Final = 0.5  # `Date` has whole seconds, cut off
_SERVER_APPS: Final = frozenset({BoxAuth.JWT, BoxAuth.CCG})

_REQUIRED: Final[dict[BoxAuth, tuple[str, ...]]] = {
    BoxAuth.JWT: ("client_id", "client_secret", "public_key_id", "private_key"),
    BoxAuth.CCG: ("client_id", "client_secret"),
    BoxAuth.OAUTH: ("client_id", "client_secret", "refresh_token"),
    BoxAuth.DEVELOPER_TOKEN: ("developer_token",),
}


def _settings(context: CheckContext) -> CheckOutcome:
    box = context.credentials
    missing = [name for name in _REQUIRED[box.auth] if not getattr(box, name)]
    if box.auth in _SERVER_APPS and not (box.enterprise_id or box.user_id):
        missing.append("enterprise_id")
    if missing:
        return failed("settings.incomplete", f"Missing: {', '.join(missing)}.", auth=box.auth)
    if box.auth in _SERVER_APPS and box.enterprise_id == "0" and not box.user_id:
        return failed("settings.enterprise_zero", auth=box.auth)
    odd = _not_an_id(box)
    if odd:
        return failed("settings.not_an_id", f"{odd} isn't a decimal number.", auth=box.auth)
    return passed(
        "All settings that this authentication method needs are there.",
        auth=box.auth,
        enterprise_id=box.enterprise_id or None,
        user_id=box.user_id or None,
    )


def _not_an_id(box: BoxCredentials) -> str:
    for name in ("enterprise_id", "user_id"):
        value = str(getattr(box, name))
        if value and not (value.isascii() and value.isdigit()):
            return name
    return ""


def _key_readable(context: CheckContext) -> CheckOutcome:
    box = context.credentials
    if box.private_key is None:  # the settings' check says so first
        raise KeyProblem(
            "There is no private key.", code="empty", cause="", fix="Add it.", who=Who.DEVELOPER
        )
    report = inspect_key(box.private_key, box.passphrase)
    shown = {
        "format": report.format.value,
        "bits": report.bits,
        "fingerprint": report.fingerprint_sha256,
    }
    # Box decides about a size that is only smaller than its guide uses.
    blocking = [
        problem
        for problem in report.problems
        if problem.severity is ProblemSeverity.ERROR and problem.code != "too_small"
    ]
    if blocking:
        return failed(_key_cause(blocking[0]), blocking[0].message, **shown)
    if report.problems:
        # The most telling one: that a key isn't encrypted is also so where its passphrase is idle.
        serious = [one for one in report.problems if one.code != "unencrypted"]
        first = (serious or report.problems)[0]
        return warning(_key_cause(first), first.message, **shown)
    return passed(f"It can be decrypted, and is RSA with at least {MIN_BITS} bits.", **shown)


def _key_cause(problem: Problem) -> str:
    return f"key.{problem.code}"


def _reachable(context: CheckContext) -> CheckOutcome:
    """One call without a token: Box must reject it; the response also has Box's time."""
    before = context.clock()
    response = send(
        context.box.http,
        "GET",
        f"{context.credentials.api_url}/2.0/users/me",
        context=CallContext(identity=None),
    )
    date = date_of(response)
    if date is not None:
        middle = before + (context.clock() - before) / 2
        context.facts.box_date_skew_s = round((date - middle).total_seconds() + _HALF_S, 1)
    if response.status_code == _UNAUTHORIZED:
        return passed("Box answers, and rejects a call without a token, as expected.")
    if response.is_error:
        from lib.box.api_errors import box_error  # noqa: PLC0415  # only on this path

        raise box_error(response, path="/2.0/users/me")
    raise malformed(response, "a call without a token must be refused, and wasn't")


def _token_enterprise(context: CheckContext) -> CheckOutcome:
    box = context.credentials
    token = context.box.tokens.token()
    whom = f"user {box.user_id}" if box.user_id else f"enterprise {box.enterprise_id}"
    minutes = (
        None
        if token.expires_at is None
        else round((token.expires_at - context.clock()).total_seconds() / 60)
    )
    return passed("Box issued a new token.", subject=whom, minutes=minutes)


def _token_signin(context: CheckContext) -> CheckOutcome:
    token = context.box.tokens.token()
    minutes = (
        None
        if token.expires_at is None
        else round((token.expires_at - context.clock()).total_seconds() / 60)
    )
    return passed("The refresh token works, and the next one is stored.", minutes=minutes)


def _clock(context: CheckContext) -> CheckOutcome:
    """Box's clock against ours: by the token's answer where there is one, it is the later one."""
    by_token = context.box.tokens.skew_s
    candidates = [skew for skew in (by_token, context.facts.box_date_skew_s) if skew is not None]
    if not candidates:
        return warning("clock.unknown")
    skew = max(candidates, key=abs)
    cause = "clock.slow" if skew > 0 else "clock.fast"
    words = "behind" if skew > 0 else "ahead of"
    reported = f"This machine is {abs(skew):.0f} s {words} Box."
    if abs(skew) >= FAIL_SKEW_S:
        return failed(cause, reported, skew_s=skew)
    if abs(skew) >= WARN_SKEW_S:
        return warning(cause, reported, skew_s=skew)
    return passed("The two clocks match.", skew_s=skew)


def _is_jwt(context: CheckContext) -> str | None:
    return None if context.credentials.auth is BoxAuth.JWT else "Only JWT apps have a key."


def _is_server_app(context: CheckContext) -> str | None:
    return (
        None
        if context.credentials.auth in _SERVER_APPS
        else "Only JWT and client credentials apps get this kind of token."
    )


def _is_oauth(context: CheckContext) -> str | None:
    return None if context.credentials.auth is BoxAuth.OAUTH else "Only OAuth apps have a sign-in."


CHECKS: Final = (
    Check(
        "box.settings",
        "Settings are complete",
        "All settings that this authentication method needs have been entered.",
        _settings,
        CheckSide.BOX,
        method="Checks the profile; makes no call.",
    ),
    Check(
        "box.key.readable",
        "Private key can be used",
        "The key decrypts with its passphrase and is an RSA key as in Box's guide.",
        _key_readable,
        CheckSide.BOX,
        method="Decrypts the key locally; makes no call.",
        needs=("box.settings",),
        applies=_is_jwt,
    ),
    Check(
        "box.reachable",
        "Box can be reached",
        "DNS, network and TLS lead to Box's API, with no proxy answering instead.",
        _reachable,
        CheckSide.BOX,
        method="GET /2.0/users/me without a token; expects 401.",
        needs=("box.settings",),
    ),
    Check(
        "box.token.enterprise",
        "Box issues a token to the app",
        "Client ID, secret, key and enterprise match, and an admin authorized the app.",
        _token_enterprise,
        CheckSide.BOX,
        method="POST /oauth2/token for the enterprise (or the profile's user), with a new one.",
        needs=("box.settings", "box.key.readable", "box.reachable"),
        applies=_is_server_app,
    ),
    Check(
        "box.token.signin",
        "Sign-in is still valid",
        "Box accepts the refresh token and returns the next one.",
        _token_signin,
        CheckSide.BOX,
        method="POST /oauth2/token with the refresh token; the new one replaces it.",
        needs=("box.settings", "box.reachable"),
        applies=_is_oauth,
    ),
    Check(
        "box.clock",
        "Clock matches Box's",
        "This machine's clock is close enough to Box's for signed assertions.",
        _clock,
        CheckSide.BOX,
        method="Compares the Date header of responses with this machine's clock.",
        needs=("box.reachable",),
    ),
)
