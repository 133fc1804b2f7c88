"""An empty list of groups says what Box showed, not what the enterprise has."""

from types import SimpleNamespace
from typing import Any

import pytest

from lib.settings.profiles import BoxAuth
from lib.ui.accounts import words
from lib.ui.accounts.view_box import _no_groups


@pytest.mark.parametrize(
    "auth, text",
    [
        (BoxAuth.JWT, words.NO_GROUPS),
        (BoxAuth.OAUTH, words.NO_GROUPS_FOR_PERSON),
        (BoxAuth.DEVELOPER_TOKEN, words.NO_GROUPS_FOR_PERSON),
    ],
)
def test_a_person_may_not_see_the_groups_there_are(auth: BoxAuth, text: str) -> None:
    context: Any = SimpleNamespace(profile=SimpleNamespace(box=SimpleNamespace(auth=auth)))
    assert _no_groups(context, "") == text
    assert "“dev”" in _no_groups(context, "dev")
