"""What leaves a session: a block that can be shown has no secret in it."""

import tomllib

import pytest

from lib.core.redaction import Secret
from lib.credentials.profile_file import secrets_block
from lib.settings.profiles import (
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Profile,
    session_profile,
)
from lib.ui.credentials import words
from lib.ui.credentials.view_keep import password_problem, without_secrets

CANARY = "canary-19af"


def profile() -> Profile:
    return session_profile(
        box=BoxCredentials(
            auth=BoxAuth.CCG,
            client_id="abc",
            client_secret=Secret(CANARY),
            enterprise_id="7",
            webhook_primary_key=Secret(CANARY),
        ),
        kloudless=KloudlessCredentials(
            base_url="https://k.example.com/v1", app_id="app", api_key=Secret(CANARY)
        ),
        label="acme",
    )


def test_the_block_that_is_shown_names_every_setting_and_no_secret() -> None:
    shown = secrets_block(without_secrets(profile()))
    whole = secrets_block(profile())
    assert CANARY not in shown
    assert words.PLACEHOLDER in shown
    names = {half: set(v) for half, v in tomllib.loads(shown)["profiles"]["acme"].items()}
    assert names == {half: set(v) for half, v in tomllib.loads(whole)["profiles"]["acme"].items()}


@pytest.mark.parametrize(
    "first, second, word",
    [("", "", "at least"), ("short", "short", "at least"), ("long enough", "other one", "differ")],
)
def test_a_password_is_long_enough_and_typed_twice(first: str, second: str, word: str) -> None:
    assert word in password_problem(first, second)


def test_a_good_password_has_no_problem() -> None:
    assert password_problem("four random words", "four random words") == ""
