"""`/admin/tokens`: what programs say instead of a password, of everybody."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import (
    EMPTY,
    Filled,
    Ticked,
    Typed,
    admin_page,
    as_id,
    asked_page,
    following,
    go_and_say,
    outdated,
    seen_typed,
    show_again,
    sign_in_first,
)
from api.web.preferences import preferences_of
from geo_registry.accounts import answers, policy, service
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.accounts.service import Issued
from geo_registry.db.session import WriteSession
from geo_registry.errors import DomainError, RecordChanged, TokenInvalid, TokenUnknown, VersionNeeded
from geo_registry.vocabulary import TokenScope

TOKENS = "/admin/tokens"
DEFAULT_DAYS = "90"

router = APIRouter(include_in_schema=False)


@router.get("/admin/tokens")
def tokens_page(
    request: Request,
    login: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Tokens, the newest first; of everybody, or of one account."""
    return sign_in_first(request) or _list(request, login=login.strip(), after=after)


@router.post("/admin/tokens")
@does(Verb.ISSUE_TOKEN)
def issue_token_form(
    request: Request,
    *,
    login: Typed = "",
    of: Typed = "",
    name: Typed = "",
    scopes: Ticked = [],  # noqa: B006 - FastAPI copies it
    days: Typed = "",
    once: Typed = "",
    csrf: Typed = "",
) -> Response:
    """Make a token; its secret is shown on the page that comes back, this once, with the list that one had before.

    The form is good for one: sent again, by reloading that page, it makes none and shows no secret.

    `of` is the account that the list is narrowed to: who may not see everybody's tokens has such a one.
    """
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        with writing(request, why="tokens issue") as db:
            wanted = Wanted(login=login.strip(), name=name, scopes=scopes, days=days)
            shown = issue_once(db, wanted, once=once, actor=visitor.actor)
    except DomainError as refused:
        values = {"login": login, "name": name, "scopes": scopes, "days": days}
        filled = Filled("issue", values, refused)
        return show_again(filled, lambda: _list(request, login=of, filled=filled))
    return _list(request, login=of, shown=shown)


@router.post("/admin/tokens/revoke")
@does(Verb.REVOKE_TOKEN)
def revoke_token_form(
    request: Request, *, token: Typed = "", login: Typed = "", seen: Typed = "", csrf: Typed = ""
) -> Response:
    """Refuse a token from now on, and go back to the account's page where that is where one was."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        with writing(request, why="tokens revoke") as db:
            service.revoke_token(db, id_typed(token), actor=visitor.actor, seen=seen_typed(seen))
    except (RecordChanged, VersionNeeded) as refused:
        return _list(request, login=login, filled=outdated(refused))
    return go_and_say(request, f"/admin/users/{quote(login, safe='')}" if login else TOKENS, "revoked")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The fields of a form, as they were typed."""

    login: str
    name: str
    scopes: Sequence[str]
    days: str

    @property
    def said(self) -> bytes:
        """All of them."""
        return json.dumps([self.login, self.name, list(self.scopes), self.days]).encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class IssuedShown:
    """A token that was made, as a page shows it; no secret where it was shown before."""

    expires_at: datetime
    secret: str | None


def issue_once(db: WriteSession, wanted: Wanted, *, once: str, actor: Actor) -> IssuedShown:
    """A token of a form, which carries a word of its own (`once`); one only, however often it is sent.

    Raises
    ------
    DomainError
        As `_issue`.
    """

    def make() -> answers.Made:
        issued = _issue(db, wanted, actor)
        told = {"expires_at": issued.expires_at.isoformat()}
        return answers.Made(_answer({**told, "secret": issued.secret}), kept=_answer(told))

    if not once:
        answer = make().answer
    else:
        asked = answers.Request.of(once, FORM_OF_ISSUING, wanted.said)
        allow = partial(service.require_issuing, db, wanted.login, actor=actor)
        answer = answers.answer_once(db, asked, make, allow=allow, actor=actor)
    told = json.loads(answer.body)
    return IssuedShown(expires_at=datetime.fromisoformat(told["expires_at"]), secret=told.get("secret"))


FORM_OF_ISSUING = b"form of issuing a token"


def _answer(told: Mapping[str, str]) -> answers.Answer:
    return answers.Answer(status=HTTPStatus.CREATED, headers={}, body=json.dumps(told))


def new_once() -> str:
    """What a form carries that is good for one token."""
    return secrets.token_urlsafe(16)


def _issue(db: WriteSession, asked: Wanted, actor: Actor) -> Issued:
    """A token of a form's fields.

    Raises
    ------
    TokenInvalid
        They say none.
    DomainError
        As `service.issue_token`.
    """
    try:
        wanted, lasts = [TokenScope.of(scope) for scope in asked.scopes], int(asked.days)
    except ValueError:
        raise TokenInvalid(
            reason_zh="有效期应为天数", reason_en="it lasts a number of days", most=service.MOST_TOKEN_DAYS
        ) from None
    return service.issue_token(db, asked.login, name=asked.name, scopes=wanted, days=lasts, actor=actor)


def id_typed(token: str) -> UUID:
    """The id of a form's field.

    Raises
    ------
    TokenUnknown
        It is none.
    """
    return as_id(token, TokenUnknown(token=token))


def scopes_offered(locale: str) -> Sequence[tuple[str, str]]:
    """What a token may be for."""
    return [(scope.value, scope.label(locale)) for scope in TokenScope]


def _list(
    request: Request,
    *,
    login: str = "",
    after: str = "",
    filled: Filled = EMPTY,
    shown: IssuedShown | None = None,
) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        found = service.list_tokens(db, login or None, actor=actor, page=asked_page(after))
    return admin_page(
        request,
        "admin/tokens.html",
        filled=filled,
        status=HTTPStatus.CREATED if shown and shown.secret else 0,
        rows=found.rows,
        login=login,
        after=after,
        following=following(found.next_after),
        issued=shown,
        once=new_once(),
        scopes=scopes_offered(locale),
        may_issue=policy.may_somewhere(actor, Verb.ISSUE_TOKEN),
    )
