"""What routes ask for in their signatures: sessions, who acts, which page, which box.

What only looks at the request is a coroutine: it waits for nothing, and a thread would cost more than its work.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Query, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.asgi import asker_of, questions_of
from api.languages import EN, ZH
from api.visitors import refuse_foreign, visitor_of
from geo_registry import clock
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.coverage.live import Scenes
from geo_registry.db.paging import DEFAULT_LIMIT, MAX_LIMIT, Listing, Page
from geo_registry.db.session import Database, ReadSession, WriteSession
from geo_registry.errors import CursorInvalid, DatabaseUnavailable, ParameterUnknown, TokenRefused
from geo_registry.geo.bbox import BBox
from geo_registry.settings import Settings

Row = TypeVar("Row")
Out = TypeVar("Out")
Endpoint = TypeVar("Endpoint", bound=Callable[..., object])

MAX_READERS = 10
MAX_WRITERS = 5
"""Sessions at once in one process; together they are what the engine's pool holds (`db/engine.py`).

Without a limit, requests that wait for a connection occupy all the threads that those who have one need to go on.
Here they wait before they take a thread.
"""

MAX_FID = 2**63 - 1


def database_of(request: Request) -> Database:
    """The registry's database, opened at the wiring."""
    database: Database = request.app.state.database
    return database


def settings_of(request: Request) -> Settings:
    """The settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


async def app_settings(request: Request) -> Settings:
    """The settings, for a route's signature."""
    return settings_of(request)


AppSettings = Annotated[Settings, Depends(app_settings)]


async def app_scenes(request: Request) -> Scenes:
    """The finished runs that this process keeps ready to be asked about edits."""
    scenes: Scenes = request.app.state.scenes
    return scenes


AppScenes = Annotated[Scenes, Depends(app_scenes)]


def read_session(request: Request) -> Iterator[ReadSession]:
    """One snapshot for all that the endpoint asks, given back before the answer is sent.

    So a slow reader at the other end doesn't hold a connection; what streams from the database opens a session of
    its own.
    """
    with database_of(request).read() as session, questions_of(request.scope).watch(session):
        yield session


Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(HTTPBearer(auto_error=False, description="A token: `geo-registry tokens issue`")),
]
"""The header is read by `visitors`; this tells of it in OpenAPI."""


def current_actor(request: Request, bearer: Bearer) -> Actor:
    """Who acts: by a token, by a cookie, or, until accounts exist, whoever sits at this machine (ADR 0015, 0038).

    Raises
    ------
    TokenRefused
        The token isn't good.
    FormOutdated
        A cookie says who acts, and nothing shows that a page of ours sent the request.
    """
    del bearer
    asker_of(request.scope).matters = True
    visitor = visitor_of(request)
    refuse_foreign(request, visitor)
    return visitor.actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def page_visitor(request: Request) -> None:
    """Look up who asks for a page, for its frame; a page that needs no database is there without it too."""
    with suppress(DatabaseUnavailable):
        visitor_of(request)


def introduce(request: Request) -> None:
    """The same for a page that refuses, which a bad token was perhaps the reason of."""
    with suppress(DatabaseUnavailable, TokenRefused):
        visitor_of(request)


def write_session(request: Request, actor: CurrentActor) -> Iterator[WriteSession]:
    """One unit of work, committed before the answer is sent: a commit that fails is answered as what it is (ADR 0003)."""
    writing = database_of(request).write(actor=actor, verb=verb_of(request))
    with writing as session, questions_of(request.scope).watch(session):
        yield session


@contextmanager
def writing(request: Request, *, why: str = "") -> Iterator[WriteSession]:
    """A unit of work of a form, for a route that shows the form again where it is refused: nothing of it stays then.

    The form carries its own token (`visitors.refuse_foreign_form`).
    """
    actor = visitor_of(request).actor
    with (
        database_of(request).write(actor=actor, why=why, verb=verb_of(request)) as session,
        questions_of(request.scope).watch(session),
    ):
        yield session


@contextmanager
def reading(request: Request) -> Iterator[ReadSession]:
    """One snapshot for what a page shows, for a route that opens it itself."""
    with database_of(request).read() as session, questions_of(request.scope).watch(session):
        yield session


def does(verb: Verb) -> Callable[[Endpoint], Endpoint]:
    """Say which verb a route does: the audit has it of all that the route writes. A route that says none can't write."""

    def said(endpoint: Endpoint) -> Endpoint:
        _VERBS[endpoint] = verb
        return endpoint

    return said


_VERBS: dict[Callable[..., object], Verb] = {}


def verb_of(request: Request) -> str:
    """The verb that the route does, as its `does` says."""
    return _VERBS[request.scope["endpoint"]].value


ReadDb = Annotated[ReadSession, Depends(read_session, scope="function", max_concurrency=MAX_READERS)]
WriteDb = Annotated[WriteSession, Depends(write_session, scope="function", max_concurrency=MAX_WRITERS)]


async def in_turn(request: Request, answer: Callable[[ReadSession], Out]) -> Out:
    """What `answer` makes of a session of the short way (`db/hot.py`), which ends when its asker leaves.

    All of it is done in one thread: a route that is a plain function changes threads for its session, for itself and
    for the session's end, which takes longer than making a small tile. Turns are waited for without a thread.
    """
    async with request.app.state.hot_turns:
        return await run_in_threadpool(_answered, request, answer)


def _answered(request: Request, answer: Callable[[ReadSession], Out]) -> Out:
    with database_of(request).hot() as session, questions_of(request.scope).watch(session):
        return answer(session)


def encode_cursor(after: int) -> str:
    """`after` as the opaque word that clients hand back."""
    return base64.urlsafe_b64encode(str(after).encode()).decode().rstrip("=")


def decode_cursor(text: str) -> int:
    """The `after` of a word that `encode_cursor` made.

    Raises
    ------
    CursorInvalid
        It made no such word.
    """
    try:
        after = int(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise CursorInvalid(text=text) from None
    if not 0 < after <= MAX_FID or encode_cursor(after) != text:
        raise CursorInvalid(text=text)
    return after


async def asked_page(
    after: Annotated[
        str | None, Query(description="Where the page before ended: follow its `next`", max_length=64)
    ] = None,
    limit: Annotated[
        int, Query(ge=1, description=f"Rows a page; above {MAX_LIMIT} it counts as {MAX_LIMIT}")
    ] = DEFAULT_LIMIT,
) -> Page:
    """The page that is asked for; a limit above the maximum is taken as the maximum."""
    return Page(after=decode_cursor(after) if after is not None else 0, limit=min(limit, MAX_LIMIT))


PageParam = Annotated[Page, Depends(asked_page)]


async def asked_box(
    bbox: Annotated[
        str | None,
        Query(
            description="West, south, east, north in degrees (CRS84); west > east crosses the 180° meridian",
            examples=["119.5,28.9,119.9,29.3"],
            max_length=200,
        ),
    ] = None,
) -> BBox | None:
    """The box that is asked for, None for everywhere."""
    return BBox.parse(bbox) if bbox is not None else None


BBoxParam = Annotated[BBox | None, Depends(asked_box)]


@dataclass(frozen=True, slots=True)
class Then:
    """A moment of the past that records are asked for as of."""

    at: datetime
    day: date | None
    """The date, where one was written: `at` is its last moment."""


def day_or_moment(then: Then | None) -> tuple[date | None, datetime | None]:
    """The day of the records' own time that is asked about, or the moment of the registry's; at most one of them."""
    if then is None:
        return None, None
    return then.day, then.at if then.day is None else None


async def asked_moment(
    settings: AppSettings,
    moment: Annotated[
        str | None,
        Query(
            alias="datetime",
            description="As the registry held it at this moment (RFC 3339, with its zone), or at the end of this date",
            examples=["2026-01-31T12:00:00+08:00", "2026-01-31"],
            max_length=64,
        ),
    ] = None,
) -> Then | None:
    """The moment that is asked about; None for now."""
    if moment is None:
        return None
    return Then(at=clock.moment(moment, settings.zone), day=clock.day_of(moment))


ThenParam = Annotated[Then | None, Depends(asked_moment)]


def asker(request: Request) -> Actor:
    """Who reads, where that matters; without a word about where the request comes from, which is for what changes things."""
    asker_of(request.scope).matters = True
    return visitor_of(request).actor


Asker = Annotated[Actor, Depends(asker)]


@dataclass(frozen=True, slots=True)
class Lister:
    """Makes a list's reply, with the address of its next page in the body and in the header `Link` (RFC 8288)."""

    request: Request
    response: Response
    base_url: str

    def page(self, listing: Listing[Row], shape: Callable[[Row], Out]) -> dict[str, Any]:
        """``{"items": […], "next": address or None}``."""
        following = self._next(listing.next_after)
        if following is not None:
            self.response.headers["Link"] = f'<{following}>; rel="next"'
        return {"items": [shape(row) for row in listing.rows], "next": following}

    def _next(self, after: int | None) -> str | None:
        if after is None:
            return None
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != "after"]
        return f"{self.base_url}{self.request.url.path}?{urlencode([*kept, ('after', encode_cursor(after))])}"


def base_url(request: Request) -> str:
    """What links begin with: `GEO_PUBLIC_URL`, or the address that was asked; without a slash at the end."""
    asked = urlsplit(str(request.url))
    return settings_of(request).public_url.rstrip("/") or f"{asked.scheme}://{asked.netloc}"


async def lister(request: Request, response: Response) -> Lister:
    """The maker of this request's list."""
    return Lister(request=request, response=response, base_url=base_url(request))


ListerDep = Annotated[Lister, Depends(lister)]


class Lang(StrEnum):
    """A language that an answer's words are in."""

    ZH = ZH
    EN = EN


LangParam = Annotated[Lang | None, Query(description="The language of its words; else that of Accept-Language")]


async def good_token(request: Request) -> None:
    """Refuse a token that isn't good, also where nobody has to be known: whoever sends one means to be known by it.

    Raises
    ------
    TokenRefused
        It is unknown, revoked, over, or of a disabled account.
    """
    if "authorization" in request.headers:
        await run_in_threadpool(visitor_of, request)


async def only_declared(request: Request) -> None:
    """Refuse a query parameter that the operation doesn't declare in OpenAPI.

    Ignoring it would answer another question than was asked (`?kinds=…` for `?kind=…` would list everything).

    Raises
    ------
    ParameterUnknown
        There is one.
    """
    known = _declared(request)
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        raise ParameterUnknown(names=", ".join(unknown), known=", ".join(known) or "–")


def _declared(request: Request) -> Sequence[str]:
    """The query parameters of the operation that answers; `create_app` names operations by their functions."""
    name = request.scope["route"].name
    for operations in request.app.openapi()["paths"].values():
        for operation in operations.values():
            if operation["operationId"] == name:
                return [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
    return ()
