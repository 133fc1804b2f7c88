"""The texts of the JWT key page.

A parameter named `..._md` is Markdown already; every other one is a plain value that needs no
escaping.
"""

from collections.abc import Sequence
from typing import Final

from lib.core.causes import Mark

# The page
TITLE: Final = "JWT key"
SUBTITLE: Final = "Is this key valid, does it belong to the app, and does Box accept what it signs?"
KEY: Final = "Key"
ASSERTION: Final = "Assertion"
GO_TO_CREDENTIALS: Final = "Go to Credentials"

# The key in use
IN_USE_TAB: Final = "Key in use"
CHECK_TAB: Final = "Check a key"
GENERATE_TAB: Final = "Generate a pair"
NO_KEY: Final = "The profile in use has no private key. Check a key you have, or generate a pair."
KEY_IN_USE: Final = "The key in use"
WHAT_IT_IS: Final = "Format"
PUBLIC_KEY_ID: Final = "Public key ID"
ITS_PUBLIC_KEY: Final = "Its public key, to compare with the Developer Console"
ITS_PUBLIC_KEY_NOTE: Final = (
    "Box keeps this half. The Developer Console shows it in your app's Configuration, beside the "
    "Public Key ID."
)
FINGERPRINT: Final = "SHA-256 of the public key"


def usable(name_md: str) -> str:
    """The key can be used."""
    return f"**{name_md}** can sign for a Box app."


def unusable(name_md: str) -> str:
    """The key can't be used."""
    return f"**{name_md}** can't be used."


# Checking a key
FILE: Final = "Private key file"
FILE_HELP: Final = (
    "PEM, DER, PKCS#12, OpenSSH, or Box's app settings JSON. The format is detected. The file is "
    "read here and never sent."
)
PASTE: Final = "Or paste it"
PASTE_HELP: Final = "The text is removed from this field as soon as you leave it."
PASTED: Final = "The pasted key"
PASSPHRASE: Final = "Passphrase"  # noqa: S105  # a label
REPLACE: Final = "Set. Enter another to replace it."
COMPARE: Final = "Compare with a public key"
BOX_PUBLIC_KEY: Final = "Public key that Box has"
COMPARE_IN_USE: Final = "Compare with the key of the profile in use"
NO_VERDICT: Final = (
    "The result appears here: format, size, whether the passphrase opens the key, the fingerprint, "
    "and the public key to compare with the Developer Console."
)
USE_KEY: Final = "Use it in my credentials"
FORGET_KEY: Final = "Forget this key"
LEFT_COMPARISON: Final = "the comparison with its key on JWT key"

# Generating a pair
NEW_PASSPHRASE: Final = "Passphrase for the new key"  # noqa: S105  # a label
NEW_PASSPHRASE_AGAIN: Final = "Repeat the passphrase"  # noqa: S105  # a label
BITS: Final = "Size in bits"
BITS_HELP: Final = "Box's guide uses 2048."
GENERATE: Final = "Generate a pair"
GENERATING: Final = "Generating the key pair…"
PAIR_NOTE: Final = (
    "The pair is generated on this server and kept in this session's memory until you leave. "
    "Download both keys; Box gets the public one."
)
NEW_PAIR: Final = "**A new key pair.** Download both files now."
PRIVATE_KEY: Final = "Private key, encrypted"
PUBLIC_KEY: Final = "Public key"
PUBLIC_KEY_HEADING: Final = "The public key"
PAIR_NEXT: Final = (
    "Next: add the public key to your app in the Developer Console, and note the **Public Key ID** "
    "that Box assigns to it."
)
NO_PASSPHRASE: Final = "Enter a passphrase: the private key is always encrypted with one."  # noqa: S105
PASSPHRASES_DIFFER: Final = "The two passphrases differ. Enter both again."
COMMANDS: Final = "Do the same in a terminal, with openssl"
CORRECTIONS: Final = "**The connector guide's instructions, and what applies today**"
IN_GUIDE: Final = "In the guide"
TODAY: Final = "Today"


def passphrase_too_short(shortest: int) -> str:
    """The passphrase is too short."""
    return f"Use at least {shortest} characters."


# What is lost with the session
LOST_GENERATED: Final = "the key generated on JWT key"
LOST_ENTERED: Final = "the key entered on JWT key"
LOST_GENERATED_FIX: Final = (
    "A key that wasn't downloaded can't be recovered: generate another pair."
)
LOST_ENTERED_FIX: Final = "Enter the key again."

# What “Use it in my credentials” changed
KEY_ADDED: Final = "This key is now the private key of your credentials."
KEY_REPLACED: Final = "This key replaced the private key of your credentials."
KEY_SAME: Final = "Your credentials already had this private key."
PASSPHRASE_ADDED: Final = "Its passphrase was added too."  # noqa: S105  # a sentence
PASSPHRASE_REPLACED: Final = "Its passphrase replaced the earlier one."  # noqa: S105  # as above
PASSPHRASE_REMOVED: Final = "The earlier passphrase was removed: this key has none."  # noqa: S105
PASSPHRASE_SAME: Final = "The passphrase is unchanged."  # noqa: S105  # as above
PASSPHRASE_NONE: Final = "It has no passphrase."  # noqa: S105  # as above
AUTH_CHANGED: Final = "The app now authenticates with JWT: only JWT uses a key."
IN_MEMORY: Final = (
    "The credentials are in this session's memory only: nothing was written to disk, and nothing "
    "was sent to Box."
)
OLD_KEY_ID: Final = (
    "The public key ID is still that of the earlier key: enter the one that Box assigns to this "
    "key."
)


def still_needed(lacking: Sequence[str]) -> str:
    """The values that are required and empty."""
    return f"Still needed before you can try them: {', '.join(lacking)}."


def still_in_use(profile: str) -> str:
    """Incomplete credentials aren't used."""
    return f"The profile in use is still “{profile}”."


def complete(profile: str) -> str:
    """Complete credentials are in use."""
    return f"They are complete. The profile in use is “{profile}”."


# The assertion
NO_JWT: Final = (
    "The profile in use doesn't sign with a key. Enter an app with JWT on the Credentials page, or "
    "choose another profile in the sidebar."
)
SUBJECT: Final = "Token for"
SUBJECTS: Final = {"enterprise": "The enterprise (service account)", "user": "One user"}
DIGITS: Final = "Digits only"
NO_SUBJECT: Final = "Enter a user ID to see the assertion for that user."
FIELD: Final = "Field"
VALUE: Final = "Value and verdict"
ASSERTION_NOTE: Final = (
    "Created anew each time, signed with RS256 and sent with client ID and client secret. The "
    "signature is never shown: with it, anyone could act as the app for half a minute."
)


def subject_id(kind: str) -> str:
    """The label of the field for the ID."""
    return f"ID of the {kind}"


def known_id(subject: str) -> str:
    """The ID that is used when none is entered."""
    return f"{subject} (from the credentials)"


# The exchange
ASK_BOX: Final = "Ask Box"
EXCHANGE: Final = "Exchange it for a token"
EXCHANGE_HELP: Final = "One request to Box's token endpoint. The token is discarded at once."
ASKING_BOX: Final = "Asking Box…"
NEXT_CREDENTIALS: Final = "Next: see who the app is in Box"
NEXT_ACTIVITY: Final = "See what happens in Box"
PRACTISE: Final = "Simulate an error"
PRACTISE_NONE: Final = "None: the sandbox answers normally"
PRACTISE_HELP: Final = "The sandbox refuses this app's next request in the way you choose."
SECOND_ASSERTION: Final = "A second assertion was made on Box's clock. Its outcome:"
NOT_REPORTED: Final = "Not reported by Box"
FOR: Final = "For"
EXPIRES: Final = "Expires"
RESTRICTED: Final = "Restricted to some items"
YES: Final = "yes"
NO: Final = "no"


def token_issued(took: str) -> str:
    """Box issued a token."""
    return f"**Box issued a token** · {took}"


def subject(kind: str, id_md: str) -> str:
    """For whom a token is."""
    return f"{kind} {id_md}"


def clock(verdict_md: str) -> str:
    """How this server's clock compares with Box's."""
    return f"**Clock** {verdict_md}"


# The known refusals
KNOWN_ERRORS: Final = "All known errors, with cause and fix"
WHAT_AND_WHY: Final = "What happens, and why"
WHAT_TO_DO: Final = "What to do"
MARKS: Final = {
    Mark.DOCUMENTED: "Box's documentation",
    Mark.OBSERVED: "observed in practice",
    Mark.INFERRED: "inferred, not documented",
}


def fix(fix_md: str, who_md: str, mark: Mark) -> str:
    """What to do about an error, who can do it, and how the error is known."""
    return f"{fix_md}  \n{who_md} Known from: {MARKS[mark]}."


# -- what became of a value of the credentials -----------------------------------------------------

REMOVED: Final = "removed"
UNCHANGED: Final = "unchanged"
