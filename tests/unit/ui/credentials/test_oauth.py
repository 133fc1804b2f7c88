"""Signing in by hand: the address that comes back, and the way to a token over the sandbox."""

import gc
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from lib.app import current
from lib.app.routes.oauth_callback import Returned
from lib.app.routes.oauth_state import _name
from lib.core.redaction import Secret
from tests.sandbox_server import SandboxServer
from tests.unit.ui.credentials.credentials_app import go, page_app, texts

__all__ = ["page_app"]


def enter(app: AppTest, label: str, text: str) -> None:
    next(one for one in app.text_input if one.label.startswith(label)).set_value(text).run()


def exchanges(sandbox: SandboxServer) -> int:
    """How often the sandbox's token endpoint was asked by its OAuth app."""
    client_id = sandbox.credentials()["box"]["oauth"]["client_id"]
    served = [(one["path"], one["client_id"]) for one in sandbox.get("/sandbox/log")]
    return served.count(("/oauth2/token", client_id))


PASTE = "Address that Box sent you back to"


def grant(link: str, decision: str = "grant") -> str:
    """What a browser does: the consent page, a click on its button, the address it ends at."""
    page = httpx.get(link).text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    login = re.findall(r'name="login" list="people" value="([^"]*)"', page)[0]
    form = {name: unescape(value) for name, value in hidden.items()}
    address = urlsplit(link)._replace(query="").geturl()
    answer = httpx.post(address, data={**form, "login": unescape(login), "decision": decision})
    return answer.headers["location"]


@pytest.fixture
def entered(page_app: AppTest, sandbox: SandboxServer) -> AppTest:
    """The Credentials page with the sandbox's OAuth app entered, before its sign-in."""
    oauth = sandbox.credentials()["box"]["oauth"]
    app = go(page_app, "credentials")
    app.segmented_control(key="credentials.auth").set_value("oauth").run()
    enter(app, "Client ID", oauth["client_id"])
    enter(app, "Client secret", oauth["client_secret"])
    enter(app, "Redirect address", oauth["redirect_uris"][0])
    return app


def link_of(app: AppTest) -> str:
    return str(app.get("link_button")[0].proto.url)


def test_a_pasted_address_leads_to_a_token_and_says_whose(
    entered: AppTest, sandbox: SandboxServer
) -> None:
    link = link_of(entered)
    secret = sandbox.credentials()["box"]["oauth"]["client_secret"]
    assert secret not in link
    back = grant(link)
    enter(entered, PASTE, back)
    shown = texts(entered)
    assert not entered.exception
    assert "Complete, and in use" in shown
    assert "Signed in to Box as " in shown
    assert "Signed in: these credentials work" in shown  # the proof, beside “Try it”
    assert "In use: This session" in shown
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert code not in shown
    next(one for one in entered.button if one.label == "Try it").click().run()
    assert "Box answered: these credentials work" in texts(entered)
    assert secret not in texts(entered)


def test_an_address_can_not_be_pasted_twice(entered: AppTest) -> None:
    back = grant(link_of(entered))
    enter(entered, PASTE, back)
    enter(entered, PASTE, back)
    assert "This sign-in was already used" in texts(entered)
    assert "Complete, and in use" in texts(entered)


def test_the_address_of_another_session_is_refused_and_its_code_is_not_used(
    entered: AppTest, sandbox: SandboxServer
) -> None:
    strange = link_of(entered).replace("state=", "state=x")
    back, before = grant(strange), exchanges(sandbox)
    enter(entered, PASTE, back)
    shown = texts(entered)
    assert "belongs to another sign-in" in shown
    assert "Still needed: Refresh token" in shown
    assert exchanges(sandbox) == before


@pytest.mark.parametrize(
    "address, words",
    [
        ("nonsense", "This address contains no code"),
        ("http://localhost:8501/connected?state=s1", "This address contains no code"),
        ("http://localhost:8501/connected?code=abc&state=other", "belongs to another sign-in"),
    ],
)
def test_an_address_that_is_of_no_use_is_named(entered: AppTest, address: str, words: str) -> None:
    before = link_of(entered)
    enter(entered, PASTE, address)
    assert words in texts(entered)
    assert link_of(entered) == before, "the sign-in that was begun goes on"


def test_a_no_is_explained_and_another_try_can_be_made(entered: AppTest) -> None:
    before = link_of(entered)
    enter(entered, PASTE, grant(before, decision="deny"))
    assert "The person didn't grant access." in texts(entered)
    assert link_of(entered) != before


def test_other_credentials_are_another_sign_in(entered: AppTest) -> None:
    before = link_of(entered)
    back = grant(before)
    enter(entered, "Client secret", "f" * 32)
    assert link_of(entered) != before
    enter(entered, PASTE, back)
    assert "This sign-in was already used" in texts(entered)
    assert "Still needed: Refresh token" in texts(entered)


def test_a_code_that_box_does_not_take_is_explained(
    entered: AppTest, sandbox: SandboxServer
) -> None:
    back = grant(link_of(entered))
    with sandbox.fault("token_code_expired"):
        enter(entered, PASTE, back)
    shown = texts(entered)
    assert "authorization_code" not in shown
    assert "expires after 30 seconds" in shown


def test_what_must_be_registered_is_shown(entered: AppTest, sandbox: SandboxServer) -> None:
    address = sandbox.credentials()["box"]["oauth"]["redirect_uris"][0]
    assert address in [str(code.value) for code in entered.code]
    assert "redirect_uri_mismatch" in texts(entered)


@pytest.mark.parametrize(
    "address", ["runbook.example/connected", "javascript:alert(1)", "http://[x"]
)
def test_a_redirect_address_that_is_none_is_not_sent(entered: AppTest, address: str) -> None:
    enter(entered, "Redirect address", address)
    assert "isn't a web address" in texts(entered)
    assert "redirect_uri" not in parse_qs(urlsplit(link_of(entered)).query)


def test_forget_now_ends_a_sign_in_at_hand(entered: AppTest) -> None:
    runtime = current()
    assert runtime is not None
    state = parse_qs(urlsplit(link_of(entered)).query)["state"][0]
    next(one for one in entered.button if one.label == "Forget now").click().run()
    gc.collect()  # the test's own view of the page held it
    returned = Returned(Secret(state), Secret("a-code"))
    entry = runtime.consents._entries[_name(returned.state)]
    assert entry.sign_in() is None
