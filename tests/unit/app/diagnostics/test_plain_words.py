"""What stays of a text that others had a part in: the words of the program."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.app.diagnostics import plain_words
from lib.app.diagnostics.plain_words import Scrubber, host_class, own_words

FOREIGN = {
    "a login": "zelda.quixote@canary-customer.example",
    "a person": "Zelda Quixote",
    "a file name": "Zeppelin Kürbis (final).xlsx",
    "a file name of known words": "/report.pdf",
    "a path": "/home/zelda/canary/box.duckdb",
    "a Windows path": r"C:\Users\zelda\canary",
    "an IPv4 address": "203.0.113.77",
    "an IPv6 address": "2001:db8::77",
    "a host": "box.canary-customer.example",
    "an address": "https://box.canary-customer.example/2.0/users/77123456",
    "an id": "77123456",
    "a key": "session-0123456789abcdef0123456789abcdef",
    "another alphabet": "日本語の名前",
    "a token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl",
}


def test_no_foreign_word_stays_whatever_it_looks_like() -> None:
    for name, text in FOREIGN.items():
        for sentence in (f"Reading {text} stopped: it can't be opened.", f"'{text}'", text):
            said = own_words(sentence)
            for part in text.split():
                assert part not in said, (name, said)
    assert own_words("Reading Zelda Quixote stopped: 403.") == "Reading […] stopped: 403."


def test_texts_of_this_app_and_of_the_system_stay_whole() -> None:
    for text in (
        "The event store can't be opened (events.duckdb).",
        "Another process has the event store open. Only one process can open it.",
        "[Errno 28] No space left on device",
        "database disk image is malformed",
        "unable to open database file",
        "The drain waits: The event store failed. 3 of 10 rows, 12.5 %.",
        "Reading sandbox stopped: Box asks us to slow down.",
    ):
        assert own_words(text) == text


def test_the_reference_of_a_fault_stays_and_only_there() -> None:
    assert own_words("Fault 0a1b2c3d on a page: Traceback").startswith("Fault 0a1b2c3d on a page")
    assert "0a1b2c3d" not in own_words("The key 0a1b2c3d on a page")


def test_words_of_a_package_count_for_what_it_wrote_and_nobody_else() -> None:
    import uvicorn.server  # noqa: PLC0415  # any installed package

    text = "Cancel 4 running task(s), timeout graceful shutdown exceeded"
    assert own_words(text, str(uvicorn.server.__file__)) == text
    assert "canarium" not in own_words("canarium", __file__)


def test_one_line_of_a_bounded_length_is_kept() -> None:
    assert own_words("The first line.\nThe second line.") == "The first line."
    assert len(own_words("store " * 5000)) <= plain_words.LONGEST + 1
    assert own_words("") == own_words(" \n ") == ""


@given(st.text(max_size=200))
def test_any_text_gives_a_text_of_one_line(text: str) -> None:
    assert "\n" not in own_words(text)
    assert own_words(own_words(text)) is not None


@pytest.mark.parametrize(
    "host, kind",
    [
        ("api.box.com", "Box"),
        ("account.box.com:443", "Box"),
        ("dl.boxcloud.com", "Box"),
        ("localhost:8600", "loopback"),
        ("127.0.0.1", "loopback"),
        ("[::1]:8600", "loopback"),
        ("api.box.com.canary.example", "another host"),
        ("notbox.com", "another host"),
        ("10.0.0.1", "another host"),
        ("user@api.box.com", "Box"),
        ("", "another host"),
    ],
)
def test_a_host_is_reported_by_its_kind_alone(host: str, kind: str) -> None:
    assert host_class(host) == kind


def test_the_second_net_takes_out_what_a_section_let_through() -> None:
    scrubber = Scrubber(["canary-value-91", "quorumfish"])
    for text, shown in {
        "see canary-value-91": "see [hidden]",
        "quorumfish!": "[hidden]!",
        "mail zelda@canary.example": "mail [login]",
        "from 203.0.113.77": "from [IP]",
        "from 2001:db8::77 at 12:30:45": "from [IP] at 12:30:45",
        "GET https://box.canary.example/a?b=c": "GET [address: another host]",
        "GET https://api.box.com/2.0/users": "GET [address: Box]",
        "in /home/zelda/app": "in ~/app",
        r"in C:\Users\zelda\app": r"in ~\app",
        "client_secret=hunter2hunter2": "client_secret=[hidden]",
    }.items():
        assert scrubber.text(text) == shown
    deep = {"quorumfish": [{"a": "zelda@canary.example"}, 3, None, True]}
    assert scrubber.document(deep) == {"[hidden]": [{"a": "[login]"}, 3, None, True]}


def test_versions_and_times_are_no_addresses() -> None:
    for text in ("1.67.0", "5.15.153.1-microsoft-standard-WSL2", "2026-11-01T14:05:00Z", "::"):
        assert Scrubber().text(text) in {text, "[IP]" if text == "::" else text}


def test_a_known_value_that_is_a_word_of_the_program_blots_out_nothing() -> None:
    assert Scrubber(["sandbox", "store"]).text("the sandbox and the store") == (
        "the sandbox and the store"
    )
