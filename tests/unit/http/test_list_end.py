"""Every list that is read page by page ends, whatever a server answers."""

from collections.abc import Callable, Iterator
from itertools import count

import httpx
import pytest

from lib.box.client import BoxClient
from lib.box.events import read_stream
from lib.box.tokens.auth import Token, fixed_token
from lib.core.errors import Unreachable
from lib.core.redaction import Secret
from lib.http import Egress, Journal, ListEnd, Policy, build_client
from lib.kloudless.activity import events
from lib.kloudless.client import KloudlessClient
from lib.webhooks.manage.subscriptions import all_hooks
from tests.wire_server import Reply, WireServer, as_json

SOON = 40
"""How many pages of a circle of three may be asked at most."""


@pytest.fixture
def http(server: WireServer) -> Iterator[httpx.Client]:
    egress = Egress(origins=frozenset({("127.0.0.1", server.port)}))
    with build_client(egress, Journal(), policy=Policy(budget=None)) as client:
        yield client


def going_in_circles(length: int) -> Callable[[object], Reply]:
    """A list of any of the two APIs whose pages lead back to the first."""
    number = count()

    def answer(_seen: object) -> Reply:
        place = f"place-{next(number) % length}"
        entries = [{"id": place, "event_id": place}]
        return as_json(
            {
                "entries": entries,
                "objects": entries,
                "next_marker": place,
                "next_stream_position": place,
                "next_page": place,
                "cursor": place,
                "offset": 0,
                "limit": 1,
                "total_count": 9_000,
                "total": 9_000,
            }
        )

    return answer


def test_a_list_that_leads_back_to_itself_ends_with_a_named_error(
    server: WireServer, http: httpx.Client
) -> None:
    box = BoxClient(http, fixed_token(Token(Secret("t"), None), "someone"), api_url=server.url)
    kloudless = KloudlessClient(http, f"{server.url}/v1", api_key=Secret("k"))
    lists: dict[str, Callable[[], object]] = {
        "users": lambda: list(box.users()),
        "groups": lambda: list(box.groups()),
        "group_memberships": lambda: list(box.group_memberships("1")),
        "user_memberships": lambda: list(box.user_memberships("1")),
        "webhooks": lambda: all_hooks(box),
        "events": lambda: list(read_stream(box, "0")),
        "accounts": lambda: list(kloudless.all_accounts(page_size=1)),
        "team_users": lambda: list(kloudless.team_users("1")),
        "activity": lambda: list(events(kloudless, "1")),
    }
    for name, read in lists.items():
        for length in (1, 3):
            server.requests.clear()
            server.answer = going_in_circles(length)
            with pytest.raises(Unreachable) as ended:
                read()
            assert ended.value.kind == "malformed", name
            assert "127.0.0.1" in ended.value.message, name
            assert len(server.requests) < SOON, name


def test_a_list_without_an_end_is_left_and_a_long_one_is_not() -> None:
    long = ListEnd("https://api.box.com", most_pages=1_000)
    for number in range(999):
        long.go_on(str(number))
    with pytest.raises(Unreachable, match=r"api\.box\.com") as ended:
        long.go_on("999")
    assert "doesn't end after 1,000 pages" in ended.value.cause
