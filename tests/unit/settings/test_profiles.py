"""Settings as hosts write them, and as they get them wrong."""

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.errors import ConfigurationError
from lib.core.redaction import Secret
from lib.settings.loading import load_settings
from lib.settings.profiles import (
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Origin,
    ProfileKind,
    Settings,
    credentials_from_config,
    sandbox_profile,
    session_profile,
)

CONFIG = {
    "boxAppSettings": {
        "clientID": "client",
        "clientSecret": "canary-secret",
        "appAuth": {"publicKeyID": "kid1", "privateKey": "canary-key", "passphrase": "canary-pass"},
    },
    "enterpriseID": "123",
    "webhooks": {"primaryKey": "canary-1", "secondaryKey": "canary-2"},
}
ACME = f"""
[profiles.acme]
label = "Acme, production"
[profiles.acme.box]
auth = "jwt"
config = '''{json.dumps(CONFIG)}'''
user_id = 42
api_url = "https://box.acme.example/"
[profiles.acme.kloudless]
base_url = "https://k.acme.example/v1/"
app_id = "app"
api_key = "canary-api"
"""


def load(text: str | bytes, folder: Path, **environ: str) -> Settings:
    path = folder / "secrets.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_settings(environ=environ, secrets_path=path)


def refusal(text: str | bytes, folder: Path, **environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(text, folder, **environ)
    shown = str(caught.value.as_dict())
    assert "canary" not in shown
    assert caught.value.fix
    return caught.value.message


# ---------------------------------------------------------------- the file


def test_a_profile_is_read_whole(tmp_path: Path) -> None:
    profile = load(ACME, tmp_path).profiles["acme"]
    assert profile.kind is ProfileKind.CONFIGURED
    assert profile.label == "Acme, production"
    assert profile.box == BoxCredentials(
        auth=BoxAuth.JWT,
        client_id="client",
        client_secret=Secret("canary-secret"),
        public_key_id="kid1",
        private_key=Secret("canary-key"),
        passphrase=Secret("canary-pass"),
        enterprise_id="123",
        user_id="42",
        api_url="https://box.acme.example",
        webhook_primary_key=Secret("canary-1"),
        webhook_secondary_key=Secret("canary-2"),
    )
    assert profile.kloudless == KloudlessCredentials(
        "https://k.acme.example/v1", "app", Secret("canary-api")
    )
    assert profile.origins["box.config"] is Origin.SECRETS_FILE
    assert "canary" not in repr(profile)


def test_single_values_win_over_the_config(tmp_path: Path) -> None:
    text = ACME.replace("user_id = 42", 'enterprise_id = "999"\nclient_secret = "canary-other"')
    box = load(text, tmp_path).profiles["acme"].box
    assert box is not None
    assert (box.enterprise_id, box.client_secret) == ("999", Secret("canary-other"))


def test_the_environment_wins_and_is_named_as_origin(tmp_path: Path) -> None:
    settings = load(
        ACME,
        tmp_path,
        BOX_RUNBOOK__PROFILES__ACME__BOX__ENTERPRISE_ID="777",
        BOX_RUNBOOK__PROFILES__BETA__BOX__AUTH="ccg",
        BOX_RUNBOOK__PROFILES__BETA__BOX__CLIENT_ID="c",
        BOX_RUNBOOK__ACCESS__ADMINS="ada@acme.example, *@beta.example",
        BOX_RUNBOOK__STORE__EVENTS="duckdb:///x.duckdb",
        BOX_RUNBOOK_DATA="/data",
        BOX_RUNBOOK_SANDBOX="http://127.0.0.1:8600",
        HOME="/root",
    )
    acme, beta = settings.profiles["acme"], settings.profiles["beta"]
    assert acme.box is not None
    assert beta.box is not None
    assert acme.box.enterprise_id == "777"
    assert acme.origins["box.enterprise_id"] is Origin.ENVIRONMENT
    assert beta.box.auth is BoxAuth.CCG
    assert settings.access.admins == ("ada@acme.example", "*@beta.example")
    assert settings.events_url == "duckdb:///x.duckdb"
    assert settings.data_dir == Path("/data")
    assert settings.sandbox_url == "http://127.0.0.1:8600"


def test_an_empty_variable_leaves_the_default(tmp_path: Path) -> None:
    text = '[profiles.a.box]\nclient_id = "c"'
    settings = load(text, tmp_path, BOX_RUNBOOK__PROFILES__A__BOX__API_URL="")
    box = settings.profiles["a"].box
    assert box is not None
    assert box.api_url == "https://api.box.com"


def test_no_file_means_no_profiles(tmp_path: Path) -> None:
    settings = load_settings(environ={}, secrets_path=tmp_path / "absent.toml")
    assert settings.profiles == {}
    assert settings.profile(None) is None
    assert settings.profile("sandbox") is None


def test_what_the_host_hands_over_takes_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text("not toml at all")
    handed: dict[str, Any] = {"profiles": {"a": {"kloudless": {"base_url": "https://k/v1"}}}}
    settings = load_settings(
        environ={}, secrets=handed, secrets_path=tmp_path / "secrets.toml", data_dir=tmp_path
    )
    assert list(settings.profiles) == ["a"]
    assert settings.data_dir == tmp_path


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert "acme" in load(b"\xef\xbb\xbf" + ACME.encode(), tmp_path).profiles


WRONG: list[tuple[str, str]] = [
    ("x = canary", "line 1, column"),
    ('x = "canary', "can't be read"),
    ("[" * 5000, "can't be read"),
    ("profiles = 1", "profiles is wrong"),
    ("[profiles]\nacme = 1", "profiles.acme is wrong"),
    ("[profiles.acme]", "neither a box nor a kloudless"),
    ('[profiles.acme]\nlabels = "x"', "profiles.acme.labels"),
    ('[profiles."Acme!".box]\nclient_id = "c"', "a profile's key has"),
    ('[profiles.session-1.box]\nclient_id = "c"', "session-"),
    (f'[profiles.{"a" * 41}.box]\nclient_id = "c"', "a profile's key has"),
    ('[profiles.a.box]\nclientid = "c"', "profiles.a.box.clientid"),
    ('[profiles.a.box]\nauth = "canary"', "jwt, ccg, oauth"),
    ("[profiles.a.box]\nclient_id = true", "it must be a text"),
    ('[profiles.a.box]\nclient_secret = ["canary"]', "it must be a text"),
    ("[profiles.a.box]\nconfig = '{\"canary\": }'", "line 1, column"),
    ("[profiles.a.box]\nconfig = '[1]'", "the JSON object"),
    (f"[profiles.a.box]\nconfig = '{'[' * 20000}'", "isn't valid JSON"),
    (f"[profiles.a.box]\nconfig = '{'9' * 5000}'", "isn't valid JSON"),
    ("[profiles.a.kloudless]\napp_id = 7", "profiles.a.kloudless.app_id"),
    ('[profiles.a.kloudless]\nurl = "x"', "profiles.a.kloudless.url"),
    ("[access]\nadmins = 3", "list of texts"),
    ('[access]\nadmin = "x"', "access.admin"),
    ('[access]\nopen = "maybe"', "true or false"),
    ("store = 1", "store is wrong"),
]


@pytest.mark.parametrize("text,words", WRONG)
def test_a_wrong_setting_is_named_without_its_value(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(text, tmp_path)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    assert "can't be read" in refusal(b"\xff\xfe\x00", tmp_path)


def test_a_file_that_is_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't be opened"):
        load_settings(environ={}, secrets_path=tmp_path)


def test_a_variable_below_a_text_is_named(tmp_path: Path) -> None:
    message = refusal(ACME, tmp_path, BOX_RUNBOOK__PROFILES__ACME__LABEL__X="canary")
    assert "BOX_RUNBOOK__PROFILES__ACME__LABEL__X" in message


def test_access_needs_people_to_count_as_configured(tmp_path: Path) -> None:
    assert not load("[access]\nopen = true", tmp_path).access.configured
    assert load("[access]\nopen = true", tmp_path).access.open
    assert load('[access]\nanalysts = ["*@acme.example"]', tmp_path).access.configured


# ---------------------------------------------------------------- choosing


def two() -> Settings:
    profiles = {key: session_profile(label=key) for key in ("one", "two")}
    return Settings(data_dir=Path(), profiles=profiles)


def test_a_choice_between_profiles_must_be_made() -> None:
    with pytest.raises(ConfigurationError) as caught:
        two().profile(None)
    assert "one, two" in caught.value.cause
    with pytest.raises(ConfigurationError) as caught:
        two().profile("three")
    assert "one, two, sandbox" in caught.value.cause
    chosen = two().profile("two")
    assert chosen is not None
    assert chosen.label == "two"


NO_ADDRESS = ["zz", "api.box.com", "https://", "ftp://api.box.com", "http://x:99999", "http://a b"]


@pytest.mark.parametrize("value", NO_ADDRESS)
@pytest.mark.parametrize(
    "setting", ["box__api_url", "box__account_url", "kloudless__base_url", "sandbox"]
)
def test_regression_an_address_that_is_none_is_refused_by_name(
    tmp_path: Path, setting: str, value: str
) -> None:
    name = (
        "BOX_RUNBOOK_SANDBOX"
        if setting == "sandbox"
        else f"BOX_RUNBOOK__PROFILES__ACME__{setting.upper()}"
    )
    shown = name if setting == "sandbox" else f"profiles.acme.{setting.replace('__', '.')}"
    with pytest.raises(ConfigurationError, match=f"The setting {re.escape(shown)} is wrong") as e:
        load(ACME, tmp_path, **{name: value})
    assert value not in e.value.message


@pytest.mark.parametrize("value", ["5", "0", "true", "1.5", "[5]", '[""]', "{a = 1}"])
@pytest.mark.parametrize("setting", ["admins", "analysts", "allowed_hosts"])
def test_regression_a_list_of_names_is_nothing_else(
    tmp_path: Path, setting: str, value: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"access.{setting}"):
        load(f"[access]\n{setting} = {value}\n", tmp_path)


# ---------------------------------------------------------------- other ways in


def test_the_sandbox_becomes_a_profile() -> None:
    answer = {
        "box": {
            "api_url": "http://127.0.0.1:1",
            "account_url": "http://127.0.0.1:1/api",
            "config": CONFIG,
            "webhook_keys": {"primary": "p", "secondary": "s"},
        },
        "kloudless": {"base_url": "http://127.0.0.1:1/v1", "app_id": "a", "api_key": "k"},
    }
    profile = sandbox_profile(answer)
    assert (profile.key, profile.kind) == ("sandbox", ProfileKind.SANDBOX)
    assert profile.box is not None
    assert profile.box.api_url == "http://127.0.0.1:1"
    assert profile.box.webhook_primary_key == Secret("p")


def test_session_profiles_have_keys_that_nobody_can_guess() -> None:
    keys = {session_profile().key for _ in range(50)}
    assert len(keys) == 50
    assert all(len(key) == len("session-") + 32 for key in keys)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*CONFIG, "clientID", "appAuth", "privateKey", "primaryKey"]), inner
        )
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(list(CONFIG)), JSON))
def test_odd_app_settings_never_raise_and_hold_texts_only(config: dict[str, Any]) -> None:
    box = credentials_from_config(config)
    for value in (box.client_id, box.public_key_id, box.enterprise_id, box.user_id):
        assert isinstance(value, str)
    for secret in (box.client_secret, box.private_key, box.webhook_primary_key):
        assert secret is None or isinstance(secret.reveal(), str)


KEYS = st.sampled_from(
    ["profiles", "store", "access", "a", "box", "kloudless", "config", "auth", "client_id", "open"]
)


@given(
    st.recursive(
        st.booleans() | st.integers() | st.text(max_size=6) | st.none(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=12,
    ).filter(lambda value: isinstance(value, dict))
)
@settings(max_examples=300)
def test_no_settings_raise_anything_but_a_configuration_error(tree: Any) -> None:
    with contextlib.suppress(ConfigurationError):
        load_settings(environ={}, secrets=tree)
