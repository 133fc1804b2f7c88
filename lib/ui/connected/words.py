"""The texts of the page that people come back to after a sign-in.

A parameter named `..._md` is Markdown already.
"""

from typing import Final

# The page
TITLE: Final = "Back from the sign-in"
SUBTITLE: Final = "The tab where you started shows the result and continues there."

# What came back
FINISHING: Final = "Finishing the sign-in…"
CLOSE: Final = "You can close this tab."
NOTHING: Final = (
    "Box and Kloudless send people back here after a sign-in. This address carries no sign-in, so "
    "there is nothing to finish. Start a sign-in on one of these pages:"
)


def done(headline_md: str) -> str:
    """The sign-in is complete."""
    return (
        f"**{headline_md}.**\n\nYou can close this tab: the one where you started continues by "
        "itself."
    )
