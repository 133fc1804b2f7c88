"""Client of a data folder's owner, over loopback, for other processes of this machine."""

from pathlib import Path
from typing import Final

import httpx

from lib.app.ownership import TOKEN_HEADER, read_owner

CONNECT_S: Final = 5.0


def owner_client(data_dir: Path, seconds: float) -> httpx.Client | None:
    """A client of the owner, with its token; None when it didn't say where it is.

    Whoever gets it closes it. An answer may take `seconds`.
    """
    found = read_owner(data_dir)
    if found is None:
        return None
    return httpx.Client(
        base_url=found.url,
        headers={TOKEN_HEADER: found.token.reveal()},
        timeout=httpx.Timeout(seconds, connect=CONNECT_S),
        trust_env=False,
    )
