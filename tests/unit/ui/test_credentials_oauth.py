"""Signing in by hand: the address that comes back, and the way to a token over the sandbox."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from lib.redaction import Secret
from lib.ui.credentials_fields import Judgement
from lib.ui.credentials_oauth import read_redirect
from tests.sandbox_server import SandboxServer
from tests.unit.ui.credentials_app import go, page_app, texts

__all__ = ["page_app"]


def test_the_code_is_taken_out_of_the_address() -> None:
    found = read_redirect(" https://a.example/back?code=abc&state=s1 ", "s1")
    assert found == Secret("abc")


@pytest.mark.parametrize(
    "address, word",
    [
        ("https://a.example/back?error=access_denied&state=s1", "access_denied"),
        ("https://a.example/back?state=s1", "no code"),
        ("nonsense", "no code"),
        ("https://a.example/back?code=abc&state=other", "another sign-in"),
        ("https://a.example/back?code=abc", "another sign-in"),
    ],
)
def test_an_address_that_is_of_no_use_is_named(address: str, word: str) -> None:
    found = read_redirect(address, "s1")
    assert isinstance(found, Judgement)
    assert word in found.text
    assert found.fix


def enter(app: AppTest, label: str, text: str) -> None:
    next(one for one in app.text_input if one.label.startswith(label)).set_value(text).run()


def grant(link: str) -> str:
    """What a browser does: the consent page, a click on its button, the address it ends at."""
    page = httpx.get(link).text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    login = re.findall(r'name="login" list="people" value="([^"]*)"', page)[0]
    form = {name: unescape(value) for name, value in hidden.items()}
    address = urlsplit(link)._replace(query="").geturl()
    answer = httpx.post(address, data={**form, "login": unescape(login), "decision": "grant"})
    return answer.headers["location"]


def test_a_sign_in_leads_to_a_token(page_app: AppTest, sandbox: SandboxServer) -> None:
    oauth = sandbox.credentials()["box"]["oauth"]
    app = go(page_app, "credentials")
    app.segmented_control(key="credentials.auth").set_value("oauth").run()
    enter(app, "Client ID", oauth["client_id"])
    enter(app, "Client secret", oauth["client_secret"])
    enter(app, "Redirect address", oauth["redirect_uris"][0])
    link = app.get("link_button")[0].proto.url
    assert oauth["client_secret"] not in link
    back = grant(link)
    enter(app, "Address that Box sent you back to", back)
    shown = texts(app)
    assert "Complete, and in use" in shown
    assert parse_qs(urlsplit(back).query)["code"][0] not in shown
    next(one for one in app.button if one.label == "Try it").click().run()
    assert "Box answered: these credentials work" in texts(app)
    assert oauth["client_secret"] not in texts(app)
