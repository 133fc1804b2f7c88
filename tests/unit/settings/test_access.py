"""Configured profiles are locked unless the listening address or the host says otherwise."""

import pytest

from lib.settings.access import Reason, decide
from lib.settings.profiles import Access

OWN = "starlette-app"


@pytest.mark.parametrize(
    "address,reason",
    [
        ("localhost", Reason.LOOPBACK),
        ("127.0.0.1", Reason.LOOPBACK),
        ("127.8.8.8", Reason.LOOPBACK),
        ("::1", Reason.LOOPBACK),
        ("[::1]", Reason.LOOPBACK),
        (None, Reason.LOCKED),
        ("", Reason.LOCKED),
        ("0.0.0.0", Reason.LOCKED),  # noqa: S104  # the address under test
        ("::", Reason.LOCKED),
        ("192.168.1.5", Reason.LOCKED),
        ("runbook.acme.example", Reason.LOCKED),
        ("localhost.evil.example", Reason.LOCKED),
        ("unix:///run/app.sock", Reason.LOCKED),
    ],
)
def test_the_listening_address_decides(address: str | None, reason: Reason) -> None:
    decision = decide(Access(), address=address, server_mode=OWN)
    assert decision.reason is reason
    assert decision.shown is (reason is Reason.LOOPBACK)
    assert decision.sentence


def test_each_way_in_which_streamlit_binds_the_socket_itself_is_known() -> None:
    for mode in ("starlette-app", "starlette-app-direct", "starlette-managed"):
        assert decide(Access(), address="localhost", server_mode=mode).shown, mode


@pytest.mark.parametrize("mode", [None, "asgi-server", "asgi-mounted", "anything"])
def test_an_address_that_somebody_else_bound_is_unknown_and_locked(mode: str | None) -> None:
    assert decide(Access(), address="localhost", server_mode=mode).reason is Reason.LOCKED


def test_open_shows_and_says_so() -> None:
    decision = decide(Access(open=True), address=None, server_mode=None)
    assert (decision.shown, decision.reason) == (True, Reason.OPEN)


def test_named_people_lock_even_loopback_while_nobody_can_sign_in() -> None:
    access = Access(admins=("ada@acme.example",), open=True, configured=True)
    decision = decide(access, address="localhost", server_mode=OWN)
    assert (decision.shown, decision.reason) == (False, Reason.SIGN_IN_MISSING)


@pytest.mark.parametrize(
    "access, address, may",
    [
        (Access(), "localhost", True),
        (Access(), "0.0.0.0", False),  # noqa: S104  # the point of the test
        (Access(open=True), "127.0.0.1", False),
    ],
)
def test_only_who_is_on_the_machine_itself_may_change_what_the_host_set_up(
    access: Access, address: str, *, may: bool
) -> None:
    assert decide(access, address=address, server_mode="starlette-app").may_change is may
