"""A bare Box client for the sandbox's tests: it shares no code with lib/box, on purpose."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
AUDIENCE = "https://api.box.com/oauth2/token"


@dataclass(slots=True)
class Box:
    """One sandbox seen through plain HTTP. `apps` are its registered apps by name."""

    url: str
    credentials: Mapping[str, Any]
    apps: Mapping[str, Mapping[str, Any]]
    http: httpx.Client

    def assertion(
        self,
        app: str = "main",
        *,
        header: Mapping[str, Any] | None = None,
        algorithm: str = "RS256",
        key_of: str | None = None,
        **claims: Any,
    ) -> str:
        """A signed assertion; a claim of None is left out, other claims replace the right ones."""
        settings = self.apps[app]["config"]
        auth = settings["boxAppSettings"]["appAuth"]
        signing = self.apps[key_of or app]["config"]["boxAppSettings"]["appAuth"]
        key = _key(signing["privateKey"], signing["passphrase"])
        body = {
            "iss": settings["boxAppSettings"]["clientID"],
            "sub": settings["enterpriseID"],
            "box_sub_type": "enterprise",
            "aud": AUDIENCE,
            "jti": uuid4().hex,
            "exp": int(time.time()) + 45,
            **claims,
        }
        body = {name: value for name, value in body.items() if value is not None}
        said = {"kid": auth["publicKeyID"], **(header or {})}
        said = {name: value for name, value in said.items() if value is not None}
        raw = jwt.api_jws.PyJWS()
        return raw.encode(_json(body), key, algorithm=algorithm, headers=said)

    def form(self, app: str, **fields: Any) -> dict[str, str]:
        """A token request's fields with the app's client id and secret."""
        one = self.apps[app]
        base = {"client_id": one["client_id"], "client_secret": one["client_secret"]}
        return {name: value for name, value in {**base, **fields}.items() if value is not None}

    def ask_token(self, form: Mapping[str, str]) -> httpx.Response:
        """The bare answer of the token endpoint."""
        return self.http.post("/oauth2/token", data=dict(form))

    def ask_by_assertion(self, app: str = "main", **options: Any) -> httpx.Response:
        """The answer to a JWT token request."""
        assertion = self.assertion(app, **options)
        return self.ask_token(self.form(app, grant_type=JWT_GRANT, assertion=assertion))

    def token(self, app: str = "main", user: str | None = None) -> str:
        """An access token of a server app, for its service account or for a user."""
        if self.apps[app]["method"] == "ccg":
            answer = self.ask_token(
                self.form(
                    app,
                    grant_type="client_credentials",
                    box_subject_type="enterprise" if user is None else "user",
                    box_subject_id=user or self.credentials["ccg"]["enterprise_id"],
                )
            )
        elif user is None:
            answer = self.ask_by_assertion(app)
        else:
            answer = self.ask_by_assertion(app, sub=user, box_sub_type="user")
        return str(answer.raise_for_status().json()["access_token"])

    def get(
        self,
        path: str,
        token: str | None,
        *,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        json: Any = None,
        **params: Any,
    ) -> httpx.Response:
        """The bare answer to an API call; `path` is below /2.0."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return self.http.request(method, f"/2.0{path}", params=params, headers=sent, json=json)

    def code(self, login: str, app: str = "oauth", redirect: str | None = None) -> str:
        """An authorization code, granted on the page by the person with this login."""
        where = redirect or self.apps[app]["redirect_uris"][0]
        answer = self.http.post(
            "/api/oauth2/authorize",
            data={
                "client_id": self.apps[app]["client_id"],
                "response_type": "code",
                "redirect_uri": where,
                "state": "s",
                "login": login,
                "decision": "grant",
            },
        )
        return str(httpx.URL(answer.headers["location"]).params["code"])

    def signed_in(self, login: str, app: str = "oauth") -> dict[str, Any]:
        """Tokens of an OAuth app after a person granted access."""
        form = self.form(app, grant_type="authorization_code", code=self.code(login, app))
        tokens: dict[str, Any] = self.ask_token(form).raise_for_status().json()
        return tokens


@cache
def _key(pem: str, passphrase: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), passphrase.encode())
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the sandbox's keys are RSA keys")
    return key


def _json(body: Mapping[str, Any]) -> bytes:
    return httpx.Request("POST", "http://x", json=dict(body)).content


def visiting_box(url: str, credentials: Mapping[str, Any]) -> Box:
    """A client for a visitor: `credentials` are the answer of `POST /sandbox/visitors`."""
    box = credentials["box"]
    settings = box["config"]["boxAppSettings"]
    main = {"client_id": settings["clientID"], "client_secret": settings["clientSecret"]}
    apps = {
        "main": {"name": "main", "method": "jwt", "config": box["config"], **main},
        "ccg": {"name": "ccg", "method": "ccg", **box["ccg"]},
        "oauth": {"name": "oauth", "method": "oauth", **box["oauth"]},
    }
    # verify=False: loopback http only, and making a TLS context takes longer than a call
    http = httpx.Client(base_url=url, timeout=30, verify=False)  # noqa: S501
    return Box(url, box, apps, http)


def open_box(url: str) -> Box:
    """A client for the sandbox at this address."""
    http = httpx.Client(base_url=url, timeout=30)
    credentials = http.get("/sandbox/credentials").raise_for_status().json()["box"]
    apps = http.get("/sandbox/apps").raise_for_status().json()
    return Box(url, credentials, {app["name"]: app for app in apps}, http)
