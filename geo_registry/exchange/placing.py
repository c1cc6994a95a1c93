"""Which division staged rows lie in, and where staged rows lie that only name their division; set by set."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, Uuid, and_, cast, exists, func, literal, or_, select, union, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased
from sqlalchemy.types import TypeEngine

from geo_registry.db.session import WriteSession
from geo_registry.divisions.queries import containing, is_newest_of_its_level
from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL
from geo_registry.exchange import staging
from geo_registry.exchange.problems import ProblemCode
from geo_registry.exchange.staging import REFUSED, WAITING, StagedGeometry
from geo_registry.model import Division
from geo_registry.vocabulary import PositionQuality

COLUMNS: dict[str, TypeEngine[Any]] = {
    "division_code": Text(),
    "division_name": Text(),
    "division_id": Uuid(),
    "position_quality": Text(),
    "geom": StagedGeometry(),
}
"""What a staged table needs to be placed: what the row says of its division, and its point."""


def place(session: WriteSession, staged: Table, *, column: str | None, lenient: bool) -> None:
    """Settle the divisions that rows name, and give rows without a position an approximate one in their division.

    A division that is named by code or by name must be registered and, by name, be the only one. What rows without
    one get from their position, `division_by_position` computes as they are written.

    Parameters
    ----------
    column
        The file's column that names the division, for the report; None where none does.
    lenient
        Whether a row whose division isn't registered is placed by its position instead of being refused: the column
        was proposed, nobody said that it names divisions.
    """
    name_divisions(session, staged, column=column, lenient=lenient)
    _approximately(session, staged)


def name_divisions(session: WriteSession, staged: Table, *, column: str | None, lenient: bool) -> None:
    """Settle the divisions that rows name, as `place` does, and leave rows without a position where they are."""
    if column is not None:
        _by_code(session, staged)
        _by_name(session, staged, column=column)
        named = func.coalesce(staged.c.division_code, staged.c.division_name)
        lost = and_(staged.c.state == WAITING, staged.c.division_id.is_(None), named.is_not(None))
        code = ProblemCode.DIVISION_UNKNOWN_DERIVED if lenient else ProblemCode.DIVISION_UNKNOWN
        staging.tell(session, staged, code, number=staged.c.number, column=column, value=named, where=lost)
        if not lenient:
            session.execute(update(staged).where(lost).values(state=REFUSED))


def division_by_position(session: WriteSession, staged: Table) -> ColumnElement[UUID]:
    """A staged row's division: the one that it names, else the one that its position lies in."""
    if not session.scalar(select(exists().where(Division.geom.is_not(None)))):
        return staged.c.division_id
    return func.coalesce(staged.c.division_id, containing(staged.c.geom), type_=Uuid())


def tell_containing(session: WriteSession, staged: Table) -> None:
    """Warn of rows whose division contains that of another row: whoever adds them up counts people twice."""
    named = (
        select(func.min(staged.c.number).label("number"), cast(Division.code, Text).label("code"))
        .join(Division, Division.id == staged.c.division_id)
        .where(staged.c.state == WAITING)
        .group_by(Division.code)
        .cte("named")
    )
    above = union(
        *[
            select(func.rpad(func.left(named.c.code, digits), CODE_DIGITS, "0").label("code")).where(
                func.rpad(func.left(named.c.code, digits), CODE_DIGITS, "0") != named.c.code
            )
            for digits in DIGITS_OF_LEVEL.values()
        ]
    ).subquery("above")
    containing_others = named.join(above, above.c.code == named.c.code)
    staging.tell(session, containing_others, ProblemCode.CONTAINS_OTHERS, number=named.c.number, value=named.c.code)


def _by_code(session: WriteSession, staged: Table) -> None:
    newest = (
        select(Division.code, Division.id)
        .where(Division.code.in_(select(staged.c.division_code)))
        .ext(distinct_on(Division.code))
        .order_by(Division.code, Division.vintage.desc())
        .subquery("newest")
    )
    session.execute(
        update(staged).where(staged.c.division_code == cast(newest.c.code, Text)).values(division_id=newest.c.id)
    )


def _by_name(session: WriteSession, staged: Table, *, column: str) -> None:
    called = (
        select(
            Division.name,
            func.count(Division.code.distinct()).label("codes"),
            func.min(cast(Division.id, Text)).label("id"),
            func.string_agg(Division.code.distinct(), literal(", ")).label("candidates"),
        )
        .where(Division.name.in_(select(staged.c.division_name)), is_newest_of_its_level())
        .group_by(Division.name)
        .subquery("called")
    )
    match = and_(staged.c.state == WAITING, staged.c.division_name == called.c.name)
    ambiguous = and_(match, called.c.codes > 1)
    staging.tell(
        session,
        staged.join(called, staged.c.division_name == called.c.name),
        ProblemCode.DIVISION_AMBIGUOUS,
        number=staged.c.number,
        column=column,
        value=staged.c.division_name,
        details=func.jsonb_build_object("candidates", called.c.candidates),
        where=ambiguous,
    )
    session.execute(update(staged).where(ambiguous).values(state=REFUSED))
    session.execute(update(staged).where(match, called.c.codes == 1).values(division_id=cast(called.c.id, Uuid)))


def _approximately(session: WriteSession, staged: Table) -> None:
    without = and_(staged.c.state == WAITING, staged.c.geom.is_(None))
    # The newest vintage may come without boundaries: an older one of the same code still says where it lies.
    lies = (
        select(
            Division.code,
            func.coalesce(Division.point, func.ST_PointOnSurface(Division.geom), type_=StagedGeometry()).label("geom"),
        )
        .where(or_(Division.point.is_not(None), Division.geom.is_not(None)))
        .ext(distinct_on(Division.code))
        .order_by(Division.code, Division.vintage.desc())
        .subquery("lies")
    )
    own = aliased(Division)
    in_it = and_(without, own.id == staged.c.division_id, lies.c.code == own.code)
    staging.tell(
        session,
        staged.join(own, own.id == staged.c.division_id).join(lies, lies.c.code == own.code),
        ProblemCode.POSITION_APPROXIMATE,
        number=staged.c.number,
        where=without,
    )
    session.execute(
        update(staged).where(in_it).values(geom=lies.c.geom, position_quality=PositionQuality.APPROXIMATE.value)
    )
    staging.tell(session, staged, ProblemCode.POSITION_MISSING, number=staged.c.number, where=without)
    session.execute(update(staged).where(without).values(state=REFUSED))
