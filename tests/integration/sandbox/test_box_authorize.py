"""The page on which a person lets an OAuth app in."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.box_calls import Box

PATH = "/api/oauth2/authorize"


def asked(box: Box, app: str = "oauth", **changes: Any) -> dict[str, str]:
    params = {
        "response_type": "code",
        "client_id": box.apps[app]["client_id"],
        "redirect_uri": box.apps[app]["redirect_uris"][0],
        "state": 'st"ate&1',
        **changes,
    }
    return {name: value for name, value in params.items() if value is not None}


def fields(page: httpx.Response) -> dict[str, str]:
    """What the form would send: hidden fields and the login that stands in it."""
    found = re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page.text)
    return {name: unescape(value) for name, value in found}


def back(answer: httpx.Response) -> httpx.URL:
    assert answer.status_code == 302
    return httpx.URL(answer.headers["location"])


def test_a_click_on_grant_brings_code_and_state_back(box: Box) -> None:
    page = box.http.get(PATH, params=asked(box))
    assert page.status_code == 200
    assert "<form" in page.text
    url = back(box.http.post(PATH, data={**fields(page), "decision": "grant"}))
    assert str(url).startswith(f"{box.apps['oauth']['redirect_uris'][0]}?")
    assert url.params["state"] == 'st"ate&1'
    form = box.form("oauth", grant_type="authorization_code", code=url.params["code"])
    token = box.ask_token(form).json()["access_token"]
    assert box.get("/users/me", token).json()["login"] == fields(page)["login"]


def test_a_click_on_deny_brings_access_denied_back(box: Box) -> None:
    page = box.http.get(PATH, params=asked(box))
    url = back(box.http.post(PATH, data={**fields(page), "decision": "deny"}))
    assert url.params["error"] == "access_denied"
    assert url.params["state"] == 'st"ate&1'
    assert "code" not in url.params


def test_nobody_can_log_in_who_is_not_there(box: Box) -> None:
    form = {**asked(box), "decision": "grant", "login": '"><script>x</script>'}
    page = box.http.post(PATH, data=form)
    assert page.status_code == 200
    assert "Nobody can log in" in page.text
    assert "<script>" not in page.text


def test_the_redirect_uri_must_be_registered_except_for_the_port_of_localhost(box: Box) -> None:
    good = box.apps["oauth"]["redirect_uris"][0]
    port = httpx.URL(good).port
    assert box.http.get(PATH, params=asked(box, redirect_uri=good)).status_code == 200
    other_port = good.replace(str(port), "39999")
    assert box.http.get(PATH, params=asked(box, redirect_uri=other_port)).status_code == 200
    for wrong in (
        f"{good}/",
        f"{good}?x=1",
        good.replace("localhost", "127.0.0.1").replace(str(port), "39999"),
        good.replace("http", "https"),
        "https://runbook.example:444/connected",
        good.replace("localhost", "x@localhost"),
    ):
        page = box.http.get(PATH, params=asked(box, redirect_uri=wrong))
        assert page.status_code == 400
        assert "redirect_uri_mismatch" in page.text


def test_pin_an_app_with_several_addresses_must_name_one(box: Box) -> None:
    """Box's own OpenAPI text: the error comes "after the user grants application access"."""
    page = box.http.get(PATH, params=asked(box, redirect_uri=None))
    assert page.status_code == 200, "Box says so only after the click"
    answer = box.http.post(PATH, data={**fields(page), "decision": "grant"})
    assert "redirect_uri_missing" in answer.text
    single = box.http.get(PATH, params=asked(box, "oauth-single", redirect_uri=None))
    url = back(box.http.post(PATH, data={**fields(single), "decision": "grant"}))
    assert str(url).startswith(box.apps["oauth-single"]["redirect_uris"][0])


@pytest.mark.parametrize(
    "changes,said",
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
    ],
)
def test_what_can_not_be_asked(box: Box, changes: dict[str, Any], said: str) -> None:
    page = box.http.get(PATH, params=asked(box, **changes))
    assert (page.status_code, said in page.text) == (400, True)


def test_a_server_app_has_no_page(box: Box) -> None:
    page = box.http.get(PATH, params=asked(box, client_id=box.apps["main"]["client_id"]))
    assert page.status_code == 400


def test_scopes_can_be_narrowed_and_not_widened(box: Box) -> None:
    page = box.http.get(PATH, params=asked(box, scope="root_readonly"))
    url = back(box.http.post(PATH, data={**fields(page), "decision": "grant"}))
    form = box.form("oauth", grant_type="authorization_code", code=url.params["code"])
    token = box.ask_token(form).json()["access_token"]
    assert box.get("/folders/0", token).status_code == 200
    assert box.get("/users", token).status_code == 403
    wide = box.http.get(PATH, params=asked(box, scope="root_readonly enterprise_content"))
    assert back(wide).params["error"] == "invalid_scope"
