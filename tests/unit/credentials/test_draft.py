"""What a draft keeps, what it lacks, and that it shows nothing of what it keeps."""

import pytest

from lib.core.redaction import Secret
from lib.credentials.draft import (
    FIELDS,
    Brought,
    Draft,
    Part,
    box_fields,
    complete,
    draft_of,
    missing,
    origin_words,
    profile_of,
    required,
    started,
)
from lib.settings.loading import load_settings
from lib.settings.profiles import BoxAuth, BoxCredentials, Origin, ProfileKind

CANARY = "canary-6f1d2a"


def filled(**values: str) -> Draft:
    draft = Draft()
    for name, value in values.items():
        draft = draft.put(name.replace("__", "."), value)
    return draft


CCG = {
    "box__client_id": "c" * 32,
    "box__client_secret": CANARY,
    "box__enterprise_id": "1234567",
}


def test_an_empty_draft_is_no_profile() -> None:
    assert Draft().empty
    assert profile_of(Draft()) is None
    assert not started(Draft(), Part.BOX)


def test_a_draft_names_what_is_missing() -> None:
    draft = filled(box__client_id="abc").with_auth(BoxAuth.CCG)
    assert missing(draft, Part.BOX) == ("Client secret", "Enterprise ID")
    assert not complete(draft, Part.BOX)


def test_a_user_stands_in_for_the_enterprise() -> None:
    draft = filled(box__client_id="a", box__client_secret="b", box__user_id="5").with_auth(
        BoxAuth.CCG
    )
    assert missing(draft, Part.BOX) == ()


def test_a_complete_half_becomes_a_session_profile_under_a_key_of_its_own() -> None:
    draft = filled(**CCG).with_auth(BoxAuth.CCG)
    profile = profile_of(draft)
    again = profile_of(draft)
    assert profile is not None
    assert again is not None
    assert profile.key.startswith("session-")
    assert profile.key != again.key
    assert profile.kind is ProfileKind.SESSION
    assert profile.box == draft.box
    assert profile.kloudless is None
    assert profile.origins["box.client_secret"] is Origin.TYPED


def test_a_draft_shows_no_secret_in_its_repr() -> None:
    draft = filled(**CCG, kloudless__api_key=CANARY)
    assert CANARY not in repr(draft)
    assert CANARY not in str(profile_of(draft.with_auth(BoxAuth.CCG)))


def test_spaces_around_a_value_go_and_those_of_a_passphrase_stay() -> None:
    draft = filled(box__client_secret=f"  {CANARY}\n", box__passphrase=" two words ")
    assert draft.box.client_secret == Secret(CANARY)
    assert draft.box.passphrase == Secret(" two words ")


def test_the_empty_text_takes_a_value_away() -> None:
    draft = filled(**CCG).put("box.client_secret", "")
    assert draft.box.client_secret is None
    assert "box.client_secret" not in draft.brought


def test_an_emptied_address_is_boxs_own_again() -> None:
    draft = filled(box__api_url="http://127.0.0.1:8600/").put("box.api_url", "")
    assert draft.box.api_url == "https://api.box.com"


def test_a_settings_file_keeps_the_addresses_that_were_entered() -> None:
    draft = filled(box__api_url="http://127.0.0.1:8600", box__client_id="old")
    box = BoxCredentials(client_id="new", client_secret=Secret(CANARY), enterprise_id="7")
    after = draft.with_box(box, Brought.SETTINGS_FILE)
    assert after.box.client_id == "new"
    assert after.box.api_url == "http://127.0.0.1:8600"
    assert after.brought["box.client_id"] is Brought.SETTINGS_FILE
    assert after.brought["box.api_url"] is Brought.TYPED


def test_a_profile_from_a_file_becomes_a_draft_again() -> None:
    draft = filled(**CCG).with_auth(BoxAuth.CCG)
    profile = profile_of(draft)
    assert profile is not None
    again = draft_of(profile, Brought.OPENED_FILE)
    assert again.box == draft.box
    assert again.brought["box.client_secret"] is Brought.OPENED_FILE
    assert "box.api_url" not in again.brought


def test_the_origin_of_a_value_is_reported_in_words() -> None:
    draft = filled(**CCG).with_auth(BoxAuth.CCG)
    profile = profile_of(draft)
    assert profile is not None
    assert origin_words(profile, "box.client_secret", draft) == "typed"


@pytest.mark.parametrize("auth", list(BoxAuth))
def test_every_required_field_is_asked_for(auth: BoxAuth) -> None:
    assert set(required(auth)) <= set(box_fields(auth))
    assert set(box_fields(auth)) <= set(FIELDS)


def test_a_configured_value_tells_whether_file_or_environment_gave_it() -> None:
    settings = load_settings(
        environ={"BOX_RUNBOOK__PROFILES__ACME__BOX__CLIENT_SECRET": CANARY},
        secrets={"profiles": {"acme": {"box": {"auth": "ccg", "client_id": "abc"}}}},
    )
    profile = settings.profiles["acme"]
    assert origin_words(profile, "box.client_secret", Draft()) == "environment"
    assert origin_words(profile, "box.client_id", Draft()) == "secrets file"
    assert origin_words(profile, "box.api_url", Draft()) == "default"


def test_the_values_of_a_configured_settings_file_come_from_where_it_stands() -> None:
    config = '{"boxAppSettings": {"clientID": "abc"}, "enterpriseID": "7"}'
    settings = load_settings(
        environ={}, secrets={"profiles": {"acme": {"box": {"config": config}}}}
    )
    assert origin_words(settings.profiles["acme"], "box.client_id", Draft()) == "secrets file"
