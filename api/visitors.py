"""Who asks over HTTP: a program with a token, a person with a cookie, whoever sits at the machine, or anybody.

A cookie goes along with whatever a browser sends, also from pages elsewhere; so what changes something by a cookie has
to show that a page of ours sent it: a form by a token that only our pages hold, a script by a header that no page
elsewhere can set (ADR 0039).
"""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.limits import address_of
from api.problems import FOR_PROGRAMS, FormOutdated
from geo_registry.accounts import identity, queries
from geo_registry.accounts.actors import Actor, Known, anonymous, local_operator
from geo_registry.accounts.identity import MOST_DEVICES, Limits, Origin, SignedIn, is_loopback
from geo_registry.db.session import Database
from geo_registry.settings import LOCAL_NAMES, Settings
from geo_registry.vocabulary import Way

SESSION, FORM, AWAY, DEVICES = "geo-session", "geo-form", "geo-away", "geo-devices"
DONE, REFUSED = "geo-done", "geo-refused"
"""Cookies: whoever signed in; before that, which browser the form of signing in was given to; which one is on its way to the
single sign-on; what a browser is known by, of each account that was signed in from it; and what was done just now, or
refused, with what was typed, for the next page to say."""

DEVICES_KEPT = timedelta(days=180)
"""As long as the database keeps what they are known by (`forget_sign_ins`)."""

HOST_PREFIX = "__Host-"
"""Browsers take a cookie that is called so from this very host alone, and only encrypted."""

CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_SECRET_CHARACTERS = 200
MOST_REFUSED_CHARACTERS = 3_800
"""Of a cookie browsers keep 4,096 bytes, its name and what it is for among them."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks.

    Attributes
    ----------
    accounts
        Whether the registry has any: before, nobody has to sign in.
    session_id
        The session, of who signed in with a browser.
    secret
        The cookie's, of who signed in with a browser.
    """

    actor: Actor
    accounts: bool
    session_id: UUID | None = None
    secret: str = field(default="", repr=False)

    @property
    def form_token(self) -> str:
        """What forms and scripts of our pages send along, of who is signed in with a browser."""
        return form_token(self.secret)

    @property
    def signed_in(self) -> bool:
        """Whether a person is signed in with a browser."""
        return self.session_id is not None


def visitor_of(request: Request) -> Visitor:
    """Who asks; looked up once a request.

    Raises
    ------
    TokenRefused
        The header `Authorization` holds a token that isn't good: whoever sends one means to be known by it.
    """
    known: Visitor | None = getattr(request.state, "visitor", None)
    if known is None:
        known = request.state.visitor = _look(request)
    return known


def _look(request: Request) -> Visitor:
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    origin = origin_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        secret = token.strip()[:MOST_SECRET_CHARACTERS]
        return Visitor(identity.bearer(database, secret, origin=origin, demo=settings.is_local), accounts=True)
    secret = request.cookies.get(cookie_name(request, SESSION), "")[:MOST_SECRET_CHARACTERS]
    found = identity.recognise(database, secret, origin=origin, limits=Limits.of(settings)) if secret else None
    if found is not None:
        return Visitor(found.actor, accounts=True, session_id=found.session_id, secret=secret)
    with database.read() as session:
        accounts = queries.accounts_exist(session)
    if not accounts and _is_at_the_machine(request, settings):
        return Visitor(local_operator(origin.address, origin.way), accounts=False)
    return Visitor(anonymous(origin.address, origin.way), accounts=accounts or bool(settings.oidc_issuer))


def origin_of(request: Request) -> Origin:
    """From where it is asked (`limits.address_of`), and by which way."""
    settings: Settings = request.app.state.settings
    return Origin(
        address=address_of(request.scope, settings),
        agent=request.headers.get("user-agent", ""),
        way=Way.API if request.url.path.startswith(FOR_PROGRAMS) else Way.PAGE,
        devices=_devices(request),
    )


def _devices(request: Request) -> tuple[str, ...]:
    kept = request.cookies.get(cookie_name(request, DEVICES), "")[: MOST_DEVICES * MOST_SECRET_CHARACTERS]
    return tuple(kept.split("."))[:MOST_DEVICES] if kept else ()


def _is_at_the_machine(request: Request, settings: Settings) -> bool:
    """Whether it comes from this machine's own address (ADR 0015, 0055).

    Which name it was asked for says nothing: anybody can write one. Where the registry has a public address, a proxy on
    this machine asks for everybody; in a container, whatever forwards its port does (ADR 0065).
    """
    if not settings.is_local or settings.behind_container or request.client is None:
        return False
    return is_loopback(request.client.host)


def refuse_foreign(request: Request, visitor: Visitor) -> None:
    """Refuse what a page elsewhere had a browser send with its cookie, or to the machine that it runs on.

    Raises
    ------
    FormOutdated
        It would change something, a cookie or the machine says who asks, and nothing shows that a page of ours sent it.
    """
    if request.method in SAFE_METHODS:
        return
    if visitor.actor.known is Known.AT_THE_MACHINE and _is_of_elsewhere(request):
        raise FormOutdated
    if visitor.actor.known is not Known.BY_SESSION:
        return
    # Set by the browser itself, on every request of a page of this very origin; no script can.
    if request.headers.get("sec-fetch-site") == "same-origin":
        return
    if not _is_of(visitor.secret, request.headers.get(CSRF_HEADER, "")):
        raise FormOutdated


def _is_of_elsewhere(request: Request) -> bool:
    """Whether a browser says that a page of another site asks; programs say nothing of the kind."""
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")


def refuse_foreign_form(request: Request, visitor: Visitor, sent: str) -> None:
    """Refuse a form that isn't of the session at hand; of whoever sits at the machine, one that isn't this browser's.

    Raises
    ------
    FormOutdated
        It is of another session, of another browser, or of none.
    """
    if visitor.signed_in and not _is_of(visitor.secret, sent):
        raise FormOutdated
    if visitor.actor.known is Known.AT_THE_MACHINE:
        refuse_form_of_nobody(request, sent)


def form_token(secret: str) -> str:
    """What forms carry for a cookie's secret: nobody makes the one of the other.

    Another each time: pages are compressed, and of what stands in a page twice, a listener learns by its length.
    """
    nonce = secrets.token_hex(16)
    return f"{nonce}.{_seal(secret, nonce)}"


def give_form(request: Request) -> tuple[str, str]:
    """For a form of who isn't signed in: the cookie that the browser has or gets, and what the form carries."""
    secret = request.cookies.get(cookie_name(request, FORM), "")[:MOST_SECRET_CHARACTERS] or secrets.token_urlsafe(32)
    return secret, form_token(secret)


def form_for(request: Request, visitor: Visitor) -> tuple[str, str]:
    """For a form of anybody: the cookie that the browser is to keep (none of who is signed in), and what the form carries."""
    return ("", visitor.form_token) if visitor.signed_in else give_form(request)


def refuse_form_of_nobody(request: Request, sent: str) -> None:
    """Refuse a form of signing in that wasn't given to this browser: a page elsewhere would sign somebody in as another.

    Raises
    ------
    FormOutdated
        It wasn't.
    """
    secret = request.cookies.get(cookie_name(request, FORM), "")[:MOST_SECRET_CHARACTERS]
    if not _is_of(secret, sent):
        raise FormOutdated


def keep_form_cookie(request: Request, response: Response, secret: str) -> None:
    """Have the browser keep what its form was made for, until it is closed."""
    _set(request, response, FORM, secret)


def keep_session_cookie(request: Request, response: Response, signed_in: SignedIn) -> None:
    """Have the browser keep a session's secret until it is closed, and for longer what it is known by; no script reads them."""
    _set(request, response, SESSION, signed_in.secret)
    if signed_in.devices:
        _set(request, response, DEVICES, ".".join(signed_in.devices), keep=DEVICES_KEPT)


def drop_session_cookie(request: Request, response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(cookie_name(request, SESSION), secure=_is_encrypted(request), httponly=True, samesite="lax")


def keep_away_cookie(request: Request, response: Response, secret: str) -> None:
    """Have the browser keep what it comes back from the single sign-on with."""
    _set(request, response, AWAY, secret)


def away_secret(request: Request) -> str:
    """What it comes back with; empty where it never set out."""
    return request.cookies.get(cookie_name(request, AWAY), "")[:MOST_SECRET_CHARACTERS]


def drop_away_cookie(request: Request, response: Response) -> None:
    """Have the browser forget that."""
    response.delete_cookie(cookie_name(request, AWAY), secure=_is_encrypted(request), httponly=True, samesite="lax")


def keep_done(request: Request, response: Response, *, path: str, done: str, secret: str = "") -> None:
    """Have the page at `path` say once what was `done`, to this session or, before there is one, to this browser.

    Nobody else has a page say so: not by an address, nor by a cookie that they wrote.
    """
    secret = secret or _own_secret(request)
    if secret:
        nonce = secrets.token_hex(16)
        _set(request, response, DONE, f"{done}.{nonce}.{_seal(secret, _said_of(path, done, nonce))}")


def done_just_now(request: Request) -> str:
    """What was done, for the page that is asked for to say; empty where it has nothing to say."""
    done, _, rest = request.cookies.get(cookie_name(request, DONE), "")[:MOST_SECRET_CHARACTERS].partition(".")
    nonce, _, seal = rest.partition(".")
    secret = _own_secret(request)
    expected = _seal(secret, _said_of(request.url.path, done, nonce)).encode()
    return done if secret and hmac.compare_digest(seal.encode("utf-8", "replace"), expected) else ""


def forget_done(request: Request, response: Response) -> None:
    """Have the browser forget it: it is said once."""
    response.delete_cookie(cookie_name(request, DONE), secure=_is_encrypted(request), httponly=True, samesite="lax")


def keep_refused(request: Request, response: Response, *, path: str, told: Mapping[str, str]) -> None:
    """Have the page at `path` say once why a form was refused, with what was typed into it; as `keep_done`.

    What no cookie could hold is left out: then the page says nothing, and the form is empty.
    """
    secret = _own_secret(request)
    kept = base64.urlsafe_b64encode(json.dumps(told, ensure_ascii=False).encode()).decode()
    nonce = secrets.token_hex(16)
    value = f"{kept}.{nonce}.{_seal(secret, _refused_at(path, kept, nonce))}"
    if secret and len(value) <= MOST_REFUSED_CHARACTERS:
        _set(request, response, REFUSED, value)


def refused_just_now(request: Request) -> Mapping[str, str]:
    """What was refused, for the page that is asked for to say; empty where it has nothing to say."""
    written = request.cookies.get(cookie_name(request, REFUSED), "")
    kept, _, rest = written[:MOST_REFUSED_CHARACTERS].partition(".")
    nonce, _, seal = rest.partition(".")
    secret = _own_secret(request)
    expected = _seal(secret, _refused_at(request.url.path, kept, nonce)).encode()
    if not secret or not hmac.compare_digest(seal.encode("utf-8", "replace"), expected):
        return {}
    told: Mapping[str, str] = json.loads(base64.urlsafe_b64decode(kept))
    return told


def forget_refused(request: Request, response: Response) -> None:
    """Have the browser forget it: it is said once."""
    response.delete_cookie(cookie_name(request, REFUSED), secure=_is_encrypted(request), httponly=True, samesite="lax")


def _refused_at(path: str, kept: str, nonce: str) -> str:
    return f"refused {kept} at {path} {nonce}"


def _said_of(path: str, done: str, nonce: str) -> str:
    return f"done {done} at {path} {nonce}"


def _own_secret(request: Request) -> str:
    """What only this session, or this browser, has."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if visitor is not None and visitor.signed_in:
        return visitor.secret
    return request.cookies.get(cookie_name(request, FORM), "")[:MOST_SECRET_CHARACTERS]


def session_secret(request: Request) -> str | None:
    """The secret of the cookie that came along."""
    return request.cookies.get(cookie_name(request, SESSION))


def cookie_name(request: Request, name: str) -> str:
    """What a cookie is called: where it is encrypted, so that no other host can set it."""
    return f"{HOST_PREFIX}{name}" if _is_encrypted(request) else name


def _set(request: Request, response: Response, name: str, secret: str, *, keep: timedelta | None = None) -> None:
    response.set_cookie(
        cookie_name(request, name),
        secret,
        max_age=round(keep.total_seconds()) if keep is not None else None,
        secure=_is_encrypted(request),
        httponly=True,
        samesite="lax",
        path="/",
    )


def _is_encrypted(request: Request) -> bool:
    """Whether cookies are for encrypted connections only: everywhere but at the machine itself."""
    settings: Settings = request.app.state.settings
    host = urlsplit(settings.public_url).hostname or request.url.hostname or ""
    return host not in LOCAL_NAMES


def _is_of(secret: str, token: str) -> bool:
    """Whether a form's token was made for a secret."""
    nonce, _, seal = token.partition(".")
    return bool(secret) and hmac.compare_digest(seal.encode("utf-8", "replace"), _seal(secret, nonce).encode())


def _seal(secret: str, nonce: str) -> str:
    return hmac.new(secret.encode("utf-8", "replace"), nonce.encode("utf-8", "replace"), sha256).hexdigest()
