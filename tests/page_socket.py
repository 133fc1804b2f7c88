"""A visitor without a browser: asks the app for a page over its WebSocket, with any headers.

What comes back is every byte that the server sent for one run of the page, which is all that a
browser could draw from. A visitor may say another host than the one it connects to.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol


@dataclass(frozen=True, slots=True)
class Seen:
    """All frames of one run, as they came, and as texts."""

    frames: tuple[bytes, ...]

    @property
    def all(self) -> bytes:
        """Every byte."""
        return b"\n".join(self.frames)

    def __contains__(self, text: str) -> bool:
        return text.encode() in self.all


def visit(
    url: str,
    page: str = "",
    *,
    query: str = "",
    host: str | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> Seen:
    """Run a page of the app at `url` to its end. `host` is what the visitor says it is."""
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    asked = BackMsg()
    asked.rerun_script.page_name = page
    asked.rerun_script.query_string = query
    asked.rerun_script.context_info.url = f"http://{host or parts.netloc}/{page}"
    asked.rerun_script.context_info.timezone = "UTC"
    frames: list[bytes] = []
    with (
        socket.create_connection(address, timeout=seconds) as raw,
        connect(
            f"ws://{host or parts.netloc}/_stcore/stream",
            sock=raw,
            subprotocols=[Subprotocol("streamlit")],
            additional_headers=dict(headers or {}),
            max_size=None,
        ) as line,
    ):
        line.send(asked.SerializeToString())
        while True:
            frame = line.recv(timeout=seconds)
            if isinstance(frame, str):
                frame = frame.encode()
            frames.append(frame)
            if ForwardMsg.FromString(frame).WhichOneof("type") == "script_finished":
                return Seen(tuple(frames))
