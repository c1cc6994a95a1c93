"""Every verb, by everybody, in every division: what the table allows goes through, and the rest is refused as it says."""

from collections.abc import Callable, Mapping

import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from geo_registry.accounts import policy
from geo_registry.accounts import service as accounts
from geo_registry.accounts.actors import Actor, Grant, local_operator
from geo_registry.accounts.policy import TABLE, Verb, Whose
from geo_registry.db.session import TO_SIGN
from geo_registry.errors import DomainError, Forbidden, Unauthenticated
from geo_registry.model import Division
from geo_registry.vocabulary import Role, TokenScope
from tests.rights.asked import commands, verbs_of
from tests.rights.commands import COMMANDS
from tests.rights.deeds import DEEDS
from tests.rights.world import OF_SOME_KINDS, PEOPLE, Where, World


def done(world: World, verb: Verb, actor: Actor, where: Where) -> str | None:
    """The code of the refusal that a deed comes to; None where it is done."""
    try:
        with world.undone():
            DEEDS[verb].do(world, actor, where)
    except (Forbidden, Unauthenticated) as refused:
        return refused.code
    except DEEDS[verb].comes_to:
        return None
    return None


def test_every_verb_is_tried() -> None:
    assert set(DEEDS) == set(Verb)


@pytest.mark.parametrize("verb", list(Verb))
def test_a_verb_is_done_by_whom_the_table_lets_and_where(world: World, verb: Verb) -> None:
    """Both walls at once: what is allowed is done under row security, in the scope of whoever does it."""
    tried = list(DEEDS[verb].tried(verb, world))
    expected = {(actor.name, where.name): DEEDS[verb].expected(verb, world, actor, where) for actor, where in tried}
    assert {(actor.name, where.name): done(world, verb, actor, where) for actor, where in tried} == expected
    assert None in expected.values()
    assert (set(expected.values()) == {None}) is (Role.PUBLIC in TABLE[verb].roles)


@pytest.mark.parametrize("verb", list(Verb))
def test_by_a_token_a_verb_is_done_as_far_as_it_is_for_it(world: World, verb: Verb) -> None:
    """Each purpose alone, and all: in one's own county as the table says, in the next one as little as without a token."""
    wheres = [where for where in DEEDS[verb].wheres if where in {Where.OWN, Where.OTHER}]
    tried = [(name, bearer.actor, where) for name, bearer in world.bearers.items() for where in wheres]
    expected = {(name, where.name): DEEDS[verb].expected(verb, world, actor, where) for name, actor, where in tried}
    assert {(name, where.name): done(world, verb, actor, where) for name, actor, where in tried} == expected
    lacking = {name for (name, _), refused in expected.items() if refused == "scope-lacking"}
    scope = TABLE[verb].scope
    needed = Role.PUBLIC not in TABLE[verb].roles
    assert lacking == {
        name
        for name, bearer in world.bearers.items()
        if needed and (scope is None or scope not in (bearer.actor.scopes or ()))
    }


OF_ONESELF = [verb for verb, rule in TABLE.items() if rule.oneself]


@pytest.mark.parametrize("login", PEOPLE)
def test_whoever_has_an_account_does_to_it_what_is_ones_own(world: World, login: str) -> None:
    actor = world.actors[login]
    with world.undone():
        with world.database.write(actor=actor) as session:
            issued = accounts.issue_token(session, login, name="x", scopes=[TokenScope.READ], days=1, actor=actor)
        with world.database.read() as session:
            assert accounts.list_tokens(session, login, actor=actor).rows[0].id == issued.id
        with world.database.write(actor=actor) as session:
            accounts.revoke_token(session, issued.id, actor=actor)
    assert done(world, Verb.CHANGE_PASSWORD, actor, Where.OTHER) is None
    assert set(OF_ONESELF) == {Verb.LIST_TOKENS, Verb.ISSUE_TOKEN, Verb.REVOKE_TOKEN, Verb.CHANGE_PASSWORD}


def _state(world: World) -> dict[str, str]:
    """What every table holds."""
    connection = world.database.connection
    connection.execute(TO_SIGN, {"actor": "test", "scope": "*"})
    question = (
        "SELECT coalesce(md5(string_agg(CAST(kept AS text), ' ' ORDER BY CAST(kept AS text))), '') FROM {} AS kept"
    )
    state = {
        table: str(connection.execute(text(question.format(table))).scalar_one()) for table in Division.metadata.tables
    }
    connection.execute(TO_SIGN, {"actor": "", "scope": ""})
    return state


BOUND = [
    verb
    for verb, rule in TABLE.items()
    if rule.changes and Whose.OWN in rule.roles.values() and verb not in {Verb.LOAD_DEMO, Verb.CLEAR_DEMO}
]
"""What changes something in divisions; the demonstration is the whole registry's, and nothing is changed of it here."""


def _disabled(world: World, where: Where) -> None:
    with world.database.write(actor="test") as session:
        accounts.disable_account(session, world.accounts[where], actor=local_operator())


BEFORE: Mapping[Verb, Callable[[World, Where], None]] = {Verb.ENABLE_ACCOUNT: _disabled}
"""What has to be done first, so that a verb changes something."""


@pytest.mark.parametrize("where", [Where.OTHER, Where.CITY, Where.WHOLE])
@pytest.mark.parametrize("verb", BOUND)
def test_with_the_first_wall_gone_the_second_one_holds(
    world: World, monkeypatch: pytest.MonkeyPatch, verb: Verb, where: Where
) -> None:
    """As if a line of Python were wrong: the policy lets everything pass, and nothing out of the scope changes.

    The wall refuses it, or shows and changes no row, which the deed finds out or doesn't.
    """
    monkeypatch.setattr(policy, "require", lambda *_, **__: None)
    actor = world.actors[f"{Role.ADMIN.value}-of-the-county"]
    with world.undone():
        if verb in BEFORE:
            BEFORE[verb](world, where)
        before = _state(world)
        try:
            with world.undone():
                DEEDS[verb].do(world, actor, where)
                changed = _state(world)
        except DBAPIError as refused:
            # By a policy of a table, or by a function that does what the role may not.
            assert isinstance(refused.orig, InsufficientPrivilege)  # noqa: PT017 - which is one way of several
            changed = _state(world)
        except (DomainError, StaleDataError):
            changed = _state(world)
        assert changed == before


def test_with_the_first_wall_gone_an_own_record_can_still_be_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above would prove nothing."""
    monkeypatch.setattr(policy, "require", lambda *_, **__: None)
    actor = world.actors[f"{Role.ADMIN.value}-of-the-county"]
    for verb in set(BOUND) - {Verb.IMPORT_FILE, Verb.IMPORT_PLANNING_DATA, Verb.KEEP_TEAM}:
        with world.undone():
            if verb in BEFORE:
                BEFORE[verb](world, Where.OWN)
            before = _state(world)
            DEEDS[verb].do(world, actor, Where.OWN)
            assert _state(world) != before


TEAMS = {Where.OWN: Where.OWN.value, Where.OTHER: Where.CITY.value, Where.CITY: Where.CITY.value, Where.WHOLE: None}
"""Where everything lies that a team reaches and what it is granted, which is something in one's own county."""


def _grant_team(world: World, actor: Actor, team: str) -> str | None:
    """The code of the refusal to grant a team something in one's own county; None where it is done."""
    try:
        with world.undone(), world.database.write(actor=actor) as session:
            given = Grant(Role.STEWARD, Where.OWN.value)
            accounts.grant_role(session, accounts.Holder(team=team), given, actor=actor)
    except (Forbidden, Unauthenticated) as refused:
        return refused.code
    return None


@pytest.mark.parametrize("where", list(Where))
def test_a_team_is_granted_something_by_whom_all_that_it_reaches_is_in_reach(world: World, where: Where) -> None:
    expected = {}
    for actor in world.actors.values():
        refused = policy.refusal(actor, Verb.GRANT_ROLE, division=TEAMS[where])
        expected[actor.name] = refused.code if refused is not None else None
    found = {actor.name: _grant_team(world, actor, world.teams[where]) for actor in world.actors.values()}
    assert found == expected
    assert (found["admin-of-the-county"] is None) is (where is Where.OWN)
    assert (found["admin-of-the-city"] is None) is (where is not Where.WHOLE)
    assert found["admin-of-everything"] is None


def test_a_team_that_is_nobodys_yet_is_granted_something_by_the_whole_registrys(world: World) -> None:
    assert _grant_team(world, world.actors["admin-of-the-county"], "office") == "not-your-division"
    assert _grant_team(world, world.actors["admin-of-everything"], "office") is None


@pytest.mark.parametrize("where", [Where.OTHER, Where.CITY, Where.WHOLE])
def test_with_the_first_wall_gone_no_team_is_granted_anything_that_reaches_farther(
    world: World, monkeypatch: pytest.MonkeyPatch, where: Where
) -> None:
    monkeypatch.setattr(policy, "require", lambda *_, **__: None)
    monkeypatch.setattr(policy, "latest_end", lambda *_, **__: None)
    actor = world.actors["admin-of-the-county"]
    with pytest.raises(Exception, match="row-level security"):
        _grant_team(world, actor, world.teams[where])
    assert _grant_team(world, actor, world.teams[Where.OWN]) is None


def test_an_administrator_of_a_county_is_shown_its_accounts(world: World) -> None:
    def shown(login: str) -> set[str]:
        with world.database.read() as session:
            return {row.login for row in accounts.list_accounts(session, actor=world.actors[login]).rows}

    of_the_county = {login for login in PEOPLE if login.endswith("-of-the-county")} | set(OF_SOME_KINDS)
    of_the_city = {login for login in PEOPLE if login.endswith("-of-the-city")}
    nobodys = {"granted-nothing", world.newcomer}
    inside = (Where.OWN, Where.OTHER, Where.CITY)
    assert shown("admin-of-the-county") == of_the_county | nobodys | {
        world.accounts[Where.OWN],
        world.disabled[Where.OWN],
    }
    assert shown("admin-of-the-city") == of_the_county | of_the_city | nobodys | {
        each[where] for each in (world.accounts, world.disabled) for where in inside
    }
    assert shown("admin-of-everything") == {
        *PEOPLE,
        *OF_SOME_KINDS,
        world.newcomer,
        *world.accounts.values(),
        *world.disabled.values(),
    }


# Commands.


def _all_commands() -> dict[str, Callable[..., object]]:
    from geo_registry.cli import main  # noqa: PLC0415 - what it imports is looked at by other tests

    return dict(commands(main))


def test_every_command_has_its_row() -> None:
    assert set(_all_commands()) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_asks_for_the_verbs_of_its_row(command: str) -> None:
    assert verbs_of(_all_commands()[command]) == set(COMMANDS[command])
