"""Calls to the sandbox's own control API, beside its Box and Kloudless.

Each `SandboxCalls` makes one client, with its first call, and keeps it until it is closed.
"""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lib.core.errors import Unreachable, Who

if TYPE_CHECKING:
    import httpx


class SandboxCalls:
    """Calls the sandbox; `sandbox_url` says where it is, None while it doesn't run."""

    def __init__(self, sandbox_url: Callable[[], str | None]) -> None:
        self._sandbox_url = sandbox_url
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, timeout_s: float
    ) -> "httpx.Response":
        """The answer, whatever it says. Raises Unreachable when there is none."""
        import httpx  # noqa: PLC0415  # not before the first call

        url = self._sandbox_url()
        if url is None:
            raise _gone("It hasn't started yet, or it couldn't start.")
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(trust_env=False)
            client = self._client
        try:
            return client.request(method, url + path, json=body, timeout=timeout_s)
        except httpx.HTTPError as error:
            raise _gone(f"No response ({type(error).__name__}).") from error

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()


def _gone(cause: str) -> Unreachable:
    return Unreachable(
        "The sandbox doesn't answer.",
        kind="refused",
        cause=cause,
        fix="Try again in a moment. If it fails again, restart the app: its sandbox restarts too.",
        who=Who.THIS_APP,
    )
