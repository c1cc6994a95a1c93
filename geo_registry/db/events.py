"""What a lower room tells higher ones: said in the unit of work, heard before it is committed, in the same transaction.

A room publishes a frozen dataclass; whoever stands above subscribes at the wiring, once a process. So a rename's sign orders
are never lost, and none is left of a rename that failed (ADR 0071).
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session

from geo_registry.db.session import WriteSession

Event = TypeVar("Event")
Handler = Callable[[WriteSession, Event], None]

_HANDLERS: dict[type, list[Handler[object]]] = {}
_KEY = "published"


def subscribe(of: type[Event], handler: Handler[Event]) -> None:
    """Have `handler` called for every event of that type, before the unit of work that published it commits.

    What it raises undoes all of it. Said twice, it is called once.
    """
    handlers = _HANDLERS.setdefault(of, [])
    if handler not in handlers:
        handlers.append(handler)  # type: ignore[arg-type]
    if not event.contains(WriteSession, "before_commit", _deliver):
        event.listen(WriteSession, "before_commit", _deliver)


def unsubscribe(of: type[Event], handler: Handler[Event]) -> None:
    """Have it called no more."""
    _HANDLERS[of].remove(handler)  # type: ignore[arg-type]


def publish(session: WriteSession, said: object) -> None:
    """Say that something happened, if this unit of work comes to its end."""
    session.info.setdefault(_KEY, []).append(said)


def published(session: WriteSession) -> Sequence[object]:
    """What was said and not heard yet."""
    return tuple(session.info.get(_KEY, ()))


def _deliver(session: Session) -> None:
    """Call the handlers in the order of the events; what they publish themselves is heard too."""
    assert isinstance(session, WriteSession)
    while said := session.info.get(_KEY):
        first = said.pop(0)
        for handler in _HANDLERS.get(type(first), ()):
            handler(session, first)
            session.flush()
