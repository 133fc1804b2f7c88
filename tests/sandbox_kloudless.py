"""A plain HTTP client for tests of the sandbox's Kloudless: no code of the product in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.sandbox_server import SandboxServer


@dataclass(frozen=True, slots=True)
class Api:
    """The API with the credentials that the sandbox gives out."""

    http: httpx.Client
    credentials: dict[str, Any]
    box: dict[str, Any]

    @property
    def key(self) -> dict[str, str]:
        """The Authorization header of the API Key."""
        return {"Authorization": f"APIKey {self.credentials['api_key']}"}

    @property
    def admin(self) -> str:
        """The organisation's account."""
        return str(self.credentials["admin_account"])

    def token(self, account: str | int) -> dict[str, str]:
        """The Authorization header of an account's Bearer token."""
        return {"Authorization": f"Bearer {self.credentials['account_tokens'][str(account)]}"}

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call with the API Key, unless `headers` say who calls."""
        headers = options.pop("headers", {})
        if "Authorization" not in headers:
            headers = {**self.key, **headers}
        return self.http.request(method, f"/v1{path}", headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        """The JSON of a GET that succeeds."""
        answer = self.call("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Status and error code of a call that is refused, in Kloudless's shape."""
        answer = self.call(method, path, **options)
        body = answer.json()
        assert answer.status_code >= 400, answer.text
        assert body["status_code"] == answer.status_code
        assert body["message"]
        assert len(body["id"]) == 36
        return answer.status_code, body["error_code"]

    def accounts(self) -> list[dict[str, Any]]:
        """Every account."""
        found: list[dict[str, Any]] = self.get("/accounts", params={"page_size": 1000})["objects"]
        return found

    def people(self) -> list[dict[str, Any]]:
        """The accounts of single people that are enabled, first the living ones."""
        return [
            account
            for account in self.accounts()
            if account["service"] == "box" and not account["admin"] and account["enabled"]
        ]


@contextmanager
def kloudless_api(sandbox: SandboxServer) -> Iterator[Api]:
    """The API of a running sandbox."""
    # verify=False: loopback http only, and making a TLS context takes longer than a call
    with httpx.Client(base_url=sandbox.url, timeout=60, verify=False) as http:  # noqa: S501
        credentials = http.get("/sandbox/credentials").raise_for_status().json()
        yield Api(http, credentials["kloudless"], credentials["box"])
