"""What wraps the whole application: who may ask, how much, what every answer carries, and what happens on leaving."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import BodyTooLarge, problem_response, unexpected
from geo_registry.db.cancelling import Questions
from geo_registry.errors import HostUnknown
from geo_registry.settings import LOCAL_NAMES

logger = logging.getLogger(__name__)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline; images may be data (the icons of maps are)."""

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Frames of this service elsewhere are refused by the policy above; older browsers know this alone.
    "X-Frame-Options": "DENY",
}

ONLY_ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000"}
"""Where the registry is reached encrypted: for a year, browsers ask for it in no other way."""


class TooLargeToRead(HTTPException):
    """A body turned out too large while it was read; `problems` says so in our words, with the bytes that are its detail.

    The framework takes anything else that is raised while it reads a body for one that it can't parse.
    """

    def __init__(self, max_bytes: int) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(max_bytes))


SCOPE_KEY = "geo_registry.questions"


def questions_of(scope: Scope) -> Questions:
    """The questions that the request of `scope` asks of the database."""
    questions: Questions = scope[SCOPE_KEY]
    return questions


class KnownHosts:
    """Refuse requests that were meant for another host.

    A page of a foreign site can have its own name lead to this machine (DNS rebinding) and read what the service
    answers without accounts; its requests still carry its own name.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self.app = app
        self.names = frozenset(names) | LOCAL_NAMES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is meant for us."""
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            if _without_port(host).lower() not in self.names:
                await problem_response(Request(scope), HostUnknown(host=host))(scope, receive, send)
                return
        await self.app(scope, receive, send)


class BodyLimit:
    """Refuse a body that is too large: before it is read, where it says its length, else as soon as it shows.

    `limits` has the largest by how the path begins, the first that fits counts; `max_form_bytes` is for all else: what
    people type into the forms of pages.
    """

    def __init__(self, app: ASGIApp, limits: Mapping[str, int], max_form_bytes: int) -> None:
        self.app = app
        self.limits = limits
        self.max_form_bytes = max_form_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what isn't too large."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begins = (limit for path, limit in self.limits.items() if scope["path"].startswith(path))
        most = next(begins, self.max_form_bytes)
        error = BodyTooLarge(limit_mb=most / 1e6)
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdecimal() and int(length) > most:
            await problem_response(Request(scope), error)(scope, receive, send)
            return
        read = 0

        async def receive_and_count() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise TooLargeToRead(most)
            return message

        await self.app(scope, receive_and_count, send)


class SecurityHeaders:
    """Put `SECURITY_HEADERS` on every answer that doesn't have stricter ones of its own."""

    def __init__(self, app: ASGIApp, *, encrypted: bool = False) -> None:
        self.app = app
        self.headers = {**SECURITY_HEADERS, **(ONLY_ENCRYPTED if encrypted else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add the headers to what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


ASKER_KEY = "geo_registry.asker"


@dataclass
class Asker:
    """Whether what a request is answered depends on who asks."""

    matters: bool = False


def asker_of(scope: Scope) -> Asker:
    """Whether it does for the request of `scope`: whatever finds out who asks says so."""
    found: Asker = scope[ASKER_KEY]
    return found


class KeptByNobody:
    """Have nobody keep what the API answers somebody in particular: it may be personal, or a secret.

    But what says itself that it is private, to be asked for anew: a public record with a name in it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add the header to what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[ASKER_KEY] = asker = Asker()

        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start" and asker.matters and scope["path"].startswith("/api/"):
                headers = MutableHeaders(scope=message)
                if not headers.get("Cache-Control", "").startswith("private"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_with_header)


class HeadLikeGet:
    """Answer HEAD as GET without the body (RFC 9110, 9.3.2): clients ask it for a length, a type, or whether it's there."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on as GET, and keep the body back."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, send_without_body)


class ReportCrashes:
    """Answer what nobody caught as a problem; when the answer has begun already, all that is left is to break it off."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and stand below."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:  # the last resort: the asker must not see a traceback, the operator must
            if begun:
                raise
            await unexpected(Request(scope), error)(scope, receive, send)


class CancelWhenAskerLeaves:
    """Break off the questions of a request to the database when its client goes away.

    An endpoint that is a plain function can't see that; without this, abandoned questions run on for as long as they
    take, and a reader who presses reload a few times takes every connection (ADR 0003).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and listen for the client's end meanwhile."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[SCOPE_KEY] = questions = Questions()
        ears = _Ears(receive, questions)
        listening = asyncio.create_task(ears.listen())

        async def send_and_note(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                ears.answered = True
            await send(message)

        try:
            await self.app(scope, ears.receive, send_and_note)
        finally:
            listening.cancel()


class _Ears:
    """Hears every message of the client before the application does, one ahead at most."""

    def __init__(self, receive: Receive, questions: Questions) -> None:
        self._receive = receive
        self._questions = questions
        self._heard: asyncio.Queue[Message | Exception] = asyncio.Queue(maxsize=1)
        self._last: Message | Exception | None = None
        self.answered = False
        """The server also says "disconnect" once the answer is out: then nobody left."""

    async def listen(self) -> None:
        """Hear until the client is gone, or what it says can't be taken."""
        message: Message | Exception = {"type": ""}
        while not _is_last(message):
            try:
                message = await self._receive()
            except Exception as error:  # noqa: BLE001 - the application's to handle, when it gets there
                message = error
            if _is_leaving(message) and not self.answered:
                logger.debug("the client left; its questions are broken off")
                await run_in_threadpool(self._questions.leave)
            await self._heard.put(message)

    async def receive(self) -> Message:
        """The next message for the application; the last one again and again."""
        message = self._last if self._last is not None else await self._heard.get()
        if _is_last(message):
            self._last = message
        if isinstance(message, Exception):
            raise message
        return message


def _is_leaving(message: Message | Exception) -> bool:
    return not isinstance(message, Exception) and message["type"] == "http.disconnect"


def _is_last(message: Message | Exception) -> bool:
    return isinstance(message, Exception) or _is_leaving(message)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
