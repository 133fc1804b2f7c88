"""A request to Box itself, through Kloudless's pass-through call.

The answer is Box's own, so an error can come from either side: Kloudless's has an `error_code`,
Box's has its own shape. Only GETs are passed here, so nothing is written.
Source: the published Kloudless SDKs and blog.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import httpx

from lib.box.api_errors import box_error
from lib.http import error_body
from lib.kloudless import KloudlessClient
from lib.kloudless.api_errors import kloudless_error

ME: Final = "/2.0/users/me"


def asked_of_box(
    client: KloudlessClient, account: str, path: str, params: Mapping[str, str]
) -> httpx.Response:
    """Box's answer to a GET through that account; `client` may act as one of its users.

    Raises the error of whichever side refused.
    """
    query = urlencode({name: value for name, value in params.items() if value}, safe=",")
    answer = client.raw(account, "GET", f"{path}?{query}" if query else path)
    if not answer.is_error:
        return answer
    if "error_code" in error_body(answer):
        raise kloudless_error(answer)
    raise box_error(answer, path=path, as_user=client.as_user is not None)
