"""Webhooks created, linted, changed, deleted and compared in a real browser."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from lib.app.clients import Clients
from lib.box import BoxClient
from lib.core.errors import BoxApiError
from lib.settings.profiles import sandbox_profile
from lib.webhooks.manage.subscriptions import SubscriptionRequest, all_hooks, create
from tests.browser.conftest import App, OpenPage, running_app, settled, wait_until
from tests.sandbox_server import SandboxServer, running_sandbox

pytestmark = pytest.mark.browser

ADDRESS = "https://runbook.example/webhooks/box/sandbox"
OTHER = "https://hooks.example/in"
GONE = 404
SMALL = ("--days", "3", "--users", "12", "--events-per-day", "60", "--no-rate-limits")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, SandboxServer]]:
    """An app over a small sandbox of its own, in which things happen when they are made to."""
    with running_sandbox(*SMALL, until=None) as sandbox:
        env = {"BOX_RUNBOOK_SANDBOX": sandbox.url}
        with running_app(tmp_path_factory.mktemp("hooks") / "data", env=env) as app:
            wait_until(lambda: app.get("/healthz").status_code == 200)
            yield app, sandbox


def admin(sandbox: SandboxServer) -> dict[str, str]:
    """The enterprise's admin, who owns folders."""
    box = sandbox.credentials()["box"]
    answer = httpx.get(
        f"{sandbox.url}/2.0/users/{box['users']['admin']}",
        headers={"Authorization": f"Bearer {box['developer_token']}"},
    )
    found: dict[str, str] = answer.raise_for_status().json()
    return found


@pytest.fixture(autouse=True)
def theirs(demo: tuple[App, SandboxServer]) -> Iterator[BoxClient]:
    """The profile's app at Box, acting for the admin, beside the page. No test leaves a webhook."""
    sandbox = demo[1]
    given = sandbox.credentials()
    clients = Clients((), lambda: sandbox.url)
    client = clients.box(sandbox_profile(given)).as_user(given["box"]["users"]["admin"])
    yield client
    for hook in all_hooks(client):
        client.delete_webhook(hook.id)
    clients.close()


def made(client: BoxClient) -> str:
    """A webhook on a folder of theirs; its ID."""
    items = client.folder_items("0", offset=0, fields=("id", "type")).entries
    folder = next(str(one["id"]) for one in items if one["type"] == "folder")
    return create(client, SubscriptionRequest("folder", folder, ADDRESS, ("FILE.UPLOADED",))).id


def opened(page: Page, login: str) -> None:
    """List this person's webhooks and open the first."""
    settled(page)
    add_owner(page, login, "1 webhook")
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    corner = table.bounding_box()
    assert corner is not None
    page.mouse.click(corner["x"] + 17, corner["y"] + 36 + 17)  # it is drawn on a canvas
    expect(page.get_by_role("button", name="Delete…")).to_be_visible()
    settled(page)


def listed(page: Page) -> Locator:
    """The list of webhooks, as it is read aloud."""
    return page.get_by_test_id("stDataFrame").first.locator("table[role=grid]")


def choose(page: Page, label: str, text: str) -> None:
    """Choose the first option that holds a text."""
    page.get_by_role("combobox", name=re.compile(label)).click()
    page.get_by_role("option", name=re.compile(text)).first.click()
    settled(page)


def add_owner(page: Page, login: str, count: str) -> None:
    page.get_by_role("button", name="Another owner").click()
    choose(page, "Person", re.escape(login))
    page.get_by_role("button", name="List their webhooks too").click()
    expect(page.get_by_text(re.compile(f"a person · {count}$"))).to_be_visible()
    page.keyboard.press("Escape")
    settled(page)


def test_a_newcomer_makes_a_webhook_and_sees_what_it_delivers(
    demo: tuple[App, SandboxServer], open_page: OpenPage
) -> None:
    app, sandbox = demo
    page = open_page(f"{app.url}/webhooks?part=Management")
    settled(page)
    expect(page.get_by_text("No webhooks yet")).to_be_visible()
    owner = admin(sandbox)
    add_owner(page, owner["login"], "0 webhooks")
    page.get_by_text("New webhook").click()
    settled(page)
    choose(page, "Owner", re.escape(owner["name"]))
    address = page.get_by_role("textbox", name="Address")
    address.fill("http://10.0.0.8/hook")
    expect(page.get_by_text("Box delivers over https only")).to_be_visible()
    expect(page.get_by_role("button", name="Create webhook")).to_be_disabled()
    address.fill(ADDRESS)
    expect(page.get_by_text("Box delivers over https only")).to_be_hidden()
    settled(page)
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_text(re.compile("Created a webhook for folder"))).to_be_visible()
    expect(page.get_by_text(re.compile("a person · 1 webhook"))).to_be_visible()
    settled(page)
    sent: list[dict[str, object]] = []
    while not sent:  # what happens is drawn by lot, and not all of it in that folder
        sent = sandbox.post("/sandbox/emit", {"count": 60})["deliveries"]
    assert {one["status"] for one in sent} == {200}
    page.get_by_role("tab", name="Reconciliation").click()
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    settled(page)
    expect(page.get_by_text("What webhooks can't deliver")).to_be_visible()


def changing(demo: tuple[App, SandboxServer], open_page: OpenPage) -> tuple[Page, Locator]:
    """Management with the form that changes the only webhook, and the button that does it."""
    app, sandbox = demo
    page = open_page(f"{app.url}/webhooks?part=Management")
    opened(page, admin(sandbox)["login"])
    page.get_by_role("button", name="Change").click()
    return page, page.get_by_role("button", name="Save changes")


def test_a_webhook_is_changed_and_deleted_and_what_box_would_refuse_is_reported_before(
    demo: tuple[App, SandboxServer], theirs: BoxClient, open_page: OpenPage
) -> None:
    hook = made(theirs)
    page, go = changing(demo, open_page)
    expect(page.get_by_text("No changes.")).to_be_visible()
    expect(go).to_be_disabled()
    address = page.get_by_role("textbox", name="Address")
    address.fill("http://hooks.example/in")
    expect(page.get_by_text("Box delivers over https only")).to_be_visible()
    expect(go).to_be_disabled()
    address.fill(OTHER)
    expect(page.get_by_text("Box delivers over https only")).to_be_hidden()
    expect(go).to_be_enabled()
    assert theirs.webhook(hook)["address"] == ADDRESS  # nothing is written until it is pressed
    settled(page)
    go.click()
    expect(page.get_by_text(f"Changed webhook {hook}")).to_be_visible()
    assert theirs.webhook(hook)["address"] == OTHER
    settled(page)
    page.get_by_role("button", name="Refresh").click()
    expect(listed(page)).to_contain_text(OTHER)
    expect(listed(page)).not_to_contain_text(ADDRESS)
    settled(page)
    page.get_by_role("button", name="Delete…").click()
    sure = page.get_by_role("button", name="Delete webhook")
    typed = page.get_by_role("textbox", name=re.compile("Type .* to confirm"))
    typed.fill(hook[:-1])
    expect(page.get_by_role("dialog")).to_contain_text("This can't be undone")
    settled(page)
    expect(sure).to_be_disabled()
    typed.fill(hook)
    expect(sure).to_be_enabled()
    assert [one.id for one in all_hooks(theirs)] == [hook]
    sure.click()
    expect(page.get_by_text(f"Deleted webhook {hook}")).to_be_visible()
    expect(page.get_by_text("No webhooks yet")).to_be_visible()
    assert all_hooks(theirs) == ()


def test_a_webhook_that_was_deleted_meanwhile_is_reported_as_gone(
    demo: tuple[App, SandboxServer], theirs: BoxClient, open_page: OpenPage
) -> None:
    hook = made(theirs)
    page, go = changing(demo, open_page)
    page.get_by_role("textbox", name="Address").fill(OTHER)
    expect(go).to_be_enabled()
    settled(page)
    theirs.delete_webhook(hook)
    go.click()
    expect(page.get_by_text("This webhook no longer exists")).to_be_visible()
    with pytest.raises(BoxApiError) as refused:
        theirs.webhook(hook)
    assert refused.value.status == GONE
    settled(page)
    page.keyboard.press("Escape")  # the list is asked for anew by that
    expect(page.get_by_text("No webhooks yet")).to_be_visible()


def test_an_address_may_say_the_period_by_its_id_or_by_its_name(
    demo: tuple[App, SandboxServer], open_page: OpenPage
) -> None:
    page = open_page("about:blank")
    for written in ("7d", "Last+7+days"):
        where = f"hooks_period={written}&hooks_late=5m&part=Reconciliation"
        page.goto(f"{demo[0].url}/webhooks?{where}")
        settled(page)
        period = page.get_by_role("combobox", name=re.compile("Period"))
        expect(period).to_have_value("Last 7 days")
        late = page.get_by_role("combobox", name=re.compile("Late is more"))
        expect(late).to_have_value("5 minutes")
        expect(page).to_have_url(re.compile(r"hooks_period=Last\+7\+days"))
    choose(page, "Period", "Last 30 days")
    expect(page).to_have_url(re.compile(r"hooks_period=Last\+30\+days"))
