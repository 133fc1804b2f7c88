"""What can go wrong on the wire, before there is an answer to read.

A transport raises `WireFault`; the outermost one turns it into `Unreachable`, with the text of the
table of causes. `sent` tells whether bytes of the request may have left: only a request that
certainly didn't may be repeated whatever its method.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from ssl import SSLError
from typing import Final

import httpcore
import httpx

from lib.core import causes
from lib.core.call import Call
from lib.core.errors import Unreachable
from lib.core.redaction import redact

_DETAIL_LENGTH: Final = 300


class FaultKind(StrEnum):
    """The kinds of `Unreachable`."""

    DNS = "dns"
    TLS = "tls"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    RESET = "reset"
    MALFORMED = "malformed"
    BLOCKED = "blocked"
    CLOSED = "closed"


class WireFault(Exception):
    """No usable answer came. `detail` is a sentence that a stranger may read."""

    def __init__(self, kind: FaultKind, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = redact(detail)[:_DETAIL_LENGTH]
        self.sent = sent


def blocked(detail: str) -> WireFault:
    """The fault of a request that we don't send."""
    return WireFault(FaultKind.BLOCKED, detail, sent=False)


def let_go() -> WireFault:
    """The fault of a request by a client that was closed meanwhile."""
    return WireFault(FaultKind.CLOSED, "", sent=False)


def unreachable(host: str, fault: WireFault, call: Call | None = None) -> Unreachable:
    """The error that people see for a fault on the wire; `call` is the attempt that met it."""
    explanation = causes.network_error(fault.kind).explanation
    if fault.detail:
        explanation["cause"] += f" ({fault.detail})"
    said = _SAID.get(fault.kind, "No answer from {host}.")
    return Unreachable(
        said.format(host=host or "An address without a host"),
        kind=fault.kind,
        call=call,
        **explanation,
    )


_SAID: Final = {
    FaultKind.BLOCKED: "{host} was not asked.",
    FaultKind.CLOSED: "{host} was not asked.",
    FaultKind.MALFORMED: "{host} answered, but not as its API does.",
}


@contextmanager
def wire_faults() -> Iterator[None]:
    """Turn what httpcore, httpx and the system raise into a `WireFault`."""
    try:
        yield
    except httpcore.ConnectTimeout as error:
        detail = "the connection took too long"
        raise WireFault(FaultKind.TIMEOUT, detail, sent=False) from error
    except httpcore.PoolTimeout as error:
        detail = "every connection of this app is busy"
        raise WireFault(FaultKind.TIMEOUT, detail, sent=False) from error
    except httpcore.TimeoutException as error:
        raise WireFault(FaultKind.TIMEOUT, "the answer took too long", sent=True) from error
    except httpcore.ConnectError as error:
        raise _connect_fault(error) from error
    except httpcore.RemoteProtocolError as error:
        raise _protocol_fault(error) from error
    except (httpcore.NetworkError, httpcore.ConnectionNotAvailable) as error:
        raise WireFault(FaultKind.RESET, "the connection was cut", sent=True) from error
    except httpcore.LocalProtocolError as error:
        raise WireFault(FaultKind.BLOCKED, "the request isn't valid HTTP", sent=False) from error
    except httpx.DecodingError as error:
        detail = "the compressed body can't be read"
        raise WireFault(FaultKind.MALFORMED, detail, sent=True) from error


def _connect_fault(error: Exception) -> WireFault:
    reason: BaseException | None = error
    while reason is not None:
        if isinstance(reason, SSLError):
            detail = getattr(reason, "verify_message", "") or reason.reason or "TLS failed"
            return WireFault(FaultKind.TLS, str(detail), sent=False)
        if isinstance(reason, ConnectionResetError):
            return WireFault(FaultKind.RESET, "the connection was cut at once", sent=False)
        reason = reason.__cause__ or reason.__context__
    return WireFault(FaultKind.REFUSED, "no connection could be made", sent=False)


def _protocol_fault(error: Exception) -> WireFault:
    text = str(error)
    # The words of httpcore (no answer at all) and of h11 (a body that ends too early).
    if "disconnected" in text or "closed connection" in text:
        return WireFault(FaultKind.RESET, "the connection was cut", sent=True)
    return WireFault(FaultKind.MALFORMED, "the answer isn't valid HTTP", sent=True)
