"""When a key may be exchanged: never both at once, never the one that proves what arrives."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lib.core.signatures import Key
from lib.store.ledger.deliveries import KeyUse
from lib.webhooks.signing.rotation import State, advice

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
BOTH = {Key.PRIMARY: "x", Key.SECONDARY: "y"}
HOUR = timedelta(hours=1)


def use(
    key: Key, verified: timedelta | None = None, wrong: timedelta | None = None, kind: str = "box"
) -> KeyUse:
    return KeyUse(
        "acme",
        kind,
        key,
        verified_at=None if verified is None else NOW - verified,
        mismatched_at=None if wrong is None else NOW - wrong,
    )


def test_both_proved_lately_is_safe() -> None:
    found = advice(BOTH, [use(Key.PRIMARY, HOUR), use(Key.SECONDARY, HOUR)], NOW)
    assert found.state is State.SAFE


def test_a_wrong_key_is_finished_first_and_the_other_is_left_alone() -> None:
    found = advice(BOTH, [use(Key.PRIMARY, HOUR), use(Key.SECONDARY, 9 * HOUR, HOUR)], NOW)
    assert found.state is State.FINISH
    assert "new secondary key" in found.fix
    assert "Don't rotate the primary key" in found.fix


def test_a_mismatch_that_was_mended_since_is_over() -> None:
    uses = [use(Key.PRIMARY, HOUR), use(Key.SECONDARY, HOUR, 3 * HOUR)]
    assert advice(BOTH, uses, NOW).state is State.SAFE


def test_one_key_alone_is_never_safe() -> None:
    found = advice({Key.SECONDARY: "y"}, [use(Key.SECONDARY, HOUR)], NOW)
    assert found.state is State.NOT_YET
    assert "primary" in found.fix


def test_a_key_that_was_silent_for_a_day_is_not_safe() -> None:
    uses = [use(Key.PRIMARY, HOUR), use(Key.SECONDARY, 30 * HOUR)]
    assert advice(BOTH, uses, NOW).state is State.NOT_YET
    assert advice(BOTH, [], NOW).state is State.UNKNOWN
    assert advice({}, [], NOW).state is State.NOT_YET


def test_what_kloudless_proved_says_nothing_of_box() -> None:
    uses = [use(key, HOUR, kind="kloudless") for key in BOTH]
    assert advice(BOTH, uses, NOW).state is State.UNKNOWN


AGES = st.none() | st.timedeltas(timedelta(), timedelta(days=60))


@given(st.sets(st.sampled_from(list(BOTH))), AGES, AGES, AGES, AGES)
def test_safe_is_said_only_when_both_keys_prove(
    known: set[Key],
    one: timedelta | None,
    one_wrong: timedelta | None,
    two: timedelta | None,
    two_wrong: timedelta | None,
) -> None:
    uses = [use(Key.PRIMARY, one, one_wrong), use(Key.SECONDARY, two, two_wrong)]
    found = advice(dict.fromkeys(sorted(known), "k"), uses, NOW)
    assert found.reported
    assert found.fix
    if found.state is State.SAFE:
        assert known == set(BOTH)
        for right, wrong in ((one, one_wrong), (two, two_wrong)):
            assert right is not None
            assert right <= timedelta(hours=24)
            assert wrong is None or wrong >= right
