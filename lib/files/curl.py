"""A request as a curl command. Its credential is the name of an environment variable."""

import shlex
from collections.abc import Sequence
from typing import Final

from lib.files.source import FileSide
from lib.http import Exchange

BOX_TOKEN: Final = "$BOX_TOKEN"  # noqa: S105  # the name of a variable
KLOUDLESS_KEY: Final = "$KLOUDLESS_API_KEY"
KLOUDLESS_TOKEN: Final = "$KLOUDLESS_TOKEN"  # noqa: S105  # as above
_GLOBS: Final = frozenset("[]{}")
#: Calls that lead up to a question: they carry a body, which is never kept.
_LEADING: Final = ("/oauth2/token", "/encode_raw_id/")


def curl(exchange: Exchange, side: FileSide) -> str:
    """One request as a curl command: method, full address, the headers that matter."""
    url = exchange.url.replace("%2C", ",")  # a list of fields reads better so, and is the same
    words = ["curl"]
    if exchange.call.method != "GET":
        words.append(f"-X {shlex.quote(exchange.call.method)}")
    if _GLOBS & set(url):
        words.append("--globoff")
    lines = [" ".join([*words, shlex.quote(url)])]
    if exchange.scheme:
        # In double quotes, so that the shell puts the variable's value there.
        lines.append(f'-H "Authorization: {exchange.scheme} {_variable(exchange, side)}"')
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in exchange.headers.items()]
    return " \\\n  ".join(lines)


def curls(exchanges: Sequence[Exchange], side: FileSide) -> tuple[str, ...]:
    """Each different request as a curl command, in the order they were sent."""
    asked = (one for one in exchanges if not one.call.path.endswith(_LEADING))
    return tuple(dict.fromkeys(curl(one, side) for one in asked))


def _variable(exchange: Exchange, side: FileSide) -> str:
    if side is FileSide.BOX:
        return BOX_TOKEN
    return KLOUDLESS_TOKEN if exchange.scheme.lower() == "bearer" else KLOUDLESS_KEY
