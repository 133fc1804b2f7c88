"""The texts of the Credentials page.

A parameter named `..._md` is Markdown already; every other one is a plain value that needs no
escaping.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from lib.settings.profiles import BoxAuth, ProfileKind

# The page
TITLE: Final = "Credentials"
SUBTITLE: Final = (
    "Give this session access to Box, verify it with one small call, and keep or forget the "
    "credentials."
)
ENTER: Final = "Enter"
TRY: Final = "Try"
ENTERPRISES: Final = "Enterprises"
KEEP: Final = "Keep or forget"

# Enter: the tabs
BOX_TAB: Final = "Box app"
KLOUDLESS_TAB: Final = "Kloudless application"
MORE_TAB: Final = "Addresses and keys"
KLOUDLESS_NOTE: Final = (
    "Only if you run your own Kloudless appliance. Everything that Box alone can do works without "
    "it."
)
WEBHOOK_KEYS_NOTE: Final = "Box signs webhooks with these keys. No other page needs them."
AUTH: Final = "Authentication method"
AUTHS: Final[Mapping[BoxAuth, str]] = MappingProxyType(
    {
        BoxAuth.JWT: "JWT",
        BoxAuth.CCG: "Client credentials",
        BoxAuth.OAUTH: "OAuth 2.0",
        BoxAuth.DEVELOPER_TOKEN: "Developer token",
    }
)
ABOUT_AUTH: Final[Mapping[BoxAuth, str]] = MappingProxyType(
    {
        BoxAuth.JWT: "The app signs each token request with a private key. Box's settings file "
        "contains everything needed.",
        BoxAuth.CCG: "The app authenticates with client ID and client secret. A Box admin "
        "authorizes it as for JWT.",
        BoxAuth.OAUTH: "A person signs in and grants access. The app sees what that person sees.",
        BoxAuth.DEVELOPER_TOKEN: "A token created by hand in the Developer Console. Quick to get; "
        "it expires after 60 minutes.",
    }
)

# Enter: the settings file
SETTINGS_FILE: Final = "App settings JSON"
SETTINGS_FILE_HELP: Final = (
    "Developer Console → your app → Configuration → Download as JSON. It is read here and deleted "
    "from the server's memory. Nothing of it is sent anywhere but to Box, when you press Try it."
)
PASTE: Final = "Paste its text instead"
SETTINGS_TEXT: Final = "Text of the app settings JSON"
SANDBOX_FILE: Final = "No Box app yet? Practise with the sandbox's file"
PASTED: Final = "The pasted text"


def settings_read(name_md: str) -> str:
    """The settings file filled the fields."""
    return f"**{name_md}** was read and filled in the fields below."


def settings_refused(name_md: str) -> str:
    """The settings file has errors."""
    return f"**{name_md}** can't be used as it is."


# Enter: the fields
REPLACE: Final = "Set. Enter another value to replace it."
CLEAR: Final = "Clear"
COMPLETE: Final = "Complete, and in use for this session. **Try it** below."
SANDBOX_ADDRESSES: Final = "Use the sandbox's addresses"
SANDBOX_ADDRESSES_HELP: Final = "To try the pages with the sandbox's own credentials."


def optional(label: str) -> str:
    """The label of a field that can stay empty."""
    return f"{label} (optional)"


def clear_field(label: str) -> str:
    """What the button beside a field does."""
    return f"Clear: {label}"


def still_needed(lacking: Sequence[str]) -> str:
    """The fields that are required and empty."""
    return f"Still needed: **{', '.join(lacking)}**."


# Enter: the sign-in with Box
BOX: Final = "Box"
NEEDS_CLIENT: Final = (
    "Enter client ID and client secret, then sign in here, or enter a refresh token."
)
SIGN_IN_INTRO: Final = "**Sign in to Box** to get the refresh token. It opens in a new tab."
SIGN_IN: Final = "Sign in to Box"
NO_RETURN: Final = "It doesn't come back by itself"
REDIRECT: Final = "Redirect address (optional)"
REDIRECT_HELP: Final = (
    "Another redirect URI registered with the app, if this app's address isn't. Box sends you "
    "there, and you paste the address of that page below."
)
REDIRECT_INVALID: Final = (
    ":red[:material/error:] This isn't a web address, so it isn't used. Enter the complete "
    "address, starting with https://."
)
REDIRECT_UNKNOWN: Final = (
    "Enter a redirect address below: the browser doesn't report this app's address."
)
REDIRECT_REFUSED: Final = (
    "Does Box show **redirect\\_uri\\_mismatch** or **redirect\\_uri\\_missing** in the other tab? "
    "Then it doesn't come back at all:"
)
WHAT_HAPPENED: Final = "What happened"
WHY: Final = "Why"
WHAT_TO_DO: Final = "What to do"
WHERE: Final = "Where"


def redirect_uri(where_md: str) -> str:
    """Where the redirect URI is registered."""
    return (
        "The app must have exactly this redirect URI, character by character (for localhost, any "
        f"port matches): {where_md} → Configuration."
    )


def as_of(where_md: str, date_md: str) -> str:
    """A place in Box's console, and when it was last known to be right."""
    return f"{where_md} (as of {date_md})"


# Signing in again for a configured profile
AGAIN_ONLY_HOST: Final = (
    "If its refresh token no longer works, the host of this app can sign in again: in a browser on "
    "the machine itself, with the app listening on localhost only."
)
AGAIN: Final = "Sign in again"
AGAIN_NOT_YET: Final = (
    "This profile has no refresh token yet. Enter its app above, sign in there, and download the "
    "block for secrets.toml under “Keep or forget”."
)
AGAIN_BUTTON: Final = "Sign in to Box again"
AGAIN_NO_RETURN: Final = "**If it doesn't come back by itself**"


def again_intro(profile_md: str) -> str:
    """What a new sign-in changes."""
    return (
        f"Replaces the refresh token that this app stores for **{profile_md}**, for everyone who "
        "uses this profile."
    )


# Try
KINDS: Final[Mapping[ProfileKind, str]] = MappingProxyType(
    {
        ProfileKind.SANDBOX: "the sandbox",
        ProfileKind.SESSION: "entered in this session",
        ProfileKind.CONFIGURED: "configured by the host",
    }
)
PRACTICE: Final = "made for this session"
TRY_IT: Final = "Try it"
TRY_HELP: Final = "Requests one token and makes one small read call. Nothing is changed there."
TRY_NOTE: Final = (
    "Makes the smallest real call and explains the answer: who the app is there, which enterprise, "
    "what this proves and what it doesn't."
)
NOT_IN_USE: Final = "What you entered isn't the profile in use."
USE_MINE: Final = "Use what I entered"
ASKING: Final = "Calling…"
PART: Final = "Part"
VALUE: Final = "Value"
ORIGIN: Final = "Source"
NOT_SET: Final = "not set"


def in_use(profile_md: str, kind: str) -> str:
    """The profile in use."""
    return f"**In use: {profile_md}** ({kind})"


def not_tried(part: str, lacking: Sequence[str]) -> str:
    """What was entered is incomplete, so nothing is called with it."""
    return (
        f"The entry for {part} is incomplete, so it isn't tried. Still needed: "
        f"{', '.join(lacking)}."
    )


# Enterprises
ENTERPRISES_NOTE: Final = (
    "For apps with JWT or client credentials: one app can serve several enterprises after an admin "
    "of each has authorized it."
)
ENTERPRISE_IDS: Final = "Enterprise IDs"
ENTERPRISE_IDS_HELP: Final = "Separate them with commas or spaces. One token request is made each."
ASK_BOX: Final = "Ask Box"
ASKING_BOX: Final = "Asking Box…"
ENTERPRISE: Final = "Enterprise"
NEXT_STEP: Final = "Responsible, and next step"
NOTHING_TO_DO: Final = "None: it is ready to use."
BOX_SAID: Final = "Box's message"
NONE: Final = "—"
ADMIN_STEP: Final = "The admin's step, ready to send"


def not_enterprise_ids(ids_md: str) -> str:
    """Entered IDs that can't be those of enterprises."""
    return f"Not an enterprise ID: {ids_md}"


def done_of(done: int, total: int) -> str:
    """The progress through a list."""
    return f"{done} of {total}"


def for_box_admin(step: str) -> str:
    """What a Box admin has to do."""
    return f"Box admin: {step}"


# Keep or forget
KEEP_NOTE: Final = (
    "What you enter here stays in this session's memory only. It is lost when you reload the page, "
    "close the tab or the server restarts."
)
KEEP_FILE: Final = "**Save to an encrypted file**"
KEEP_HOST: Final = "**Give it to the host**"
FORGET: Final = "**Forget it**"
FORGET_NOTE: Final = (
    "Deletes what you entered, the keys generated here, and every event read with them."
)
FORGET_NOW: Final = "Forget now"
FILE_PASSWORD: Final = "Password for the file"  # noqa: S105  # a label
FILE_PASSWORD_AGAIN: Final = "Repeat the password"  # noqa: S105  # a label
SAVE_FILE: Final = "Download encrypted file"
PASSWORDS_DIFFER: Final = "The two passwords differ."
OPEN_FILE: Final = "Open a saved file"
FILE: Final = "Encrypted profile file"
OPEN_PASSWORD: Final = "Its password"  # noqa: S105  # a label
OPEN: Final = "Open file"
FILE_INCOMPLETE: Final = (
    "The file is open, but its credentials are incomplete: see the fields above."
)
BLOCK_NOTE: Final = (
    "A block for the host's secrets.toml, with every value in plain text. Anyone who has it can "
    "act as your app: send it to the host over a secure channel, then delete it."
)
BLOCK_NEEDS: Final = "Enter credentials first."
PROFILE_NAME: Final = "Profile name"
PROFILE_NAME_INVALID: Final = "Use a to z, 0 to 9, _ and -."
SAVE_BLOCK: Final = "Download the block"
SHOW_BLOCK: Final = "Show it without secrets"
PLACEHOLDER: Final = "(your value)"


def password_too_short(shortest: int) -> str:
    """The password for a file is too short."""
    return f"Use at least {shortest} characters. Nobody can reset this password."


def file_opened(halves: Sequence[str]) -> str:
    """A saved file was opened, and which credentials in it are complete."""
    return (
        f"The file is open: its {' and '.join(halves)} credentials are complete and in use for "
        "this session. Nothing was sent; “Try it” does that."
    )
