"""An enterprise is ready only where Box gave a token for it."""

import pytest

from lib.credentials.enterprises import EnterpriseRow, Standing
from lib.ui.credentials import words
from lib.ui.credentials.view_try import _ready


@pytest.mark.parametrize("standing", list(Standing))
def test_only_an_authorized_enterprise_is_ready(standing: Standing) -> None:
    ready = _ready(EnterpriseRow("1", standing)) == words.NOTHING_TO_DO
    assert ready is (standing is Standing.AUTHORIZED)
