"""Signing in by a city's single sign-on: the way there and back, the account that comes of it, and what groups give it."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import text

from geo_registry import clock
from geo_registry.accounts import keys, queries
from geo_registry.accounts.actors import WHOLE_REGISTRY, Grant, significant
from geo_registry.accounts.identity import Doorkeeper, Limits, Origin, SignedIn, begin, note_refusal
from geo_registry.accounts.provider import Person, Provider, Secrets
from geo_registry.accounts.service import LOGIN, MOST_NAME_CHARACTERS, revoke_issued
from geo_registry.db.session import LOCAL_OPERATOR, Database, WriteSession, sign
from geo_registry.errors import (
    SingleSignOnLoginTaken,
    SingleSignOnLoginUnfit,
    SingleSignOnOver,
    SingleSignOnRefused,
)
from geo_registry.model import Account, AccountIdentity, RoleGrant
from geo_registry.settings import Settings
from geo_registry.vocabulary import AccountState, FacilityKind, Nameless, Role

BACK_WITHIN = timedelta(minutes=10)
"""How long somebody may take to sign in there."""

WHY = "single sign-on"

NOTE = text("INSERT INTO oidc_attempt (digest, following, created_at) VALUES (:digest, :following, :now)")
# Of two that come back with the same state, one gets the row.
TAKE = text("""
    UPDATE oidc_attempt SET used_at = :now
    WHERE digest = :digest AND used_at IS NULL AND created_at > :since
    RETURNING following
""")
FORGET = text("SELECT forget_sign_ins()")


@dataclass(frozen=True, slots=True)
class SetOut:
    """The way to the provider: where the browser is sent, and the secret that its cookie keeps until it is back."""

    address: str
    secret: str


@dataclass(frozen=True, slots=True)
class Back:
    """What a browser brings back from the provider, and the secret of its cookie."""

    secret: str
    state: str
    code: str = ""
    error: str = ""
    issuer: str = ""


def set_out(database: Database, provider: Provider, *, redirect_uri: str, following: str) -> SetOut:
    """Send a browser to the provider, and note that it is on its way.

    Parameters
    ----------
    following
        The path of ours that they were going to.

    Raises
    ------
    SingleSignOnAway
        The provider doesn't answer, or not as one.
    """
    secret = keys.new_secret()
    secrets = secrets_of(secret)
    address = provider.address(secrets, redirect_uri=redirect_uri)
    with database.write(actor=LOCAL_OPERATOR, why=WHY) as session:
        session.execute(FORGET)
        noted = {"digest": keys.digest_of(secrets.state), "following": following, "now": clock.now()}
        session.execute(NOTE, noted)
    return SetOut(address=address, secret=secret)


def come_back(
    database: Database,
    provider: Provider,
    back: Back,
    *,
    redirect_uri: str,
    origin: Origin,
    limits: Limits,
    settings: Settings,
    previous: str | None = None,
) -> tuple[SignedIn, str]:
    """Sign in whoever comes back from the provider; and the path that they were going to.

    Whoever comes for the first time gets an account of their own. One that is called the same and that the provider
    isn't known to speak for is never taken over.

    Raises
    ------
    SingleSignOnOver
        The attempt isn't this browser's, took too long, or was used already.
    SingleSignOnRefused
        They didn't sign in there, or what the provider says doesn't pass its checks, or the account is disabled.
    SingleSignOnLoginTaken, SingleSignOnLoginUnfit
        No account can be made.
    SingleSignOnAway
        The provider doesn't answer, or not as one.
    """
    following = _take(database, back)
    if back.issuer and back.issuer != provider.issuer:
        raise SingleSignOnRefused(reason_zh="回答不是由它发出的", reason_en="another one answers")
    if back.error or not back.code:
        raise SingleSignOnRefused(reason_zh="没有在那里登录", reason_en="you didn't sign in there")
    person = provider.person(back.code, secrets_of(back.secret), redirect_uri=redirect_uri)
    with database.write(actor=origin.doorkeeper(Nameless.ANONYMOUS.value), why=WHY) as session:
        known = queries.account_of_identity(session, provider.issuer, person.subject)
        login = known.login if known is not None else _login(person, settings)
        acting = Doorkeeper(login, scope=(WHOLE_REGISTRY,), address=origin.address, way=origin.way)
        sign(session, actor=acting, why=WHY, way=database.way)
        if known is None or queries.account_to_enter(session, known.id).state == AccountState.ACTIVE.value:
            account = _kept(session, known, person) if known is not None else _made(session, login, provider, person)
            _grant(session, account, granted_by(settings.oidc_grants_table, _groups(person, settings)))
            return begin(session, account, origin=origin, limits=limits, previous=previous), following
    note_refusal(database, known.id if known is not None else None, origin=origin)
    raise SingleSignOnRefused(reason_zh="账号已停用", reason_en="the account is disabled")


def secrets_of(secret: str) -> Secrets:
    """What is made of a browser's secret: none of them tells another, nor the secret."""

    def made(of: str) -> str:
        return hmac.new(secret.encode("utf-8", "replace"), of.encode(), sha256).hexdigest()

    return Secrets(state=made("state"), nonce=made("nonce"), verifier=made("verifier"))


def granted_by(table: Mapping[str, Sequence[str]], groups: Iterable[str]) -> Mapping[tuple[str, Grant], None]:
    """What groups give, by the settings' table: each grant with its group, in order; what isn't in the table gives nothing."""
    return {(group, grant_of(written)): None for group in groups for written in table.get(group, ())}


def grant_of(written: str) -> Grant:
    """A grant as the table writes one: ``role``, ``role@division`` or ``role@division/kind+kind``.

    Raises
    ------
    ValueError
        It is none.
    """
    head, _, kinds = written.partition("/")
    role, _, division = head.partition("@")
    return Grant(
        role=Role.of(role),
        division=significant(division) if division else WHOLE_REGISTRY,
        kinds=frozenset(FacilityKind.of(kind) for kind in kinds.split("+")) if kinds else None,
    )


def _take(database: Database, back: Back) -> str:
    """The path that an attempt was on its way to; it is used up by that."""
    if not back.secret or not hmac.compare_digest(
        secrets_of(back.secret).state.encode(), back.state.encode("utf-8", "replace")
    ):
        raise SingleSignOnOver
    now = clock.now()
    with database.write(actor=LOCAL_OPERATOR, why=WHY) as session:
        asked = {"digest": keys.digest_of(back.state), "now": now, "since": now - BACK_WITHIN}
        following = session.execute(TAKE, asked).scalar_one_or_none()
    if following is None:
        raise SingleSignOnOver
    return str(following)


def _login(person: Person, settings: Settings) -> str:
    """What the account is to be called: the claim's part before an @, in small letters."""
    claimed = person.claims.get(settings.oidc_login_claim)
    login = str(claimed or "").strip().lower().partition("@")[0]
    if not LOGIN.fullmatch(login) or login in {each.value for each in Nameless}:
        raise SingleSignOnLoginUnfit(claim=settings.oidc_login_claim, login=login)
    return login


def _name(person: Person) -> str:
    """What the account is shown as, as far as it can be shown."""
    claimed = str(person.claims.get("name") or "")
    return "".join(letter for letter in claimed if letter.isprintable()).strip()[:MOST_NAME_CHARACTERS]


def _groups(person: Person, settings: Settings) -> Sequence[str]:
    claimed = person.claims.get(settings.oidc_groups_claim)
    return [group for group in claimed if isinstance(group, str)] if isinstance(claimed, list) else []


def _made(session: WriteSession, login: str, provider: Provider, person: Person) -> Account:
    """A new account for whom the provider speaks for."""
    if queries.find_account(session, login) is not None:
        raise SingleSignOnLoginTaken(login=login)
    account = Account(login=login, display_name=_name(person) or login)
    session.add(account)
    session.flush()
    session.add(AccountIdentity(account_id=account.id, issuer=provider.issuer, subject=person.subject))
    session.flush()
    return account


def _kept(session: WriteSession, account: Account, person: Person) -> Account:
    """The account that they have, shown as the provider says."""
    name = _name(person)
    if name and account.display_name != name:
        account.display_name = name
    session.flush()
    return account


def _grant(session: WriteSession, account: Account, wanted: Mapping[tuple[str, Grant], None]) -> None:
    """Have what the groups give, no more and no less; what somebody granted or ended by hand stays so.

    Tokens that were issued for others by what has ended are revoked. What is withheld is given again once a
    sign-in has found that the group didn't give it any more.
    """
    now = clock.now()
    missing = dict(wanted)
    for row in queries.grants_by_groups(session, account.id, at=now):
        given = queries.as_grant(row)
        known = (row.by_group or "", Grant(given.role, given.division, given.kinds))
        if known in wanted:
            missing.pop(known, None)
        elif row.withheld_at is not None:
            row.withheld_at = None
        else:
            row.valid_until = max(now, row.valid_from)
    for group, grant in missing:
        session.add(
            RoleGrant(
                account_id=account.id,
                role=grant.role.value,
                division=grant.division,
                kinds=sorted(kind.value for kind in grant.kinds) if grant.kinds is not None else None,
                by_group=group,
            )
        )
    session.flush()
    revoke_issued(session, [account.id])
