"""Who asks: known by a password once, then by a cookie's secret, or by a token's; guessing is hopeless."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import argon2
import pytest
from sqlalchemy import select, text
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError

from geo_registry import clock
from geo_registry.accounts import audit, identity, keys, lockout, queries, service
from geo_registry.accounts.actors import Grant, Known
from geo_registry.accounts.identity import Limits, Origin, Recognised, SignedIn
from geo_registry.accounts.passwords import Passwords
from geo_registry.db.session import Database, ReadSession
from geo_registry.errors import DomainError, SignInBlocked, SignInRefused, TokenRefused
from geo_registry.model import Account, AccountPassword, AccountSession, OidcAttempt, SignInFailure
from geo_registry.vocabulary import Role, TokenScope, Way
from tests.conftest import RolledBackDatabase, TestUrls
from tests.factories import make_account, make_actor, make_division, make_facility, operator

CHEAP = Passwords(memory_mb=8, passes=1)
PASSWORD = "four words that nobody guesses"
HERE = Origin("192.0.2.1", "a browser")
LIMITS = Limits(idle=timedelta(hours=2), absolute=timedelta(hours=12))
BEGINNING = datetime.now(UTC).replace(microsecond=0)
"""About now: what is too old is forgotten by the database, whose clock nothing holds."""


class Time:
    """The clock of a test, which stands still until it is moved."""

    def __init__(self) -> None:
        self.now = BEGINNING

    def passes(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    held = Time()
    monkeypatch.setattr(clock, "now", lambda: held.now)
    return held


@pytest.fixture
def people(database: Database, time: Time) -> Database:
    with database.write(actor="test") as session:
        make_account(session, "li.ming", Grant(Role.PLANNER, "330702"), password=PASSWORD, passwords=CHEAP)
        make_account(session, "wang", password=PASSWORD, passwords=CHEAP)
    return database


def enter(
    database: Database,
    login: str = "li.ming",
    password: str = PASSWORD,
    *,
    origin: Origin = HERE,
    passwords: Passwords = CHEAP,
    previous: str | None = None,
) -> SignedIn:
    return identity.sign_in(
        database,
        login=login,
        password=password,
        origin=origin,
        passwords=passwords,
        limits=LIMITS,
        previous=previous,
    )


def known(database: Database, secret: str) -> Recognised | None:
    return identity.recognise(database, secret, origin=HERE, limits=LIMITS)


def test_whoever_signs_in_is_known_by_the_cookie_with_all_that_they_are_granted(people: Database) -> None:
    found = known(people, enter(people, " Li.Ming ").secret)
    assert found is not None
    assert (found.actor.name, found.actor.known, found.actor.scope) == ("li.ming", Known.BY_SESSION, ("330702",))


def test_only_a_digest_of_the_secret_is_kept(people: Database) -> None:
    secret = enter(people).secret
    with people.write(actor="test") as session:
        kept = session.scalars(select(AccountSession)).one()
        assert kept.digest == keys.digest_of(secret)
        assert secret not in str(
            session.execute(text("SELECT account_session::text FROM account_session")).scalar_one()
        )
        assert (kept.address, kept.agent) == ("192.0.2.1", "a browser")


def test_a_secret_that_nobody_was_given_is_nobodys(people: Database) -> None:
    for secret in ("", "x", keys.new_secret(), "\ud800", "'; DROP TABLE account"):
        assert known(people, secret) is None


def test_signing_in_gives_a_new_secret_and_ends_the_one_that_came_along(people: Database) -> None:
    """Fixation: whoever planted a cookie before isn't signed in by it afterwards."""
    planted = keys.new_secret()
    first = enter(people, previous=planted).secret
    assert known(people, planted) is None
    second = enter(people, previous=first).secret
    assert planted != first != second
    assert known(people, first) is None
    assert known(people, second) is not None


def refused(database: Database, login: str, password: str, **asked: Any) -> DomainError:
    with pytest.raises(SignInRefused) as said:
        enter(database, login, password, **asked)
    return said.value


@pytest.mark.parametrize("who", ["known", "unknown", "disabled", "without a password", "of the demonstration"])
def test_every_refusal_takes_one_hash_and_says_the_same(
    people: Database, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """The time that it takes is that of one hash; a clock would tell less, and not every time."""
    with people.write(actor="test") as session:
        make_account(session, "nopass")
        make_account(session, "demo", password=PASSWORD, passwords=CHEAP, demo=True)
        service.disable_account(session, "wang", actor=operator())
    login = {
        "known": "li.ming",
        "unknown": "nobody",
        "disabled": "wang",
        "without a password": "nopass",
        "of the demonstration": "demo",
    }[who]
    CHEAP.fits("", None)
    hashes: list[argon2.Parameters] = []
    asked: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, kept: str, given: str) -> bool:
        hashes.append(argon2.extract_parameters(kept))
        return verify(self, kept, given)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    find = queries.credentials

    def noted(session: ReadSession, name: str) -> tuple[Account | None, AccountPassword | None]:
        asked.append(name)
        return find(session, name)

    monkeypatch.setattr(queries, "credentials", noted)
    right = who in {"disabled", "of the demonstration"}
    error = refused(people, login, PASSWORD if right else "wrong")
    assert (error.code, error.message("zh-CN"), error.details) == ("sign-in-refused", "登录名或密码不对", {})
    assert len(hashes) == len(asked) == 1
    assert hashes[0].memory_cost == 8 * 1024


def test_names_are_blocked_after_some_failures_whether_they_are_there_or_not(people: Database, time: Time) -> None:
    for login in ("li.ming", "nobody"):
        for _ in range(lockout.FREE_BY_LOGIN + 1):
            refused(people, login, "wrong")
        with pytest.raises(SignInBlocked) as blocked:
            enter(people, login)
        assert blocked.value.details == {"wait_s": lockout.FIRST_WAIT_S}
    enter(people, "wang")


def test_the_wait_is_over_and_the_next_is_longer(people: Database, time: Time) -> None:
    for _ in range(lockout.FREE_BY_LOGIN + 1):
        refused(people, "li.ming", "wrong")
    time.passes(seconds=lockout.FIRST_WAIT_S)
    refused(people, "li.ming", "wrong")
    time.passes(seconds=lockout.FIRST_WAIT_S)
    with pytest.raises(SignInBlocked):
        enter(people)
    time.passes(seconds=lockout.FIRST_WAIT_S)
    enter(people)


def test_a_success_forgives_the_name_its_failures(people: Database) -> None:
    for _ in range(3):
        for _ in range(lockout.FREE_BY_LOGIN):
            refused(people, "li.ming", "wrong")
        enter(people)


def test_a_day_without_an_attempt_is_a_new_beginning(people: Database, time: Time) -> None:
    for _ in range(lockout.FREE_BY_LOGIN):
        refused(people, "li.ming", "wrong")
    time.passes(days=1, seconds=1)
    for _ in range(lockout.FREE_BY_LOGIN):
        refused(people, "li.ming", "wrong")
    enter(people)


def test_an_address_that_guesses_many_names_is_blocked_and_others_arent(people: Database) -> None:
    for number in range(lockout.FREE_BY_ADDRESS + 1):
        refused(people, f"somebody{number}", "wrong")
    with pytest.raises(SignInBlocked):
        enter(people)
    enter(people, origin=Origin("192.0.2.2"))


def test_whoever_has_one_ipv6_address_has_its_whole_network(people: Database) -> None:
    for number in range(lockout.FREE_BY_ADDRESS + 1):
        refused(people, f"somebody{number}", "wrong", origin=Origin(f"2001:db8::{number:x}"))
    with pytest.raises(SignInBlocked):
        enter(people, origin=Origin("2001:db8::ffff:1"))
    enter(people, origin=Origin("2001:db8:0:1::1"))


def test_signing_in_to_ones_own_account_doesnt_wipe_out_guesses(people: Database) -> None:
    for number in range(lockout.FREE_BY_ADDRESS):
        refused(people, f"somebody{number}", "wrong")
        enter(people, "wang")
    refused(people, "another", "wrong")
    with pytest.raises(SignInBlocked):
        enter(people, "wang")


ELSEWHERE = Origin("198.51.100.1", "another browser")


def _guessed_from_everywhere(people: Database, login: str = "li.ming") -> None:
    """So often that the next one has to wait, each time from another address."""
    for number in range(lockout.FREE_BY_LOGIN + 1):
        refused(people, login, "wrong", origin=Origin(f"203.0.113.{number}"))


def test_who_guesses_keeps_nobody_out_of_a_browser_that_they_signed_in_from(people: Database) -> None:
    """And learns nothing by it: the name stays blocked for everybody else, whoever gets in meanwhile."""
    mine = replace(HERE, devices=enter(people).devices)
    _guessed_from_everywhere(people)
    enter(people, origin=mine)
    enter(people, origin=replace(mine, address="198.51.100.77"))
    for origin in (ELSEWHERE, HERE):
        with pytest.raises(SignInBlocked):
            enter(people, origin=origin)


def test_a_browser_isnt_kept_out_by_its_address(people: Database) -> None:
    """A guesser in the same office goes out by the same one."""
    mine = replace(HERE, devices=enter(people).devices)
    for number in range(lockout.FREE_BY_ADDRESS + 1):
        refused(people, f"somebody{number}", "wrong")
    with pytest.raises(SignInBlocked):
        enter(people)
    enter(people, origin=mine)


def test_a_browser_is_known_for_the_account_alone_that_signed_in_there(people: Database) -> None:
    """Whoever has an account guesses no better at another's."""
    wangs = enter(people, "wang").devices
    _guessed_from_everywhere(people)
    for devices in (wangs, ("made-up",), ("",), ("\ud800", "'; DROP TABLE account"), (wangs[0], "x")):
        with pytest.raises(SignInBlocked):
            enter(people, origin=replace(ELSEWHERE, devices=devices))


def test_guesses_in_a_browser_that_is_known_wait_as_well(people: Database, time: Time) -> None:
    mine = replace(HERE, devices=enter(people).devices)
    for _ in range(lockout.FREE_BY_LOGIN + 1):
        refused(people, "li.ming", "wrong", origin=mine)
    with pytest.raises(SignInBlocked):
        enter(people, origin=mine)
    enter(people, origin=ELSEWHERE)
    time.passes(seconds=lockout.FIRST_WAIT_S)
    enter(people, origin=mine)


def test_guesses_of_a_day_are_some_hundred_together(
    people: Database, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From as many addresses as one likes, and with as many made-up secrets of browsers."""
    monkeypatch.setattr(Passwords, "fits", lambda *_: False)
    looked_at, begun = 0, time.now
    while time.now < begun + timedelta(days=1):
        origin = Origin(str(uuid4()), devices=(keys.new_secret(),))
        try:
            refused(people, "li.ming", "wrong", origin=origin)
            looked_at += 1
        except SignInBlocked as blocked:
            time.passes(seconds=int(str(blocked.details["wait_s"])))
    assert looked_at <= lockout.FREE_BY_LOGIN + 110


def test_a_browser_that_several_sign_in_from_is_known_for_each(people: Database) -> None:
    first = enter(people)
    second = enter(people, "wang", origin=replace(HERE, devices=first.devices))
    shared = replace(HERE, devices=second.devices)
    assert second.devices[1:] == first.devices
    _guessed_from_everywhere(people)
    _guessed_from_everywhere(people, "wang")
    assert enter(people, origin=shared).devices == enter(people, "wang", origin=shared).devices == second.devices


def test_a_secret_that_somebody_had_a_browser_keep_is_known_for_nobody(people: Database) -> None:
    planted = (keys.new_secret(),)
    assert enter(people, origin=replace(HERE, devices=planted)).devices[0] not in planted
    _guessed_from_everywhere(people)
    with pytest.raises(SignInBlocked):
        enter(people, origin=replace(ELSEWHERE, devices=planted))


def test_of_a_browser_a_digest_is_kept(people: Database) -> None:
    (secret,) = enter(people).devices
    with people.write(actor="test") as session:
        kept = session.execute(
            text("SELECT string_agg(CAST(known AS text), ' ') FROM sign_in_failure AS known")
        ).scalar_one()
    assert "device" in kept
    assert secret not in kept


def test_a_blocked_attempt_looks_at_no_password(people: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(lockout.FREE_BY_LOGIN + 1):
        refused(people, "li.ming", "wrong")
    monkeypatch.setattr(argon2.PasswordHasher, "verify", lambda *_: pytest.fail("a hash was computed"))
    with pytest.raises(SignInBlocked):
        enter(people)


def test_what_was_typed_for_a_name_is_kept_nowhere(people: Database) -> None:
    refused(people, "my-secret-password", "li.ming")
    with people.write(actor="test") as session:
        assert "my-secret" not in str(session.scalars(select(SignInFailure.key)).all())


def test_a_session_ends_when_nobody_was_there_for_too_long(people: Database, time: Time) -> None:
    secret = enter(people).secret
    for _ in range(3):
        time.passes(hours=1, minutes=59)
        assert known(people, secret) is not None
    time.passes(hours=2)
    assert known(people, secret) is None


def test_a_session_ends_in_any_case(people: Database, time: Time) -> None:
    secret = enter(people).secret
    for _ in range(11):
        time.passes(hours=1)
        assert known(people, secret) is not None
    time.passes(hours=1)
    assert known(people, secret) is None


def test_that_somebody_is_there_is_written_once_a_minute(people: Database, time: Time) -> None:
    secret = enter(people).secret

    def seen() -> datetime:
        with people.write(actor="test") as session:
            return session.scalars(select(AccountSession.seen_at)).one()

    time.passes(seconds=59)
    known(people, secret)
    assert seen() == BEGINNING
    time.passes(seconds=1)
    known(people, secret)
    assert seen() == BEGINNING + timedelta(minutes=1)


def test_signing_out_ends_this_session_alone(people: Database) -> None:
    first, second = enter(people).secret, enter(people).secret
    identity.sign_out(people, first, actor="li.ming", origin=HERE)
    identity.sign_out(people, "nobody's", actor="li.ming", origin=HERE)
    assert known(people, first) is None
    assert known(people, second) is not None


def test_another_password_ends_the_sessions_elsewhere(people: Database) -> None:
    here, elsewhere = enter(people).secret, enter(people).secret
    found = known(people, here)
    assert found is not None
    with people.write(actor=found.actor) as session:
        service.change_password(
            session,
            present=PASSWORD,
            new="another that nobody guesses",
            passwords=CHEAP,
            actor=found.actor,
            session_id=found.session_id,
        )
    assert known(people, here) is not None
    assert known(people, elsewhere) is None
    refused(people, "li.ming", PASSWORD)


def test_a_disabled_account_is_out_at_once_and_comes_back_by_a_new_sign_in(people: Database) -> None:
    secret = enter(people).secret
    with people.write(actor="test") as session:
        token = service.issue_token(
            session, "li.ming", name="x", scopes=[TokenScope.READ], days=1, actor=operator()
        ).secret
        service.disable_account(session, "li.ming", actor=operator())
    assert known(people, secret) is None
    with pytest.raises(TokenRefused):
        identity.bearer(people, token, origin=HERE)
    with people.write(actor="test") as session:
        service.enable_account(session, "li.ming", actor=operator())
    assert known(people, secret) is None
    assert identity.bearer(people, token, origin=HERE).name == "li.ming"
    enter(people)


def test_whoever_is_disabled_while_the_password_is_looked_at_stays_out(
    people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = argon2.PasswordHasher.verify

    def meanwhile(self: argon2.PasswordHasher, kept: str, given: str) -> bool:
        fits = verify(self, kept, given)
        with people.write(actor="test") as session:
            service.disable_account(session, "li.ming", actor=operator())
        return fits

    monkeypatch.setattr(argon2.PasswordHasher, "verify", meanwhile)
    refused(people, "li.ming", PASSWORD)
    with people.write(actor="test") as session:
        assert session.scalars(select(AccountSession)).all() == []
        (noted,) = session.execute(REFUSALS).all()
        assert len(noted.records) == 1


def test_a_hash_of_another_cost_is_made_anew_at_the_next_sign_in(people: Database) -> None:
    dearer = Passwords(memory_mb=9, passes=1)
    enter(people, passwords=dearer)
    with people.write(actor="test") as session:
        kept = queries.credentials(session, "li.ming")[1]
        assert kept is not None
        assert not dearer.is_outdated(kept.hash)
    enter(people, passwords=dearer)


REFUSALS = text("SELECT * FROM audit_entry WHERE operation = 'refuse' ORDER BY id")


def test_whoever_is_refused_is_in_the_audit_with_the_account_that_was_tried(people: Database) -> None:
    with people.write(actor="test") as session:
        account = queries.account_of(session, "li.ming").id
    refused(people, "li.ming", "wrong", origin=Origin("192.0.2.9", "x", Way.PAGE))
    refused(people, "my-secret-password", "li.ming")
    enter(people)
    with people.write(actor="test") as session:
        tried, unknown = session.execute(REFUSALS).all()
        told = audit.told(session, tried.id)
    assert (tried.actor, tried.address, tried.way) == ("anonymous", "192.0.2.9", "page")
    assert (tried.table_name, tried.rows, tried.records) == ("account", 1, [account])
    assert (told.changes, told.proven) == ((), None)
    assert (unknown.table_name, unknown.rows, unknown.records) == ("account", 0, None)
    assert "secret" not in str(unknown)


def test_whoever_has_to_wait_is_in_the_audit_no_more(people: Database) -> None:
    """So that guessing fills it no faster than it gets on."""
    for login in ("li.ming", "nobody"):
        for _ in range(lockout.FREE_BY_LOGIN + 1):
            refused(people, login, "wrong")
        for _ in range(5):
            with pytest.raises(SignInBlocked):
                enter(people, login)
    with people.write(actor="test") as session:
        assert len(session.execute(REFUSALS).all()) == 2 * (lockout.FREE_BY_LOGIN + 1)


def test_every_refusal_asks_the_database_the_same(people: RolledBackDatabase) -> None:
    """Whether there is such an account, and why it is refused, isn't told by how long it takes to be noted."""
    with people.write(actor="test") as session:
        make_account(session, "nopass")
        service.disable_account(session, "wang", actor=operator())
    asked: list[str] = []
    listen(people.connection, "before_cursor_execute", lambda *each: asked.append(each[2]))
    said = set()
    for login, password in (("li.ming", "wrong"), ("nobody", "wrong"), ("wang", PASSWORD), ("nopass", "wrong")):
        asked.clear()
        refused(people, login, password)
        said.add(tuple(re.sub("sa_savepoint_[0-9]+", "", statement) for statement in asked))
    assert len(said) == 1
    assert any("note_refusal" in statement for statement in asked)


def issued(
    database: Database, *, days: int = 30, scopes: Sequence[TokenScope] = (TokenScope.READ, TokenScope.PLAN)
) -> tuple[str, object]:
    with database.write(actor="test") as session:
        made = service.issue_token(session, "li.ming", name="x", scopes=scopes, days=days, actor=operator())
        return made.secret, made.id


def test_a_token_acts_as_its_account_within_its_scopes(people: Database) -> None:
    secret, _ = issued(people)
    actor = identity.bearer(people, secret, origin=HERE)
    assert (actor.name, actor.known, actor.scopes) == (
        "li.ming",
        Known.BY_TOKEN,
        frozenset({TokenScope.READ, TokenScope.PLAN}),
    )


@pytest.mark.parametrize(("scope", "changed"), [(TokenScope.READ, 0), (TokenScope.EDIT, 1)])
def test_by_a_token_that_is_for_reading_nothing_is_written_whatever_the_statement(
    people: Database, scope: TokenScope, changed: int
) -> None:
    with people.write(actor="test") as session:
        facility = make_facility(session, division_id=make_division(session, "330702000000").id)
        secret = service.issue_token(session, "li.ming", name="x", scopes=[scope], days=1, actor=operator()).secret
    with people.write(actor=identity.bearer(people, secret, origin=HERE)) as session:
        done = session.execute(text("UPDATE facility SET name = 'x' WHERE id = :id"), {"id": facility.id})
        assert done.rowcount == changed  # type: ignore[attr-defined]
        order = text("""
            INSERT INTO coverage_run (state, standard, question, actor)
            VALUES ('queued', '{}', '{"zone": "330702"}', 'x')
        """)
        held = nullcontext() if changed else pytest.raises(DBAPIError, match="row-level security")
        with held, session.begin_nested():
            session.execute(order)


MINTS = text("""
    INSERT INTO api_token (account_id, name, scopes, expires_at)
    VALUES (:account, 'x', '{admin}', now() + interval '1 day') RETURNING id
""")
TAKES_OVER = text("UPDATE account_password SET hash = hash WHERE account_id = :account")


@pytest.mark.parametrize("scope", list(TokenScope))
def test_by_no_token_a_password_is_changed_or_a_token_made_whatever_the_statement(
    people: Database, scope: TokenScope
) -> None:
    secret, _ = issued(people, scopes=[scope])
    actor = identity.bearer(people, secret, origin=HERE)
    with people.write(actor=actor) as session:
        own = {"account": actor.account}
        for statement in (TAKES_OVER, MINTS):
            with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
                session.execute(statement, own)
    signed_in = known(people, enter(people).secret)
    assert signed_in is not None
    with people.write(actor=signed_in.actor) as session:
        assert session.execute(TAKES_OVER, own).rowcount == 1  # type: ignore[attr-defined]
        assert session.execute(MINTS, own).scalar_one()


@pytest.mark.parametrize("scopes", [[TokenScope.ADMIN], [TokenScope.READ, TokenScope.ADMIN]])
def test_by_a_token_for_administering_a_token_of_ones_own_is_revoked(
    people: Database, scopes: list[TokenScope]
) -> None:
    with people.write(actor="test") as session:
        made = service.issue_token(session, "wang", name="x", scopes=scopes, days=1, actor=operator())
    secret, token = made.secret, made.id
    actor = identity.bearer(people, secret, origin=HERE)
    assert actor.scope == ()
    with people.write(actor=actor) as session:
        service.revoke_token(session, token, actor=actor)
    with pytest.raises(TokenRefused):
        identity.bearer(people, secret, origin=HERE)


def test_a_token_is_refused_after_its_end(people: Database, time: Time) -> None:
    secret, _ = issued(people, days=1)
    time.passes(hours=23, minutes=59)
    identity.bearer(people, secret, origin=HERE)
    time.passes(minutes=1)
    with pytest.raises(TokenRefused):
        identity.bearer(people, secret, origin=HERE)


def test_a_token_is_refused_from_the_moment_that_it_is_revoked(people: Database) -> None:
    secret, token = issued(people)
    identity.bearer(people, secret, origin=HERE)
    with people.write(actor="test") as session:
        service.revoke_token(session, token, actor=operator())  # type: ignore[arg-type]
    with pytest.raises(TokenRefused):
        identity.bearer(people, secret, origin=HERE)


def test_when_a_token_was_used_is_told(people: Database, time: Time) -> None:
    secret, _ = issued(people)
    identity.bearer(people, secret, origin=HERE)
    with people.read() as session:
        (row,) = service.list_tokens(session, None, actor=make_actor(Grant(Role.ADMIN))).rows
    assert row.used_at == BEGINNING


def test_a_cookies_secret_is_no_token_and_a_tokens_no_cookie(people: Database) -> None:
    secret, _ = issued(people)
    assert known(people, secret) is None
    with pytest.raises(TokenRefused):
        identity.bearer(people, enter(people).secret, origin=HERE)


@pytest.fixture
def registry(committed: TestUrls) -> Iterator[Database]:
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        make_account(session, "li.ming", password=PASSWORD, passwords=CHEAP)
    yield database
    database.dispose()


def test_many_guesses_at_once_are_no_more_than_their_number(registry: Database) -> None:
    def guess(number: int) -> str:
        try:
            enter(registry, "li.ming", f"wrong {number}", origin=Origin(str(uuid4())))
        except DomainError as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, range(40)))
    assert said.count("sign-in-refused") == lockout.FREE_BY_LOGIN + 1
    assert said.count("sign-in-blocked") == 40 - lockout.FREE_BY_LOGIN - 1


def test_what_is_of_no_use_any_more_goes(registry: Database, time: Time) -> None:
    time.now = datetime.now(UTC) - timedelta(days=200)
    enter(registry)
    with pytest.raises(SignInRefused):
        enter(registry, "nobody", "wrong")
    with registry.write(actor="test") as session:
        session.add(OidcAttempt(digest=b"x" * 32, following="", created_at=time.now))
    time.now = datetime.now(UTC)
    enter(registry)
    with registry.write(actor="test") as session:
        assert session.scalars(select(OidcAttempt)).all() == []
        assert len(session.scalars(select(AccountSession)).all()) == 1
        assert sorted(row.by for row in session.scalars(select(SignInFailure))) == ["address", "device", "login"]


def test_a_browser_is_known_for_half_a_year(registry: Database, time: Time) -> None:
    time.now = datetime.now(UTC) - timedelta(days=179)
    devices = enter(registry).devices
    time.now = datetime.now(UTC)
    assert enter(registry, origin=replace(HERE, devices=devices)).devices == devices
