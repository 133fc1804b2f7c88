"""Values for the placeholders of steps: from the profile, never a secret.

A value that isn't there is named so that it is seen (`your Client ID`). One that doesn't look like
what it should be is treated as not there: profiles are typed and uploaded, and what stands in a
code block is copied into a terminal or a ticket. Of a secret only whether it is there is said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lib.runbook.goals import GOALS, Goal, Need, Road
from lib.runbook.roads.grants import APP_AUTH, Grant, Grants, grants_for
from lib.settings.profiles import BoxCredentials, Profile, ProfileKind

PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
IN_SETTINGS: Final = "(in your settings)"
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
_NUMBER: Final = re.compile(r"[0-9]{1,40}")
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9._~:/?=&%@\[\]-]{1,500}")
_USER_INFO: Final = re.compile(r"https?://[^/]*@")

VALUES: Final[Mapping[str, str]] = {
    "client_id": "your Client ID",
    "second_client_id": "the second app's Client ID",
    "public_key_id": "your Public Key ID",
    "enterprise_id": "your Enterprise ID",
    "redirect_uri": "this app's redirect URI",
    "webhook_address": "the address of your receiver",
    "kloudless_webhook_address": "the address of your receiver",
    "base_url": "your Kloudless base URL",
    "app_id": "your App ID",
    "client_secret": "your Client Secret",
    "second_client_secret": "the second app's Client Secret",
    "api_key": "your API Key",
    "passphrase": "your passphrase",
    "private_key": "your private key file",
}
"""Each value that a step may show, and its placeholder when it isn't known."""
BLOCKS: Final = frozenset({"ticks", "rights", "requests", "grants", "labels"})
"""Lists of our own words, each on its own line."""


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses that are in no profile.

    `redirect_uri` is that of this app's page for sign-ins, as the person's browser reaches it;
    `webhook_base` the public address of this app, without a slash at its end. Empty: not known.
    """

    redirect_uri: str = ""
    webhook_base: str = ""


def values_for(
    profile: Profile | None, road: Road, places: Places | None = None
) -> Mapping[str, str]:
    """A text for each value. Those of another kind of Box app than the road's aren't used."""
    found = dict(VALUES)
    places = places or Places()
    _put(found, "redirect_uri", places.redirect_uri, _ADDRESS)
    if profile is None:
        return found
    _put_box(found, profile.box, road)
    if profile.kloudless is not None:
        _put(found, "base_url", profile.kloudless.base_url, _ADDRESS)
        _put(found, "app_id", profile.kloudless.app_id, _IDENTIFIER)
        _put_if_set(found, "api_key", existing=bool(profile.kloudless.api_key))
    if places.webhook_base and profile.kind is not ProfileKind.SESSION:  # it has no webhooks
        base = places.webhook_base.rstrip("/")
        _put(found, "webhook_address", f"{base}/webhooks/box/{profile.key}", _ADDRESS)
        _put(
            found,
            "kloudless_webhook_address",
            f"{base}/webhooks/kloudless/{profile.key}",
            _ADDRESS,
        )
    return found


def fill(
    text: str, values: Mapping[str, str], *, road: Road, goal: Goal, extras: frozenset[Need]
) -> str:
    """A step's text with its placeholders filled."""
    grants = grants_for(road, goal, extras)

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        return _block(name, grants, goal) if name in BLOCKS else values[name]

    return PLACEHOLDER.sub(filled, text)


def unknown_in(text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the values in a text that aren't known yet."""
    names = dict.fromkeys(found[1] for found in PLACEHOLDER.finditer(text))
    return tuple(name for name in names if name in VALUES and values[name] == VALUES[name])


def _put_box(found: dict[str, str], box: BoxCredentials | None, road: Road) -> None:
    if box is None:
        return
    _put(found, "enterprise_id", box.enterprise_id, _NUMBER)
    if box.auth is not APP_AUTH[road]:  # how an app signs in is fixed: this is another app
        return
    _put(found, "client_id", box.client_id, _IDENTIFIER)
    _put(found, "public_key_id", box.public_key_id, _IDENTIFIER)
    for name in ("client_secret", "passphrase", "private_key"):
        _put_if_set(found, name, existing=bool(getattr(box, name)))


def _put(found: dict[str, str], name: str, value: str, form: re.Pattern[str]) -> None:
    if form.fullmatch(value) and not _USER_INFO.match(value):
        found[name] = value


def _put_if_set(found: dict[str, str], name: str, *, existing: bool) -> None:
    if existing:
        found[name] = IN_SETTINGS


def _block(name: str, grants: Grants, goal: Goal) -> str:
    if name == "rights":
        nobody = "- None. The service account has what the scopes allow."
        return "\n".join(f"- “{right}”" for right in grants.rights) or nobody
    if name == "labels":
        return "\n".join(f"- {_named(one)}" for one in grants.all) or "- Nothing."
    if name == "grants":
        return f"For “{GOALS[goal].title}”:\n\n{_listed(grants.all, 'Nothing.')}"
    lists = {
        "ticks": (grants.ticks, "Nothing has to be selected."),
        "requests": (grants.requests, "Nothing has to be requested from Box support."),
    }
    return _listed(*lists[name])


def _listed(grants: tuple[Grant, ...], nothing: str) -> str:
    if not grants:
        return f"- {nothing}"
    return "\n".join(f"- {_named(one)}: {one.gives}" for one in grants)


def _named(grant: Grant) -> str:
    return f"**{grant.label}**{f' (`{grant.scope}`)' if grant.scope else ''}"
