"""What the findings of risky content say, and what they are joined with."""

from datetime import timedelta

from lib.detections.rules import content
from tests.unit.detections.cases import (
    ADA,
    DAY,
    HOUR,
    MINUTE,
    OLU,
    SECOND,
    START,
    Event,
    details,
    event,
    file,
    found,
    ids,
)


def renamed(count: int = 9, ending: str = "locked") -> list[Event]:
    """Files that get a strange ending, a minute apart."""
    return [
        event("RENAME", START + n * MINUTE, source=file(str(n), f"plan {n}.docx.{ending}"))
        for n in range(count)
    ]


def uploaded(name: str, item: str = "90", when: timedelta = 9 * MINUTE) -> Event:
    return event("UPLOAD", START + when, source=file(item, name))


def marked(when: timedelta, item: str = "0") -> Event:
    """Box finds malware in a file; no account does that."""
    nobody = {"type": "user", "id": "", "name": "", "login": ""}
    return event("FILE_MARKED_MALICIOUS", START + when, nobody, source=file(item))


def test_strange_names_are_told_with_their_endings_and_notes() -> None:
    note = "How to decrypt files.txt"
    events = [*renamed(8), renamed(10, "weird")[9], uploaded(note, when=10 * MINUTE)]
    [one] = found(events, "risky_content")
    assert one.event_ids == ids(events)
    assert details(one) == {
        "actor_id": "11",
        "subject": "11",
        "from": "2026-03-12T12:00:00Z",
        "to": "2026-03-12T12:10:00Z",
        "began": "2026-03-12T12:00:00Z",
        "events": 10,
        "severity": "high",
        "confidence": "medium",
        "why": "10 items got ransomware-like names within an hour; the limit is 10. Extensions:"
        " .locked, .txt, .weird. Ransom notes: 1.",
        "facts": {"items": 10, "endings": ["locked", "txt", "weird"], "notes": 1, "malware": 0},
    }


def test_at_most_three_endings_are_in_the_text_and_ten_in_the_facts() -> None:
    ends = [f"odd{n:02}" for n in range(12)]
    events = [renamed(12, end)[n] for n, end in enumerate(ends)]
    [one] = found(events, "risky_content")
    assert one.facts["endings"] == ends[:10]
    assert " Extensions: .odd00, .odd01, .odd02. " in one.why
    notes = [uploaded("restore my files", str(n), n * MINUTE) for n in range(4)]
    [one] = found(notes, "risky_content")
    assert " Extensions: none. Ransom notes: 4." in one.why


def test_malware_joins_renames_of_its_account_within_a_day() -> None:
    for when, joined in ((DAY, True), (DAY + SECOND, False), (-SECOND, False)):
        events = [event("UPLOAD", START - HOUR, source=file("0", "a.pdf")), *renamed(10)]
        mark = marked(when)
        reported = found([*events, mark], "risky_content")
        assert len(reported) == (1 if joined else 2), when
        if joined:
            [one] = reported
            assert (one.events, one.event_ids) == (11, ids([*events[1:], mark]))
            assert one.until == START + when
            assert (str(one.severity), str(one.confidence)) == ("high", "high")
            assert one.facts["malware"] == 1


def test_malware_alone_is_of_whoever_brought_the_file_last() -> None:
    rows: tuple[tuple[str, list[tuple[str, timedelta, Event]], str | None], ...] = (
        ("nobody", [], None),
        ("edited by another", [("UPLOAD", 2 * HOUR, ADA), ("EDIT", HOUR, OLU)], "12"),
        ("read by another", [("UPLOAD", 2 * HOUR, ADA), ("PREVIEW", HOUR, OLU)], "11"),
        ("nearly a week ago", [("COPY", 7 * DAY - SECOND, ADA)], "11"),
        ("a week ago", [("MOVE", 7 * DAY, ADA)], None),
        ("at once", [("RENAME", 0 * DAY, ADA)], "11"),
        ("after", [("UPLOAD", -SECOND, ADA)], None),
    )
    marks = [marked(0 * DAY, str(n)) for n in range(len(rows))]
    before = [
        event(kind, START - ago, who, source=file(str(n)))
        for n, (_, acts, _) in enumerate(rows)
        for kind, ago, who in acts
    ]
    reported = {one.subject: one for one in found([*before, *marks], "risky_content")}
    for n, (name, _, actor) in enumerate(rows):
        one = reported.pop(str(n))
        assert one.actor_id == actor, name
        assert one.why == "Box marked a file as malicious.", name
        assert (one.facts, one.event_ids) == ({"malware": 1}, ids([marks[n]])), name
        assert (str(one.severity), str(one.confidence)) == ("high", "high"), name
    assert not reported


def test_malware_is_joined_also_where_the_renames_were_before_the_period() -> None:
    events, mark = renamed(10), marked(5 * HOUR)
    [one] = found([*events, mark], "risky_content", since=START + HOUR)
    assert (one.since, one.events) == (START, 11)
    assert found(events, "risky_content", since=START + HOUR) == []


def shared(name: str, access: str = "open", kind: str = "SHARE", minute: int = 0) -> Event:
    at, said = START + minute * MINUTE, {"access": access}
    return event(kind, at, source=file(str(minute), name), additional_details=said)


def test_a_secret_behind_an_open_link_is_told() -> None:
    events = [shared("passwords.txt"), shared("id_rsa", kind="ITEM_SHARED_UPDATE", minute=1)]
    [one] = found(events, "risky_content")
    assert one.event_ids == ids(events)
    assert (str(one.severity), str(one.confidence)) == ("medium", "low")
    assert (one.facts, one.subject) == ({"items": 2}, "11")
    assert one.why == (
        "Items with a link open to anyone and a name like a password, a credential or a private"
        " key: 2."
    )


def test_only_names_that_are_secrets_behind_links_open_to_anyone_count() -> None:
    rows = (
        ("private key.txt", "open", 1),
        ("api_keys.csv", "open", 1),
        ("server.PEM", "open", 1),
        ("Credentials 2026.xlsx", "open", 1),
        ("monkey.png", "open", 0),
        ("passwordless.pdf", "open", 0),
        ("server.pem.pdf", "open", 0),
        ("passwords.txt", "company", 0),
    )
    events = [shared(name, access, minute=n) for n, (name, access, _) in enumerate(rows)]
    [one] = found(events, "risky_content")
    assert one.event_ids == ids([at for at, row in zip(events, rows, strict=True) if row[2]])


def test_known_endings_are_none_of_the_ordinary_ones() -> None:
    known, ordinary = content.KNOWN.split(), content.ORDINARY.split()
    assert not {*known} & {*ordinary}
    assert (len(known), len(ordinary)) == (len({*known}), len({*ordinary}))
