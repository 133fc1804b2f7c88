"""The faults that can be injected into the sandbox, each with a title, a group and a limit.

The list is the sandbox's own, and so is the description of each fault. The tables here only add
titles, groups and gentler limits; a fault that they don't know is offered under its own name.
`HARDLY` names those that no check notices, with the place where they show.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from lib.runbook.goals import NEEDS

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Group(StrEnum):
    """The subject of a fault, in the order in which the groups are shown."""

    TOKEN = "Token"  # noqa: S105  # a heading
    PERMISSIONS = "Permissions"
    BOX = "Box itself"
    KLOUDLESS = "Kloudless"
    NETWORK = "Network and clock"
    OTHER = "Other"
    HARDLY = "Not noticed by checks"


class Area(StrEnum):
    """Whose calls a fault disturbs."""

    BOX = "box"
    KLOUDLESS = "kloudless"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class PracticeFault:
    """One fault that can be injected.

    `does` is the sandbox's description, `note` what else to know; `options` are sent when it is
    activated.
    """

    name: str
    title: str
    does: str
    area: Area
    group: Group
    note: str = ""
    options: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    @property
    def sentence(self) -> str:
        """What it does, and what else to know."""
        return f"{self.does} {self.note}".strip()

    @property
    def noticeable(self) -> bool:
        """Whether a check notices it."""
        return self.group is not Group.HARDLY


TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # -- tokens
        "token_exp_past": "The assertion has expired",
        "token_exp_too_far": "The assertion's lifetime is too long",
        "token_exp_not_integer": "The assertion's expiry isn't an integer",
        "token_exp": "The assertion's expiry is refused",
        "token_jti_used": "The assertion was used before",
        "token_jti": "The assertion's ID is refused",
        "token_sub": "The assertion names the wrong enterprise or user",
        "token_signature": "The signature doesn't match the key that Box has",
        "token_iss": "The assertion's issuer is refused",
        "token_aud": "The assertion's audience is refused",
        "token_grant_credentials": "The client credentials grant is refused",
        "token_refresh_invalid": "The refresh token is invalid",
        "token_refresh_expired": "The refresh token has expired",
        "token_code_expired": "The authorization code has expired",
        "app_not_authorized": "No admin has authorized the app",
        "app_not_authorized_short": "No admin has authorized the app (Box's shorter text)",
        "token_grant_type": "The app may not use this grant type",
        "token_grant_type_invalid_request": "The app may not use this grant type (other code)",
        "token_subject_type": "The app may not request this kind of token",
        "token_user": "Tokens for users are refused",
        "token_enterprise": "Tokens for the enterprise are refused",
        "token_client": "Client ID or secret is wrong",
        "token_client_not_valid": "Client ID or secret is wrong (other text)",
        "token_request": "The token request is malformed",
        "token_scope": "A token with the requested scope isn't issued",
        "token_rejected": "Every token is refused",
        # -- permissions
        "no_report_right": "The admin may not run reports",
        "admin_logs_refused": "Event history is refused",
        "streaming_refused": "The live event stream is refused",
        "no_users_right": "The admin may not manage users",
        "no_groups_right": "The admin may not manage groups",
        "no_webhooks_right": "The app may not use webhooks",
        "as_user_off": "The app may not act for users",
        "as_user_target_refused": "The app may not act for this user",
        "user_tokens_off": "User access tokens are switched off",
        "gcm_granted": "The app has more permissions than it needs",
        "location_blocked": "Box blocks this network location",
        "policy": "A security policy forbids it",
        # -- Box itself
        "terms_of_service": "Terms of service must be accepted",
        "password_reset": "The account must reset its password",
        "email_confirmation": "The account's email isn't confirmed",
        "other_enterprise": "The enterprise differs from the settings",
        "free_account": "The account belongs to no enterprise",
        "person_inactive": "The account is inactive",
        "empty_403": "Every call is forbidden, without a reason",
        "not_found_everywhere": "Every file and folder is missing",
        "server_error_500": "Internal errors",
        "server_error_502": "Bad gateway",
        "server_error_503": "Service unavailable",
        "rate_limit": "Too many requests",
        # -- network and clock
        "slow": "Slow responses",
        "hang": "A call gets no response",
        "intermittent": "Intermittent failures",
        "html_answer": "A proxy's sign-in page instead of the response",
        "dropped_connection": "The connection drops",
        "malformed_json": "Responses are truncated",
        "clock_fast": "This machine's clock is slow",
        "clock_slow": "This machine's clock is fast",
        # -- Kloudless
        "upstream_expired": "Kloudless's own Box token no longer works",
        "kloudless_rate_limit": "Kloudless: rate limit with a retry time",
        "kloudless_5xx": "Kloudless: server errors",
        "kloudless_not_tracking": "Kloudless: activity isn't tracked",
        "kloudless_as_user_refused": "Kloudless: acting for a user is refused",
        "kloudless_raw_headers_dropped": "Kloudless: raw headers don't reach Box",
        # -- hardly noticeable
        "json_403": "A missing scope is reported in another form",
        "empty_page_zero": "Empty event pages have position 0",
        "repeated_page": "The same event page comes again",
        "late_arrivals": "Some events arrive late",
        "long_poll_reconnect": "Long polls end at once",
        "webhook_cleaned_up": "Box has deleted the webhooks",
        "kloudless_no_box_connector": "Kloudless: Box can't be connected",
        "kloudless_no_jwt_keys": "Kloudless: no Box JWT keys",
    }
)

HARDLY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing_scope_root_readwrite": "Checks don't write unless you allow it.",
        "missing_scope_manage_app_users": "Managed users are still listed.",
        "missing_scope_enterprise_content": "This app never had that scope.",
        "missing_scope_admin_on_behalf_of": "Only OAuth apps need that scope.",
        "json_403": "Only a refusal shows it, and nothing is refused here.",
        "empty_page_zero": "Reading events meets it, and an empty page is a valid response.",
        "repeated_page": "Reading events meets it, and drops the duplicates.",
        "late_arrivals": "It shows in Activity once the late events are read.",
        "long_poll_reconnect": "No check waits for events.",
        "webhook_cleaned_up": "These apps have no webhook to lose until you create one.",
        "kloudless_no_box_connector": "Connecting an account meets it; the catalogue that "
        "a check reads is the same for everybody.",
        "kloudless_cursor_expired": "Resuming to read Kloudless's activity meets it.",
        "kloudless_consent_denied": "Connecting an account meets it.",
    }
)

_GROUPS: Final[Mapping[Group, tuple[str, ...]]] = MappingProxyType(
    {
        Group.TOKEN: ("token_", "app_not_authorized"),
        Group.PERMISSIONS: (
            *("missing_scope_", "no_report_right", "no_users_right", "no_groups_right"),
            *("no_webhooks_right", "admin_logs_refused", "streaming_refused", "as_user_"),
            *("user_tokens_off", "gcm_granted", "location_blocked", "policy"),
        ),
        Group.BOX: (
            *("server_error_", "rate_limit", "terms_of_service", "password_reset"),
            *("email_confirmation", "other_enterprise", "free_account", "person_inactive"),
            *("empty_403", "not_found_everywhere"),
        ),
        Group.KLOUDLESS: ("kloudless_", "upstream_expired"),
        Group.NETWORK: (
            *("slow", "hang", "intermittent", "html_answer", "dropped_connection"),
            *("malformed_json", "clock_"),
        ),
    }
)
"""By the prefixes of names."""

_GROUPS_PATH: Final = "/2.0/groups"
_GENTLE: Final[Mapping[str, tuple[Mapping[str, Any], str]]] = MappingProxyType(
    {
        "slow": (
            {"delay": 4.2, "path": _GROUPS_PATH},
            "Here 4.2 seconds, and only when groups are read, so that the rest stays fast.",
        ),
        "hang": (
            {"path": _GROUPS_PATH},
            "Here only when groups are read. The checks take about 15 seconds to time out.",
        ),
    }
)
"""Limits for what would otherwise take minutes, and how they are described."""

_SCOPE: Final = "missing_scope_"
_KLOUDLESS: Final = "kloudless_"
_ORDER: Final = list(Group)


def offers_of(listing: Sequence[Mapping[str, Any]]) -> tuple[PracticeFault, ...]:
    """The offers for the sandbox's response to `GET /sandbox/faults`, in groups."""
    found = [_offer(fault) for fault in listing]
    return tuple(sorted(found, key=lambda offer: _ORDER.index(offer.group)))


def matching(
    offers: Sequence[PracticeFault], text: str, group: Group | None = None
) -> list[PracticeFault]:
    """Those of a group (None = all) in which each word of the text occurs."""
    words = text.casefold().split()
    return [
        offer
        for offer in offers
        if group in (None, offer.group)
        and all(word in f"{offer.title} {offer.sentence} {offer.name}".casefold() for word in words)
    ]


def draw(
    offers: Sequence[PracticeFault],
    choose: Callable[[Sequence[PracticeFault]], PracticeFault] = secrets.choice,
) -> PracticeFault:
    """One of those that a check notices. Raises IndexError when there is none."""
    return choose([offer for offer in offers if offer.noticeable])


def _offer(fault: Mapping[str, Any]) -> PracticeFault:
    name = str(fault["name"])
    options, note = _GENTLE.get(name, (_NOTHING, ""))
    area = str(fault.get("area", ""))
    return PracticeFault(
        name=name,
        title=_title(name),
        does=_describe(str(fault["does"]), fault.get("params") or {}, options),
        area=Area(area) if area in set(Area) else Area.BOTH,
        group=_group(name),
        note=HARDLY.get(name, note),
        options=options,
    )


def _group(name: str) -> Group:
    if name in HARDLY:
        return Group.HARDLY
    for group, beginnings in _GROUPS.items():
        if name.startswith(beginnings):
            return group
    return Group.OTHER


def _title(name: str) -> str:
    known = TITLES.get(name)
    if known is not None:
        return known
    if name.startswith(_SCOPE):
        scope = name.removeprefix(_SCOPE)
        label = next((spec.label for spec in NEEDS.values() if spec.scope == scope), scope)
        return f"The app lacks a scope: {label.partition(' (')[0]}"
    if name.startswith(_KLOUDLESS):
        return f"Kloudless: {name.removeprefix(_KLOUDLESS).replace('_', ' ')}"
    return name.replace("_", " ").capitalize()


def _describe(does: str, params: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """The sandbox's description, with the values of the parameters that it names."""
    values = {**params, **options}
    named = [
        f"{name} is {value}"
        for name, value in values.items()
        if f"`{name}`" in does and name in params and name not in options
    ]
    text = does.replace("`", "").rstrip(".") + "."
    return f"{text} Here {', '.join(named)}." if named else text
