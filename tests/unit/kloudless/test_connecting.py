"""An account is connected only with a token that was made for our application."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from lib.core.errors import KloudlessApiError, RunbookError, Unreachable, Who
from lib.core.redaction import Secret
from lib.kloudless import KloudlessClient
from lib.kloudless.connecting import Connected, connect_account
from lib.settings.profiles import KloudlessCredentials
from tests.wire_server import Reply, Seen, WireServer, as_json

BACK = "http://localhost:8501/connected"
CODE, TOKEN = "code-canary-1f2e", "token-canary-3d4c"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ACCOUNT = {"id": 7, "account": "ada@example.com", "service": "box", "admin": False}


class Kloudless:
    """Answers as Kloudless does; what a test changes, it answers otherwise."""

    def __init__(self, **changes: Any) -> None:
        self.token: Any = {"access_token": TOKEN, "token_type": "Bearer", "scope": "box"}
        self.verified: Any = {"client_id": "app-1", "account_id": 7, "scope": "box"}
        self.account: Any = ACCOUNT
        self.date = NOW
        vars(self).update(changes)

    def __call__(self, seen: Seen) -> Reply:
        if seen.path == "/v1/oauth/token/":
            answer = self.token if seen.method == "POST" else self.verified
        elif seen.path == "/v1/accounts/7/":
            answer = self.account
        else:
            answer = as_json({"error_code": "not_found", "message": "No."}, 404)
        date = format_datetime(self.date, usegmt=True)
        return answer if isinstance(answer, Reply) else as_json(answer, Date=date)


def connect(
    server: WireServer, client: KloudlessClient, answers: Kloudless, *, age_s: float = 10
) -> Connected:
    server.answer = answers
    credentials = KloudlessCredentials(f"{server.url}/v1", "app-1", Secret("canary-key"))
    return connect_account(
        credentials,
        client,
        code=Secret(CODE),
        redirect_uri=BACK,
        age=lambda: timedelta(seconds=age_s),
        now=lambda: NOW,
    )


def test_the_code_is_exchanged_the_token_verified_and_the_account_read_by_key(
    server: WireServer, client: KloudlessClient
) -> None:
    found = connect(server, client, Kloudless())
    assert (found.account_id, found.name, found.admin) == ("7", "ada@example.com", False)
    exchange, verification, reading = server.requests
    assert exchange.form == {
        "grant_type": "authorization_code",
        "code": CODE,
        "redirect_uri": BACK,
        "client_id": "app-1",
        "client_secret": "canary-key",
    }
    assert verification.headers["authorization"] == f"Bearer {TOKEN}"
    assert reading.headers["authorization"] == "APIKey canary-key"
    assert TOKEN not in repr(found)


@pytest.mark.parametrize("client_id", ["app-2", "", None, "app-1 "])
def test_a_token_of_another_application_is_refused_loudly(
    server: WireServer, client: KloudlessClient, client_id: str | None
) -> None:
    answers = Kloudless(verified={"client_id": client_id, "account_id": 7})
    with pytest.raises(RunbookError) as caught:
        connect(server, client, answers)
    assert "another Kloudless application" in caught.value.message
    assert caught.value.who is Who.KLOUDLESS_ADMIN
    assert [seen.path for seen in server.requests] == ["/v1/oauth/token/", "/v1/oauth/token/"]
    assert TOKEN not in f"{caught.value} {caught.value.as_dict()}"


@pytest.mark.parametrize("account_id", ["", None, "me", "../accounts", "7/../8"])
def test_an_account_id_that_is_none_is_not_asked_for(
    server: WireServer, client: KloudlessClient, account_id: str | None
) -> None:
    answers = Kloudless(verified={"client_id": "app-1", "account_id": account_id})
    with pytest.raises(RunbookError, match="which account"):
        connect(server, client, answers)
    assert len(server.requests) == 2


def test_a_code_that_kloudless_does_not_take_is_an_error(
    server: WireServer, client: KloudlessClient
) -> None:
    refused = as_json({"error_code": "request_failed", "message": "The code is used."}, 400)
    with pytest.raises(KloudlessApiError) as caught:
        connect(server, client, Kloudless(token=refused))
    assert caught.value.code == "request_failed"
    assert len(server.requests) == 1, "a code is sent once"


def test_an_answer_without_a_token_is_an_error(server: WireServer, client: KloudlessClient) -> None:
    with pytest.raises(Unreachable):
        connect(server, client, Kloudless(token={"token_type": "Bearer"}))


@pytest.mark.parametrize(
    "created, was_there",
    [
        ("2026-10-31T00:00:00Z", True),
        ("2026-11-01T11:59:45Z", True),
        ("2026-11-01T11:59:50+00:00", False),  # ten seconds ago, as the sign-in
        ("2026-11-01T11:59:49Z", False),  # a second cut off
        ("2026-11-01T13:59:58+02:00", False),
        ("2026-10-31T00:00:00", True),
        (None, None),
        ("yesterday", None),
        (17, None),
    ],
)
def test_whether_an_account_was_there_is_reported_from_its_creation(
    server: WireServer, client: KloudlessClient, *, created: Any, was_there: bool | None
) -> None:
    found = connect(server, client, Kloudless(account=ACCOUNT | {"created": created}))
    assert found.was_there is was_there
    assert found.headline.startswith("Connected again" if was_there else "Connected: ")


@pytest.mark.parametrize("skew_h", [-3, 3])
def test_a_clock_of_kloudless_that_is_wrong_changes_nothing(
    server: WireServer, client: KloudlessClient, skew_h: int
) -> None:
    skew = timedelta(hours=skew_h)
    for ago_s, expected in ((5, False), (60, True)):
        created = (NOW + skew - timedelta(seconds=ago_s)).isoformat()
        answers = Kloudless(account=ACCOUNT | {"created": created}, date=NOW + skew)
        assert connect(server, client, answers).was_there is expected
