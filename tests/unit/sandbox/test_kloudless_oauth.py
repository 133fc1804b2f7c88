"""Kloudless's OAuth: the consent page, the redirects back, the code exchange, verification."""

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.sandbox_kloudless import Api, kloudless_api
from tests.sandbox_server import SandboxServer

REDIRECT = "http://localhost:8501/connected"
OOB = "urn:ietf:wg:oauth:2.0:oob"


@pytest.fixture
def api(sandbox: SandboxServer) -> Iterator[Api]:
    with kloudless_api(sandbox) as made:
        yield made


class Form(HTMLParser):
    """What a browser would send from the consent page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.people: list[str] = []
        self.services: list[str] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.fields[given["name"]] = given["value"]
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option":
            (self.people if self._select == "person" else self.services).append(given["value"])


def ask(api: Api, **changes: str) -> httpx.Response:
    params = {
        "client_id": api.credentials["app_id"],
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "box",
        "state": "some state & more",
        **changes,
    }
    return api.http.get("/v1/oauth", params={k: v for k, v in params.items() if v})


def decide(
    api: Api, page: httpx.Response, decision: str = "allow", person: str = ""
) -> httpx.Response:
    form = Form(page.text)
    data = {
        **form.fields,
        "service": form.services[0],
        "person": person or form.people[0],
        "decision": decision,
    }
    return api.http.post("/v1/oauth", data=data)


def came_back(answer: httpx.Response, base: str = REDIRECT) -> dict[str, str]:
    assert answer.status_code in (302, 303), answer.text
    where = answer.headers["location"]
    assert where.startswith((f"{base}?", f"{base}#"))
    parts = urlsplit(where)
    return dict(parse_qsl(parts.query or parts.fragment, keep_blank_values=True))


def exchange(api: Api, code: str, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": api.credentials["app_id"],
        "client_secret": api.credentials["api_key"],
        **changes,
    }
    return api.http.post("/v1/oauth/token", data=form)


def code_for(api: Api, **changes: str) -> str:
    return came_back(decide(api, ask(api, **changes)))["code"]


def test_page_is_html_and_escapes_what_it_is_given(api: Api) -> None:
    page = ask(api, state='"><script>alert(1)</script>')
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert "<script>" not in page.text
    assert Form(page.text).fields["state"] == '"><script>alert(1)</script>'


def test_code_flow_ends_in_a_token_for_the_persons_account(api: Api) -> None:
    back = came_back(decide(api, ask(api)))
    assert back["state"] == "some state & more"
    token = exchange(api, back["code"]).json()
    assert token["token_type"] == "Bearer"
    assert token["scope"] == "box"
    header = {"Authorization": f"Bearer {token['access_token']}"}
    verified = api.http.get("/v1/oauth/token", headers=header).json()
    assert verified["client_id"] == api.credentials["app_id"]
    account = api.get("/accounts/me", headers=header)
    assert account["id"] == verified["account_id"]
    assert account["effective_scope"] == "box:normal.storage.default:kloudless"
    assert api.get("/accounts/me/storage/folders/root", headers=header)["raw_id"] == "0"


def test_connecting_the_same_person_again_renews_the_same_account(api: Api) -> None:
    def connect() -> int:
        token = exchange(api, code_for(api)).json()["access_token"]
        header = {"Authorization": f"Bearer {token}"}
        return int(api.get("/accounts/me", headers=header)["id"])

    assert connect() == connect()


def test_admin_scope_connects_the_organisation(api: Api) -> None:
    token = exchange(api, code_for(api, scope="box:admin")).json()["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    account = api.get("/accounts/me", headers=header)
    assert account["admin"] is True
    assert str(account["id"]) == api.admin
    assert api.get("/accounts/me/team/users", headers=header)["count"] > 0


def test_admin_scope_is_only_for_administrators(api: Api) -> None:
    person = api.box["users"]["managed"]
    back = came_back(decide(api, ask(api, scope="box:admin"), person=person))
    assert back["error"] == "access_denied"
    assert back["error_description"]
    assert "code" not in back


def test_denied_consent_goes_back_with_error_and_state(api: Api) -> None:
    back = came_back(decide(api, ask(api), decision="deny"))
    assert back["error"] == "access_denied"
    assert back["state"] == "some state & more"


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"scope": "nobody"}, "invalid_scope"),
        ({"scope": "salesforce"}, "invalid_scope"),
        ({"custom_properties": "[1]"}, "invalid_request"),
        ({"form_data": "{"}, "invalid_request"),
    ],
)
def test_first_leg_that_is_wrong_goes_back_with_an_error(
    api: Api, changes: Mapping[str, str], error: str
) -> None:
    back = came_back(ask(api, **changes))
    assert back["error"] == error
    assert back["state"] == "some state & more"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "https://evil.example/cb"},
        {"redirect_uri": "http://localhost:8501/elsewhere"},
        {"redirect_uri": "http://localhost:8501@evil.example/connected"},
        {"redirect_uri": "https://localhost:8501/connected"},
        {"redirect_uri": ""},
        {"redirect_uri": OOB},
    ],
)
def test_nothing_is_redirected_to_an_address_that_is_not_listed(
    api: Api, changes: Mapping[str, str]
) -> None:
    page = ask(api, **changes)
    assert page.status_code == 400
    assert "location" not in page.headers


def test_loopback_redirect_may_use_any_port(api: Api) -> None:
    uri = "http://localhost:9999/connected"
    back = came_back(decide(api, ask(api, redirect_uri=uri)), uri)
    assert exchange(api, back["code"], redirect_uri=uri).status_code == 200


def test_code_is_good_once_and_only_with_what_it_was_made_for(api: Api) -> None:
    code = code_for(api)
    assert exchange(api, code).status_code == 200
    again = exchange(api, code)
    assert (again.status_code, again.json()["error_code"]) == (400, "request_failed")
    other = exchange(api, code_for(api), redirect_uri="http://127.0.0.1:8501/connected")
    assert other.json()["error_code"] == "request_failed"


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"grant_type": "password"}, (400, "invalid_parameters")),
        ({"code": ""}, (400, "invalid_parameters")),
        ({"client_secret": ""}, (400, "invalid_parameters")),
        ({"client_secret": "wrong"}, (401, "unauthorized")),
        ({"client_id": "wrong"}, (401, "unauthorized")),
        ({"code": "wrong"}, (400, "request_failed")),
    ],
)
def test_exchange_that_is_refused(
    api: Api, changes: Mapping[str, str], expected: tuple[int, str]
) -> None:
    answer = exchange(api, **{"code": "some", **changes})
    assert (answer.status_code, answer.json()["error_code"]) == expected


def test_exchange_tolerates_query_parameters_and_a_wrong_content_type(api: Api) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": code_for(api),
        "redirect_uri": REDIRECT,
        "client_id": api.credentials["app_id"],
        "client_secret": api.credentials["api_key"],
    }
    answer = api.http.post(
        "/v1/oauth/token/", params=form, headers={"Content-Type": "application/form-urlencoded"}
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer nobody"}])
def test_verification_of_an_invalid_token_is_400(api: Api, header: dict[str, str]) -> None:
    answer = api.http.get("/v1/oauth/token", headers=header)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "invalid_token")


def test_verification_tells_a_foreign_token_by_its_client_id(api: Api) -> None:
    header = {"Authorization": f"Bearer {api.credentials['foreign_token']}"}
    found = api.http.get("/v1/oauth/token", headers=header).json()
    assert found["client_id"] != api.credentials["app_id"]


def test_implicit_grant_carries_the_token_in_the_fragment(api: Api) -> None:
    answer = decide(api, ask(api, response_type="token"))
    assert "?" not in answer.headers["location"]
    back = came_back(answer)
    assert back["state"] == "some state & more"
    header = {"Authorization": f"Bearer {back['access_token']}"}
    assert api.get("/accounts/me", headers=header)["service"] == "box"


def test_implicit_grant_without_an_address_shows_the_token(api: Api) -> None:
    page = decide(api, ask(api, response_type="token", redirect_uri=""))
    found = re.search(r'<code id="token">(\w+)</code>', page.text)
    assert found
    header = {"Authorization": f"Bearer {found[1]}"}
    assert api.get("/accounts/me", headers=header)["service"] == "box"


def posted(page: httpx.Response) -> dict[str, Any]:
    found = re.search(r'postMessage\("(.*?)(?<!\\)","', page.text)
    assert found, page.text
    text = str(json.loads(f'"{unescape(found[1])}"'))
    assert text.startswith("kloudless:")
    message: dict[str, Any] = json.loads(text.removeprefix("kloudless:"))
    return message


def test_popup_posts_the_token_to_a_trusted_opener_only(api: Api) -> None:
    wish = {"response_type": "token", "redirect_uri": OOB, "request_id": "r1"}
    trusted = ask(api, **wish, origin="http://localhost:3000")
    message = posted(decide(api, trusted))
    assert message["type"] == "authentication"
    assert message["id"] == "r1"
    assert message["data"]["state"] == "some state & more"
    assert message["data"]["access_token"]
    denied = posted(decide(api, ask(api, **wish, origin="http://localhost:3000"), "deny"))
    assert denied["data"]["error"] == "access_denied"
    stranger = decide(api, ask(api, **wish, origin="https://evil.example"))
    assert stranger.status_code == 400
    assert "postMessage" not in stranger.text


def test_custom_properties_are_kept_on_the_account(api: Api) -> None:
    code = code_for(api, custom_properties=json.dumps({"team": "blue"}))
    token = exchange(api, code).json()["access_token"]
    account = api.get("/accounts/me", headers={"Authorization": f"Bearer {token}"})
    assert account["custom_properties"] == {"team": "blue"}


def test_fault_consent_denied(api: Api, sandbox: SandboxServer) -> None:
    with sandbox.fault("kloudless_consent_denied", client_id=api.credentials["app_id"]):
        assert came_back(decide(api, ask(api)))["error"] == "access_denied"
    assert "code" in came_back(decide(api, ask(api)))
