"""That there is no account is said only of a list that was read to its end."""

from typing import Any

import pytest

from lib.core.errors import ConfigurationError
from lib.kloudless.api_errors import ObjectPage
from lib.ui.files import words
from lib.ui.files.identity import _accounts


class Listed:
    """A client whose list of accounts has no Box account on its first page."""

    def __init__(self, page: ObjectPage) -> None:
        self._page = page

    def accounts(self, **_: object) -> ObjectPage:
        return self._page


@pytest.mark.parametrize(
    "rest, text",
    [
        ({}, words.NO_ACCOUNT),
        ({"next_page": "2"}, words.NO_ACCOUNT_AMONG_FIRST),
        ({"total": 1_001}, words.NO_ACCOUNT_AMONG_FIRST),
    ],
)
def test_only_a_whole_list_shows_that_there_is_none(rest: dict[str, Any], text: str) -> None:
    client: Any = Listed(ObjectPage(objects=(), **rest))
    with pytest.raises(ConfigurationError) as found:
        _accounts(client, "")
    assert found.value.message == text
