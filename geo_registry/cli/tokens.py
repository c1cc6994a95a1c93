"""`geo-registry tokens …`: what programs say instead of a password."""

from typing import Annotated
from uuid import UUID

import typer
from rich.table import Column, Table

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.vocabulary import TokenScope

app = typer.Typer(help="接口令牌 · tokens for programs.", no_args_is_help=True, rich_markup_mode=None)

DEFAULT_DAYS = 90


@app.command()
def issue(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="The account that the program acts as.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[list[TokenScope], typer.Option(help="What it may be used for; repeatable (docs/access.md).")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it lasts.")] = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Make a token; it is shown once. Programs send it in the header `Authorization: Bearer …`.

    Example: geo-registry tokens issue li.ming --name "每晚同步" --scope read --scope plan --days 30
    """
    from geo_registry.accounts import service
    from geo_registry.accounts.actors import local_operator

    with (
        console.registry() as database,
        database.write(actor=local_operator(), why="tokens issue", verb="accounts.issue_token") as session,
    ):
        issued = service.issue_token(session, login, name=name, scopes=scope, days=days, actor=local_operator())
    if as_json:
        console.print_json({"id": issued.id, "token": issued.secret, "expires_at": issued.expires_at})
        return
    console.show(
        [
            (console.word("编号", "id"), issued.id),
            (console.word("令牌", "token"), issued.secret),
            (console.word("有效期至", "until"), issued.expires_at),
        ]
    )
    console.say("令牌只显示这一次。", "The token is shown this once.")


@app.command(name="list")
def list_tokens(
    login: Annotated[str | None, typer.Argument(metavar="[LOGIN]", help="Only those of this account.")] = None,
    as_json: AsJson = False,
) -> None:
    """List tokens, the newest first; never their secrets.

    Example: geo-registry tokens list li.ming
    """
    from geo_registry.accounts import service
    from geo_registry.accounts.actors import local_operator

    with console.registry() as database, database.read() as session:
        rows = service.list_tokens(session, login, actor=local_operator()).rows
    if as_json:
        console.print_json(
            [
                {
                    "id": row.id,
                    "login": row.login,
                    "name": row.name,
                    "scopes": sorted(scope.value for scope in row.scopes),
                    "created_at": row.recorded_at,
                    "expires_at": row.expires_at,
                    "revoked_at": row.revoked_at,
                    "used_at": row.used_at,
                }
                for row in rows
            ]
        )
        return
    table = Table(
        Column("编号\nid", no_wrap=True),
        Column("账号\nlogin", no_wrap=True),
        Column("名称\nname", overflow="fold"),
        Column("范围\nscopes", overflow="fold"),
        Column("有效期至\nuntil", no_wrap=True),
    )
    for row in rows:
        until = console.word("已撤销", "revoked") if row.revoked_at else row.expires_at.date().isoformat()
        table.add_row(str(row.id), row.login, row.name, " ".join(sorted(scope.value for scope in row.scopes)), until)
    console.output.print(table)


@app.command()
def revoke(
    token: Annotated[UUID, typer.Argument(metavar="ID", help="The token's id (tokens list).")], as_json: AsJson = False
) -> None:
    """Refuse a token from now on.

    Example: geo-registry tokens revoke 0b6f1a62-6f0e-4c58-8a5c-0f1c5a3c8f11
    """
    from geo_registry.accounts import service
    from geo_registry.accounts.actors import local_operator

    with (
        console.registry() as database,
        database.write(actor=local_operator(), why="tokens revoke", verb="accounts.revoke_token") as session,
    ):
        service.revoke_token(session, token, actor=local_operator())
    if as_json:
        console.print_json({"id": token, "revoked": True})
    else:
        console.say(f"已撤销 {token}", f"{token} is revoked")
