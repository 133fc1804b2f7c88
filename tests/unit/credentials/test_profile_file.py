"""The encrypted credential file and the block for secrets.toml."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.errors import ConfigurationError
from lib.core.redaction import Secret
from lib.credentials.profile_file import MAX_BYTES, open_, save, secrets_block
from lib.settings.loading import load_settings
from lib.settings.profiles import (
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Profile,
    ProfileKind,
    session_profile,
)

PASSWORD = "four random words here"
PEM = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + "MIIcanary+/" * 8 + "=\n-----END X-----\n"
PROFILE = session_profile(
    label="Acme, Straße 7",
    box=BoxCredentials(
        auth=BoxAuth.JWT,
        client_id="client",
        client_secret=Secret('canary"\\\n\t\x01\x7fé\u2028☂'),
        public_key_id="abcd1234",
        private_key=Secret(PEM),
        passphrase=Secret("canary '''"),
        enterprise_id="123",
        user_id="0042",
        webhook_primary_key=Secret("canary-primary"),
    ),
    kloudless=KloudlessCredentials("https://k.acme.example/v1", "app", Secret("canary-key")),
)
SAVED = save(PROFILE, PASSWORD)


def refusal(data: bytes, password: str = PASSWORD) -> str:
    with pytest.raises(ConfigurationError) as caught:
        open_(data, password)
    assert caught.value.cause
    assert caught.value.fix
    return caught.value.message


# ---------------------------------------------------------------- the file


def test_a_saved_profile_opens_again_under_a_new_key() -> None:
    opened = open_(SAVED, PASSWORD)
    assert (opened.box, opened.kloudless, opened.label) == (
        PROFILE.box, PROFILE.kloudless, PROFILE.label,
    )  # fmt: skip
    assert opened.kind is ProfileKind.SESSION
    assert opened.key.startswith("session-")
    assert opened.key != PROFILE.key


@pytest.mark.parametrize("auth", list(BoxAuth))
def test_each_way_to_sign_in_survives(auth: BoxAuth) -> None:
    profile = session_profile(
        box=BoxCredentials(
            auth=auth, refresh_token=Secret("r"), developer_token=Secret("d"), client_id="c"
        )
    )
    assert open_(save(profile, PASSWORD), PASSWORD).box == profile.box


def test_the_file_shows_nothing_and_is_never_twice_the_same() -> None:
    assert b"canary" not in SAVED
    assert b"Acme" not in SAVED
    assert save(PROFILE, PASSWORD) != SAVED


def test_salt_and_nonce_come_from_the_given_randomness() -> None:
    asked: list[int] = []

    def random(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    assert save(PROFILE, PASSWORD, random=random) == save(PROFILE, PASSWORD, random=bytes)
    assert asked == [16, 12]


def test_a_password_may_be_composed_in_another_way() -> None:
    data = save(PROFILE, "pa\u0308sswo\u0308rd lang")
    assert open_(data, "p\u00e4ssw\u00f6rd lang").box == PROFILE.box


def test_a_short_password_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="too short"):
        save(PROFILE, "1234567")


def test_a_wrong_password_is_named() -> None:
    assert refusal(SAVED, "another password") == "The credential file doesn't open."
    assert refusal(SAVED, "") == "The credential file doesn't open."


@pytest.mark.parametrize("size", [1, 10, 19, 20, 30, 49, 50, 51, 60, 65])
def test_a_cut_off_file_is_named(size: int) -> None:
    assert "cut off" in refusal(SAVED[:size])


def test_a_file_cut_off_later_does_not_open() -> None:
    assert refusal(SAVED[:-1]) == "The credential file doesn't open."


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"-----BEGIN PRIVATE KEY-----", b"PK\x03\x04", bytes(200)]
)
def test_a_foreign_file_is_named(data: bytes) -> None:
    assert refusal(data) == "This isn't a credential file of this app."


def test_a_huge_file_is_not_even_looked_at() -> None:
    assert "too large" in refusal(SAVED + bytes(MAX_BYTES))


def test_a_later_version_is_named() -> None:
    assert "later version" in refusal(SAVED[:19] + b"\x02" + SAVED[20:])


@pytest.mark.parametrize("cost", [(0, 8, 1), (13, 8, 1), (18, 8, 1), (31, 8, 1), (15, 9, 1),
                                  (15, 255, 1), (15, 8, 0), (15, 8, 255)])  # fmt: skip
def test_costs_outside_the_bounds_are_refused_before_the_work(cost: tuple[int, int, int]) -> None:
    assert "damaged" in refusal(SAVED[:20] + bytes(cost) + SAVED[23:])


@given(place=st.integers(23, len(SAVED) - 1), bit=st.integers(0, 7))
@settings(max_examples=20, deadline=None)
def test_a_changed_bit_anywhere_is_noticed(place: int, bit: int) -> None:
    data = bytearray(SAVED)
    data[place] ^= 1 << bit
    assert refusal(bytes(data)) == "The credential file doesn't open."


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_bytes_make_it_raise_anything_else(data: bytes) -> None:
    refusal(data)


def test_what_the_host_configured_is_not_given_away() -> None:
    profile = Profile("acme", "Acme", ProfileKind.CONFIGURED, box=PROFILE.box)
    with pytest.raises(ConfigurationError, match="can't be exported"):
        save(profile, PASSWORD)
    with pytest.raises(ConfigurationError, match="can't be exported"):
        secrets_block(profile)


# ---------------------------------------------------------------- the block


def loaded(block: str, folder: Path) -> Profile:
    path = folder / "secrets.toml"
    path.write_bytes(block.encode())
    (profile,) = load_settings(environ={}, secrets_path=path).profiles.values()
    return profile


def test_the_block_reads_back_as_the_same_values(tmp_path: Path) -> None:
    profile = loaded(secrets_block(PROFILE), tmp_path)
    assert (profile.box, profile.kloudless) == (PROFILE.box, PROFILE.kloudless)
    assert (profile.key, profile.label) == ("acme-strae-7", PROFILE.label)


def test_a_key_keeps_its_lines() -> None:
    assert f"private_key = '''\n{PEM}'''" in secrets_block(PROFILE)


@pytest.mark.parametrize(
    "label,key",
    [
        ("", "this-session"),
        ("Acme", "acme"),
        ("☂", "my-box"),
        ("sandbox", "my-sandbox"),
        ("session-1", "my-session-1"),
        ("a" * 90, "a" * 40),
        ("x].y\n[z", "x-y-z"),
    ],
)
def test_the_block_has_a_key_that_settings_take(tmp_path: Path, label: str, key: str) -> None:
    profile = session_profile(label=label, kloudless=KloudlessCredentials("https://k/v1", "a"))
    assert loaded(secrets_block(profile), tmp_path).key == key


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120)


@given(TEXTS, TEXTS, TEXTS.map(lambda text: text.replace(text[0], "\n")))
@settings(max_examples=200, deadline=None)
def test_any_text_reads_back(client_id: str, secret: str, key: str) -> None:
    profile = session_profile(
        label=client_id,
        box=BoxCredentials(
            client_id=client_id, client_secret=Secret(secret), private_key=Secret(key)
        ),
    )
    tree = tomllib.loads(secrets_block(profile))
    (read,) = load_settings(environ={}, secrets=tree).profiles.values()
    assert read.box is not None
    assert read.box.client_id == client_id
    assert read.box.client_secret == Secret(secret)
    assert read.box.private_key == Secret(key)


def test_half_a_surrogate_pair_is_refused() -> None:
    profile = session_profile(box=BoxCredentials(client_secret=Secret("\ud800canary")))
    with pytest.raises(ConfigurationError) as caught:
        secrets_block(profile)
    assert "canary" not in str(caught.value.as_dict())
    assert open_(save(profile, PASSWORD), PASSWORD).box == profile.box


def test_addresses_lose_their_last_slash(tmp_path: Path) -> None:
    profile = session_profile(box=BoxCredentials(api_url="https://api.box.com/", client_id="c"))
    box = loaded(secrets_block(profile), tmp_path).box
    assert box is not None
    assert box.api_url == "https://api.box.com"


def test_random_bytes_come_from_the_system_by_default() -> None:
    assert save.__kwdefaults__ == {"random": os.urandom}
