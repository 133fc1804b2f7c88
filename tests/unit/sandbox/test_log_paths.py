"""What of a path stays in the log of served requests."""

import secrets
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.sandbox.box.apps import fixed
from lib.sandbox.kloudless.ids import Sealer, group_id, person_id
from lib.sandbox.state import HIDDEN, without_secrets
from tests.unit.sandbox.bench import WORLD

LETTERS = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    "path",
    [
        f"/2.0/users/{WORLD.admin.id}",
        "/2.0/files/99999999999999999999999",
        "/2.0/enterprise_configurations/1234567",
        "/v1/accounts/123456789/storage/folders/root/contents",
        f"/v1/accounts/1/team/users/{person_id(WORLD.admin.id)}",
        f"/v1/accounts/1/team/groups/{group_id('200000001234')}/members",
        f"/v1/accounts/1/storage/files/{Sealer('a', 'b').seal('file', '700000000001')}",
        "/sandbox/credentials",
    ],
)
def test_ordinary_ids_stay(path: str) -> None:
    assert without_secrets(path) == path


@pytest.mark.parametrize("make", [lambda: secrets.token_urlsafe(24), lambda: fixed("a secret")])
def test_what_is_given_out_never_stays(make: Callable[[], str]) -> None:
    for _ in range(200):
        assert without_secrets(f"/2.0/users/{make()}/x") == f"/2.0/users/{HIDDEN}/x"


@given(st.text(LETTERS, min_size=32, max_size=32).filter(lambda text: not text.isdigit()))
def test_a_token_of_box_itself_never_stays(token: str) -> None:
    shown = without_secrets(f"/2.0/users/{token}")
    assert (token in shown) == token.islower() * token.isalpha()
