"""What goes when another profile comes into use, and what a press says of what it changed."""

import json

from streamlit.testing.v1 import AppTest

from lib.box.key_inspection import generate_key_pair
from lib.core.redaction import Secret
from lib.ui.components.filters.activity_filters import Selection, parse
from lib.ui.webhooks.filters import parse as parse_webhooks
from tests.sandbox_server import SandboxServer
from tests.unit.ui.credentials.credentials_app import go, page_app, switcher, texts

__all__ = ["page_app"]


def on(app: AppTest, page: str, **parameters: str) -> AppTest:
    for name, text in parameters.items():
        app.query_params[name] = text
    app.switch_page(f"../../pages/{page}.py").run()
    assert not app.exception
    return app


def entered(app: AppTest, sandbox: SandboxServer) -> AppTest:
    """The sandbox's app as this session's profile, in use."""
    config = json.dumps(sandbox.credentials()["box"]["config"]).encode()
    on(app, "credentials")
    return app.file_uploader[0].set_value(("config.json", config, "application/json")).run()


def other_profile(app: AppTest) -> AppTest:
    box = switcher(app)
    return box.select_index(1 - (box.index or 0)).run()


def said(app: AppTest) -> str:
    return "\n".join(str(one.value).replace("\\", "") for one in app.toast)


def press(app: AppTest, label: str) -> AppTest:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception
    return app


def test_of_filters_only_words_of_boxs_mean_something_elsewhere() -> None:
    chosen = parse(
        {"actor": "1", "not_item": "2", "type": "UPLOAD", "not_category": "login", "by": "kind"}
        | {"source": "kloudless", "open": "actor~1", "pair": "1,2", "view": "content"}
        | {"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}
    )
    left = chosen.elsewhere()
    assert left.active == [("include", "type", "UPLOAD"), ("exclude", "category", "login")]
    assert (left.source, left.start, left.opened) == (None, None, None)
    assert (left.pair, left.text) == ((), "")
    assert (left.view, left.stack) == ("content", "kind")
    assert left.elsewhere() == left
    assert Selection().elsewhere() == Selection()
    hooks = parse_webhooks({"trigger": "FILE.UPLOADED", "webhook": "1", "actor": "2", "size": "1-"})
    assert dict(hooks.elsewhere().only) == {"trigger": ("FILE.UPLOADED",)}
    assert hooks.elsewhere().sizes == (None, None)


def test_what_was_searched_for_goes_with_its_profile(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = entered(go(page_app, "overview"), sandbox)
    on(app, "accounts")
    term = next(one for one in app.text_input if one.label == "Name or login starts with")
    term.set_value("no such person").run()
    other_profile(app)
    assert not app.exception
    term = next(one for one in app.text_input if one.label == "Name or login starts with")
    assert term.value == ""
    assert "the search on Accounts" in said(app)

    on(app, "activity", actor="123", type="UPLOAD", profile="sandbox")
    other_profile(app)
    assert not app.exception
    assert "actor" not in app.query_params
    assert app.query_params["type"] == "UPLOAD"
    assert "filters on Activity" in said(app)

    on(app, "detections", finding="f-1")
    other_profile(app)
    assert "finding" not in app.query_params
    assert "the finding that was open" in said(app)

    on(app, "webhooks", actor="123")
    other_profile(app)
    assert "actor" not in app.query_params
    assert "filters on Webhooks" in said(app)


def test_nothing_is_said_where_nothing_is_cleared(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = other_profile(entered(go(page_app, "overview"), sandbox))
    assert said(app) == ""


def test_forgetting_says_so_and_which_profile_is_in_use(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = press(entered(go(page_app, "overview"), sandbox), "Forget now")
    assert "Deleted: everything that was entered on Credentials and JWT key." in said(app)
    assert "The profile in use is now “Sandbox”." in said(app)
    assert said(app.run()) == ""  # once


def test_a_value_that_is_taken_away_says_that_the_profile_is_gone(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = entered(go(page_app, "overview"), sandbox)
    next(one for one in app.button if str(one.key).startswith("credentials.box.client_id")).click()
    assert "The profile in use is now “Sandbox”." in said(app.run())


def test_a_key_that_is_put_into_the_credentials_says_what_changed(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = entered(go(page_app, "overview"), sandbox)
    other = generate_key_pair(Secret("canary passphrase 41"))
    on(app, "jwt_key")
    pem = other.private_pem.reveal().encode()
    app.file_uploader[0].set_value(("k.pem", pem, "application/octet-stream")).run()
    field = next(one for one in app.text_input if one.label == "Passphrase")
    field.set_value("canary passphrase 41").run()
    press(app, "Use it in my credentials")
    shown = texts(app)
    assert "This key replaced the private key of your credentials." in shown
    assert "Its passphrase replaced the earlier one." in shown
    assert "nothing was written to disk, and nothing was sent to Box" in shown
    assert "The public key ID is still that of the earlier key" in shown
    assert "canary" not in shown
    press(app, "Forget this key")
    assert "This key replaced" not in texts(app)


def test_a_try_leads_on_to_reading_what_happens(page_app: AppTest, sandbox: SandboxServer) -> None:
    app = press(entered(go(page_app, "overview"), sandbox), "Try it")
    assert "What next?" in texts(app)
    primary = [one.label for one in app.button if one.key == "credentials.next.go"]
    assert primary == ["Read the last 7 days"]
    press(app, "Read the last 7 days")
    assert app.title[0].value == "Activity"


def _a_list() -> None:
    from lib.ui.accounts.state import USERS_PAGE, searched  # noqa: PLC0415  # as above
    from lib.ui.components.fetched_pages import page_number  # noqa: PLC0415  # as above
    from lib.ui.shell.session import seed, value  # noqa: PLC0415  # as above

    if value("asked") is None:
        seed(USERS_PAGE, 3)
    searched(USERS_PAGE, str(value("asked", "")))
    seed("number", page_number(USERS_PAGE))


def test_a_page_of_a_search_ends_with_the_search() -> None:
    app = AppTest.from_function(_a_list).run()
    assert app.session_state["number"] == 3  # an address can begin there
    app.session_state["asked"] = ""
    assert app.run().session_state["number"] == 3
    app.session_state["asked"] = "ada"
    assert app.run().session_state["number"] == 1
    app.session_state["users_page"] = 2
    assert app.run().session_state["number"] == 2
    app.session_state["asked"] = ""  # its box was emptied with its tab, and no callback told
    assert app.run().session_state["number"] == 1
