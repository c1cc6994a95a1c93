"""What wraps the whole application: who may ask, how much, what every answer carries, and what happens on leaving."""

import asyncio
import logging
from collections.abc import Iterable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import BodyTooLarge, problem_response, unexpected
from geo_registry.db.cancelling import Questions
from geo_registry.errors import HostUnknown

logger = logging.getLogger(__name__)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline; images may be data (swagger-ui's icons are)."""

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

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
            if _without_port(host) not in self.names:
                await problem_response(Request(scope), HostUnknown(host=host))(scope, receive, send)
                return
        await self.app(scope, receive, send)


class BodyLimit:
    """Refuse a body that says beforehand that it is too large; one that doesn't say is counted by the framework."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what isn't too large."""
        if scope["type"] == "http":
            length = Headers(scope=scope).get("content-length", "0")
            if length.isdecimal() and int(length) > self.max_bytes:
                error = BodyTooLarge(limit_mb=self.max_bytes / 1e6)
                await problem_response(Request(scope), error)(scope, receive, send)
                return
        await self.app(scope, receive, send)


class SecurityHeaders:
    """Put `SECURITY_HEADERS` on every answer that doesn't have stricter ones of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add the headers to what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


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
        self._heard: asyncio.Queue[Message] = asyncio.Queue(maxsize=1)
        self._left: Message | None = None
        self.answered = False
        """The server also says "disconnect" once the answer is out: then nobody left."""

    async def listen(self) -> None:
        """Hear until the client is gone."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                if not self.answered:
                    logger.debug("the client left; its questions are broken off")
                    await run_in_threadpool(self._questions.leave)
                await self._heard.put(message)
                return
            await self._heard.put(message)

    async def receive(self) -> Message:
        """The next message for the application; the client's end again and again."""
        if self._left is None:
            message = await self._heard.get()
            if message["type"] != "http.disconnect":
                return message
            self._left = message
        return self._left


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
