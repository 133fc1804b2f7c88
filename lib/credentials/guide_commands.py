"""The commands of the connector guide, and what has changed since it was written.

Only texts, put together from file names of our own. Sources: the connector guide (steps 2 to 7 of
"JWT authentication"); openssl's manual pages for the formats; Box developer documentation for the
names in today's consoles.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Command:
    """One command line, what it does, and what to know about it today."""

    title: str
    line: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A statement of the guide, and what applies today."""

    guide: str
    today: str


def key_commands(bits: int = 2048) -> tuple[Command, ...]:
    """The openssl commands that generate the same pair, and those that check it."""
    return (
        Command(
            "Generate the private key",
            f"openssl genrsa -aes256 -out private_key.pem {bits}",
            "Asks twice for a passphrase. Keep it; Box never sees it. OpenSSL 3 "
            "writes “BEGIN ENCRYPTED PRIVATE KEY”, OpenSSL 1 “BEGIN RSA PRIVATE KEY” "
            "with a DEK-Info line. Both work here.",
        ),
        Command(
            "Extract the public key",
            "openssl rsa -pubout -in private_key.pem -out public_key.pem",
            "This is the file that goes to Box: “BEGIN PUBLIC KEY”.",
        ),
        Command(
            "Convert an older private key to PKCS#8",
            "openssl pkcs8 -topk8 -v2 aes-256-cbc -in private_key.pem -out private_key_pkcs8.pem",
            "Needed only for programs that can't read the older format.",
        ),
        Command(
            "Show the fingerprint",
            "openssl pkey -pubin -in public_key.pem -outform DER | openssl dgst -sha256",
            "The same 64 characters as shown here.",
        ),
    )


CORRECTIONS: Final = (
    Correction(
        "openssl genrsa … openssl rsa … on one line",
        "They are two commands. The second one needs the passphrase of the first.",
    ),
    Correction(
        "“Perform Actions as Users”",
        "Box calls it “Make API calls using the as-user header” today.",
    ),
    Correction(
        "Business Settings → Apps → Custom Applications → Authorize New App",
        "Admin Console → Integrations → Platform Apps Manager → Server Authentication Apps → "
        "Add App.",
    ),
    Correction(
        "Enterprise ID in the Account Info tab",
        "Admin Console → Account & Billing → Account Information.",
    ),
)
