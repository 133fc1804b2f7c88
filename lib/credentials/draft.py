"""What a person has entered so far, before it becomes a session profile.

A draft lives in one browser session, in memory. It knows where each value came from and what is
still missing; it never writes a file, never reaches the network, and shows no value: its texts say
which fields are set, not what they contain. Sources of the rules: Box developer documentation (JWT,
Client Credentials Grant, OAuth 2.0).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from lib.core.invisible import without_invisible
from lib.core.redaction import Secret
from lib.settings.profiles import (
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Origin,
    Profile,
    ProfileKind,
    session_profile,
)


class Part(StrEnum):
    """Which half of a profile a field belongs to."""

    BOX = "box"
    KLOUDLESS = "kloudless"


class Brought(StrEnum):
    """Where a value of the draft came from; finer than `Origin`, shown to people."""

    TYPED = "typed"
    SETTINGS_FILE = "settings JSON"
    KEY_PAGE = "JWT key page"
    OPENED_FILE = "opened file"
    SIGN_IN = "sign-in"
    SANDBOX = "sandbox"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Field:
    """One field that can be entered. `name` is dotted, as in `Profile.origins`."""

    name: str
    label: str
    help: str
    secret: bool = False
    placeholder: str = ""
    many_lines: bool = False

    @property
    def part(self) -> Part:
        """The half of the profile that it belongs to."""
        return Part(self.name.partition(".")[0])

    @property
    def attribute(self) -> str:
        """Its name in `BoxCredentials` or `KloudlessCredentials`."""
        return self.name.partition(".")[2]


FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        f.name: f
        for f in (
            Field(
                "box.client_id",
                "Client ID",
                "Developer Console → your app → Configuration.",
            ),
            Field(
                "box.client_secret",
                "Client secret",
                "Developer Console → your app → Configuration.",
                secret=True,
            ),
            Field(
                "box.public_key_id",
                "Public key ID",
                "Developer Console → your app → Configuration, beside the public key.",
            ),
            Field(
                "box.private_key",
                "Private key (PEM)",
                "Paste the whole text, with the BEGIN and END lines. It is removed "
                "from this field as soon as you leave it.",
                secret=True,
                many_lines=True,
                placeholder="-----BEGIN ENCRYPTED PRIVATE KEY-----",
            ),
            Field(
                "box.passphrase",
                "Passphrase of the private key",
                "The passphrase chosen when the key was generated. Leave it empty if "
                "the key isn't encrypted.",
                secret=True,
            ),
            Field(
                "box.enterprise_id",
                "Enterprise ID",
                "Admin Console → Account & Billing → Account Information.",
                placeholder="Digits only",
            ),
            Field(
                "box.user_id",
                "Act as user (ID)",
                "Only if the app should act for one user instead of the whole enterprise.",
                placeholder="Digits only",
            ),
            Field(
                "box.developer_token",
                "Developer token",
                "Developer Console → your app. It is valid for 60 minutes and can't "
                "be renewed from here.",
                secret=True,
            ),
            Field(
                "box.refresh_token",
                "Refresh token",
                "From a completed OAuth sign-in. Box accepts each one once, for 60 days at most.",
                secret=True,
            ),
            Field(
                "box.api_url",
                "API address",
                "https://api.box.com, unless you use the sandbox or your own gateway.",
            ),
            Field(
                "box.account_url",
                "Sign-in address",
                "Where people sign in for OAuth; https://ent.box.com/api for Box Verified "
                "Enterprise.",
            ),
            Field(
                "box.webhook_primary_key",
                "Webhook primary key",
                "Developer Console → your app → Webhooks → Manage signature keys.",
                secret=True,
            ),
            Field(
                "box.webhook_secondary_key",
                "Webhook secondary key",
                "Developer Console → your app → Webhooks → Manage signature keys.",
                secret=True,
            ),
            Field(
                "kloudless.base_url",
                "Base address",
                "The address of your Kloudless appliance, up to and including the version.",
                placeholder="https://kloudless.example.com/v1",
            ),
            Field(
                "kloudless.app_id",
                "Application ID",
                "App Details page of your Kloudless application.",
            ),
            Field(
                "kloudless.api_key",
                "API key",
                "App Details page of your Kloudless application.",
                secret=True,
            ),
        )
    }
)

_COMMON: Final = ("box.client_id", "box.client_secret")
_REQUIRED: Final[Mapping[BoxAuth, tuple[str, ...]]] = MappingProxyType(
    {
        BoxAuth.JWT: (*_COMMON, "box.public_key_id", "box.private_key", "box.enterprise_id"),
        BoxAuth.CCG: (*_COMMON, "box.enterprise_id"),
        BoxAuth.OAUTH: (*_COMMON, "box.refresh_token"),
        BoxAuth.DEVELOPER_TOKEN: ("box.developer_token",),
    }
)
_OPTIONAL: Final[Mapping[BoxAuth, tuple[str, ...]]] = MappingProxyType(
    {
        BoxAuth.JWT: ("box.passphrase", "box.user_id"),
        BoxAuth.CCG: ("box.user_id",),
        BoxAuth.OAUTH: (),
        BoxAuth.DEVELOPER_TOKEN: (),
    }
)
ADDRESSES: Final = ("box.api_url", "box.account_url")
WEBHOOK_KEYS: Final = ("box.webhook_primary_key", "box.webhook_secondary_key")
KLOUDLESS: Final = ("kloudless.base_url", "kloudless.app_id", "kloudless.api_key")
_ORDER: Final = {
    BoxAuth.JWT: (
        *_COMMON,
        "box.public_key_id",
        "box.private_key",
        "box.passphrase",
        "box.enterprise_id",
        "box.user_id",
    )
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What was entered so far, and where each value came from."""

    box: BoxCredentials = field(default_factory=BoxCredentials)
    kloudless: KloudlessCredentials = field(default_factory=KloudlessCredentials)
    brought: Mapping[str, Brought] = field(default_factory=lambda: MappingProxyType({}))

    def value(self, name: str) -> str | Secret | None:
        """The value; secrets stay wrapped."""
        spec = FIELDS[name]
        holder = self.box if spec.part is Part.BOX else self.kloudless
        found: str | Secret | None = getattr(holder, spec.attribute)
        return found

    def is_set(self, name: str) -> bool:
        """Whether the field has a value."""
        return bool(self.value(name))

    def put(self, name: str, text: str, brought: Brought = Brought.TYPED) -> "Draft":
        """The draft with one more value; an empty text removes it.

        Spaces, line ends and invisible characters around a value come from copying and are dropped,
        except those of a passphrase, where they may belong to it.
        """
        spec = FIELDS[name]
        clean = text if spec.attribute == "passphrase" else without_invisible(text).strip()
        if spec.attribute in ("api_url", "account_url", "base_url"):
            clean = clean.rstrip("/")
        value: Any = Secret.of(clean) if spec.secret else clean
        if not clean and name in ADDRESSES:
            value = getattr(BoxCredentials(), spec.attribute)
        origins = dict(self.brought) | {name: brought}
        if not clean:
            origins.pop(name)
        return self._with(spec, value, origins)

    def _with(self, spec: Field, value: Any, origins: dict[str, Brought]) -> "Draft":
        change = {spec.attribute: value}
        if spec.part is Part.BOX:
            return replace(self, box=replace(self.box, **change), brought=MappingProxyType(origins))
        return replace(
            self, kloudless=replace(self.kloudless, **change), brought=MappingProxyType(origins)
        )

    def with_auth(self, auth: BoxAuth) -> "Draft":
        """The draft with another authentication method; what was entered stays."""
        return replace(self, box=replace(self.box, auth=auth))

    def with_box(self, box: BoxCredentials, brought: Brought) -> "Draft":
        """The draft with the values of a settings file; the entered addresses stay."""
        kept = replace(box, api_url=self.box.api_url, account_url=self.box.account_url)
        names = [n for n, f in FIELDS.items() if f.part is Part.BOX and n not in ADDRESSES]
        origins = {n: o for n, o in self.brought.items() if n not in names}
        origins |= {n: brought for n in names if getattr(box, FIELDS[n].attribute)}
        return replace(self, box=kept, brought=MappingProxyType(origins))

    @property
    def empty(self) -> bool:
        """Whether nothing was entered yet."""
        return not self.brought


def box_fields(auth: BoxAuth) -> tuple[str, ...]:
    """The fields of one authentication method, in the order they are asked for."""
    return _ORDER.get(auth, (*_REQUIRED[auth], *_OPTIONAL[auth]))


def required(auth: BoxAuth) -> tuple[str, ...]:
    """The fields that a call with that method requires."""
    return _REQUIRED[auth]


def missing(draft: Draft, part: Part) -> tuple[str, ...]:
    """Labels of what that half still needs before a call can be made."""
    names = required(draft.box.auth) if part is Part.BOX else KLOUDLESS
    if part is Part.BOX and draft.box.auth in (BoxAuth.JWT, BoxAuth.CCG) and draft.box.user_id:
        names = tuple(n for n in names if n != "box.enterprise_id")
    return tuple(FIELDS[n].label for n in names if not draft.is_set(n))


def started(draft: Draft, part: Part) -> bool:
    """Whether anything of that half was entered."""
    return any(FIELDS[n].part is part and n not in ADDRESSES for n in draft.brought)


def complete(draft: Draft, part: Part) -> bool:
    """Whether that half is complete."""
    return started(draft, part) and not missing(draft, part)


def profile_of(draft: Draft, *, label: str = "") -> Profile | None:
    """A session profile, under a new key, of the complete halves; None while there is none."""
    profile = session_profile(
        box=draft.box if complete(draft, Part.BOX) else None,
        kloudless=draft.kloudless if complete(draft, Part.KLOUDLESS) else None,
        label=label,
    )
    if profile.box is None and profile.kloudless is None:
        return None
    return replace(
        profile,
        origins=MappingProxyType(dict.fromkeys(draft.brought, Origin.TYPED)),
    )


def draft_of(profile: Profile, brought: Brought) -> Draft:
    """A draft with the values of a profile opened from a file."""
    draft = Draft(
        box=profile.box or BoxCredentials(),
        kloudless=profile.kloudless or KloudlessCredentials(),
    )
    defaults = Draft()
    names = {n: brought for n in FIELDS if draft.value(n) and draft.value(n) != defaults.value(n)}
    return replace(draft, brought=MappingProxyType(names))


def origin_words(profile: Profile, name: str, draft: Draft) -> str:
    """Where a value of a profile came from, in words; never the value."""
    if profile.kind is ProfileKind.SESSION and not profile.given_by_sandbox:
        return str(draft.brought.get(name, Brought.DEFAULT))
    origins = profile.origins
    part, _, attribute = name.partition(".")
    in_config = attribute not in ("api_url", "account_url", "base_url")
    found = origins.get(name) or (origins.get(f"{part}.config") if in_config else None)
    return str(found or origins.get(part) or Brought.DEFAULT)
