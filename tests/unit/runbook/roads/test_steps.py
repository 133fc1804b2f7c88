"""Roads and steps: the data files hold together, and a wrong row is refused."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lib.core.causes import Mark
from lib.core.errors import Who
from lib.core.redaction import Secret
from lib.runbook.checks.registry import by_id
from lib.runbook.goals import GOALS, NEEDS, Goal, Need, Road
from lib.runbook.roads.grants import APP_AUTH, EXTRAS, grants_for, requested
from lib.runbook.roads.markup import problem
from lib.runbook.roads.placeholders import IN_SETTINGS, PLACEHOLDER, VALUES, Places
from lib.runbook.roads.roads import Step, checks_of, road, steps_for
from lib.runbook.roads.steps import GUESSES, TableError, read_table, table
from lib.settings.profiles import (
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Profile,
    ProfileKind,
    session_profile,
)

BY_HAND = {
    Road.BOX_JWT: 4,
    Road.BOX_CCG: 4,
    Road.BOX_OAUTH: 7,
    Road.KLOUDLESS_OAUTH: 3,
    Road.KLOUDLESS_JWT: 5,
    Road.KLOUDLESS_IMPORT: 5,
}
EXPLAINED = {"box.support.quiet"}
"""By hand beyond the limits: the step quotes the line of the reference about it."""
DATA = Path("lib/runbook/roads/data")
FILES = [*sorted(DATA.glob("steps_*.toml")), DATA / "roads.toml"]
CHOICES = [
    (which, goal, frozenset(extras))
    for which in Road
    for goal in Goal
    for number in range(len(EXTRAS) + 1)
    for extras in itertools.combinations(sorted(EXTRAS), number)
]
SECRETS = {
    "client_secret": "S3cretOfTheApp0123456789",
    "private_key": "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
    "passphrase": "correct horse battery staple",
    "refresh_token": "R3freshTokenOfAPerson0123",
    "developer_token": "D3veloperToken0123456789",
    "webhook_primary_key": "Pr1maryKeyOfTheWebhooks01",
    "webhook_secondary_key": "S3condaryKeyOfTheWebhooks",
}
API_KEY = "K3yOfTheApplication01234"


def a_profile(auth: BoxAuth = BoxAuth.JWT, kind: ProfileKind = ProfileKind.CONFIGURED) -> Profile:
    box = BoxCredentials(
        auth=auth,
        client_id="abcdef0123456789abcdef0123456789",
        client_secret=Secret(SECRETS["client_secret"]),
        public_key_id="k1e2y3i4",
        private_key=Secret(SECRETS["private_key"]),
        passphrase=Secret(SECRETS["passphrase"]),
        refresh_token=Secret(SECRETS["refresh_token"]),
        developer_token=Secret(SECRETS["developer_token"]),
        enterprise_id="1234567",
        webhook_primary_key=Secret(SECRETS["webhook_primary_key"]),
        webhook_secondary_key=Secret(SECRETS["webhook_secondary_key"]),
    )
    kloudless = KloudlessCredentials("https://kloudless.acme.example/v1", "app_1", Secret(API_KEY))
    return Profile("acme", "Acme", kind, box=box, kloudless=kloudless)


PLACES = Places("https://runbook.acme.example/connected", "https://runbook.acme.example")


def every_step(profile: Profile | None = None) -> Iterator[tuple[Road, Goal, Step]]:
    for which, goal, extras in CHOICES:
        for step in steps_for(which, goal, extras=extras, profile=profile, places=PLACES):
            yield which, goal, step


# ---------------------------------------------------------------- the data holds together


def test_each_step_of_each_road_and_goal_has_checks_or_says_why_none_can_prove_it() -> None:
    bare = [(w, g, s.id) for w, g, s in every_step() if bool(s.deciding) == bool(s.no_check)]
    assert bare == []
    assert all(set(s.deciding) <= set(s.verify) for _, _, s in every_step())


def test_no_more_steps_are_by_hand_than_a_reference_line_explains() -> None:
    for which, goal, extras in CHOICES:
        hand = {s.id for s in steps_for(which, goal, extras=extras) if not s.deciding}
        most = BY_HAND[which]
        assert len(hand - EXPLAINED) <= most, (which, goal, extras, hand)
        assert len(hand) <= most + 1, (which, goal, extras, hand)


def test_every_step_is_reached_by_some_road_and_goal() -> None:
    assert {step.id for _, _, step in every_step()} == set(table().steps)


def test_no_placeholder_is_left_and_every_text_keeps_to_the_few_forms() -> None:
    for profile in (None, a_profile()):
        for _, _, step in every_step(profile):
            left = {found[0] for found in PLACEHOLDER.finditer(step.do)}
            assert left == set(), step.id
            assert problem(step.do) is None, (step.id, problem(step.do))


def test_each_value_is_used_by_some_step() -> None:
    used = {f[1] for spec in table().steps.values() for f in PLACEHOLDER.finditer(spec.do)}
    assert set(VALUES) <= used


def test_every_person_who_can_do_something_has_a_step_and_a_hand_off_except_you() -> None:
    found = {(step.who, step.hand_off) for _, _, step in every_step()}
    assert found == {
        (Who.YOU, False),
        (Who.DEVELOPER, True),
        (Who.BOX_ADMIN, True),
        (Who.BOX_SUPPORT, True),
        (Who.KLOUDLESS_ADMIN, True),
    }


def test_what_is_inferred_is_worded_as_a_guess() -> None:
    inferred = [one for one in table().steps.values() if one.mark is Mark.INFERRED]
    assert inferred
    for one in inferred:
        assert any(word in f"{one.why} {one.do}".casefold() for word in GUESSES), one.id


def test_consoles_are_dated_and_a_step_says_so() -> None:
    clicked = [step for _, _, step in every_step() if step.where]
    assert clicked
    assert {step.known_good for step in clicked} == {"2026-02-16"}
    assert all(step.place.endswith("(as of 2026-02-16)") for step in clicked)


def test_roads_never_prove_a_step_by_a_check_of_another_way_to_sign_in() -> None:
    for which, _, step in every_step():
        if not which.is_kloudless:
            assert not any(one.startswith("kloudless.") for one in step.verify), step.id
        if APP_AUTH[which] is BoxAuth.OAUTH:
            assert "box.key.readable" not in step.verify
            assert "box.token.enterprise" not in step.verify
        else:
            assert "box.token.signin" not in step.verify


def test_checks_of_a_goal_are_none_that_the_goal_does_not_want() -> None:
    for which, goal, extras in CHOICES:
        needs = requested(which, goal, extras)
        for one in checks_of(steps_for(which, goal, extras=extras)):
            grants = by_id(one).grants
            assert not grants or grants & needs, (which, goal, one)


def test_the_second_app_is_on_the_jwt_roads_of_kloudless_and_on_no_other() -> None:
    assert {one for one in Road if "box.second_app" in road(one).step_ids} == {
        Road.KLOUDLESS_JWT,
        Road.KLOUDLESS_IMPORT,
    }


# ---------------------------------------------------------------- the fewest scopes and rights


def scopes(which: Road, goal: Goal) -> set[str]:
    return {one.scope for one in grants_for(which, goal).ticks}


def test_browsing_activity_needs_one_scope_and_one_right() -> None:
    assert scopes(Road.BOX_JWT, Goal.ACTIVITY) == {"manage_enterprise_properties"}
    assert grants_for(Road.BOX_JWT, Goal.ACTIVITY).rights == ()
    assert grants_for(Road.BOX_OAUTH, Goal.ACTIVITY).rights == (
        "Run new reports and access existing reports",
    )
    assert grants_for(Road.BOX_JWT, Goal.ACTIVITY).switches == ()


def test_people_and_webhooks_add_only_their_own() -> None:
    assert scopes(Road.BOX_CCG, Goal.PEOPLE) == {
        "manage_enterprise_properties",
        "manage_managed_users",
        "manage_groups",
    }
    assert scopes(Road.BOX_JWT, Goal.WEBHOOKS) == {
        "manage_enterprise_properties",
        "root_readonly",
        "manage_webhook",
    }


def test_reading_is_not_ticked_beside_reading_and_writing() -> None:
    full = scopes(Road.BOX_JWT, Goal.FULL)
    assert "root_readwrite" in full
    assert "root_readonly" not in full


def test_as_user_is_a_switch_for_server_apps_and_a_request_for_oauth() -> None:
    def of(which: Road) -> tuple[set[Need], set[Need]]:
        grants = grants_for(which, Goal.FULL)
        return {one.need for one in grants.switches}, {one.need for one in grants.requests}

    assert of(Road.BOX_JWT) == ({Need.AS_USER, Need.USER_TOKENS}, set())
    assert of(Road.BOX_OAUTH) == (set(), {Need.AS_USER})
    ids = {one.id for one in steps_for(Road.BOX_OAUTH, Goal.FULL)}
    assert "box.support.as_user" in ids
    assert "box.support.as_user" not in {one.id for one in steps_for(Road.BOX_OAUTH, Goal.PEOPLE)}


def test_kloudless_asks_for_what_the_guide_asks_for_whatever_the_goal() -> None:
    for goal in Goal:
        assert scopes(Road.KLOUDLESS_OAUTH, goal) == {
            "root_readwrite",
            "manage_managed_users",
            "manage_groups",
            "manage_enterprise_properties",
        }


def test_extras_are_asked_of_box_support_and_bring_their_steps() -> None:
    plain = {one.id for one in steps_for(Road.BOX_JWT, Goal.ACTIVITY)}
    more = {one.id for one in steps_for(Road.BOX_JWT, Goal.ACTIVITY, extras=EXTRAS)}
    assert more - plain == {"box.support.any_content", "box.support.quiet", "box.quiet.use"}
    grants = grants_for(Road.BOX_JWT, Goal.ACTIVITY, EXTRAS)
    assert {one.need for one in grants.requests} == EXTRAS
    assert "Edit settings for your company" in grants.rights


def test_what_a_goal_does_not_need_is_named_nowhere_on_its_list() -> None:
    for which in (Road.BOX_JWT, Road.BOX_CCG, Road.BOX_OAUTH):
        for goal in Goal:
            step = next(
                one for one in steps_for(which, goal) if one.id.startswith("box.app.scopes")
            )
            named = {need for need in Need if f"**{NEEDS[need].label}**" in step.do}
            assert named <= GOALS[goal].needs, (which, goal)


# ---------------------------------------------------------------- values


def test_values_of_the_profile_are_filled_in_and_what_is_missing_is_named() -> None:
    filled = {
        s.id: s for s in steps_for(Road.BOX_JWT, Goal.WEBHOOKS, profile=a_profile(), places=PLACES)
    }
    assert "abcdef0123456789abcdef0123456789" in filled["box.authorize"].do
    assert "`k1e2y3i4`" in filled["box.key.upload"].do
    assert "`https://runbook.acme.example/webhooks/box/acme`" in filled["box.webhook.create"].do
    assert filled["box.authorize"].unknown == ()
    empty = {s.id: s for s in steps_for(Road.BOX_JWT, Goal.WEBHOOKS)}
    assert "your Client ID" in empty["box.authorize"].do
    assert empty["box.authorize"].unknown == ("client_id",)


def test_no_secret_is_in_any_step_only_that_it_is_there() -> None:
    for auth in (BoxAuth.JWT, BoxAuth.CCG, BoxAuth.OAUTH):
        for _, _, step in every_step(a_profile(auth)):
            reported = repr(step)
            assert not [
                s
                for s in (*SECRETS.values(), API_KEY)
                if s in reported or repr(s)[1:-1] in reported
            ]
    step = next(
        s
        for s in steps_for(Road.BOX_JWT, Goal.FULL, profile=a_profile())
        if s.id == "box.enter_jwt"
    )
    assert step.do.count(IN_SETTINGS) == 3


def test_another_kind_of_app_lends_none_of_its_values_but_the_enterprise() -> None:
    oauth = a_profile(BoxAuth.OAUTH)
    do = "\n".join(s.do for s in steps_for(Road.BOX_JWT, Goal.FULL, profile=oauth))
    assert oauth.box is not None
    assert oauth.box.client_id not in do
    assert "1234567" in do


def test_a_session_profile_has_no_webhook_address() -> None:
    profile = session_profile(box=BoxCredentials(client_id="abc"), label="Mine")
    do = "\n".join(s.do for s in steps_for(Road.BOX_JWT, Goal.FULL, profile=profile, places=PLACES))
    assert profile.key not in do
    assert "the address of your receiver" in do


@settings(deadline=None, max_examples=60)
@given(
    st.text(max_size=60)
    | st.sampled_from(
        ["`x`", "a\nb", "$(rm -rf /)", "<script>", "a|b", "https://u:p@h/x", "{client_id}"]
    )
)
def test_a_hostile_value_never_gets_into_a_step(value: str) -> None:
    """The real parser finds the same structure as with plain values."""
    profile = session_profile(
        box=BoxCredentials(client_id=value, public_key_id=value, enterprise_id=value),
        kloudless=KloudlessCredentials(value, value, None),
        label=value,
    )
    for which in (Road.BOX_JWT, Road.KLOUDLESS_IMPORT):
        places = Places(value, value)
        hostile = steps_for(which, Goal.FULL, extras=EXTRAS, profile=profile, places=places)
        plain = steps_for(which, Goal.FULL, extras=EXTRAS)
        for one, other in zip(hostile, plain, strict=True):
            if one.do == other.do:
                continue
            assert re.fullmatch(r"[A-Za-z0-9_:/?=&.@%~\[\]-]+", value)
            assert shape(one.do) == shape(other.do)


def shape(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return [inner.type for token in tokens for inner in (token, *(token.children or ()))]


# ---------------------------------------------------------------- wrong rows

STEP = """
[[step]]
id = "box.one"
title = "One"
why = "Because."
do = "Do `{client_id}`."
who = "you"
verify = ["box.identity"]
deciding = ["box.identity"]
undo = "Undo."
mark = "documented"
"""
ROADS = "\n".join(
    f'[[road]]\nid = "{which}"\ntitle = "T"\nsentence = "S"\nsteps = ["box.one"]' for which in Road
)


def test_a_right_table_is_read() -> None:
    assert set(read_table([STEP, ROADS]).steps) == {"box.one"}


@pytest.mark.parametrize(
    "old,new,reported",
    [
        ('title = "One"', "", "title is missing"),
        ('title = "One"', 'title = "One"\nextra = 1', "no field extra"),
        ('id = "box.one"', 'id = "One"', "an id is words"),
        ("box.identity", "box.identitty", "no check box.identitty"),
        ('deciding = ["box.identity"]', "", "deciding checks, or the reason"),
        ('deciding = ["box.identity"]', "deciding = []", "deciding checks, or the reason"),
        ('deciding = ["box.identity"]', 'deciding = ["box.gcm"]', "isn't run for it"),
        (
            'deciding = ["box.identity"]',
            'deciding = ["box.identity"]\ndeciding_kloudless = []',
            "deciding checks, or the",
        ),
        ('verify = ["box.identity"]', 'verify = ["box.identity", "box.identity"]', "twice"),
        ('verify = ["box.identity"]', 'verify = "box.identity"', "list of texts"),
        ('who = "you"', 'who = "nobody"', "nobody"),
        ('who = "you"', 'who = "network"', "can't do a step"),
        ('mark = "documented"', 'mark = "inferred"', "worded as a guess"),
        ('mark = "documented"', 'mark = "heard"', "heard"),
        ('mark = "documented"', 'mark = "documented"\nwhere = "A > B"', "needs the date"),
        ('mark = "documented"', 'mark = "documented"\nknown_good = 2026-02-16', "only it"),
        ('mark = "documented"', 'mark = "documented"\nneeds = ["all"]', "all"),
        ("{client_id}", "{client_idd}", "nothing fills"),
        ("`{client_id}`", "{client_id}", "can't be filled"),
        ("`{client_id}`", "so: {ticks}", "can't be filled"),
        ('why = "Because."', 'why = "Because {app_id}."', "placeholders"),
        ('why = "Because."', 'why = "See [this](x)."', "few forms"),
        ('steps = ["box.one"]', 'steps = ["box.two"]', "no step box.two"),
        ('steps = ["box.one"]', 'steps = ["box.one", "box.one"]', "twice"),
        ('steps = ["box.one"]', "steps = []", "no steps"),
        ('id = "box-ccg"', 'id = "box-jwt"', "box-jwt is there twice"),
        ('id = "box-ccg"', 'id = "box-saml"', "box-saml"),
    ],
)
def test_a_wrong_row_is_refused_and_named(old: str, new: str, reported: str) -> None:
    texts = [STEP, ROADS]
    assert any(old in text for text in texts)
    with pytest.raises(TableError, match=re.escape(reported)):
        read_table([text.replace(old, new, 1) for text in texts])


def test_steps_that_are_twice_or_on_no_road_are_refused() -> None:
    with pytest.raises(TableError, match="twice"):
        read_table([STEP, STEP, ROADS])
    with pytest.raises(TableError, match=r"box\.two is on no road"):
        read_table([STEP, STEP.replace("box.one", "box.two"), ROADS])
    with pytest.raises(TableError, match="box-ccg is missing"):
        read_table(
            [
                STEP,
                ROADS.replace('[[road]]\nid = "box-ccg"', '[[step]]\nid = "x"', 0).split(
                    '[[road]]\nid = "box-ccg"'
                )[0],
            ]
        )
    with pytest.raises(TableError, match="no table other"):
        read_table([STEP, ROADS, "[other]"])
