"""Passes a signed delivery to a receiver in this process, bypassing the network and nothing else.

The receiver checks it as it checks what its routes bring: a replay, or a test of a profile without
an address. It holds its own quota, because quotas belong to one event loop.
"""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from lib.webhooks.receive.receiver import Answer, Kind, Receiver
from lib.webhooks.signing.sending import Outgoing


def hand_in(receiver: Receiver, kind: Kind, profile: str, outgoing: Outgoing) -> Answer:
    """What the receiver answers. Not for a thread that runs an event loop."""
    sent = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in outgoing.headers.items()]
    scope: MutableMapping[str, Any] = {"type": "http", "method": "POST", "headers": sent}

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": outgoing.body, "more_body": False}

    return asyncio.run(receiver.receive(kind, profile, scope, receive))
