"""Management and Reconciliation on the Webhooks page, over the real sandbox and receiver."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lib.app import current
from lib.app.runtime import Runtime
from lib.box import BoxClient
from lib.ui.webhooks.manage.subscription_list import Managing
from lib.webhooks.manage.subscriptions import (
    Identity,
    SubscriptionRequest,
    all_hooks,
    create,
    identity_of,
)
from lib.webhooks.receive.receiver import Kind
from lib.webhooks.replay import keys_of
from lib.webhooks.signing.sending import box_delivery
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.unit.ui.credentials.credentials_app import page_app, texts
from tests.webhook_bench import box_body

__all__ = ["page_app"]

ADDRESS = "https://runbook.example/webhooks/box/sandbox"
STATE = f"{Managing.__module__}.{Managing.__qualname__}"


@pytest.fixture(scope="module")
def small_world() -> Iterator[SandboxServer]:
    """A sandbox that is read in a moment."""
    options = ("--days", "2", "--events-per-day", "40", "--users", "12", "--no-rate-limits")
    with running_sandbox(*options) as server:
        yield server


@pytest.fixture
def sandbox(small_world: SandboxServer) -> SandboxServer:
    """The sandbox of this file's tests."""
    return small_world


def runtime() -> Runtime:
    found = current()
    assert found is not None
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """The page, for the sandbox's admin as a second owner; their webhooks end with the test."""

    app: AppTest
    data: Path

    @property
    def client(self) -> BoxClient:
        return runtime().client_for(runtime().sandbox.profile())

    @property
    def admin(self) -> Identity:
        admin = runtime().sandbox.credentials["box"]["users"]["admin"]
        return identity_of(self.client.as_user(admin).me(), acting=True)

    @property
    def theirs(self) -> BoxClient:
        return self.admin.client(self.client)

    def folders(self) -> list[str]:
        entries = self.theirs.folder_items("0", offset=0, fields=("id", "type")).entries
        return [str(one["id"]) for one in entries if one["type"] == "folder"]

    def make(self, number: int = 0, **changes: Any) -> str:
        order = SubscriptionRequest("folder", self.folders()[number], ADDRESS, ("FILE.UPLOADED",))
        return create(self.theirs, replace(order, **changes)).id

    def open(self, tab: str = "Management", *, as_admin: bool = True) -> AppTest:
        self.app.query_params["part"] = tab
        if as_admin:
            self.app.session_state[STATE] = Managing("sandbox", (self.admin,))
        return self.app.switch_page("../../pages/webhooks.py").run()

    def press(self, label: str) -> None:
        next(one for one in self.app.button if one.label == label).click().run()
        assert not self.app.exception

    def audited(self) -> list[tuple[str, str | None, str]]:
        with contextlib.closing(sqlite3.connect(self.data / "ledger.sqlite")) as ledger:
            found = ledger.execute("SELECT what, subject, outcome FROM audit ORDER BY id")
            return [tuple(row) for row in found if row[0].endswith("webhook")]


@pytest.fixture
def page(page_app: AppTest, tmp_path: Path) -> Iterator[Page]:
    page_app.run()
    made = Page(page_app, tmp_path / "data")
    for client in (made.client, made.theirs):
        for hook in all_hooks(client):
            client.delete_webhook(hook.id)
    yield made
    for hook in all_hooks(made.theirs):
        made.theirs.delete_webhook(hook.id)


def table(app: AppTest, column: str) -> pd.DataFrame:
    """The table that has this column."""
    return next(one.value for one in app.dataframe if column in one.value)


def test_without_a_webhook_the_page_says_what_to_do(page: Page) -> None:
    app = page.open(as_admin=False)
    assert not app.exception
    shown = texts(app)
    assert "No webhooks yet" in shown
    assert "the app's service account" in shown


def test_webhooks_of_every_owner_are_listed_and_judged(page: Page) -> None:
    hook = page.make()
    page.make(1, address="https://else.example/in", triggers=("FILE.UPLOADED", "FILE.MOVED"))
    app = page.open()
    assert not app.exception
    shown = table(app, "Issues")
    assert hook == shown["ID"].iloc[0]
    assert set(shown["Issues"]) == {"⚠ 1 warning"}  # a person owns them
    assert list(shown["Address"]) == [ADDRESS, "https://else.example/in"]
    assert list(shown["Kind"]) == ["folder", "folder"]
    assert all(shown["Item"])


def test_added_owners_survive_a_reload(page: Page) -> None:
    page.make()
    page.open()
    assert page.app.query_params["owners"] in (page.admin.id, [page.admin.id])
    del page.app.session_state[STATE]  # a reload keeps the address alone
    app = page.app.run()
    assert [one.id for one in app.session_state[STATE].people] == [page.admin.id]
    page.press("Only the app's own")
    assert "owners" not in page.app.query_params


def test_a_webhook_is_judged_while_typed_and_made_with_an_audit_entry(page: Page) -> None:
    app = page.open()
    app.session_state["hooks.new.0"] = True
    app.session_state["hooks.new.owner"] = 1
    app.run()
    assert not app.exception
    address = next(one for one in app.text_input if one.label == "Address")
    assert address.value == ADDRESS
    address.set_value("http://127.0.0.1:8501/x").run()
    shown = texts(app)
    assert "not https" in shown
    assert "port 8501" in shown
    assert "127.0.0.1" in shown
    go = next(one for one in app.button if one.label == "Create webhook")
    assert go.disabled
    next(one for one in app.text_input if one.label == "Address").set_value(ADDRESS).run()
    assert '"triggers"' in texts(app)  # what is written
    page.press("Create webhook")
    (hook,) = all_hooks(page.theirs)
    assert page.audited() == [("create_webhook", f"folder {hook.target_id}", "ok")]
    assert f"Created a webhook for folder {hook.target_id}" in texts(app)
    assert list(table(app, "Issues")["ID"]) == [hook.id]
    assert runtime().sandbox.url is not None


def test_a_refusal_of_box_is_reported_with_cause_and_fix_and_kept(page: Page) -> None:
    app = page.open()
    app.session_state["hooks.new.0"] = True
    app.run()  # the service account, which sees no folder
    assert "sees no folders here" in texts(app)
    next(one for one in app.text_input if one.label == "Folder ID").set_value("4711").run()
    page.press("Create webhook")
    assert "Box" in texts(app)
    assert page.audited() == [("create_webhook", "folder 4711", "refused")]
    assert all_hooks(page.client) == ()


def test_several_are_made_and_the_one_that_is_taken_is_left_out(page: Page) -> None:
    folders = page.folders()
    taken = page.make(0)
    app = page.open()
    app.session_state["hooks.bulk.0"] = True
    app.session_state["hooks.bulk.owner"] = 1
    app.run()
    chosen = next(one for one in app.multiselect if one.label == "Folders")
    chosen.set_value(folders[:3]).run()
    preview = table(app, "Why")
    assert list(preview["Issues"]) == ["✗ 1 error, 1 warning", "⚠ 1 warning", "⚠ 1 warning"]
    page.press("Create 2 webhooks")
    assert {hook.target_id for hook in all_hooks(page.theirs)} == set(folders[:3])
    assert taken in {hook.id for hook in all_hooks(page.theirs)}
    assert set(table(app, "Outcome")["Outcome"]) == {"✓ Created"}
    assert [one[0] for one in page.audited()] == ["create_webhook"] * 2


def test_a_fault_of_box_is_shown_in_place_of_the_list(page: Page, sandbox: SandboxServer) -> None:
    with sandbox.fault("no_webhooks_right"):
        app = page.open()
        assert not app.exception
        assert "access_denied_insufficient_permissions" in texts(app)
        assert "No webhooks yet" not in texts(app)


def received(trigger: str, number: int, hook: str) -> None:
    """A genuine delivery, received and drained."""
    profile = runtime().sandbox.profile()
    now = datetime.now(UTC)
    body = box_body(
        number, trigger, created_at=now.isoformat(), webhook={"id": hook, "type": "webhook"}
    )
    outgoing = box_delivery(body, keys_of(profile), now)
    assert runtime().deliver(profile, Kind.BOX, outgoing).status == 200
    owner = runtime()._owner
    assert owner is not None
    assert owner.drainer.finish()


def test_what_box_says_of_a_webhook_stands_on_top(page: Page) -> None:
    hook = page.make()
    received("NO_ACTIVE_SESSION", 1, hook)
    shown = texts(page.open())
    assert f"The owner of webhook {hook} has no session" in shown


def test_kloudless_says_what_can_be_known_and_tries_the_signed_test(page: Page) -> None:
    app = page.open()
    app.session_state["hooks.kloudless"] = True
    app.run()
    assert not app.exception
    assert "not visible with an API key" in texts(app)
    assert "? not yet" in set(table(app, "Covered")["Covered"])
    page.press("Send the signed test")
    assert "answered as Kloudless expects" in texts(app)


def test_the_comparison_shows_counts_reasons_and_rows(page: Page) -> None:
    job = runtime().reader_for(runtime().sandbox.profile()).job
    assert job is None or job.wait(60)
    received("FILE.UPLOADED", 2, page.make())
    app = page.open("Reconciliation")
    assert not app.exception
    shown = {one.label: one.value for one in app.metric}
    assert shown["Webhooks only"] == "1"
    assert {"In both", "Missed", "Late", "Duplicates", "Out of order"} < set(shown)
    assert "Matched by item, action, actor and time" in texts(app)
