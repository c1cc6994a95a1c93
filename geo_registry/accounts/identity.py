"""How it is known who asks: by a password once, then by a cookie's secret; or by a token's.

Everything here asks the primary server: a session that just ended must not live on in a replica.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self
from uuid import UUID

from sqlalchemy import text

from geo_registry import clock
from geo_registry.accounts import keys, lockout, queries
from geo_registry.accounts.actors import Actor, Known
from geo_registry.accounts.passwords import Passwords
from geo_registry.accounts.policy import Verb
from geo_registry.db.session import LOCAL_OPERATOR, SIGNING_IN, Database, ReadSession, WriteSession
from geo_registry.errors import PasswordTooWeak, PasswordWrong, SignInBlocked, SignInRefused, TokenRefused
from geo_registry.model import Account, AccountSession
from geo_registry.settings import Settings
from geo_registry.vocabulary import AccountState, Nameless, TokenScope, Way

SEEN_EVERY = timedelta(minutes=1)
"""That somebody is there is written down so often, not at every request."""

MOST_AGENT_CHARACTERS = 200
MOST_LOGIN_CHARACTERS = 200

# The attempt is counted before the password is looked at, so that many at once don't get more than their number. Where
# the next attempt has to wait, no row comes back.
COUNT = text("""
    INSERT INTO sign_in_failure AS known (by, key, failures, last_at) VALUES (:by, :key, 1, :now)
    ON CONFLICT (by, key) DO UPDATE
        SET failures = CASE WHEN known.last_at < :forgotten THEN 1 ELSE known.failures + 1 END, last_at = :now
        WHERE known.blocked_until IS NULL OR known.blocked_until <= :now
    RETURNING failures
""")
BLOCK = text("UPDATE sign_in_failure SET blocked_until = :until WHERE by = :by AND key = :key")
BLOCKED_UNTIL = text("SELECT blocked_until FROM sign_in_failure WHERE by = :by AND key = :key")
# A success takes back what it counted itself; of the address no more than that, or guesses would be wiped out by
# signing in to an account of one's own in between.
FORGIVE = text("""
    UPDATE sign_in_failure
    SET failures = CASE by WHEN 'address' THEN greatest(failures - 1, 0) ELSE 0 END, blocked_until = NULL
    WHERE by = :by AND key = :key
""")
# A browser that an account was signed in from counts by itself, as long as its row is kept.
KNOWN_DEVICE = text("SELECT key FROM sign_in_failure WHERE by = 'device' AND key = ANY(:keys) LIMIT 1")
KNOW_DEVICE = text("INSERT INTO sign_in_failure (by, key, failures, last_at) VALUES ('device', :key, 0, :now)")
NOTE_REFUSAL = text("SELECT note_refusal(CAST(:tried AS uuid))")
FORGET = text("SELECT forget_sign_ins()")
"""What failed a day ago, sessions that ended three months ago, and browsers that weren't used for half a year."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: its address, what the program says that it is, and the way that it takes.

    Attributes
    ----------
    devices
        The secrets that its browser was given when somebody signed in there.
    """

    address: str
    agent: str = ""
    way: Way | None = None
    devices: tuple[str, ...] = field(default=(), repr=False)

    def doorkeeper(self, name: str) -> "Doorkeeper":
        """Who finds out who asks from there, on behalf of `name`."""
        return Doorkeeper(name, address=self.address, way=self.way)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Who finds out who asks, on behalf of `name`: nobody is known yet, so the database gives it a scope of its own."""

    name: str = LOCAL_OPERATOR
    scope: Sequence[str] = (SIGNING_IN,)
    address: str = ""
    way: Way | None = None
    scopes: None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long somebody stays signed in: without a request, and in any case; and who may at all.

    Attributes
    ----------
    demo
        Whether accounts of the demonstration may be used, whose passwords are known to everyone: at the machine itself.
    """

    idle: timedelta
    absolute: timedelta
    demo: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits of the settings."""
        return cls(
            idle=timedelta(minutes=settings.session_idle_min),
            absolute=timedelta(hours=settings.session_hours),
            demo=settings.is_local,
        )


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session: its secret, for the cookie alone, and whether the password must be changed before all else.

    Attributes
    ----------
    devices
        What the browser is known by at the next sign-in (`Origin.devices`); empty where it wasn't a password that did it.
    """

    secret: str
    must_change: bool
    devices: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whoever a cookie's secret belongs to."""

    actor: Actor
    session_id: UUID


def sign_in(
    database: Database,
    *,
    login: str,
    password: str,
    origin: Origin,
    passwords: Passwords,
    limits: Limits,
    previous: str | None = None,
) -> SignedIn:
    """Begin a session of an account, with a secret of its own; the one that the browser had before ends.

    Parameters
    ----------
    previous
        The secret of the cookie that came along; it is never taken over.

    Raises
    ------
    SignInRefused
        There is no such account, or it has another password, or may not be used: in the same words and the same time.
    SignInBlocked
        Too many attempts failed, whether there is such an account or not: in this browser, where the account was signed in
        there before; else on the name, wherever they came from but from such browsers, or from the address.
    """
    name = login.strip().lower()[:MOST_LOGIN_CHARACTERS]
    attempts = _count(database, name, origin)
    with database.write(actor=Doorkeeper(), why="sign in") as session:
        account, kept = queries.credentials(session, name)
    # No transaction is open while the hash is computed.
    fits = passwords.fits(password, kept.hash if kept is not None else None)
    if account is not None and kept is not None and fits and _may_be_used(account, limits):
        fresh = passwords.hashed(password) if passwords.is_outdated(kept.hash) else kept.hash
        with database.write(actor=origin.doorkeeper(account.login), why="sign in") as session:
            # Either may have been changed while the hash was computed.
            present, same = queries.account_to_enter(session, account.id), queries.password_of(session, account.id)
            if _may_be_used(present, limits) and same is not None and same.hash == kept.hash:
                same.hash = fresh
                for attempt in attempts:
                    session.execute(FORGIVE, {"by": attempt.by, "key": attempt.key})
                signed_in = begin(session, present, origin=origin, limits=limits, previous=previous)
                return replace(signed_in, devices=_devices(session, name, attempts, origin.devices))
    note_refusal(database, account.id if account is not None else None, origin=origin)
    raise SignInRefused


def note_refusal(database: Database, tried: UUID | None, *, origin: Origin) -> None:
    """Have audit know that somebody was refused who tried to sign in, to an account or to none that is there.

    What was typed for its name is kept nowhere. How many entries there are is limited by how often one may try.
    """
    with database.write(actor=origin.doorkeeper(Nameless.ANONYMOUS.value), why="sign in") as session:
        session.execute(NOTE_REFUSAL, {"tried": tried})


@contextmanager
def saying_password(database: Database, actor: Actor, *, origin: Origin, verb: Verb) -> Iterator[None]:
    """Count it as an attempt to sign in, when whoever is signed in says their password for `verb` in the block.

    Whoever found a browser that somebody left signed in guesses no faster there than at the door.

    Raises
    ------
    SignInBlocked
        Too many attempts failed, as when signing in; the block isn't entered.
    PasswordWrong
        As the block raises it; the audit has it.
    """
    attempts = _count(database, actor.name, origin)
    try:
        yield
    except PasswordWrong:
        with database.write(actor=origin.doorkeeper(actor.name), why="password", verb=verb.value) as session:
            session.execute(NOTE_REFUSAL, {"tried": actor.account})
        raise
    except PasswordTooWeak:
        # Of the new one: the present one was right.
        _forgive(database, attempts)
        raise
    _forgive(database, attempts)


def _forgive(database: Database, attempts: Sequence["_Attempt"]) -> None:
    with database.write(actor=Doorkeeper(), why="password") as session:
        for attempt in attempts:
            session.execute(FORGIVE, {"by": attempt.by, "key": attempt.key})


def sign_out(database: Database, secret: str, *, actor: str, origin: Origin) -> None:
    """End the session of a cookie's secret; where there is none, nothing happens. `actor` is the name of who asks."""
    with database.write(actor=origin.doorkeeper(actor), why="sign out") as session:
        _end(session, secret)


def recognise(database: Database, secret: str, *, origin: Origin, limits: Limits) -> Recognised | None:
    """Whose session a cookie's secret is; None where it is nobody's, or over."""
    now = clock.now()
    with database.write(actor=Doorkeeper(), why="seen") as session:
        digest = keys.digest_of(secret)
        found = queries.live_session(session, digest, at=now, seen_since=now - limits.idle, demo=limits.demo)
        if found is None:
            return None
        if now - found.seen_at >= SEEN_EVERY:
            found.seen_at = now
        actor = _actor(session, found.account_id, known=Known.BY_SESSION, at=now, origin=origin)
        return Recognised(actor=actor, session_id=found.id)


def bearer(database: Database, secret: str, *, origin: Origin, demo: bool = False) -> Actor:
    """The account that a token's secret acts as, within its scopes; those of the demonstration where `demo` ones may.

    Raises
    ------
    TokenRefused
        It is nobody's, over, revoked, or its account may not be used.
    """
    now = clock.now()
    with database.write(actor=Doorkeeper(), why="seen") as session:
        found = queries.live_token(session, keys.digest_of(secret), at=now, demo=demo)
        if found is None:
            raise TokenRefused
        token, known_by = found
        if known_by.used_at is None or now - known_by.used_at >= SEEN_EVERY:
            known_by.used_at = now
        scopes = frozenset(TokenScope.of(scope) for scope in token.scopes)
        return _actor(session, token.account_id, known=Known.BY_TOKEN, at=now, origin=origin, scopes=scopes)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What an attempt to sign in counts for: the name, the address or the browser, as it is kept; how many are free."""

    by: str
    key: str
    free: int


def _attempts(session: ReadSession, login: str, origin: Origin) -> Sequence[_Attempt]:
    """By the browser alone, where the account was signed in there before: what others guess is no affair of its own.

    Else of the name first, always: two that wait for each other would wait for good. This machine's own address stands
    for everyone behind a proxy on it: by that one nobody is told from others.
    """
    keys_of_devices = [_device_key(login, secret) for secret in origin.devices]
    device = session.execute(KNOWN_DEVICE, {"keys": keys_of_devices}).scalar_one_or_none()
    if device is not None:
        return (_Attempt(BY_DEVICE, device, lockout.FREE_BY_LOGIN),)
    by_login = _Attempt("login", _digest(login), lockout.FREE_BY_LOGIN)
    if is_loopback(origin.address):
        return (by_login,)
    return (by_login, _Attempt("address", network_of(origin.address), lockout.FREE_BY_ADDRESS))


BY_DEVICE = "device"

MOST_DEVICES = 5
"""Accounts that one browser is known for: an office's computer may be shared."""


def _devices(
    session: WriteSession, login: str, attempts: Sequence[_Attempt], devices: tuple[str, ...]
) -> tuple[str, ...]:
    """What a browser is to keep after a success: what it has, and a new secret where it wasn't known for the account.

    New, so that nobody comes to know it who had the browser keep another before.
    """
    if any(attempt.by == BY_DEVICE for attempt in attempts):
        return devices
    secret = keys.new_secret()
    session.execute(KNOW_DEVICE, {"key": _device_key(login, secret), "now": clock.now()})
    return (secret, *devices[: MOST_DEVICES - 1])


def _device_key(login: str, secret: str) -> str:
    """What is kept of a browser's secret: it is good for one account."""
    return _digest(f"{login}\0{secret}")


def _digest(typed: str) -> str:
    return sha256(typed.encode("utf-8", "replace")).hexdigest()


NETWORK_BITS = 64
"""Of an IPv6 address: whoever has one has all that begin so."""


def network_of(address: str) -> str:
    """What an address counts as: an IPv4 address alone, an IPv6 one with all that its owner has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, NETWORK_BITS), strict=False))
    return address


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _count(database: Database, login: str, origin: Origin) -> Sequence[_Attempt]:
    """Count an attempt, and say what for.

    Raises
    ------
    SignInBlocked
        The next one has to wait.
    """
    now = clock.now()
    with database.write(actor=Doorkeeper(), why="sign in") as session:
        session.execute(FORGET)
        attempts = _attempts(session, login, origin)
        for attempt in attempts:
            which = {"by": attempt.by, "key": attempt.key}
            counted = session.execute(COUNT, {**which, "now": now, "forgotten": now - lockout.FORGOTTEN_AFTER})
            failures = counted.scalar_one_or_none()
            if failures is None:
                until = session.execute(BLOCKED_UNTIL, which).scalar_one()
                raise SignInBlocked(wait_s=max(1, round((until - now).total_seconds())))
            wait_s = lockout.wait_s(failures, attempt.free)
            if wait_s:
                session.execute(BLOCK, {**which, "until": now + timedelta(seconds=wait_s)})
    return attempts


def _may_be_used(account: Account, limits: Limits) -> bool:
    return account.state == AccountState.ACTIVE.value and (limits.demo or not account.demo)


def begin(
    session: WriteSession, account: Account, *, origin: Origin, limits: Limits, previous: str | None = None
) -> SignedIn:
    """Begin a session of whoever was found to be `account`; the one that the browser had before ends."""
    _end(session, previous)
    now = clock.now()
    secret = keys.new_secret()
    session.add(
        AccountSession(
            account_id=account.id,
            digest=keys.digest_of(secret),
            created_at=now,
            seen_at=now,
            expires_at=now + limits.absolute,
            address=origin.address,
            agent=origin.agent[:MOST_AGENT_CHARACTERS],
        )
    )
    session.flush()
    return SignedIn(secret=secret, must_change=account.must_change)


def _end(session: WriteSession, secret: str | None) -> None:
    if not secret:
        return
    now = clock.now()
    found = queries.session_of(session, keys.digest_of(secret))
    if found is not None and found.ended_at is None:
        found.ended_at = now
        session.flush()


def _actor(
    session: ReadSession,
    account_id: UUID,
    *,
    known: Known,
    at: datetime,
    origin: Origin,
    scopes: frozenset[TokenScope] | None = None,
) -> Actor:
    account = session.get_one(Account, account_id)
    return Actor(
        name=account.login,
        known=known,
        display_name=account.display_name,
        account=account.id,
        grants=queries.grants_of(session, [account.id])[account.id],
        at=at,
        address=origin.address,
        way=origin.way,
        scopes=scopes,
        must_change=account.must_change,
    )
