"""What sources of events are called in a sentence."""

from typing import Final

SOURCE_NAMES: Final = {
    "box_stream": "Box, the enterprise's event stream",
    "box_user_stream": "Box, one user's event stream",
    "box_webhook": "Box webhooks",
    "kloudless": "Kloudless",
    "import": "imported files",
}
