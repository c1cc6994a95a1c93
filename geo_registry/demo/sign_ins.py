"""The demonstration's accounts, one a role: their names and their password are known to everyone (ADR 0049)."""

from collections.abc import Sequence
from dataclasses import dataclass

from geo_registry import clock
from geo_registry.accounts import policy, service
from geo_registry.accounts import queries as accounts
from geo_registry.accounts.actors import WHOLE_REGISTRY, Actor, Grant
from geo_registry.accounts.identity import Doorkeeper
from geo_registry.accounts.passwords import Passwords
from geo_registry.accounts.policy import Verb
from geo_registry.accounts.service import Holder
from geo_registry.db.session import Database, ReadSession, WriteSession, read_as
from geo_registry.demo.queries import is_whole
from geo_registry.model import Account, AccountPassword
from geo_registry.vocabulary import AccountState, Role

PASSWORD = "jinhua-for-everyone"  # noqa: S105 - shown on the page of signing in
"""Of all of them. It holds none of their login names."""

WUCHENG, CITY_EAST = "330702", "330702001"
"""婺城区, and 城东街道 in it: where those work who don't work for the whole city."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """An account of the demonstration: what it is called, and where it is what its role says."""

    login: str
    role: Role
    name: str
    division: str = WHOLE_REGISTRY


SIGN_INS: Sequence[SignIn] = (
    SignIn("demo-planner", Role.PLANNER, "陈规（示例·规划）"),
    SignIn("demo-registrar", Role.REGISTRAR, "何登（示例·婺城区地名登记）", WUCHENG),
    SignIn("demo-signer", Role.SIGNER, "金审（示例·审核签发）"),
    SignIn("demo-steward", Role.STEWARD, "王设（示例·婺城区设施管理）", WUCHENG),
    SignIn("demo-township", Role.TOWNSHIP, "李乡（示例·城东街道）", CITY_EAST),
    SignIn("demo-supervisor", Role.SUPERVISOR, "赵派（示例·工单主管）"),
    SignIn("demo-field", Role.FIELD, "周外（示例·外业）"),
    SignIn("demo-contractor", Role.CONTRACTOR, "吴包（示例·承包单位）"),
    SignIn("demo-viewer", Role.VIEWER, "徐阅（示例·查阅）"),
    SignIn("demo-admin", Role.ADMIN, "方管（示例·管理员）"),
)


def open_all(database: Database, *, passwords: Passwords, actor: Actor) -> Sequence[SignIn]:
    """Have all of them as they are told above, where the registry holds the demonstration; those that can be used then.

    Where people have accounts already, none is made; one that somebody disabled stays so.

    Raises
    ------
    Forbidden
        The actor may not.
    """
    policy.require(actor, Verb.LOAD_DEMO)
    with database.write(actor=actor, why="demo sign-ins") as session:
        there = {account.login: account for account in accounts.demo_accounts(session)}
        if not is_whole(session) or (not there and accounts.accounts_exist(session)):
            return ()
        for each in SIGN_INS:
            account = there.get(each.login)
            if account is None:
                _make(session, each, passwords, actor)
            else:
                _mend(session, account, passwords)
        session.flush()
        return shown(session)


def shown(session: ReadSession) -> Sequence[SignIn]:
    """Those that can be used, for whoever is about to sign in."""
    with read_as(session, Doorkeeper()):
        there = accounts.demo_accounts(session)
    active = {each.login for each in there if each.state == AccountState.ACTIVE.value}
    return [each for each in SIGN_INS if each.login in active]


def close_all(session: WriteSession) -> None:
    """Let none of them do anything any more: the demonstration is taken out."""
    for account in accounts.demo_accounts(session):
        account.state = AccountState.DISABLED.value
        service.end_sessions(session, account.id)
    session.flush()


def open_again(session: WriteSession) -> None:
    """Let those that are there do again what they are granted: the demonstration was loaded anew.

    Where people have accounts, they stay closed: what everyone knows the password of is no door to a registry in use.
    """
    if accounts.people_exist(session):
        return
    for account in accounts.demo_accounts(session):
        account.state = AccountState.ACTIVE.value
    session.flush()


def _make(session: WriteSession, wanted: SignIn, passwords: Passwords, actor: Actor) -> None:
    account = Account(login=wanted.login, display_name=wanted.name, demo=True)
    session.add(account)
    session.flush()
    session.add(AccountPassword(account_id=account.id, hash=passwords.hashed(PASSWORD)))
    grant = Grant(wanted.role, wanted.division)
    service.grant_role(session, Holder(account=wanted.login), grant, actor=actor)


def _mend(session: WriteSession, account: Account, passwords: Passwords) -> None:
    """Give it back the password that everyone knows, where a visitor changed it."""
    kept = accounts.password_of(session, account.id)
    if kept is not None and not passwords.fits(PASSWORD, kept.hash):
        kept.hash, kept.set_at = passwords.hashed(PASSWORD), clock.now()
        account.must_change = False
        service.end_sessions(session, account.id)
