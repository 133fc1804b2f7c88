"""The Files page over the real sandbox: whose eyes, both sides, faults inside their panels."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from lib.app import current, stop_background
from lib.box import BoxClient, connect
from lib.http import Egress, Journal
from lib.settings.profiles import Profile, sandbox_profile
from tests.sandbox_server import SandboxServer
from tests.unit.ui.credentials.credentials_app import MAIN, go, page_app, texts
from tests.wire_server import Reply, Seen, WireServer, as_json, wire_server

__all__ = ["page_app"]


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


@pytest.fixture
def box(sandbox: SandboxServer, profile: Profile) -> Iterator[BoxClient]:
    egress = Egress.for_profile(profile, allowed_hosts=(), sandbox_url=sandbox.url)
    with connect(profile, egress=egress, journal=Journal()) as client:
        yield client


@pytest.fixture
def managed(sandbox: SandboxServer) -> str:
    return str(sandbox.credentials()["box"]["users"]["managed"])


def open_at(app: AppTest, **parameters: str) -> AppTest:
    app.run()
    for name, said in parameters.items():
        app.query_params[name] = said
    return app.switch_page("../../pages/files.py").run()


def names(app: AppTest, table: int) -> list[str]:
    return [str(name) for name in app.dataframe[table].value["Name"]]


def audit() -> list[tuple[str, str | None, str, str | None]]:
    """What stands in the audit record, oldest first."""
    runtime = current()
    assert runtime is not None
    ledger = runtime.stores_for(runtime.sandbox.profile()).ledger
    return [
        (line.what, line.subject, line.outcome, line.detail) for line in ledger.audit_entries()
    ][::-1]


def linked_item(box: BoxClient, user: str) -> dict[str, Any]:
    """A file of that user that has a shared link."""
    for found in box.as_user(user).search("a", limit=200, fields=("shared_link", "parent")).entries:
        if found["type"] == "file" and found["shared_link"]:
            return dict(found)
    raise LookupError("the sandbox has no file with a shared link")


# -- whose eyes ------------------------------------------------------------------------------


def test_the_page_opens_on_files_in_the_sandbox(page_app: AppTest, managed: str) -> None:
    app = go(page_app, "files")
    assert not app.exception
    assert f"Box ID `{managed}`" in texts(app)
    assert "Both sides show the same" in texts(app)
    assert names(app, 0)
    assert "as" not in app.query_params  # whom it opens as needs no word in the address


def test_an_empty_root_offers_people_to_look_as(page_app: AppTest) -> None:
    app = open_at(page_app, **{"as": "self"})
    assert not app.dataframe
    assert texts(app).count("root is empty until something is shared") == 1  # not once a side
    offered = [one for one in app.button if str(one.key).startswith("files.else.box.")]
    assert len(offered) > 1
    chosen = str(offered[0].key).rpartition(".")[2]
    offered[0].click().run()
    assert not app.exception
    assert f"Box ID `{chosen}`" in texts(app)


def test_a_service_accounts_empty_root_is_explained_with_its_cure(page_app: AppTest) -> None:
    app = open_at(page_app, **{"as": "self"})
    assert not app.exception
    shown = texts(app)
    assert "Service account" in shown
    assert "A service account's root is empty until something is shared with it" in shown
    assert "Act as…" in shown
    assert re.search(r"invite `AutomationUser_\S+` as a collaborator", shown)
    assert audit() == []


def test_both_sides_show_the_same_folder_of_the_same_person(
    page_app: AppTest, box: BoxClient, managed: str
) -> None:
    app = open_at(page_app, **{"as": managed})
    assert not app.exception
    reported = [str(one["name"]) for one in box.as_user(managed).folder_items("0").entries]
    assert names(app, 0) == names(app, 1) == reported
    shown = texts(app)
    assert f"Box ID `{managed}`, on both sides" in shown
    assert f"Both sides show the same {len(reported)} items." in shown
    assert set(app.dataframe[0].value["Other side"]) == {"same"}


def test_looking_through_a_persons_files_is_written_into_the_audit_record(
    page_app: AppTest, managed: str
) -> None:
    app = open_at(page_app, **{"as": managed})
    app.run()  # what is drawn again from memory was not looked up again
    assert audit() == [
        ("look_up", f"user {managed}", "ok", "files: the root, Box, directly"),
        ("look_up", f"user {managed}", "ok", "files: the root, Through Kloudless"),
    ]


def test_a_user_that_box_does_not_let_us_act_as_is_explained(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    external = sandbox.credentials()["box"]["users"]["external"]
    app = open_at(page_app, **{"as": external})
    assert not app.exception
    shown = texts(app)
    assert "Calls can be made only as managed and app users of the same enterprise." in shown
    assert not app.dataframe
    next(one for one in app.button if one.key == "files.back_to_self").click().run()
    assert "Service account" in texts(app)
    assert app.query_params["as"] == "self"


def test_a_personal_account_is_not_compared_with_somebody_else(
    page_app: AppTest, sandbox: SandboxServer, box: BoxClient, managed: str
) -> None:
    login = str(box.user(sandbox.credentials()["box"]["users"]["coadmin"])["login"])
    account = account_of(sandbox, login)
    app = open_at(page_app, account=account, **{"as": managed})
    assert not app.exception
    shown = texts(app)
    assert f"`{login}`" in shown
    assert "The two sides act as different people" in shown
    assert "the same" not in shown
    assert "Other side" not in app.dataframe[0].value.columns
    assert ("look_up", f"account {account}", "ok", "files: the root, Through Kloudless") in audit()


def account_of(sandbox: SandboxServer, login: str) -> str:
    """The Kloudless account of one person."""
    kloudless = sandbox.credentials()["kloudless"]
    answer = httpx.get(
        f"{kloudless['base_url']}/accounts/",
        params={"search": login},
        headers={"Authorization": f"APIKey {kloudless['api_key']}"},
    )
    found = answer.raise_for_status().json()["objects"]
    return next(str(one["id"]) for one in found if one["service"] == "box")


def test_what_the_sides_show_differently_is_marked_row_by_row(
    monkeypatch: pytest.MonkeyPatch, sandbox: SandboxServer, box: BoxClient, tmp_path: Path
) -> None:
    """Box is the sandbox's; the other side misses one folder, has another, and renames a third."""
    admin = sandbox.credentials()["box"]["users"]["admin"]
    reported = box.as_user(admin).folder_items("0", fields=("name", "owned_by")).entries
    assert len(reported) > 2
    objects = [
        {"id": f"F{one['id']}", "raw_id": one["id"], "name": one["name"], "type": one["type"]}
        for one in reported[1:]
    ]
    objects[0]["name"] = "renamed"
    objects.append({"id": "Fx", "raw_id": "5", "name": "only there", "type": "folder"})
    with wire_server() as kloudless:
        kloudless.answer = lambda seen: answer_as_kloudless(seen, admin, objects)
        configure(monkeypatch, sandbox, kloudless, tmp_path)
        app = go(AppTest.from_file(str(MAIN), default_timeout=60), "files")
        shown = texts(app) + "\n".join(str(one.value) for one in app.warning)
        left, right = (app.dataframe[side].value for side in (0, 1))
        stop_background()
    assert not app.exception
    assert (
        "1 item only in Box; 1 item only through Kloudless; 1 item with different details." in shown
    )
    marks = dict(zip(left["Name"], left["Other side"], strict=True))
    assert marks[reported[0]["name"]] == "✗ missing there"
    assert marks[reported[1]["name"]] == "≠ name"
    assert dict(zip(right["Name"], right["Other side"], strict=True))["only there"] == (
        "✗ missing there"
    )


def configure(
    monkeypatch: pytest.MonkeyPatch, sandbox: SandboxServer, kloudless: WireServer, data: Path
) -> None:
    """A configured profile whose halves are the sandbox's Box and another Kloudless."""
    values = {
        "ACCESS__OPEN": "true",
        "PROFILES__ACME__BOX__AUTH": "developer_token",
        "PROFILES__ACME__BOX__DEVELOPER_TOKEN": sandbox.credentials()["box"]["developer_token"],
        "PROFILES__ACME__BOX__API_URL": sandbox.url,
        "PROFILES__ACME__KLOUDLESS__BASE_URL": f"{kloudless.url}/v1",
        "PROFILES__ACME__KLOUDLESS__APP_ID": "app",
        "PROFILES__ACME__KLOUDLESS__API_KEY": "key",
    }
    for name, said in values.items():
        monkeypatch.setenv(f"BOX_RUNBOOK__{name}", said)
    monkeypatch.setenv("BOX_RUNBOOK_DATA", str(data / "data"))
    monkeypatch.setenv("BOX_RUNBOOK_SANDBOX", sandbox.url)
    stop_background()


def answer_as_kloudless(seen: Seen, person: str, objects: list[dict[str, Any]]) -> Reply:
    account = {"id": 7, "account": "org", "service": "box", "admin": True, "enabled": True}
    if seen.path.endswith("/accounts/"):
        return as_json({"objects": [account], "total": 1})
    if seen.path.endswith("/raw/"):
        return as_json({"type": "user", "id": person, "name": "Admin", "login": "a@b.example"})
    if seen.path.endswith("/contents/"):
        return as_json({"objects": objects, "next_page": None})
    return as_json({"id": "Froot", "raw_id": "0", "name": "All Files", "type": "folder"})


# -- places ----------------------------------------------------------------------------------


def test_a_link_opens_a_folder_and_its_crumbs_lead_back(
    page_app: AppTest, box: BoxClient, managed: str
) -> None:
    seen = box.as_user(managed)
    top = next(one for one in seen.folder_items("0").entries if one["name"] == department(seen))
    inner = next(one for one in seen.folder_items(top["id"]).entries if one["type"] == "folder")
    app = open_at(page_app, folder=str(inner["id"]), **{"as": managed})
    assert not app.exception
    crumbs = [one for one in app.button if str(one.key).startswith("files.crumb.")]
    assert [one.label for one in crumbs] == ["All Files", top["name"].replace("&", r"\&")]
    crumbs[1].click().run()
    assert app.query_params["folder"] == top["id"]
    assert str(inner["name"]) in names(app, 0)


def department(seen: BoxClient) -> str:
    """A folder with folders in it."""
    for one in seen.folder_items("0").entries:
        inside = seen.folder_items(str(one["id"])).entries
        if any(entry["type"] == "folder" for entry in inside):
            return str(one["name"])
    raise LookupError("no folder has folders in it")


def test_what_is_hidden_from_an_identity_is_explained_inside_its_panel(
    page_app: AppTest, box: BoxClient, managed: str
) -> None:
    top = next(iter(box.as_user(managed).folder_items("0").entries))
    # The service account doesn't see it.
    app = open_at(page_app, folder=str(top["id"]), **{"as": "self"})
    assert not app.exception
    shown = texts(app)
    assert "the call almost always runs as the wrong identity" in shown
    assert "Kloudless can't find this resource" in shown or "doesn't exist there" in shown
    assert "curl" in shown  # a refused question is shown as well
    assert [tab.label for tab in app.tabs] == ["Folders", "Recent files", "Search"]


def test_an_address_that_makes_no_sense_is_named_and_left_out(
    page_app: AppTest, managed: str
) -> None:
    app = open_at(page_app, folder="../users/me", **{"as": "ada@example.com"})
    assert not app.exception
    assert "no valid ID in `as`, `folder`" in "\n".join(one.value for one in app.warning)
    assert f"Box ID `{managed}`" in texts(app)


def test_box_alone_pages_by_position_and_by_marker_and_sorts(
    page_app: AppTest, box: BoxClient, managed: str
) -> None:
    seen = box.as_user(managed)
    folder = busy_folder(seen)
    app = open_at(page_app, folder=folder, side="Box", **{"as": managed})
    first = names(app, 0)
    assert len(first) == 50
    assert {"Shared link", "Collaborators", "External owner", "Classification"} <= set(
        app.dataframe[0].value.columns
    )
    app.selectbox(key="folder_sort").set_value("size").run()
    app.toggle(key="folder_down").set_value(True).run()
    sizes = list(app.dataframe[0].value["Size (kB)"])
    assert sizes == sorted(sizes, reverse=True)
    app.toggle(key="folder_marker").set_value(True).run()
    assert app.selectbox(key="folder_sort").disabled
    assert names(app, 0) == first
    next(one for one in app.button if one.label == "Next").click().run()
    assert (
        names(app, 0)
        == [str(one["name"]) for one in seen.folder_items(folder, limit=100).entries][50:]
    )
    assert "Page 2, 50 items" in texts(app)


def busy_folder(seen: BoxClient) -> str:
    """A folder with more than a hundred items."""
    waiting = ["0"]
    while waiting:
        folder = waiting.pop(0)
        page = seen.folder_items(folder, limit=1000, offset=0)
        if (page.total or 0) > 100:
            return folder
        waiting += [str(one["id"]) for one in page.entries if one["type"] == "folder"]
    raise LookupError("no folder is long enough")


# -- details ---------------------------------------------------------------------------------


def test_a_shared_links_address_is_shown_when_asked_for_and_kept_nowhere(
    page_app: AppTest, box: BoxClient, managed: str
) -> None:
    found = linked_item(box, managed)
    address = str(found["shared_link"]["url"])
    app = open_at(page_app, item=f"file-{found['id']}", side="Box", **{"as": managed})
    assert not app.exception
    shown = texts(app)
    assert "Effective access" in shown
    assert "Password" in shown
    assert address not in shown
    app.button(key="files.item.reveal").click().run()
    assert address in texts(app)
    assert ("reveal_link", f"file {found['id']}", "ok", "the shared link's address") in audit()
    app.run()
    assert address not in texts(app)
    assert address not in existing(app)


def test_details_are_reported_by_both_sides(
    page_app: AppTest, box: BoxClient, managed: str
) -> None:
    found = linked_item(box, managed)
    app = open_at(page_app, item=f"file-{found['id']}", **{"as": managed})
    shown = texts(app)
    assert shown.count(f"Box ID**,`{found['id']}`") == 2
    assert "Kloudless ID" in shown
    assert "Risk" in shown
    assert "don't include shared links" in shown


# -- recent files and search -----------------------------------------------------------------


def test_recent_files_are_listed_by_both_sides(page_app: AppTest, managed: str) -> None:
    app = open_at(page_app, files="Recent files", **{"as": managed})
    assert not app.exception
    assert {"Action", "When", "In folder"} <= set(app.dataframe[0].value.columns)
    assert len(app.dataframe) == 2
    assert "on both of these pages" in texts(app)


def test_a_service_account_without_recent_files_says_what_to_do(page_app: AppTest) -> None:
    app = open_at(page_app, files="Recent files", **{"as": "self"})
    assert "The service account has no recent files." in texts(app)


def search_for(app: AppTest, words: str) -> AppTest:
    app.text_input(key="files.search.words").set_value(words)
    return next(one for one in app.button if one.label == "Search").click().run()


def test_a_search_ends_with_whose_files_it_looked_through(
    page_app: AppTest, sandbox: SandboxServer, box: BoxClient, managed: str
) -> None:
    app = search_for(open_at(page_app, files="Search", **{"as": managed}), "plan")
    assert app.dataframe
    coadmin = sandbox.credentials()["box"]["users"]["coadmin"]
    app = open_at(app, **{"as": coadmin})
    assert not app.exception
    assert not app.dataframe
    words = next(one for one in app.text_input if one.label == "Search for")
    assert words.value == ""
    folder = str(next(iter(box.as_user(managed).folder_items("0").entries))["id"])
    app = open_at(app, folder=folder, **{"as": managed})
    next(one for one in app.checkbox if one.label.startswith("Only in the folder")).check()
    words = next(one for one in app.text_input if one.label == "Search for")
    words.set_value("a")
    next(one for one in app.button if one.label == "Search").click().run()
    assert app.dataframe
    app = open_at(app, folder="0", **{"as": managed})
    assert not app.dataframe


def test_a_search_is_asked_of_both_sides_and_is_in_no_address(
    page_app: AppTest, managed: str
) -> None:
    app = search_for(open_at(page_app, files="Search", **{"as": managed}), "party")
    assert not app.exception
    assert all("party" in name for name in [*names(app, 0), *names(app, 1)])
    assert not any("party" in str(said) for said in app.query_params.values())
    assert not any("party" in str(line) for line in audit())


def test_a_search_that_makes_no_sense_says_so_and_loses_nothing(page_app: AppTest) -> None:
    app = search_for(open_at(page_app, files="Search"), "plan")
    before = len(app.info)
    app.text_input(key="files.search.owners").set_value("ada@example.com")
    search_for(app, "budget")
    assert "isn't a Box user ID" in "\n".join(one.value for one in app.warning)
    assert app.text_input(key="files.search.words").value == "budget"
    assert len(app.info) == before  # what was found before stays


def test_the_whole_enterprise_needs_a_right_that_is_explained(
    page_app: AppTest, managed: str
) -> None:
    app = open_at(page_app, files="Search", side="Box", **{"as": managed})
    app.checkbox(key="files.search.everywhere").set_value(True)
    search_for(app, "plan")
    assert not app.exception
    assert "What to do" in texts(app)


# -- how it asks -----------------------------------------------------------------------------


def test_a_request_for_silence_goes_both_ways_and_promises_nothing(
    page_app: AppTest, managed: str
) -> None:
    app = open_at(page_app, quiet="true", **{"as": managed})
    lines = [str(one.value) for one in app.code]
    direct = [line for line in lines if "$BOX_TOKEN" in line]
    through = [line for line in lines if "$KLOUDLESS_API_KEY" in line]
    assert direct
    assert all("-H 'Box-Notifications: off'" in line for line in direct)
    assert through
    assert all('X-Kloudless-Raw-Headers: {"Box-Notifications":"off"}' in line for line in through)
    assert all("X-Kloudless-As-User: u" in line for line in through)
    assert "is no proof that your app may use it" in texts(app)


def test_without_the_switch_no_header_asks_for_silence(page_app: AppTest, managed: str) -> None:
    app = open_at(page_app, **{"as": managed})
    assert not any("Notifications" in str(one.value) for one in app.code)


def test_no_credential_is_on_the_page_or_in_the_session(
    page_app: AppTest, sandbox: SandboxServer, managed: str
) -> None:
    app = open_at(page_app, **{"as": managed})
    credentials = sandbox.credentials()
    secrets = [
        credentials["kloudless"]["api_key"],
        credentials["box"]["config"]["boxAppSettings"]["clientSecret"],
        *token_texts(),
    ]
    assert len(secrets) == 3
    shown = texts(app)
    kept = existing(app)
    assert [secret for secret in secrets if secret in shown or secret in kept] == []


def existing(app: AppTest) -> str:
    """Every answer that the session keeps, with the calls it took."""
    kept = repr(app.session_state["lib.ui.components.fetched_pages.FetchedPages"])
    assert "Exchange(" in kept
    return kept


def token_texts() -> list[str]:
    runtime = current()
    assert runtime is not None
    client = runtime.client_for(runtime.sandbox.profile())
    return [client.tokens.token().value.reveal()]


def test_a_fault_of_one_side_leaves_the_other_alone(
    page_app: AppTest, sandbox: SandboxServer, managed: str
) -> None:
    app = open_at(page_app, **{"as": managed})
    kloudless = sandbox.credentials()["kloudless"]["app_id"]
    with sandbox.fault("kloudless_service_unauthorized", client_id=kloudless):
        next(one for one in app.button if one.label == "Refresh").click().run()
    assert not app.exception
    shown = texts(app)
    assert "service_unauthorized" in shown
    assert len(app.dataframe) == 1  # Box goes on, alone
    assert "Shared link" in app.dataframe[0].value.columns


def test_nothing_on_the_page_writes_to_box_or_kloudless(
    page_app: AppTest, sandbox: SandboxServer, box: BoxClient, managed: str
) -> None:
    found = linked_item(box, managed)
    before = sandbox.get("/sandbox/log")[-1]["at"]
    app = open_at(page_app, quiet="true", **{"as": managed})
    open_at(app, item=f"file-{found['id']}", folder=str(found["parent"]["id"]))
    open_at(app, files="Recent files")
    search_for(open_at(app, files="Search"), "plan")
    open_at(app, side="Box", files="Folders")
    app.button(key="files.item.reveal").click().run()
    served = [one for one in sandbox.get("/sandbox/log") if one["at"] > before]
    assert any(one["path"] == "/2.0/search" for one in served)
    asked = {
        (one["method"], re.sub(r"/accounts/\d+", "", one["path"]).rstrip("/"))
        for one in served
        if one["method"] != "GET"
    }
    # The token; an id converted; and a pass-through call, whose GET stands in the log as well.
    assert asked <= {
        ("POST", "/oauth2/token"),
        ("POST", "/v1/encode_raw_id"),
        ("POST", "/v1/raw"),
    }


# -- one half only ---------------------------------------------------------------------------


def enter(app: AppTest, label: str, text: str) -> None:
    next(one for one in app.text_input if one.label == label).set_value(text).run()


def test_a_profile_of_kloudless_alone_browses_by_box_ids(
    page_app: AppTest, sandbox: SandboxServer, managed: str
) -> None:
    kloudless = sandbox.credentials()["kloudless"]
    app = go(page_app, "credentials")
    enter(app, "Base address", kloudless["base_url"])
    enter(app, "Application ID", kloudless["app_id"])
    enter(app, "API key", kloudless["api_key"])
    app.query_params["as"] = managed
    app.switch_page("../../pages/files.py").run()
    assert not app.exception
    assert f"Box ID `{managed}`" in texts(app)
    assert len(app.dataframe) == 1
    assert "Kind" in app.dataframe[0].value.columns
    assert "Shared link" not in app.dataframe[0].value.columns


def test_the_way_up_through_kloudless_alone_ends_in_an_address_of_box(
    page_app: AppTest, box: BoxClient, managed: str
) -> None:
    seen = box.as_user(managed)
    top = next(one for one in seen.folder_items("0").entries if one["name"] == department(seen))
    inner = next(one for one in seen.folder_items(top["id"]).entries if one["type"] == "folder")
    app = open_at(page_app, folder=str(inner["id"]), side="Kloudless", **{"as": managed})
    app.button(key="files.crumb.1").click().run()
    assert not app.exception
    assert app.query_params["folder"] == top["id"]
    assert str(inner["name"]) in names(app, 0)
    app.segmented_control(key="side").set_value("box").run()
    assert str(inner["name"]) in names(app, 0)


def test_people_are_found_through_kloudless_alone_by_the_beginning_of_a_name(
    page_app: AppTest, box: BoxClient, managed: str
) -> None:
    name = str(box.user(managed)["name"])
    app = open_at(page_app, **{"as": "self"})
    app.segmented_control(key="side").set_value("kloudless").run()
    app.session_state["files.picker"] = True
    app.run()
    app.text_input(key="files.people.term").set_value(name).run()
    app.button(key=f"files.people.{managed}").click().run()
    assert not app.exception
    assert app.query_params["as"] == managed
    assert f"**{name}**" in texts(app)
    assert len(app.dataframe) == 1


def test_a_profile_of_box_alone_browses_alone(
    page_app: AppTest, sandbox: SandboxServer, managed: str
) -> None:
    app = go(page_app, "credentials")
    config = json.dumps(sandbox.credentials()["box"]["config"]).encode()
    app.file_uploader[0].set_value(("config.json", config, "application/json")).run()
    app.query_params["as"] = managed
    app.switch_page("../../pages/files.py").run()
    assert not app.exception
    assert "Shared link" in app.dataframe[0].value.columns
    assert not app.segmented_control
