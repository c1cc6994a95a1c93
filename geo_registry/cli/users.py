"""`geo-registry users …`: who may sign in, and what they are granted."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.vocabulary import FacilityKind, Role

if TYPE_CHECKING:
    from geo_registry.accounts.actors import Grant
    from geo_registry.accounts.passwords import Passwords
    from geo_registry.accounts.service import Added, Holder

app = typer.Typer(help="账号 · accounts, teams and grants.", no_args_is_help=True, rich_markup_mode=None)

TEAM = "team:"

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The login name.")]
ByStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of stdin; else one is made.")
]


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="The name that is shown.")],
    password_stdin: ByStdin = False,
    as_json: AsJson = False,
) -> None:
    """Make an account with a password that is shown once and changed at the first sign-in; grant it something next.

    Example: geo-registry users add li.ming --name "李明（婺城区民政局）"
    """
    from geo_registry.accounts import queries, service
    from geo_registry.accounts.actors import local_operator

    given = _given(wanted=password_stdin)
    with (
        console.registry() as database,
        database.write(actor=local_operator(), why="users add", verb="accounts.add_account") as session,
    ):
        first = not queries.accounts_exist(session)
        added = service.add_account(
            session, login=login, display_name=name, passwords=_passwords(), password=given, actor=local_operator()
        )
    _tell_password(added, as_json=as_json)
    if first:
        console.say(
            "这是第一个账号：从现在起，网页和接口上的改动须登录；本机命令不受影响。",
            "This is the first account: from now on changes by pages and API need a sign-in; commands go on as before.",
        )


@app.command(name="list")
def list_users(
    as_of: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="As they were: a date (its end), or a moment by RFC 3339 with its zone."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List accounts with their teams and grants.

    Example: geo-registry users list --as-of 2026-01-31 --json
    """
    from geo_registry import clock
    from geo_registry.accounts import service
    from geo_registry.accounts.actors import local_operator
    from geo_registry.settings import get_settings

    at = clock.moment(as_of, get_settings().zone) if as_of is not None else None
    with console.registry() as database, database.read() as session:
        found = service.list_accounts(session, actor=local_operator(), at=at)
    rows = sorted(found.rows, key=lambda row: row.login)
    if as_json:
        console.print_json(
            [
                {
                    "login": row.login,
                    "name": row.display_name,
                    "state": row.state,
                    "must_change": row.must_change,
                    "created_at": row.recorded_at,
                    "seen_at": row.seen_at,
                    "teams": list(row.teams),
                    "grants": [_as_json(grant) for grant in row.grants],
                }
                for row in rows
            ]
        )
        return
    table = Table(
        Column("登录名\nlogin", no_wrap=True),
        Column("显示名\nname", overflow="fold"),
        Column("状态\nstate", no_wrap=True),
        Column("授权\ngrants", overflow="fold"),
    )
    for row in rows:
        table.add_row(row.login, row.display_name, row.state, "\n".join(_said(grant) for grant in row.grants) or "–")
    console.output.print(table)


@app.command()
def disable(login: Login, as_json: AsJson = False) -> None:
    """Let an account do nothing any more: its sessions end, its tokens are refused.

    Example: geo-registry users disable li.ming
    """
    from geo_registry.accounts import service
    from geo_registry.accounts.actors import local_operator

    with (
        console.registry() as database,
        database.write(actor=local_operator(), why="users disable", verb="accounts.disable_account") as session,
    ):
        service.disable_account(session, login, actor=local_operator())
    _done({"login": login, "state": "disabled"}, f"已停用 {login}", f"{login} is disabled", as_json=as_json)


@app.command()
def enable(login: Login, as_json: AsJson = False) -> None:
    """Let a disabled account do again what it is granted.

    Example: geo-registry users enable li.ming
    """
    from geo_registry.accounts import service
    from geo_registry.accounts.actors import local_operator

    with (
        console.registry() as database,
        database.write(actor=local_operator(), why="users enable", verb="accounts.enable_account") as session,
    ):
        service.enable_account(session, login, actor=local_operator())
    _done({"login": login, "state": "active"}, f"已恢复 {login}", f"{login} is enabled", as_json=as_json)


@app.command()
def password(login: Login, password_stdin: ByStdin = False, as_json: AsJson = False) -> None:
    """Give an account another password, shown once and changed at the next sign-in; its sessions end.

    Example: geo-registry users password li.ming
    """
    from geo_registry.accounts import service
    from geo_registry.accounts.actors import local_operator

    given = _given(wanted=password_stdin)
    with (
        console.registry() as database,
        database.write(actor=local_operator(), why="users password", verb="accounts.set_password") as session,
    ):
        added = service.set_password(session, login, passwords=_passwords(), password=given, actor=local_operator())
    _tell_password(added, as_json=as_json)


@app.command()
def grant(
    who: Annotated[str, typer.Argument(metavar="LOGIN|team:KEY", help="An account, or a team.")],
    role: Annotated[Role, typer.Argument(help="What they are to be (docs/access.md).")],
    division: Annotated[
        str | None, typer.Option(help="Where: a division's code or its first digits; else the whole registry.")
    ] = None,
    kind: Annotated[list[FacilityKind] | None, typer.Option(help="Only these kinds; repeatable.")] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Up to the end of this day; else for good.")
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="End the grant instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Grant a role in a division and those within it, or end it.

    Example: geo-registry users grant li.ming registrar --division 330702
    """
    from geo_registry import clock
    from geo_registry.accounts import service
    from geo_registry.accounts.actors import WHOLE_REGISTRY, Grant, local_operator
    from geo_registry.divisions.rules import prefix_of
    from geo_registry.settings import get_settings

    prefix = prefix_of(division) if division is not None else WHOLE_REGISTRY
    wanted = Grant(
        role=role,
        division=prefix,
        kinds=frozenset(kind) if kind else None,
        valid_until=clock.end_of(until.date(), get_settings().zone) if until else None,
    )
    holder = _holder(who)
    verb = "accounts.end_grant" if end else "accounts.grant_role"
    with (
        console.registry() as database,
        database.write(actor=local_operator(), why="users grant", verb=verb) as session,
    ):
        if end:
            service.end_grant(session, holder, role, prefix, actor=local_operator())
        else:
            service.grant_role(session, holder, wanted, actor=local_operator())
    _done(
        {"holder": str(holder), "ended": end, **_as_json(wanted)},
        f"{'已收回' if end else '已授权'} {holder}：{_said(wanted)}",
        f"{'ended' if end else 'granted'} {holder}: {_said(wanted)}",
        as_json=as_json,
    )


@app.command()
def team(
    key: Annotated[str, typer.Argument(metavar="KEY", help="What the team is known by.")],
    name: Annotated[str | None, typer.Option(help="Its name; makes the team where it isn't there.")] = None,
    join: Annotated[list[str] | None, typer.Option("--add", metavar="LOGIN", help="Who joins; repeatable.")] = None,
    leave: Annotated[
        list[str] | None, typer.Option("--remove", metavar="LOGIN", help="Who leaves; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a team, change its name or who is of it, and say who is.

    Example: geo-registry users team wucheng --name 婺城区民政局 --add li.ming
    """
    from geo_registry.accounts import queries, service
    from geo_registry.accounts.actors import local_operator
    from geo_registry.db.revisions import WHICHEVER

    with (
        console.registry() as database,
        database.write(actor=local_operator(), why="users team", verb="accounts.keep_team") as session,
    ):
        members = service.keep_team(
            session,
            key,
            name=name,
            join=join or (),
            leave=leave or (),
            actor=local_operator(),
            seen=WHICHEVER if queries.find_team(session, key) is not None else None,
        )
    if as_json:
        console.print_json({"team": key, "members": list(members)})
    else:
        console.show([(key, ", ".join(members))])


@app.command()
def teams(as_json: AsJson = False) -> None:
    """List teams with their members and grants.

    Example: geo-registry users teams --json
    """
    from geo_registry.accounts import service
    from geo_registry.accounts.actors import local_operator

    with console.registry() as database, database.read() as session:
        found = service.list_teams(session, actor=local_operator())
    rows = sorted(found.rows, key=lambda row: row.key)
    if as_json:
        console.print_json(
            [
                {
                    "team": row.key,
                    "name": row.name,
                    "members": list(row.members),
                    "grants": [_as_json(each.grant) for each in row.given],
                }
                for row in rows
            ]
        )
        return
    table = Table(
        Column("代号\nkey", no_wrap=True),
        Column("名称\nname", overflow="fold"),
        Column("成员\nmembers", overflow="fold"),
        Column("授权\ngrants", overflow="fold"),
    )
    for row in rows:
        grants = "\n".join(_said(each.grant) for each in row.given)
        table.add_row(row.key, row.name, ", ".join(row.members), grants or "–")
    console.output.print(table)


def _holder(who: str) -> "Holder":
    from geo_registry.accounts.service import Holder

    return Holder(team=who.removeprefix(TEAM)) if who.startswith(TEAM) else Holder(account=who)


def _passwords() -> "Passwords":
    from geo_registry.accounts.passwords import passwords_for
    from geo_registry.settings import get_settings

    return passwords_for(get_settings())


def _given(*, wanted: bool) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if wanted else None


def _tell_password(added: "Added", *, as_json: bool) -> None:
    if as_json:
        console.print_json({"login": added.login, "password": added.password})
    elif added.password is None:
        console.say(f"已保存 {added.login}", f"kept {added.login}")
    else:
        console.show(
            [(console.word("登录名", "login"), added.login), (console.word("密码", "password"), added.password)]
        )
        console.say("密码只显示这一次，首次登录时须修改。", "It is shown this once, and changed at the first sign-in.")


def _done(result: dict[str, object], zh: str, en: str, *, as_json: bool) -> None:
    if as_json:
        console.print_json(result)
    else:
        console.say(zh, en)


def _as_json(grant: "Grant") -> dict[str, object]:
    return {
        "role": grant.role.value,
        "division": grant.division or None,
        "kinds": _kinds(grant.kinds),
        "valid_from": grant.valid_from,
        "valid_until": grant.valid_until,
    }


def _said(grant: "Grant") -> str:
    where = grant.division or console.word("全部区划", "the whole registry")
    kinds = [kind.label(console.locale()) for kind in FacilityKind if kind in (grant.kinds or ())]
    ends = [console.word("至 ", "until ") + grant.valid_until.date().isoformat()] if grant.valid_until else []
    return " · ".join((grant.role.label(console.locale()), where, *kinds, *ends))


def _kinds(kinds: Iterable[FacilityKind] | None) -> Sequence[str] | None:
    return sorted(kind.value for kind in kinds) if kinds is not None else None
