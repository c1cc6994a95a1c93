"""Accounts: made, granted, disabled; nobody has power over what reaches farther than their own grant."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic, sleep
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from geo_registry import clock
from geo_registry.accounts import queries, service
from geo_registry.accounts.actors import Actor, Grant, Known
from geo_registry.accounts.passwords import Passwords
from geo_registry.accounts.service import Holder
from geo_registry.db.history import twin_of
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import (
    AccountUnknown,
    DisplayNameInvalid,
    Forbidden,
    GrantInvalid,
    GrantUnknown,
    LoginInvalid,
    LoginTaken,
    NotYourDivision,
    NotYourKind,
    NotYourRole,
    PasswordTooWeak,
    PasswordWrong,
    ScopeLacking,
    TeamUnknown,
    TokenInvalid,
    TokenUnknown,
)
from geo_registry.model import Account, AccountPassword, RoleGrant
from geo_registry.vocabulary import FacilityKind, Role, TokenScope
from tests.conftest import TestUrls
from tests.factories import make_account, make_actor, make_granted_divisions, operator

CHEAP = Passwords(memory_mb=8, passes=1)
ADMIN = make_actor(Grant(Role.ADMIN))
COUNTY_ADMIN = make_actor(Grant(Role.ADMIN, "330702"))
NEW = "an entirely new one"


def grants(session: WriteSession, login: str) -> tuple[Grant, ...]:
    account = queries.account_of(session, login)
    return queries.grants_of(session, [account.id])[account.id]


def test_a_new_account_has_a_password_that_was_made_and_must_be_changed(session: WriteSession) -> None:
    added = service.add_account(session, login="li.ming", display_name=" 李明 ", passwords=CHEAP, actor=ADMIN)
    account = queries.account_of(session, "li.ming")
    kept = queries.password_of(session, account.id)
    assert (account.display_name, account.must_change) == ("李明", True)
    assert added.password is not None
    assert kept is not None
    assert CHEAP.fits(added.password, kept.hash)
    assert added.password not in kept.hash
    assert grants(session, "li.ming") == ()


@pytest.mark.parametrize(
    "login", ["", "x", "Li", "李明", "a b", "local-operator", "anonymous", "-a", "a" * 41, "job:3"]
)
def test_nobody_is_called_what_history_couldnt_tell_apart(session: WriteSession, login: str) -> None:
    with pytest.raises(LoginInvalid):
        service.add_account(session, login=login, display_name="x", passwords=CHEAP, actor=ADMIN)


def test_a_login_name_is_never_used_twice(session: WriteSession) -> None:
    make_account(session, "li.ming")
    service.disable_account(session, "li.ming", actor=ADMIN)
    with pytest.raises(LoginTaken):
        service.add_account(session, login="li.ming", display_name="另一人", passwords=CHEAP, actor=ADMIN)


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "turned \u202e round", "x" * 61, "\ud800"])
def test_a_name_that_is_shown_is_one_line_of_plain_text(session: WriteSession, name: str) -> None:
    with pytest.raises(DisplayNameInvalid):
        service.add_account(session, login="li.ming", display_name=name, passwords=CHEAP, actor=ADMIN)


def test_a_team_gives_what_it_is_granted_to_those_who_are_of_it(session: WriteSession) -> None:
    make_account(session, "li.ming")
    service.keep_team(session, "wucheng", name="婺城区民政局", join=["li.ming"], actor=ADMIN)
    service.grant_role(session, Holder(team="wucheng"), Grant(Role.REGISTRAR, "330702"), actor=ADMIN)
    assert [(grant.role, grant.division) for grant in grants(session, "li.ming")] == [(Role.REGISTRAR, "330702")]
    assert service.keep_team(session, "wucheng", leave=["li.ming"], actor=ADMIN, seen=WHICHEVER) == []
    assert grants(session, "li.ming") == ()
    assert service.keep_team(session, "wucheng", join=["li.ming", "li.ming"], actor=ADMIN, seen=WHICHEVER) == [
        "li.ming"
    ]


def test_a_county_grants_its_own_teams_and_is_told_where_another_ones_people_are(database: Database) -> None:
    """Whom it isn't shown counts as well: it is refused by the policy, in words, not by the wall behind it."""
    county = make_actor(Grant(Role.ADMIN, "330702"), name="chief")
    both = make_actor(Grant(Role.ADMIN, "3307"), name="city")
    with database.write(actor="test") as session:
        make_account(session, "li.ming", Grant(Role.STEWARD, "330702"))
        make_account(session, "wang", Grant(Role.STEWARD, "330703"))
        make_account(session, "new")
        for key, members in {"ours": ["li.ming", "new"], "mixed": ["li.ming", "wang"], "empty": []}.items():
            service.keep_team(session, key, name="x", join=members, actor=ADMIN)

    def grant(key: str, actor: Actor, division: str = "330702") -> None:
        with database.write(actor=actor) as session:
            service.grant_role(session, Holder(team=key), Grant(Role.VIEWER, division), actor=actor)

    grant("ours", county)
    for key in ("mixed", "empty", "nowhere"):
        with pytest.raises(NotYourDivision):
            grant(key, county)
    with pytest.raises(NotYourDivision):
        grant("ours", county, "330703")
    grant("mixed", both)
    with pytest.raises(NotYourDivision):
        grant("empty", both)
    with database.write(actor="test") as session:
        # What it is granted once, all that are of it reach.
        service.grant_role(session, Holder(team="ours"), Grant(Role.VIEWER, "330703"), actor=ADMIN)
    with pytest.raises(NotYourDivision):
        grant("ours", county)
    with pytest.raises(TeamUnknown):
        grant("nowhere", ADMIN)


def test_what_a_team_is_granted_doesnt_outlast_the_grant_that_reaches_all_of_it(database: Database) -> None:
    tomorrow = clock.now() + timedelta(days=1)
    with database.write(actor="test") as session:
        make_account(session, "wang", Grant(Role.STEWARD, "330703"))
        service.keep_team(session, "theirs", name="x", join=["wang"], actor=ADMIN)
    actor = make_actor(Grant(Role.ADMIN, "330702"), Grant(Role.ADMIN, "3307", valid_until=tomorrow), at=clock.now())
    with database.write(actor=actor) as session:
        with pytest.raises(GrantInvalid):
            service.grant_role(session, Holder(team="theirs"), Grant(Role.VIEWER, "330702"), actor=actor)
        until_then = Grant(Role.VIEWER, "330702", valid_until=tomorrow)
        service.grant_role(session, Holder(team="theirs"), until_then, actor=actor)


def test_a_team_that_isnt_there_is_made_by_its_name_only(session: WriteSession) -> None:
    with pytest.raises(TeamUnknown):
        service.keep_team(session, "wucheng", actor=ADMIN)
    with pytest.raises(LoginInvalid):
        service.keep_team(session, "婺城", name="婺城区民政局", actor=ADMIN)
    with pytest.raises(AccountUnknown):
        service.keep_team(session, "wucheng", name="婺城区民政局", join=["nobody"], actor=ADMIN)


def test_a_grant_is_ended_and_stays_known(session: WriteSession) -> None:
    make_account(session, "li.ming")
    holder = Holder(account="li.ming")
    service.grant_role(session, holder, Grant(Role.PLANNER, "3307"), actor=ADMIN)
    assert service.end_grant(session, holder, Role.PLANNER, "3307", actor=ADMIN) == 1
    (ended,) = grants(session, "li.ming")
    assert not ended.is_in_force(clock.now() + timedelta(seconds=1))
    with pytest.raises(GrantUnknown):
        service.end_grant(session, holder, Role.PLANNER, "3307", actor=ADMIN)


def test_grants_that_would_mean_nothing_are_refused(session: WriteSession) -> None:
    make_account(session, "li.ming")
    holder = Holder(account="li.ming")
    with pytest.raises(GrantInvalid):
        service.grant_role(session, holder, Grant(Role.PUBLIC), actor=ADMIN)
    with pytest.raises(GrantInvalid):
        service.grant_role(session, holder, Grant(Role.PLANNER, valid_until=clock.now()), actor=ADMIN)


def test_nobody_grants_farther_than_their_own_grant(session: WriteSession) -> None:
    make_account(session, "li.ming")
    holder = Holder(account="li.ming")
    service.grant_role(session, holder, Grant(Role.REGISTRAR, "330702001"), actor=COUNTY_ADMIN)
    for division in ("330703", "3307", ""):
        with pytest.raises(NotYourDivision):
            service.grant_role(session, holder, Grant(Role.REGISTRAR, division), actor=COUNTY_ADMIN)
    meals = make_actor(Grant(Role.ADMIN, kinds=frozenset({FacilityKind.MEAL_POINT})))
    with pytest.raises(NotYourKind):
        service.grant_role(session, holder, Grant(Role.STEWARD), actor=meals)
    wider = frozenset({FacilityKind.MEAL_POINT, FacilityKind.CEMETERY})
    with pytest.raises(NotYourKind):
        service.grant_role(session, holder, Grant(Role.STEWARD, kinds=wider), actor=meals)
    with pytest.raises(NotYourRole):
        service.grant_role(session, holder, Grant(Role.ADMIN, "330702"), actor=make_actor(Grant(Role.REGISTRAR)))


@pytest.mark.parametrize("division", ["330703", "3307", ""])
def test_nobody_takes_over_an_account_that_reaches_farther(session: WriteSession, division: str) -> None:
    make_account(session, "wang", Grant(Role.VIEWER, "330702"), Grant(Role.ADMIN, division))
    for act in (
        lambda: service.set_password(session, "wang", passwords=CHEAP, actor=COUNTY_ADMIN),
        lambda: service.disable_account(session, "wang", actor=COUNTY_ADMIN),
        lambda: service.enable_account(session, "wang", actor=COUNTY_ADMIN),
        lambda: service.issue_token(session, "wang", name="x", scopes=[TokenScope.ADMIN], days=1, actor=COUNTY_ADMIN),
        lambda: service.list_tokens(session, "wang", actor=COUNTY_ADMIN),
    ):
        with pytest.raises(NotYourDivision):
            act()


def test_a_countys_administrator_keeps_the_countys_accounts(session: WriteSession) -> None:
    make_account(session, "wang", Grant(Role.VIEWER, "330702001"), Grant(Role.STEWARD, "330702"))
    assert service.set_password(session, "wang", passwords=CHEAP, actor=COUNTY_ADMIN).password
    service.disable_account(session, "wang", actor=COUNTY_ADMIN)


def test_whoever_may_not_know_which_accounts_there_are_isnt_told(session: WriteSession) -> None:
    make_account(session, "wang")
    said = set()
    for login in ("wang", "nobody"):
        with pytest.raises(Forbidden) as refused:
            service.set_password(session, login, passwords=CHEAP, actor=COUNTY_ADMIN)
        said.add((refused.value.code, refused.value.message("en")))
    assert len(said) == 1


def test_ones_own_password_is_changed_by_who_knows_the_present_one(session: WriteSession) -> None:
    account = make_account(session, "li.ming", password="the first of them", passwords=CHEAP, must_change=True)
    actor = make_actor(name="li.ming", account=account.id, must_change=True)
    with pytest.raises(PasswordWrong):
        service.change_password(session, present="another one", new=NEW, passwords=CHEAP, actor=actor)
    for weak in ("short", "the first of them"):
        with pytest.raises(PasswordTooWeak):
            service.change_password(session, present="the first of them", new=weak, passwords=CHEAP, actor=actor)
    service.change_password(session, present="the first of them", new=NEW, passwords=CHEAP, actor=actor)
    kept = queries.password_of(session, account.id)
    assert kept is not None
    assert CHEAP.fits(NEW, kept.hash)
    assert not queries.account_of(session, "li.ming").must_change


def test_a_token_changes_no_password_and_makes_no_token(session: WriteSession) -> None:
    account = make_account(session, "li.ming", password="the first of them", passwords=CHEAP)
    program = make_actor(
        Grant(Role.ADMIN), name="li.ming", account=account.id, known=Known.BY_TOKEN, scopes=frozenset(TokenScope)
    )
    with pytest.raises(ScopeLacking):
        service.change_password(session, present="the first of them", new=NEW, passwords=CHEAP, actor=program)
    with pytest.raises(ScopeLacking):
        service.set_password(session, "li.ming", passwords=CHEAP, actor=program)
    with pytest.raises(ScopeLacking):
        service.issue_token(session, "li.ming", name="x", scopes=[TokenScope.READ], days=1, actor=program)


def test_a_token_makes_nobody_who_would_outlive_it(session: WriteSession) -> None:
    make_account(session, "wang")
    program = make_actor(Grant(Role.ADMIN), known=Known.BY_TOKEN, scopes=frozenset(TokenScope))
    for act in (
        lambda: service.add_account(session, login="other", display_name="x", passwords=CHEAP, actor=program),
        lambda: service.enable_account(session, "wang", actor=program),
        lambda: service.grant_role(session, Holder(account="wang"), Grant(Role.ADMIN), actor=program),
        lambda: service.keep_team(session, "city", name="x", actor=program),
    ):
        with pytest.raises(ScopeLacking):
            act()


def test_who_administers_some_kinds_has_no_power_over_who_administers_all(session: WriteSession) -> None:
    make_account(session, "wang", Grant(Role.ADMIN, "330702"))
    meals = make_actor(Grant(Role.ADMIN, "330702", kinds=frozenset({FacilityKind.MEAL_POINT})))
    everywhere = make_actor(Grant(Role.ADMIN, kinds=frozenset({FacilityKind.MEAL_POINT})))
    for act in (
        lambda: service.set_password(session, "wang", passwords=CHEAP, actor=meals),
        lambda: service.disable_account(session, "wang", actor=meals),
        lambda: service.enable_account(session, "wang", actor=meals),
        lambda: service.issue_token(session, "wang", name="x", scopes=[TokenScope.ADMIN], days=1, actor=meals),
        lambda: service.end_grant(session, Holder(account="wang"), Role.ADMIN, "330702", actor=meals),
        lambda: service.keep_team(session, "city", name="x", actor=everywhere),
    ):
        with pytest.raises(NotYourKind):
            act()


def test_a_grant_ends_with_the_one_that_gave_it(session: WriteSession) -> None:
    make_account(session, "wang")
    tomorrow = clock.now() + timedelta(days=1)
    until_then = make_actor(Grant(Role.ADMIN, "330702", valid_until=tomorrow), at=clock.now())
    for until in (None, tomorrow + timedelta(seconds=1)):
        given = Grant(Role.ADMIN, "330702", valid_until=until)
        with pytest.raises(GrantInvalid):
            service.grant_role(session, Holder(account="wang"), given, actor=until_then)
    service.grant_role(
        session, Holder(account="wang"), Grant(Role.STEWARD, "330702", valid_until=tomorrow), actor=until_then
    )


def test_a_grant_for_some_kinds_that_doesnt_end_prolongs_none_for_all(session: WriteSession) -> None:
    make_account(session, "wang")
    now = clock.now()
    tomorrow = now + timedelta(days=1)
    cemeteries = frozenset({FacilityKind.CEMETERY})
    actor = make_actor(
        Grant(Role.ADMIN, "330702", valid_until=tomorrow), Grant(Role.ADMIN, "330702", kinds=cemeteries), at=now
    )
    for kinds in (None, cemeteries | {FacilityKind.MEAL_POINT}):
        with pytest.raises(GrantInvalid):
            service.grant_role(session, Holder(account="wang"), Grant(Role.ADMIN, "330702", kinds), actor=actor)
        given = Grant(Role.ADMIN, "330702", kinds, valid_until=tomorrow)
        service.grant_role(session, Holder(account="wang"), given, actor=actor)
    service.grant_role(session, Holder(account="wang"), Grant(Role.ADMIN, "330702", cemeteries), actor=actor)


def test_another_right_elsewhere_shows_no_accounts_there(database: Database) -> None:
    with database.write(actor="test") as session:
        make_account(session, "zhang", Grant(Role.STEWARD, "330703"))
        make_account(session, "wang", Grant(Role.STEWARD, "330702"))
    both = make_actor(Grant(Role.ADMIN, "330702"), Grant(Role.PLANNER), name="li.ming")
    with database.read() as session:
        assert [row.login for row in service.list_accounts(session, actor=both).rows] == ["wang"]
        with pytest.raises(AccountUnknown):
            service.show_account(session, "zhang", actor=both)


def test_who_is_given_another_password_loses_their_tokens(session: WriteSession) -> None:
    make_account(session, "wang", Grant(Role.STEWARD, "330702"))
    service.issue_token(session, "wang", name="x", scopes=[TokenScope.READ], days=1, actor=ADMIN)
    service.set_password(session, "wang", passwords=CHEAP, actor=ADMIN)
    assert [row.revoked_at is not None for row in service.list_tokens(session, "wang", actor=ADMIN).rows] == [True]


def _issued(database: Database, by: Actor, login: str = "wang") -> UUID:
    with database.write(actor=by) as session:
        return service.issue_token(session, login, name="x", scopes=[TokenScope.READ], days=1, actor=by).id


def _revoked(database: Database, token: UUID) -> bool:
    with database.read() as session:
        return service.show_token(session, token, actor=ADMIN).revoked_at is not None


@pytest.fixture(autouse=True)
def divisions(request: pytest.FixtureRequest) -> None:
    """Where tests grant something; there first, so that what they count is their own."""
    if "committed" not in request.fixturenames:
        with request.getfixturevalue("database").write(actor="test") as session:
            make_granted_divisions(session)


@pytest.fixture
def issuer(database: Database) -> Actor:
    """Who administers a county by a grant of their own, and another by a team's; somebody works in each."""
    with database.write(actor="test") as session:
        account = make_account(session, "li.ming", Grant(Role.ADMIN, "330702"))
        service.keep_team(session, "city", name="x", join=["li.ming"], actor=ADMIN)
        service.grant_role(session, Holder(team="city"), Grant(Role.ADMIN, "330703"), actor=ADMIN)
        make_account(session, "wang", Grant(Role.VIEWER, "330702"))
        make_account(session, "zhang", Grant(Role.VIEWER, "330703"))
        grants = queries.grants_of(session, [account.id])[account.id]
    return make_actor(*grants, name="li.ming", account=account.id)


def test_a_token_for_somebody_else_ends_with_the_grant_of_who_issues_it(session: WriteSession) -> None:
    make_account(session, "wang", Grant(Role.STEWARD, "330702"))
    now = clock.now()
    ends = Grant(Role.ADMIN, "330702", valid_until=now + timedelta(days=3))
    # One that lasts, of a role or for kinds that don't issue it, prolongs nothing.
    others = Grant(Role.REGISTRAR), Grant(Role.ADMIN, kinds=frozenset({FacilityKind.CEMETERY}))
    own = make_account(session, "li.ming")
    actor = make_actor(ends, *others, name="li.ming", account=own.id, at=now)

    def issue(login: str, days: int) -> None:
        service.issue_token(session, login, name="x", scopes=[TokenScope.READ], days=days, actor=actor)

    issue("wang", 2)
    with pytest.raises(TokenInvalid):
        issue("wang", 4)
    issue("li.ming", 366)


def test_who_is_disabled_keeps_no_token_that_they_issued_for_others(database: Database, issuer: Actor) -> None:
    theirs, own = _issued(database, issuer), _issued(database, issuer, "li.ming")
    others = _issued(database, ADMIN)
    with database.write(actor="test") as session:
        service.disable_account(session, "li.ming", actor=ADMIN)
    assert [_revoked(database, each) for each in (theirs, own, others)] == [True, False, False]


def test_tokens_for_others_end_with_the_grant_that_they_were_issued_by(database: Database, issuer: Actor) -> None:
    in_ours, in_theirs = _issued(database, issuer), _issued(database, issuer, "zhang")
    with database.write(actor="test") as session:
        service.end_grant(session, Holder(account="li.ming"), Role.ADMIN, "330702", actor=ADMIN)
    assert [_revoked(database, each) for each in (in_ours, in_theirs)] == [True, False]
    # Who ends a team's grant doesn't see everybody who is of it.
    with database.write(actor="test") as session:
        service.grant_role(session, Holder(account="li.ming"), Grant(Role.VIEWER, "330781"), actor=ADMIN)
    next_countys = make_actor(Grant(Role.ADMIN, "330703"), name="next")
    with database.write(actor=next_countys) as session:
        service.end_grant(session, Holder(team="city"), Role.ADMIN, "330703", actor=next_countys)
    assert _revoked(database, in_theirs)


def test_who_leaves_a_team_keeps_no_token_that_they_issued_by_its_grant(database: Database, issuer: Actor) -> None:
    in_ours, in_theirs = _issued(database, issuer), _issued(database, issuer, "zhang")
    with database.write(actor="test") as session:
        service.keep_team(session, "city", leave=["li.ming"], seen=WHICHEVER, actor=ADMIN)
    assert [_revoked(database, each) for each in (in_ours, in_theirs)] == [False, True]


def test_who_is_disabled_by_their_county_loses_tokens_of_accounts_that_are_elsewhere_by_now(
    database: Database, issuer: Actor
) -> None:
    token = _issued(database, issuer)
    with database.write(actor="test") as session:
        service.keep_team(session, "city", leave=["li.ming"], seen=WHICHEVER, actor=ADMIN)
        service.grant_role(session, Holder(account="wang"), Grant(Role.STEWARD, "330781"), actor=ADMIN)
    assert not _revoked(database, token)
    colleague = make_actor(Grant(Role.ADMIN, "330702"), name="colleague")
    with database.write(actor=colleague) as session:
        service.disable_account(session, "li.ming", actor=colleague)
    assert _revoked(database, token)


def test_everyone_issues_and_revokes_tokens_of_their_own_and_of_nobody_else(session: WriteSession) -> None:
    own, other = make_account(session, "li.ming"), make_account(session, "wang")
    actor = make_actor(name="li.ming", account=own.id)
    issued = service.issue_token(session, "li.ming", name="每晚", scopes=[TokenScope.READ], days=30, actor=actor)
    assert [row.name for row in service.list_tokens(session, "li.ming", actor=actor).rows] == ["每晚"]
    theirs = service.issue_token(session, "wang", name="x", scopes=[TokenScope.READ], days=1, actor=ADMIN)
    stranger = make_actor(name="wang", account=other.id)
    for act in (
        lambda: service.issue_token(session, "wang", name="x", scopes=[TokenScope.READ], days=1, actor=actor),
        lambda: service.list_tokens(session, "wang", actor=actor),
        lambda: service.list_tokens(session, None, actor=actor),
        lambda: service.revoke_token(session, theirs.id, actor=actor),
        lambda: service.revoke_token(session, issued.id, actor=stranger),
        # An id that was guessed says no more than one that is somebody else's.
        lambda: service.revoke_token(session, uuid4(), actor=stranger),
    ):
        with pytest.raises(NotYourRole):
            act()
    service.revoke_token(session, issued.id, actor=actor)
    with pytest.raises(TokenUnknown):
        service.revoke_token(session, uuid4(), actor=ADMIN)


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"scopes": []}, {"days": 0}, {"days": 367}, {"name": "x" * 61}, {"name": "a\r\nb"}]
)
def test_a_token_has_a_name_a_scope_and_an_end(session: WriteSession, wrong: dict[str, object]) -> None:
    make_account(session, "li.ming")
    values: dict[str, object] = {"name": "x", "scopes": [TokenScope.READ], "days": 1} | wrong
    with pytest.raises(TokenInvalid):
        service.issue_token(session, "li.ming", actor=ADMIN, **values)  # type: ignore[arg-type]


def test_who_granted_what_is_in_the_history_and_no_hash_is(database: Database) -> None:
    with database.write(actor=operator("wang"), why="users add") as session:
        make_account(session, "li.ming", password="the first of them", passwords=CHEAP)
        service.set_password(session, "li.ming", passwords=CHEAP, password=NEW, actor=ADMIN)
        service.disable_account(session, "li.ming", actor=ADMIN)
    with database.write(actor="test") as session:
        twin = twin_of(Account)
        kept = session.execute(select(twin.c.replaced_by, twin.c.state, twin.c.why).order_by(twin.c.history_id)).all()
        assert {tuple(row) for row in kept} == {("wang", "active", "users add")}
        hashes = session.scalars(select(AccountPassword.hash)).all()
        assert len(hashes) == 1
        everything = session.execute(text("SELECT query_to_xml('TABLE history.account', true, true, '')")).scalar_one()
        assert "argon2" not in str(everything)


def test_the_database_keeps_whose_grant_it_is(session: WriteSession) -> None:
    """With a bug in Python, too: of a grant nothing but its end can change."""
    account = make_account(session, "li.ming", Grant(Role.VIEWER, "330702"))
    with pytest.raises(Exception, match="permission denied"), session.begin_nested():
        session.execute(text("UPDATE role_grant SET role = 'admin', division = ''"))
    assert session.scalars(select(RoleGrant.role).where(RoleGrant.account_id == account.id)).all() == ["viewer"]


WAITS = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def _meanwhile(
    database: Database,
    first: Callable[[WriteSession], object],
    then: Callable[[WriteSession], object],
    *,
    actor: Actor,
) -> None:
    """Do `then` while `first`, in another's unit of work, isn't committed; it is once `then` waits for it."""

    def second() -> None:
        with database.write(actor=actor) as session:
            then(session)

    with ThreadPoolExecutor(1) as pool:
        with database.write(actor="test") as session:
            first(session)
            waiting = pool.submit(second)
            until = monotonic() + 30
            with database.engine.connect() as watching:
                while not watching.execute(WAITS).scalar_one():
                    assert not waiting.done()
                    assert monotonic() < until
                    sleep(0.01)
        waiting.result(30)


@pytest.fixture
def really(committed: TestUrls) -> Iterator[Database]:
    """A county's account with a token, and its team, that are really there."""
    opened = Database.connect(committed.app)
    with opened.write(actor="test") as session:
        make_granted_divisions(session)
        make_account(session, "wang", Grant(Role.VIEWER, "330702"))
        service.keep_team(session, "office", name="x", join=["wang"], actor=ADMIN)
    yield opened
    opened.dispose()


def test_a_team_that_is_granted_something_elsewhere_meanwhile_is_out_of_reach(really: Database) -> None:
    def city(session: WriteSession) -> None:
        service.grant_role(session, Holder(team="office"), Grant(Role.STEWARD, "330703"), actor=ADMIN)

    def county(session: WriteSession) -> None:
        service.grant_role(session, Holder(team="office"), Grant(Role.STEWARD, "330702"), actor=COUNTY_ADMIN)

    with pytest.raises(NotYourDivision):
        _meanwhile(really, city, county, actor=COUNTY_ADMIN)


def test_a_token_whose_account_is_granted_something_elsewhere_meanwhile_is_out_of_reach(really: Database) -> None:
    with really.write(actor=COUNTY_ADMIN) as session:
        scopes = [TokenScope.READ]
        token = service.issue_token(session, "wang", name="x", scopes=scopes, days=1, actor=COUNTY_ADMIN).id

    def city(session: WriteSession) -> None:
        service.grant_role(session, Holder(account="wang"), Grant(Role.STEWARD, "330703"), actor=ADMIN)

    def issue(session: WriteSession) -> None:
        service.issue_token(session, "wang", name="x", scopes=scopes, days=1, actor=COUNTY_ADMIN)

    with pytest.raises(NotYourDivision):
        _meanwhile(really, city, issue, actor=COUNTY_ADMIN)
    with really.write(actor="test") as session:
        service.end_grant(session, Holder(account="wang"), Role.STEWARD, "330703", actor=ADMIN)
    with pytest.raises(NotYourDivision):
        _meanwhile(
            really, city, lambda session: service.revoke_token(session, token, actor=COUNTY_ADMIN), actor=COUNTY_ADMIN
        )


def test_who_joins_a_team_isnt_changed_meanwhile(really: Database) -> None:
    """Else somebody would get the password of an account that just got farther."""
    with really.write(actor="test") as session:
        service.keep_team(session, "city", name="x", actor=ADMIN)
        service.grant_role(session, Holder(team="city"), Grant(Role.ADMIN), actor=ADMIN)

    def city(session: WriteSession) -> None:
        service.keep_team(session, "city", join=["wang"], seen=WHICHEVER, actor=ADMIN)

    with pytest.raises(NotYourDivision):
        _meanwhile(
            really,
            city,
            lambda session: service.set_password(session, "wang", passwords=CHEAP, actor=COUNTY_ADMIN),
            actor=COUNTY_ADMIN,
        )
