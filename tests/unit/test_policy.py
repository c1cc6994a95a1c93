"""The table is whole, and asked: every verb has its row, and the function that it names asks for it."""

import ast
import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geo_registry.accounts.actors import LETS_READ_ONLY, READS_ONLY, Grant, Known, anonymous, local_operator
from geo_registry.accounts.policy import TABLE, Verb, reader, refusal, require
from geo_registry.errors import PasswordMustChange
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import Role, TokenScope
from tests.factories import make_actor

ROOMS = CHECKOUT / "geo_registry"
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def test_every_verb_has_a_row_and_every_row_somebody() -> None:
    assert set(TABLE) == set(Verb)
    assert all(rule.roles or rule.oneself for rule in TABLE.values())


def _asked(function: ast.FunctionDef) -> set[str]:
    """The verbs that a function asks the policy for."""
    return {
        call.args[1].attr
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "policy.require"
        and isinstance(call.args[1], ast.Attribute)
    }


def _functions(room: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((ROOMS / room / "service.py").read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


LOOKED_UP_FIRST = {
    Verb.GRANT_ROLE: ["reach = _reach_of_grant(session, holder, grant)"],
    Verb.REVOKE_TOKEN: ["holder = queries.holder_of(session, token)"],
    Verb.CANCEL_RUN: ["asked = queries.get_run(session, run_id)"],
    Verb.REGISTER_FACILITY: ["division = _division_of(session, new)"],
    Verb.CHANGE_FACILITY: ["row = get_facility(session, facility)"],
    Verb.RESTORE_FACILITY: ["row = get_facility(session, facility)"],
    Verb.REGISTER_PLACE: ["division = _division_of(session, new)"],
    Verb.OPEN_CASE: ["division = divisions.get_division(session, new.division)"],
    Verb.REGISTER_AREA: ["division = division_of_new(session, new)"],
    Verb.PROPOSE_HERITAGE: ["code = _code_of(session, new)"],
    Verb.SEE_AUTHORS: ["row = get_facility(session, facility)"],
    Verb.RECORD_SUCCESSION: ["before, after = _ends_of(session, new)"],
    Verb.WITHDRAW_SUCCESSION: ["step = get_succession(session, succession).step"],
    Verb.SEE_DIVISION_AUTHORS: ["row = get_division(session, code, vintage=vintage)"],
    Verb.RESTORE_DIVISION: ["row = get_division(session, code, vintage=vintage)"],
    Verb.FIND_LANES: ["division = _division(session, search.division)"],
    Verb.ADD_LANES: ["codes = _codes_of(session, new)"],
    Verb.TAKE_OVER_CASE: ["division = divisions.get_division(session, taken.division)"],
    Verb.ADD_WISH: ["division = divisions.get_division(session, new.division)"],
    Verb.SEE_RUN_AUTHORS: ["asked = queries.get_run(session, run_id)"],
}
"""Whose it is has to be known to ask."""


@pytest.mark.parametrize("verb", list(Verb))
def test_the_function_that_a_verb_names_asks_for_it_first(verb: Verb) -> None:
    room, name = verb.value.split(".")
    assert callable(getattr(importlib.import_module(f"geo_registry.{room}.service"), name))
    function = _functions(room)[name]
    assert verb.name in _asked(function)
    before = [ast.unparse(statement) for statement in function.body[1:]]  # behind the docstring
    asks = next(at for at, each in enumerate(before) if "policy.require(actor, " in each)
    assert before[:asks] == LOOKED_UP_FIRST.get(verb, [])


@pytest.mark.parametrize("path", sorted(ROOMS.glob("*/service.py")), ids=lambda path: path.parent.name)
def test_a_function_that_is_told_who_acts_asks_the_policy(path: Path) -> None:
    room = path.parent.name
    unasked = [
        name
        for name, function in _functions(room).items()
        if any(
            argument.arg == "actor" and argument.annotation is not None and ast.unparse(argument.annotation) == "Actor"
            for argument in (*function.args.args, *function.args.kwonlyargs)
        )
        and not name.startswith("_")
        and not _asked(function)
    ]
    assert unasked == []


@pytest.mark.parametrize("role", sorted(READS_ONLY))
def test_a_role_that_only_reads_may_change_nothing(role: Role) -> None:
    assert [verb for verb, rule in TABLE.items() if rule.changes and role in rule.roles] == []


def test_a_scope_that_lets_read_only_changes_nothing() -> None:
    """So that a token of it has nothing to write in; every other one changes something."""
    changing = {rule.scope for rule in TABLE.values() if rule.changes}
    assert set(TokenScope) - LETS_READ_ONLY == changing - {None}


@pytest.mark.parametrize(
    ("scopes", "scope"),
    [
        ({TokenScope.READ}, ()),
        ({TokenScope.READ, TokenScope.EDIT}, ("330702",)),
        ({TokenScope.PLAN}, ("330702",)),
        ({TokenScope.ADMIN}, ("330702",)),
    ],
)
def test_a_token_that_changes_nothing_has_nowhere_to_write(scopes: set[TokenScope], scope: tuple[str, ...]) -> None:
    program = make_actor(Grant(Role.ADMIN, "330702"), known=Known.BY_TOKEN, scopes=frozenset(scopes))
    assert program.scope == scope
    # What it reads, it reads by what it is granted.
    assert reader(program, Verb.SEE_CONTACT).scope == ["330702"]


def test_whoever_sits_at_the_machine_may_everything_everywhere() -> None:
    assert [verb for verb in Verb if refusal(local_operator(), verb) is not None] == []
    assert local_operator().scope == ("",)


def test_a_password_that_others_know_allows_nothing() -> None:
    actor = make_actor(Grant(Role.ADMIN), must_change=True)
    for_everybody = {verb for verb, rule in TABLE.items() if Role.PUBLIC in rule.roles}
    for verb in set(TABLE) - {Verb.CHANGE_PASSWORD} - for_everybody:
        with pytest.raises(PasswordMustChange):
            require(actor, verb)
    assert actor.scope == ()


def test_the_scope_of_a_unit_of_work_is_what_may_be_changed_now() -> None:
    actor = make_actor(
        Grant(Role.REGISTRAR, "330702"),
        Grant(Role.PLANNER, "330703"),
        Grant(Role.VIEWER, "3307"),
        Grant(Role.REGISTRAR, "330781", valid_until=NOW),
        Grant(Role.REGISTRAR, "330782", valid_from=NOW + timedelta(days=1)),
        at=NOW,
    )
    assert actor.scope == ("330702", "330703")
    assert anonymous().scope == ()
    assert make_actor(Grant(Role.ADMIN), known=Known.BY_TOKEN).scope == ("",)
