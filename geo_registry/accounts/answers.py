"""Making something once, however often it is asked for: the answer is kept with what was made, under the asker's key.

A client that heard no answer doesn't know whether anything was made. It asks again with the same key and gets the
answer that it missed (ADR 0047).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from geo_registry.accounts.actors import Actor
from geo_registry.db.session import WriteSession
from geo_registry.errors import IdempotencyKeyInUse, IdempotencyKeyInvalid, IdempotencyKeyReused
from geo_registry.model import KeptAnswer

KEPT = text("interval '1 day'")
"""How long an answer is given again: by then whoever heard none has asked."""

MOST_KEY_CHARACTERS = 200
KEY = re.compile(rf'"?([\x21\x23-\x7e]{{1,{MOST_KEY_CHARACTERS}}})"?')
"""A string of structured fields (RFC 9651) in its quotes, or, as many clients send it, without."""

FORGET = text("SELECT forget_answers()")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to who had something made: a status, headers, the body's text; `again` where it was kept."""

    status: int
    headers: Mapping[str, str]
    body: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What is answered, and what of it is kept: all but what is shown once."""

    answer: Answer
    kept: Answer


@dataclass(frozen=True, slots=True)
class Request:
    """A request that may be sent twice: the key that came along, and the SHA-256 of all that it asks."""

    key: str
    digest: bytes

    @classmethod
    def of(cls, key: str, *asked: bytes) -> Self:
        """The request of a key as it was sent, which asks `asked`.

        Raises
        ------
        IdempotencyKeyInvalid
            It is no key.
        """
        found = KEY.fullmatch(key.strip())
        if found is None:
            raise IdempotencyKeyInvalid(most=MOST_KEY_CHARACTERS)
        digest = sha256()
        for each in asked:
            digest.update(len(each).to_bytes(8, "big") + each)
        return cls(key=found[1], digest=digest.digest())


def answer_once(
    session: WriteSession, request: Request, make: Callable[[], Made], *, allow: Callable[[], None], actor: Actor
) -> Answer:
    """What `make` answers, the first time; the same answer again when the actor sends the same request with its key.

    What is refused isn't kept: it made nothing, and may succeed the next time. Nor is what is shown once; the answer
    that is given again is without it.

    Parameters
    ----------
    allow
        Refuses an actor who may not make it, any more, as `make` would.

    Raises
    ------
    Forbidden, Unauthenticated
        An answer was kept, and the actor may not make it any more.
    IdempotencyKeyInUse
        A request of the actor with this key hasn't come to its end.
    IdempotencyKeyReused
        The actor's key was for another request.
    """
    # Held to the end of the unit of work, however it ends.
    own = func.hashtextextended(f"idempotency {actor.name} {request.key}", 0)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(own))):
        raise IdempotencyKeyInUse
    kept = session.scalars(
        select(KeptAnswer).where(
            KeptAnswer.actor == actor.name,
            KeptAnswer.key == request.key,
            KeptAnswer.kept_at > func.transaction_timestamp() - KEPT,
        )
    ).one_or_none()
    if kept is None:
        made = make()
        _keep(session, request, made.kept, actor)
        return made.answer
    allow()
    if kept.digest != request.digest:
        raise IdempotencyKeyReused
    headers = {name: str(value) for name, value in kept.headers.items()}
    return Answer(status=kept.status, headers=headers, body=kept.body, again=True)


def _keep(session: WriteSession, request: Request, answer: Answer, actor: Actor) -> None:
    session.execute(FORGET)
    said = {"digest": request.digest, "status": answer.status, "headers": dict(answer.headers), "body": answer.body}
    statement = insert(KeptAnswer).values(actor=actor.name, key=request.key, **said)
    # One that is too old may still be there.
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[KeptAnswer.actor, KeptAnswer.key],
            set_={**said, "kept_at": func.transaction_timestamp()},
        )
    )
