"""Every operation of the sandbox's Kloudless by witness: how `kloudless` 2.0.1 drives it.

`DRIVEN` maps the name of an operation to what the published package does with it; `NOT_OFFERED`
says why the package can't. Each function fails by an exception or a failed assertion.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import kloudless
import requests

REDIRECT = "http://localhost:8501/connected"


class _Form(HTMLParser):
    """The hidden fields and the choices of the consent page."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.fields[given["name"]] = given["value"]
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option":
            self.choices.setdefault(self._select, []).append(given["value"])


@dataclass(slots=True)
class Witness:
    """The published package, pointed at the sandbox."""

    url: str
    app_id: str
    api_key: str
    admin_account: str
    tokens: dict[str, str]
    foreign_token: str
    clients: list[Any]

    def by_key(self) -> Any:
        """A client with the API Key."""
        return self._kept(kloudless.Client(api_key=self.api_key))

    def admin(self) -> Any:
        """The organisation's account, by the API Key."""
        return self._kept(kloudless.Account(api_key=self.api_key, account_id=self.admin_account))

    def person(self) -> Any:
        """A person's account, by its Bearer token and the alias `me`."""
        return self._kept(kloudless.Account(token=self.tokens[self.person_id()]))

    def person_id(self) -> str:
        """The account of one person that is enabled and alive."""
        listing = self.by_key().get("accounts", params={"page_size": 100})
        for account in listing:
            data = account.data
            if data["service"] == "box" and not data["admin"] and data["enabled"]:
                return str(data["id"])
        raise LookupError("no person's account")

    def imported(self, name: str) -> Any:
        """A new account, made by the import."""
        body = {"account": name, "service": "box", "token": "test"}
        return self.by_key().post("accounts", json=body)

    def consented(self, scope: str = "box") -> tuple[str, dict[str, str]]:
        """Goes through the consent page as a person would; state, and what came back."""
        address, state = kloudless.get_authorization_url(self.app_id, REDIRECT, scope=scope)
        page = requests.get(address, timeout=30)
        form = _Form()
        form.feed(page.text)
        answer = httpx.post(
            f"{self.url}/v1/oauth",
            data={
                **form.fields,
                "service": form.choices["service"][0],
                "person": form.choices["person"][0],
                "decision": "allow",
            },
        )
        return state, dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    def _kept(self, client: Any) -> Any:
        self.clients.append(client)
        return client


@contextlib.contextmanager
def witness(url: str, credentials: dict[str, Any]) -> Iterator[Witness]:
    """The package configured for the sandbox; its connections are closed after."""
    before = dict(kloudless.configuration)
    kloudless.configuration["base_url"] = url
    made = Witness(
        url=url,
        app_id=credentials["app_id"],
        api_key=credentials["api_key"],
        admin_account=credentials["admin_account"],
        tokens=credentials["account_tokens"],
        foreign_token=credentials["foreign_token"],
        clients=[],
    )
    try:
        yield made
    finally:
        kloudless.configuration.update(before)
        for client in made.clients:
            client.close()


def _authorize(w: Witness) -> None:
    address, _ = kloudless.get_authorization_url(w.app_id, REDIRECT, scope="box:admin")
    page = requests.get(address, timeout=30)
    assert page.ok
    assert "Allow access" in page.text


def _exchange(w: Witness) -> None:
    state, came_back = w.consented()
    token = kloudless.get_token_from_code(w.app_id, w.api_key, state, REDIRECT, **came_back)
    account = w._kept(kloudless.get_verified_account(w.app_id, token))
    assert account.get().data["service"] == "box"


def _verify(w: Witness) -> None:
    found = kloudless.verify_token(w.app_id, w.tokens[w.person_id()])
    assert str(found["account_id"]) == w.person_id()


def _services(w: Witness) -> None:
    names = [service.data["name"] for service in w.by_key().get("public/services")]
    assert "box" in names


def _service(w: Witness) -> None:
    found = w.by_key().get("public/services/box").data
    assert "storage.folders.list" in found["properties"]["capabilities"]


def _accounts(w: Witness) -> None:
    first = w.by_key().get("accounts", params={"page_size": 4})
    found = [account.data["id"] for account in first.get_paging_iterator()]
    assert len(found) == len(set(found)) == first.data["total"] > 4


def _import(w: Witness) -> None:
    account = w.imported("imported@witness.example")
    assert account.data["type"] == "account"
    account.delete()


def _account(w: Witness) -> None:
    account = w.admin().get()
    assert account.data["admin"] is True
    account.refresh()
    assert str(account.data["id"]) == w.admin_account


def _update(w: Witness) -> None:
    account = w.imported("patched@witness.example")
    changed = account.patch(json={"enabled": False})
    assert changed.data["enabled"] is False
    account.delete()


def _delete(w: Witness) -> None:
    account = w.imported("deleted@witness.example")
    account.delete()
    try:
        account.get()
    except kloudless.exceptions.NotFoundException:
        return
    raise AssertionError("a deleted account answered")


def _encode(w: Witness) -> None:
    root = w.person().get("storage/folders/root").data
    body = {"raw_id": "0", "type": "folder", "api": "storage"}
    assert w.person().post("encode_raw_id", json=body).data["id"] == root["id"]


def _convert(w: Witness) -> None:
    root = w.person().get("storage/folders/root").data
    found = w.person().post("storage/convert_id", json={"raw_id": "0", "type": "folder"})
    assert found.data["id"] == root["id"]


def _raw(w: Witness) -> None:
    answer = w.admin().raw("GET", "/2.0/users/me?fields=id,login")
    assert answer.json()["type"] == "user"
    assert answer.headers["box-request-id"]


def _folder(w: Witness) -> None:
    folder = w.person().get("storage/folders/root", get_raw_data=True)
    assert folder.data["raw"]["id"] == folder.data["raw_id"] == "0"
    assert folder.get("contents").data["count"] > 0


def _contents(w: Witness) -> None:
    options = {"page_size": 7, "recursive": "True"}
    first = w.person().get("storage/folders/root/contents", params=options)
    found = [item.data["id"] for item in first.get_paging_iterator(max_resources=40)]
    assert len(found) == len(set(found)) > 7


def _a_file(w: Witness) -> Any:
    options = {"page_size": 200, "recursive": "true"}
    first = w.person().get("storage/folders/root/contents", params=options)
    for item in first.get_paging_iterator(max_resources=2000):
        if item.data["type"] == "file":
            return item
    raise LookupError("no file")


def _file(w: Witness) -> None:
    file = _a_file(w)
    again = file.get()
    assert again.data["name"] == file.data["name"]
    assert again.data["parent"]["id"]


def _recent(w: Witness) -> None:
    first = w.person().get("storage/recent", params={"page_size": 5})
    modified = [item.data["modified"] for item in first.get_paging_iterator(max_resources=20)]
    assert modified == sorted(modified, reverse=True)
    assert len(modified) > 5


def _search(w: Witness) -> None:
    name = str(_a_file(w).data["name"]).rpartition(".")[0]
    found = w.person().get("storage/search", params={"q": name, "page_size": 3})
    assert any(name in str(item.data["name"]) for item in found.get_paging_iterator(60))


def _users(w: Witness) -> None:
    first = w.admin().get("team/users", params={"page_size": 13})
    found = [user.data["id"] for user in first.get_paging_iterator()]
    assert len(found) == len(set(found)) > 13


def _some_user(w: Witness) -> Any:
    """A person of the team whose content can be read on their behalf."""
    logins = {a.data["account"] for a in w.by_key().get("accounts", params={"page_size": 100})}
    for user in w.admin().get("team/users", params={"page_size": 100}).get_paging_iterator():
        if user.data["email"] in logins and user.data["role"] == "user":
            return user
    raise LookupError("no user")


def _user(w: Witness) -> None:
    user = _some_user(w)
    assert user.get().data["email"] == user.data["email"]
    root = w.admin().get("storage/folders/root", impersonate_user_id=user.data["id"])
    assert root.data["raw_id"] == "0"


def _memberships(w: Witness) -> None:
    for user in w.admin().get("team/users", params={"page_size": 50}):
        groups = user.get("memberships")
        if groups.data["count"]:
            assert groups.objects[0].data["type"] == "group"
            return
    raise AssertionError("nobody is in a group")


def _groups(w: Witness) -> None:
    first = w.admin().get("team/groups", params={"page_size": 2})
    found = [group.data["name"] for group in first.get_paging_iterator()]
    assert len(found) > 2


def _group(w: Witness) -> None:
    group = w.admin().get("team/groups").objects[0]
    assert group.get().data["name"] == group.data["name"]


def _members(w: Witness) -> None:
    counts = [group.get("members").data["count"] for group in w.admin().get("team/groups")]
    assert max(counts) > 0


def _events(w: Witness) -> None:
    first = w.admin().get("events", params={"page_size": 50}, get_raw_data=True)
    found = [event.data["raw"]["id"] for event in first.get_paging_iterator()]
    assert len(found) == len(set(found)) == first.data["count"] + first.data["remaining"] > 50
    assert first.latest_cursor == w.admin().get("events/latest").data["cursor"]


def _latest(w: Witness) -> None:
    cursor = w.person().get("events/latest").data["cursor"]
    assert w.person().get("events", params={"cursor": cursor}).data["count"] == 0


def _subscriptions(w: Witness) -> None:
    found = w.person().get("subscriptions")
    assert [sub.data["default"] for sub in found].count(True) == 1


def _subscribe(w: Witness) -> None:
    made = w.person().post("subscriptions", json={})
    assert made.data["active"] is True
    made.delete()


def _subscription(w: Witness) -> None:
    assert w.person().get("subscriptions/default").data["default"] is True


def _resubscribe(w: Witness) -> None:
    made = w.person().post("subscriptions", json={"active": True, "monitored_resources": []})
    assert made.patch(json={"active": False}).data["active"] is False
    made.delete()


def _unsubscribe(w: Witness) -> None:
    before = w.person().get("subscriptions").data["count"]
    w.person().post("subscriptions").delete()
    assert w.person().get("subscriptions").data["count"] == before


def _activity(w: Witness) -> None:
    page = w.admin().get("subscriptions/default/activity", params={"page_size": 5})
    assert page.data["count"] == 5
    more = {"page_size": 5, "cursor": page.data["cursor"]}
    after = w.admin().get("subscriptions/default/activity", params=more)
    assert after.data["remaining"] == page.data["remaining"] - 5


def _activity_latest(w: Witness) -> None:
    latest = w.admin().get("subscriptions/default/activity/latest").data["cursor"]
    assert latest == str(w.admin().get("events/latest").data["cursor"])


DRIVEN: dict[str, Callable[[Witness], None]] = {
    "oauth.authorize": _authorize,
    "oauth.exchange": _exchange,
    "oauth.verify": _verify,
    "services.list": _services,
    "services.get": _service,
    "accounts.list": _accounts,
    "accounts.import": _import,
    "accounts.get": _account,
    "accounts.update": _update,
    "accounts.delete": _delete,
    "accounts.encode_raw_id": _encode,
    "accounts.raw": _raw,
    "storage.convert_id": _convert,
    "storage.folder": _folder,
    "storage.contents": _contents,
    "storage.file": _file,
    "storage.recent": _recent,
    "storage.search": _search,
    "team.users": _users,
    "team.user": _user,
    "team.memberships": _memberships,
    "team.groups": _groups,
    "team.group": _group,
    "team.members": _members,
    "events.list": _events,
    "events.latest": _latest,
    "subscriptions.list": _subscriptions,
    "subscriptions.create": _subscribe,
    "subscriptions.get": _subscription,
    "subscriptions.update": _resubscribe,
    "subscriptions.delete": _unsubscribe,
    "activity.list": _activity,
    "activity.latest": _activity_latest,
}

NOT_OFFERED: dict[str, str] = {
    "oauth.decide": "a person's click on the consent page: the package only makes its address",
}
