"""The Impersonation tab over the real sandbox: who can't be acted for, and a profile's halves."""

import contextlib
import json
import re
import sqlite3
from pathlib import Path

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from tests.sandbox_server import SandboxServer
from tests.unit.ui.accounts.test_page import with_kloudless_alone
from tests.unit.ui.credentials.credentials_app import go, page_app, texts

__all__ = ["page_app"]

WAYS = ("Box, As-User header", "Box, token for the user", "Kloudless, X-Kloudless-As-User")


def user(sandbox: SandboxServer, kind: str) -> dict[str, str]:
    box = sandbox.credentials()["box"]
    bearer = {"authorization": f"Bearer {box['developer_token']}"}
    found = httpx.get(f"{box['api_url']}/2.0/users/{box['users'][kind]}", headers=bearer)
    answer: dict[str, str] = found.raise_for_status().json()
    return answer


def tab(app: AppTest) -> AppTest:
    app.query_params["list"] = "Impersonation"
    return app.switch_page("../../pages/accounts.py").run()


def choose(app: AppTest, words: str) -> None:
    next(one for one in app.text_input if one.label == "Find a person").set_value(words).run()
    box = next(one for one in app.selectbox if one.label == "Person")
    (option,) = (one for one in box.options if words in one)
    box.select(option).run()
    assert not app.exception


def cards(app: AppTest) -> dict[str, bool]:
    """The ways that are told of, and whether each can be tried."""
    found = re.findall(rf"\*\*({'|'.join(WAYS)})\*\* :(red|blue)-badge", texts(app))
    return {way: colour == "blue" for way, colour in found}


def prove(app: AppTest) -> None:
    app.button(key="impersonation.go").click().run()
    assert not app.exception


def looked_up(tmp_path: Path) -> list[tuple[str, str, str]]:
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite")) as ledger:
        return ledger.execute(
            "SELECT subject, detail, outcome FROM audit WHERE what = 'look_up' ORDER BY id"
        ).fetchall()


def test_an_external_user_is_not_impersonable_and_nothing_is_asked(
    page_app: AppTest, sandbox: SandboxServer, tmp_path: Path
) -> None:
    go(page_app, "accounts")
    app = tab(page_app)
    choose(app, user(sandbox, "external")["login"])
    assert cards(app) == dict.fromkeys(WAYS, False)
    shown = texts(app)
    assert "Not impersonable" in shown
    assert "Box doesn't allow acting as an external user" in shown
    assert "Kloudless's guide counts external users" in shown
    assert "impersonation.go" not in {one.key for one in app.button}
    assert looked_up(tmp_path) == []


def test_a_co_admin_cannot_act_for_another_one_by_header_but_the_app_gets_a_token(
    page_app: AppTest, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    box = sandbox.credentials()["box"]
    for name, text in (
        ("AUTH", "jwt"),
        ("CONFIG", json.dumps(box["config"])),
        ("USER_ID", box["users"]["coadmin"]),
        ("API_URL", box["api_url"]),
    ):
        monkeypatch.setenv(f"BOX_RUNBOOK__PROFILES__ACME__BOX__{name}", text)
    monkeypatch.setenv("BOX_RUNBOOK__ACCESS__OPEN", "true")
    page_app.query_params["profile"] = "acme"
    go(page_app, "accounts")
    app = tab(page_app)
    admin = user(sandbox, "admin")
    choose(app, admin["login"])
    assert cards(app) == {WAYS[0]: False, WAYS[1]: True}
    assert "the calls run as a co-admin, who can't act as another of them" in texts(app)
    assert "this way needs a Kloudless application" in texts(app)
    prove(app)
    frame = app.dataframe[0].value.set_index("Way")
    assert str(frame.loc[WAYS[0], "Result"]).startswith("- not tested: Isn't a co-admin")
    assert frame.loc[WAYS[1], "Acted as"] == f"{admin['id']} · {admin['login']}"
    assert looked_up(tmp_path) == [(f"user {admin['id']}", "acting for it", "ok")]


def test_kloudless_alone_offers_its_team_and_its_own_way(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = tab(with_kloudless_alone(page_app, sandbox))
    assert not app.exception
    managed = user(sandbox, "managed")
    choose(app, managed["login"])
    assert cards(app) == {WAYS[2]: True}
    assert "need Box credentials" in texts(app)
    prove(app)
    (frame,) = (one.value for one in app.dataframe)
    assert list(frame["Acted as"]) == [f"{managed['id']} · {managed['login']}"]
    assert "chosen from Kloudless's team list" in texts(app)
    assert f"Box names `{managed['id']} · {managed['login']}`" in texts(app)


def test_without_an_admin_account_kloudless_alone_says_what_to_connect(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = with_kloudless_alone(page_app, sandbox)
    with sandbox.fault("kloudless_no_admin_account"):
        tab(app)
    assert not app.exception
    assert "No enabled Box admin account is connected" in texts(app)
    assert "Person" not in {one.label for one in app.selectbox}


def test_from_a_users_details_one_click_leads_to_whether_the_app_can_act_for_them(
    page_app: AppTest,
) -> None:
    app = go(page_app, "accounts")
    login = str(app.dataframe[0].value["Login"][3])
    key = "accounts.users.table.1.managed"
    app.session_state[key] = {"selection": {"rows": [3], "columns": [], "cells": []}}
    app.run()
    next(one for one in app.button if one.label == "Can the app act for this user?").click().run()
    assert not app.exception
    assert set(cards(app)) == set(WAYS)
    assert app.text_input(key="impersonation.term").value == login
