"""The SELECTs of the room: the names that fit a question in one way, the weightiest first."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    SmallInteger,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import aliased

from geo_registry.db.session import ReadSession
from geo_registry.divisions.queries import newest_vintages
from geo_registry.divisions.rules import normalised
from geo_registry.errors import DivisionCodeInvalid
from geo_registry.model import Division, NameKey, Place
from geo_registry.search.inputs import Near, Question
from geo_registry.search.ranking import DIVISION_RANKS, FORMER
from geo_registry.text.keys import grams
from geo_registry.text.readings import typed
from geo_registry.vocabulary import DivisionLevel, Match, Named


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One name that fits, and what a hit shows of its record; the position in degrees (EPSG:4490)."""

    id: int
    type: str
    record_id: UUID
    name: str
    rank: int
    kind: str
    status: str | None
    quality: str
    code: str | None
    lon: float | None
    lat: float | None
    vintage: int | None
    name_kind: str | None
    former: bool
    """Whether that name is no longer in use."""
    begins_on: date | None
    """The day from which it is to be in use, where that is to come."""


CANDIDATES = 10_000
"""What more names hold than these (养老, 中心) tells them apart badly: the best of so many will do, and are found at once."""

Newest = Mapping[DivisionLevel, int]
Condition = ColumnElement[bool] | None


def fitting(session: ReadSession, question: Question, match: Match, newest: Newest, *, most: int) -> Sequence[KeyRow]:
    """At most `most` names that fit the question in the way of `match`, in their order.

    Nothing fits where the question can't be meant so: initials of a question in Chinese, a code with letters.
    """
    asked = statement(question, match, newest, most=most)
    rows = session.execute(asked) if asked is not None else ()
    return [KeyRow(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it


def statement(question: Question, match: Match, newest: Newest, *, most: int) -> Select[*tuple[Any, ...]] | None:
    """What `fitting` asks: the keys that fit put in order by what their index holds, and the rows of the few that are shown."""
    fits = CONDITIONS[match](question)
    if fits is None:
        return None
    all_fitting = select(*_ORDERED_BY).where(fits, _is_newest(newest))
    if match is Match.CONTAINED:
        all_fitting = all_fitting.limit(CANDIDATES)
    key = aliased(NameKey, all_fitting.subquery("fitting"))
    found = select(key.id).order_by(*_order(key, question.near)).limit(most).subquery("found")
    return select(*_SHOWN).join(found, found.c.id == NameKey.id).order_by(*_order(NameKey, question.near))


def called(question: Question, named: Named) -> Select[UUID]:
    """The ids of all records of a sort whose names fit in any way, for a list that puts them in an order of its own."""
    ways = [CONDITIONS[match](question) for match in Match if match is not Match.CODE]
    return select(NameKey.record_id).where(NameKey.type == named.value, or_(*[way for way in ways if way is not None]))


_ORDERED_BY = (NameKey.id, NameKey.rank, NameKey.length, NameKey.lon, NameKey.lat)
_SHOWN = (
    NameKey.id,
    NameKey.type,
    NameKey.record_id,
    NameKey.name,
    NameKey.rank,
    NameKey.kind,
    NameKey.status,
    NameKey.quality,
    NameKey.code,
    NameKey.lon,
    NameKey.lat,
    NameKey.vintage,
    NameKey.name_kind,
    NameKey.former,
    NameKey.begins_on,
)


def place_names(session: ReadSession, places: Collection[UUID]) -> Mapping[UUID, str]:
    """The standard names of places, by id; of none nothing is asked."""
    if not places:
        return {}
    question = select(Place.id, Place.standard_name).where(Place.id.in_(sorted(places)))
    return {row.id: row.standard_name for row in session.execute(question)}


def newest(session: ReadSession) -> Newest:
    """The vintages whose divisions are found, former ones apart."""
    return newest_vintages(session)


def _has_code(question: Question) -> Condition:
    try:
        code = normalised(question.text)
    except DivisionCodeInvalid:
        return None
    # By the divisions' own index; a key's code may be that of the division which its record stands in.
    return NameKey.record_id.in_(select(Division.id).where(Division.code == code))


def _is_same(question: Question) -> Condition:
    return NameKey.folded == question.plain


def _begins_so(question: Question) -> Condition:
    return NameKey.folded.startswith(question.plain, autoescape=True)


def _is_read_so(question: Question) -> Condition:
    if not any(character.isascii() and character.isalpha() for character in question.plain):
        return None
    return NameKey.pinyin.startswith(typed(question.plain), autoescape=True)


def _has_initials(question: Question) -> Condition:
    # One letter is the beginning of a reading too.
    if not question.plain.isascii() or len(question.plain) == 1:
        return None
    return NameKey.initials.startswith(typed(question.plain), autoescape=True)


def _holds_it(question: Question) -> Condition:
    plain = question.plain
    if plain.isascii() and len(plain) == 1:
        return None
    # Neighbours say most, and the character where there is only one; of more than two the grams may stand apart.
    telling = sorted(gram for gram in grams(plain) if len(gram) == min(len(plain), 2))
    held = NameKey.grams.contains(cast(telling, ARRAY(Text)))
    return and_(held, NameKey.folded.contains(plain, autoescape=True)) if len(plain) > 2 else held


CONDITIONS: Mapping[Match, Callable[[Question], Condition]] = {
    Match.CODE: _has_code,
    Match.EXACT: _is_same,
    Match.PREFIX: _begins_so,
    Match.PINYIN: _is_read_so,
    Match.INITIALS: _has_initials,
    Match.CONTAINED: _holds_it,
}
"""Each way to fit; None where the question can't be meant so."""


def _is_newest(newest: Newest) -> ColumnElement[bool]:
    """Divisions of the newest vintage of their level, former ones, and whatever has no vintages."""
    if not newest:
        return true()
    pairs = [
        (literal(DIVISION_RANKS[level.value], SmallInteger), literal(year, SmallInteger))
        for level, year in newest.items()
    ]
    # Former ones are told by their rank: it stands in the indexes, `former` would have to be fetched from the table.
    return or_(
        NameKey.vintage.is_(None),
        NameKey.rank == FORMER,
        tuple_(NameKey.rank, NameKey.vintage).in_([tuple_(*pair) for pair in pairs]),
    )


def _order(key: type[NameKey], near: Near | None) -> Sequence[Any]:
    """The weightiest first, of those the nearest where somebody says to what, then the shortest."""
    closest = [_squared_deg(key, near).asc().nulls_last()] if near is not None else []
    return [key.rank, *closest, key.length, key.id]


def _squared_deg(key: type[NameKey], near: Near) -> ColumnElement[float]:
    """How far away, as a number that puts neighbours in order: squared degrees, those of longitude as long as there."""
    east = (key.lon - near.lon) * math.cos(math.radians(near.lat))
    north = key.lat - near.lat
    return func.power(east, 2) + func.power(north, 2)
