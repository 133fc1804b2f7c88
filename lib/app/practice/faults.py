"""What can be broken in the sandbox, in plain words: its faults with a title, a group, a limit.

The list is the sandbox's own, and what a fault does is told in the sandbox's words. The tables here
only give titles, groups and gentler limits; a fault that they don't know is offered all the same,
under its own name. `HARDLY` names those that no check notices, with the place where one does.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from lib.runbook.roads.goals import NEEDS

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Group(StrEnum):
    """Where a fault sits, in the order in which the groups are offered."""

    TOKEN = "Token"  # noqa: S105  # a heading
    PERMISSIONS = "Permissions"
    BOX = "Box itself"
    KLOUDLESS = "Kloudless"
    NETWORK = "Network and clock"
    OTHER = "Other"
    HARDLY = "Hardly noticeable"


class Area(StrEnum):
    """Whose calls a fault disturbs."""

    BOX = "box"
    KLOUDLESS = "kloudless"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Offer:
    """One fault that can be switched on.

    `does` is the sandbox's sentence, `note` what has to be known besides; `options` go with the
    order to switch it on.
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
        """What it does, and what has to be known besides."""
        return f"{self.does} {self.note}".strip()

    @property
    def noticeable(self) -> bool:
        """Whether a check notices it."""
        return self.group is not Group.HARDLY


TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # -- tokens
        "token_exp_past": "The assertion has expired",
        "token_exp_too_far": "The assertion lives too long",
        "token_exp_not_integer": "The assertion's expiry is no whole number",
        "token_exp": "The assertion's expiry is refused",
        "token_jti_used": "The assertion was used before",
        "token_jti": "The assertion's id is refused",
        "token_sub": "The assertion names a wrong enterprise or user",
        "token_signature": "The signature doesn't fit the key that Box has",
        "token_iss": "The assertion's issuer is refused",
        "token_aud": "The assertion's audience is refused",
        "token_grant_credentials": "The client credentials grant is refused",
        "token_refresh_invalid": "The refresh token is invalid",
        "token_refresh_expired": "The refresh token has expired",
        "token_code_expired": "The authorization code has expired",
        "app_not_authorized": "No admin has authorized the app",
        "app_not_authorized_short": "No admin has authorized the app (Box's shorter text)",
        "token_grant_type": "The app may not use this way to sign in",
        "token_grant_type_invalid_request": "The app may not use this way to sign in (other code)",
        "token_subject_type": "The app may not ask for this kind of token",
        "token_user": "Tokens for users are refused",
        "token_enterprise": "Tokens for the enterprise are refused",
        "token_client": "Client ID or secret is wrong",
        "token_client_not_valid": "Client ID or secret is wrong (other text)",
        "token_request": "The request for a token is malformed",
        "token_scope": "A token with the wanted scope isn't given",
        "token_rejected": "Every token is refused",
        # -- permissions
        "no_report_right": "The admin may not run reports",
        "admin_logs_refused": "The history of events is refused",
        "streaming_refused": "The live stream of events is refused",
        "no_users_right": "The admin may not manage users",
        "no_groups_right": "The admin may not manage groups",
        "no_webhooks_right": "Webhooks may not be used",
        "as_user_off": "The app may not act for users",
        "as_user_target_refused": "The person to act for is out of reach",
        "user_tokens_off": "User access tokens are switched off",
        "gcm_granted": "The app has more rights than it needs",
        "location_blocked": "Box blocks this network location",
        "policy": "A security policy forbids it",
        # -- Box itself
        "terms_of_service": "Terms of service wait to be accepted",
        "password_reset": "The account must reset its password",
        "email_confirmation": "The account's e-mail isn't confirmed",
        "other_enterprise": "It is another enterprise than the settings say",
        "free_account": "The account belongs to no enterprise",
        "person_inactive": "The account is inactive",
        "empty_403": "Everything is forbidden, without a reason",
        "not_found_everywhere": "Every file and folder is missing",
        "server_error_500": "Internal errors",
        "server_error_502": "Bad gateway",
        "server_error_503": "Service unavailable",
        "rate_limit": "Too many requests",
        # -- network and clock
        "slow": "Slow answers",
        "hang": "A call is never answered",
        "intermittent": "Failures now and then",
        "html_answer": "A proxy's sign-in page in place of the answer",
        "dropped_connection": "The connection breaks off",
        "malformed_json": "Answers are cut off",
        "clock_fast": "This machine's clock is slow",
        "clock_slow": "This machine's clock is fast",
        # -- Kloudless
        "upstream_expired": "Kloudless's own Box token is dead",
        "kloudless_rate_limit": "Kloudless: a rate limit that says when to ask again",
        "kloudless_5xx": "Kloudless: server errors",
        "kloudless_not_tracking": "Kloudless: activity isn't tracked",
        "kloudless_as_user_refused": "Kloudless: acting for a user is refused",
        "kloudless_raw_headers_dropped": "Kloudless: raw headers don't reach Box",
        # -- hardly noticeable
        "json_403": "A missing scope is told in another form",
        "empty_page_zero": "Empty pages of events say position 0",
        "repeated_page": "The same page of events comes again",
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
        "empty_page_zero": "Reading events meets it, and an empty page is a right answer.",
        "repeated_page": "Reading events meets it, and knows each event again.",
        "late_arrivals": "It shows in Activity once the late events are read.",
        "long_poll_reconnect": "No check waits for events.",
        "webhook_cleaned_up": "These apps have no webhook to lose until you make one.",
        "kloudless_no_box_connector": "Connecting an account meets it; the catalogue that a check "
        "reads is the same for everybody.",
        "kloudless_cursor_expired": "Reading Kloudless's activity from where it stopped meets it.",
        "kloudless_no_jwt_keys": "Importing a Box admin account meets it.",
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
"""By the beginnings of names."""

_GROUPS_PATH: Final = "/2.0/groups"
_GENTLE: Final[Mapping[str, tuple[Mapping[str, Any], str]]] = MappingProxyType(
    {
        "slow": (
            {"delay": 4.2, "path": _GROUPS_PATH},
            "Here 4.2 seconds, and only where groups are read, so that the rest stays quick.",
        ),
        "hang": (
            {"path": _GROUPS_PATH},
            "Here only where groups are read; the checks take some 15 seconds to give up.",
        ),
    }
)
"""Limits for what would otherwise take minutes, and how they are told."""

_SCOPE: Final = "missing_scope_"
_KLOUDLESS: Final = "kloudless_"
_ORDER: Final = list(Group)


def offers_of(listing: Sequence[Mapping[str, Any]]) -> tuple[Offer, ...]:
    """The offers for the sandbox's answer to `GET /sandbox/faults`, in groups."""
    found = [_offer(fault) for fault in listing]
    return tuple(sorted(found, key=lambda offer: _ORDER.index(offer.group)))


def matching(offers: Sequence[Offer], text: str, group: Group | None = None) -> list[Offer]:
    """Those of a group (None = all) in which each word of the text occurs."""
    words = text.casefold().split()
    return [
        offer
        for offer in offers
        if group in (None, offer.group)
        and all(word in f"{offer.title} {offer.sentence} {offer.name}".casefold() for word in words)
    ]


def draw(
    offers: Sequence[Offer], choose: Callable[[Sequence[Offer]], Offer] = secrets.choice
) -> Offer:
    """One of those that a check notices. Raises IndexError when there is none."""
    return choose([offer for offer in offers if offer.noticeable])


def _offer(fault: Mapping[str, Any]) -> Offer:
    name = str(fault["name"])
    options, note = _GENTLE.get(name, (_NOTHING, ""))
    area = str(fault.get("area", ""))
    return Offer(
        name=name,
        title=_title(name),
        does=_told(str(fault["does"]), fault.get("params") or {}, options),
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


def _told(does: str, params: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """The sandbox's sentence, with the values of what it calls by name."""
    values = {**params, **options}
    named = [
        f"{name} is {value}"
        for name, value in values.items()
        if f"`{name}`" in does and name in params and name not in options
    ]
    text = does.replace("`", "").rstrip(".") + "."
    return f"{text} Here {', '.join(named)}." if named else text
