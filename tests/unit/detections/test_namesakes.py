"""People of one name are told apart wherever a finding names them."""

from lib.detections.evidence import shown_name

NAMES = {
    "1": ("Kim Lee", "kim0@example.com"),
    "2": ("Kim Lee", None),
    "3": ("Ann", "ann@example.com"),
    "4": (None, "bob@example.com"),
}


def test_namesakes_have_their_login_or_id_behind_their_name() -> None:
    shown = {actor: shown_name(actor, NAMES) for actor in (*NAMES, "5")}
    assert shown == {
        "1": "Kim Lee (kim0@example.com)",
        "2": "Kim Lee (2)",
        "3": "Ann",
        "4": "bob@example.com",
        "5": None,
    }
