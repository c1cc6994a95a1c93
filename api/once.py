"""Creates that may be sent twice: with an `Idempotency-Key` the second time gets the first one's answer (ADR 0047)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CurrentActor, WriteDb
from geo_registry.accounts import answers
from geo_registry.accounts.actors import Actor
from geo_registry.db.session import WriteSession
from geo_registry.errors import IdempotencyKeyInUse, IdempotencyKeyInvalid, IdempotencyKeyReused

REPLAYED = "Idempotent-Replayed"
MEDIA_TYPE = "application/json"

MAY_REFUSE = (IdempotencyKeyInUse, IdempotencyKeyInvalid, IdempotencyKeyReused)
"""What a create may answer for its key's sake."""

HEADERS: Mapping[str, Any] = {
    "Location": {"description": "Where what was made is", "schema": {"type": "string"}},
    REPLAYED: {
        "description": "`true` where the answer is the one that was given before",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
"""The headers of what a create answers, for its description in OpenAPI."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a create answers: what it made, where that is, and further headers.

    `again` is the body for who sends the request again, where the first one shows what is shown once.
    """

    body: BaseModel
    location: str
    status: int = HTTPStatus.CREATED
    headers: Mapping[str, str] = field(default_factory=dict)
    again: BaseModel | None = None

    def answer(self, body: BaseModel) -> answers.Answer:
        """The answer with a body."""
        headers = {**self.headers, "Location": self.location}
        return answers.Answer(status=self.status, headers=headers, body=body.model_dump_json())


@dataclass(frozen=True, slots=True)
class Once:
    """Makes what a request asks for once, however often it is sent with its key; each time, where it has none."""

    db: WriteSession
    actor: Actor
    asked: answers.Request | None

    def make(self, make: Callable[[], Made], *, allow: Callable[[], None]) -> Response:
        """What `make` answers, or answered before; `allow` refuses who may not make it any more, as `make` does."""

        def made() -> answers.Made:
            result = make()
            return answers.Made(result.answer(result.body), kept=result.answer(result.again or result.body))

        if self.asked is None:
            return _sent(made().answer)
        return _sent(answers.answer_once(self.db, self.asked, made, allow=allow, actor=self.actor))


def _sent(answer: answers.Answer) -> Response:
    headers = {**answer.headers, **({REPLAYED: "true"} if answer.again else {})}
    return Response(answer.body, status_code=answer.status, headers=headers, media_type=MEDIA_TYPE)


async def asked_once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="A word of the client's own, new for everything that is made: sent again with the same "
            "request within a day, it gets the first answer again and makes nothing",
            max_length=1000,
            examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
        ),
    ] = None,
) -> answers.Request | None:
    """The key that came along, with what is asked; None where there is none."""
    if idempotency_key is None:
        return None
    target = f"{request.method} {request.url.path}?{request.url.query}"
    return answers.Request.of(idempotency_key, target.encode(), await request.body())


def once(db: WriteDb, actor: CurrentActor, asked: Annotated[answers.Request | None, Depends(asked_once)]) -> Once:
    """The maker of this request, in its unit of work."""
    return Once(db=db, actor=actor, asked=asked)


OnceDep = Annotated[Once, Depends(once, scope="function")]
