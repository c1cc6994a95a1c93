"""What the protection lists ask of a case: measures before a listed name is given up, and what a case puts on a list (art. 25)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from geo_registry.accounts.actors import Actor
from geo_registry.cases.queries import CaseRow, LineRow
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.errors import HeritageUnsound
from geo_registry.heritage import service as heritage
from geo_registry.heritage.guard import guard_of
from geo_registry.heritage.inputs import Enlistment
from geo_registry.model import Heritage
from geo_registry.vocabulary import HeritageStatus, LineState, NameAction

GIVES_UP = frozenset({NameAction.RENAME, NameAction.STANDARDISE, NameAction.ABOLISH})
"""What leaves the name that a place bears."""


def require_measures(session: ReadSession, lines: Iterable[LineRow], on: date) -> None:
    """Raise where a listed name would be given up before measures to protect it are recorded, by that day.

    Raises
    ------
    HeritageUnprotected
        It would; the error says where they are recorded.
    """
    for place in dict.fromkeys(_given_up(lines)):
        guard_of(session, place, on=on).require_measures()


def unproposed(session: ReadSession, lines: Iterable[LineRow]) -> Sequence[str]:
    """The names that a case is to put on a protection list, and that nobody proposed for one."""
    return [
        line.name
        for line in lines
        if line.action is NameAction.LIST and line.state is LineState.OPEN and not _proposed(session, line.place)
    ]


def enlist(session: WriteSession, case: CaseRow, place: UUID, on: date, body: str, *, actor: Actor) -> None:
    """Put what is proposed of a place on its list, by the case's approval.

    Raises
    ------
    Forbidden
        The actor may not, in its division.
    HeritageUnsound
        Something that the list asks for is wanting, or nobody proposed it for one.
    """
    proposals = _proposed(session, place)
    if not proposals:
        raise HeritageUnsound(
            problems_zh="没有拟列入的登记：请先在 /heritage 登记",
            problems_en="nobody proposed it for a list: do so at /heritage first",
        )
    document = case.approval_number or case.number
    enlistment = Enlistment(listed_on=on, document_number=document, body=body, why=case.title)
    for proposed in proposals:
        heritage.enlist_heritage(session, proposed, enlistment, seen=WHICHEVER, actor=actor)


def _given_up(lines: Iterable[LineRow]) -> Iterator[UUID]:
    for line in lines:
        if line.state is LineState.OPEN:
            yield from (part.id for part in (*line.absorbs, *line.splits))
            if line.action in GIVES_UP and line.place is not None:
                yield line.place


def _proposed(session: ReadSession, place: UUID | None) -> Sequence[UUID]:
    question = select(Heritage.id).where(Heritage.place_id == place, Heritage.status == HeritageStatus.PROPOSED.value)
    return session.scalars(question.order_by(Heritage.fid)).all()
