"""A sign-in at the sandbox's Box, for tests: the consent page's form, then the code's exchange."""

from dataclasses import dataclass

import httpx

from lib.sandbox.box.apps import BY_NAME
from tests.sandbox_server import SandboxServer


@dataclass(frozen=True, slots=True)
class Grant:
    """An OAuth app and the tokens that a person's consent gave it."""

    client_id: str
    client_secret: str
    access_token: str
    refresh_token: str
    user_id: str

    def environment(self, sandbox_url: str, *, profile: str = "acme") -> dict[str, str]:
        """The variables that configure a profile with it."""
        prefix = f"BOX_RUNBOOK__PROFILES__{profile.upper()}__BOX__"
        return {
            f"{prefix}AUTH": "oauth",
            f"{prefix}CLIENT_ID": self.client_id,
            f"{prefix}CLIENT_SECRET": self.client_secret,
            f"{prefix}REFRESH_TOKEN": self.refresh_token,
            f"{prefix}API_URL": sandbox_url,
            f"{prefix}ACCOUNT_URL": f"{sandbox_url}/api",
        }


@dataclass(frozen=True, slots=True)
class Consent:
    """The code that a person's consent gave, and where Box sent it."""

    code: str
    redirect_uri: str
    user_id: str


def consent(sandbox: SandboxServer, *, user: str = "admin", app_name: str = "oauth") -> Consent:
    """Allow an OAuth app of the sandbox, as one of its kinds of users, without a browser."""
    box = sandbox.credentials()["box"]
    app, user_id = BY_NAME[app_name], box["users"][user]
    redirect = app.redirect_uris[0]
    bearer = {"authorization": f"Bearer {box['developer_token']}"}
    with httpx.Client(base_url=sandbox.url, timeout=60) as http:
        person = http.get(f"/2.0/users/{user_id}", headers=bearer).raise_for_status().json()
        form = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": redirect,
            "login": person["login"],
            "decision": "grant",
        }
        back = httpx.URL(http.post("/api/oauth2/authorize", data=form).headers["location"])
    return Consent(back.params["code"], redirect, user_id)


def sign_in(sandbox: SandboxServer, *, user: str = "admin", app_name: str = "oauth") -> Grant:
    """Sign in as one of the sandbox's kinds of users, without a browser."""
    given = consent(sandbox, user=user, app_name=app_name)
    app = BY_NAME[app_name]
    form = {
        "grant_type": "authorization_code",
        "code": given.code,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": given.redirect_uri,
    }
    with httpx.Client(base_url=sandbox.url, timeout=60) as http:
        tokens = http.post("/oauth2/token", data=form).raise_for_status().json()
    return Grant(
        client_id=app.client_id,
        client_secret=app.client_secret,
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        user_id=given.user_id,
    )
