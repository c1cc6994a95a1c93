"""How built-up areas get from a file into the registry: the periods that a file tells are laid over those that are known."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from itertools import groupby
from typing import Any
from uuid import UUID

from geoalchemy2.elements import WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy import Table, func, select, text, update

from geo_registry import clock
from geo_registry.built_up import queries
from geo_registry.built_up.writing import Extent, division_around, key_for, of_divisions
from geo_registry.db.history import twin_of
from geo_registry.db.session import WriteSession, is_by_import
from geo_registry.divisions.queries import row_with_id
from geo_registry.errors import BuiltUpAreaUnsound
from geo_registry.exchange import staging
from geo_registry.exchange.problems import Problem, ProblemCode
from geo_registry.exchange.staging import COLLAPSED, REFUSED, WAITING
from geo_registry.exchange.subjects.subject import Written
from geo_registry.model import BuiltUpArea, BuiltUpExtent
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.places.periods import Dated, columns_of, dated
from geo_registry.places.service import review_anew
from geo_registry.settings import get_settings
from geo_registry.vocabulary import AreaConcern, DatasetKind

ACTOR = text("SELECT coalesce(nullif(current_setting('geo.actor', true), ''), session_user::text)")
AREAS_OF_ROWS = text("""
    SELECT DISTINCT ON (area.id) import_row.number, area.id, area.name FROM import_row
    JOIN built_up_area AS area ON area.source_id = import_row.source_id AND area.dataset_id = :dataset
    WHERE import_row.state = 0 ORDER BY area.id, import_row.number DESC
""")


class Fate(Enum):
    """What becomes of the rows of one area."""

    CREATED = auto()
    UPDATED = auto()
    UNCHANGED = auto()


@dataclass(frozen=True, slots=True)
class Period:
    """How far an area reached from `begun` on; `ended` where that is said, `number` the file's row, None of what is known."""

    begun: Dated | None
    ended: Dated | None
    extent: Extent
    source: str
    quality: str
    number: int | None = None

    @property
    def day(self) -> date:
        """What it is put in order by: what began at an unknown time began before all others."""
        return self.begun.day if self.begun is not None else date.min

    @property
    def columns(self) -> Mapping[str, Any]:
        """As the tables keep it."""
        valid_from, from_precision = columns_of(self.begun)
        valid_to, to_precision = columns_of(self.ended)
        return {
            "geom": self.extent.geom,
            "divisions": self.extent.divisions,
            "source": self.source,
            "position_quality": self.quality,
            "valid_from": valid_from,
            "from_precision": from_precision,
            "valid_to": valid_to,
            "to_precision": to_precision,
        }


def write(session: WriteSession, staged: Table, dataset: UUID) -> Written:
    """Write the areas of the staged rows; a row that can't be is refused with all of its area's."""
    fates: Counter[Fate] = Counter()
    seen: set[str] = set()
    for source_id, rows in groupby(_waiting(session, staged), key=lambda row: row.source_id):
        group = list(rows)
        seen.add(source_id)
        try:
            fate = _write_area(session, group, source_id, dataset)
        except BuiltUpAreaUnsound as refused:
            _refuse(session, staged, group, refused)
            continue
        fates[fate] += len(group)
    states = staging.count_states(session, staged)
    known = select(func.count()).where(BuiltUpArea.dataset_id == dataset, BuiltUpArea.source_id.not_in(seen))
    return Written(
        created=fates[Fate.CREATED],
        updated=fates[Fate.UPDATED],
        unchanged=fates[Fate.UNCHANGED] + states[COLLAPSED],
        refused=states[REFUSED],
        absent=session.scalar(known) or 0,
    )


def tell_concerns(session: WriteSession, dataset: UUID) -> None:
    """Warn of areas of the file that lie over others, or beyond their divisions; nothing is refused by that."""
    rows = session.execute(AREAS_OF_ROWS, {"dataset": dataset}).all()
    found = queries.concerns_of(session, [row.id for row in rows])
    staging.copy_problems(
        session,
        [
            Problem(row.number, "", row.name, ProblemCode.AREA_CONCERN, _said(each))
            for row in rows
            for each in found.get(row.id, ())
        ],
    )


def have_reviewed(session: WriteSession) -> None:
    """Have all names checked anew once the import is committed."""
    review_anew(session, ordered_by=str(session.scalar(ACTOR)))


def _said(concern: queries.Concern) -> Mapping[str, str]:
    area = f"{concern.area_km2:,.2f} km²"
    if concern.kind is AreaConcern.OVERLAP:
        return {"zh": f"与建成区“{concern.other_name}”重叠 {area}", "en": f"it lies over {concern.other_name}: {area}"}
    return {"zh": f"超出“{concern.other_name}”的界线 {area}", "en": f"it reaches beyond {concern.other_name}: {area}"}


def _waiting(session: WriteSession, staged: Table) -> Iterator[Any]:
    shape = func.encode(func.ST_AsEWKB(staged.c.geom), "hex").label("shape")
    question = select(*[column for column in staged.columns if column.name != "geom"], shape)
    question = question.where(staged.c.state == WAITING).order_by(staged.c.source_id, staged.c.valid_from.nulls_first())
    yield from session.execute(question).all()


def _refuse(session: WriteSession, staged: Table, rows: Sequence[Any], refused: BuiltUpAreaUnsound) -> None:
    said = {"zh": refused.message("zh"), "en": refused.message("en")}
    numbers = [row.number for row in rows]
    staging.copy_problems(session, [Problem(number, "", "", ProblemCode.RULE, said) for number in numbers])
    session.execute(update(staged).where(staged.c.number.in_(numbers)).values(state=REFUSED))


def _write_area(session: WriteSession, rows: Sequence[Any], source_id: str, dataset: UUID) -> Fate:
    told = [_period(session, row) for row in rows]
    present = session.scalars(
        select(BuiltUpArea).where(BuiltUpArea.dataset_id == dataset, BuiltUpArea.source_id == source_id)
    ).one_or_none()
    if present is not None and _touched(session, present.id):
        numbers = [row.number for row in rows]
        staging.copy_problems(session, [Problem(number, "", present.name, ProblemCode.KEPT) for number in numbers])
        return Fate.UNCHANGED
    periods = _laid_over(told, _known(session, present) if present is not None else [])
    last = rows[-1]
    if present is None:
        _add(session, last, periods, dataset, source_id)
        return Fate.CREATED
    division = last.division_id or present.division_id
    values = {**periods[-1].columns, "name": last.name, "division_id": division}
    if not values["source"]:
        values["source"] = present.source
    earlier = _earlier(session, present.id, periods[:-1])
    changed = _set(present, values)
    session.flush()
    return Fate.UPDATED if changed or earlier else Fate.UNCHANGED


def _add(session: WriteSession, row: Any, periods: Sequence[Period], dataset: UUID, source_id: str) -> None:
    own = periods[-1]
    codes = [each.code for each in own.extent.members]
    division = (
        row_with_id(session, row.division_id) if row.division_id else division_around(session, codes, own.extent.geom)
    )
    record = BuiltUpArea(
        **own.columns,
        key=key_for(division),
        name=row.name,
        division_id=division.id if division else None,
        dataset_id=dataset,
        source_id=source_id,
    )
    session.add(record)
    session.flush()
    _earlier(session, record.id, periods[:-1])


def _period(session: WriteSession, row: Any) -> Period:
    begun, ended = (
        dated(row.valid_from, row.from_precision),
        dated(row.valid_to, row.to_precision),
    )
    today = clock.today(get_settings().zone)
    for day in (row.valid_from, row.valid_to):
        if day is not None and day > today:
            raise BuiltUpAreaUnsound(
                problems_zh=f"{day} 晚于今天，请在生效之后导入",
                problems_en=f"{day} is after today; import it once it has taken effect",
            )
    if row.divisions:
        extent = of_divisions(session, row.divisions, begun)
    else:
        extent = Extent(WKBElement(bytes.fromhex(row.shape), srid=STORAGE_SRID, extended=True))
    return Period(begun, ended, extent, row.source or "", row.position_quality, row.number)


def _known(session: WriteSession, record: BuiltUpArea) -> list[Period]:
    earlier = [each for each in queries.extents_of(session, record.id) if not each.withdrawn]
    rows: list[BuiltUpArea | BuiltUpExtent] = [record, *earlier]
    return [
        Period(
            dated(row.valid_from, row.from_precision),
            dated(row.valid_to, row.to_precision),
            Extent(row.geom, [queries.Member(each["code"], each["vintage"]) for each in row.divisions or ()]),
            row.source,
            row.position_quality,
        )
        for row in rows
    ]


def _laid_over(told: Sequence[Period], known: Sequence[Period]) -> Sequence[Period]:
    """The periods that are known and those that a file tells, which win; each ends where the next one begins at the latest."""
    by_day = {each.day: each for each in known} | {each.day: each for each in told}
    in_order = [by_day[day] for day in sorted(by_day)]
    ending: list[Period] = []
    for each, following in zip(in_order, [*in_order[1:], None], strict=True):
        if following is None:
            ending.append(each)
        elif each.ended is None or each.ended.day > following.day:
            ending.append(replace(each, ended=following.begun))
        else:
            ending.append(each)
    return ending


def _earlier(session: WriteSession, area: UUID, wanted: Sequence[Period]) -> bool:
    """Have an area's earlier extents be these; whether anything was written."""
    changed = False
    there = {each.valid_from or date.min: each for each in queries.extents_of(session, area) if not each.withdrawn}
    days = {each.day for each in wanted}
    for day, record in there.items():
        if day not in days:
            record.withdrawn = changed = True
    session.flush()
    for each in wanted:
        known = there.get(each.day)
        if known is None:
            session.add(BuiltUpExtent(**each.columns, area_id=area))
            changed = True
        elif _set(known, each.columns):
            changed = True
    session.flush()
    return changed


def _set(record: BuiltUpArea | BuiltUpExtent, values: Mapping[str, Any]) -> bool:
    """Write what is different; whether anything was."""
    changed = False
    for name, value in values.items():
        present = getattr(record, name)
        if name == "geom":
            same = to_shape(present).normalize().equals_exact(to_shape(value).normalize(), 0.0)
        else:
            same = present == value
        if not same:
            setattr(record, name, value)
            changed = True
    return changed


def _touched(session: WriteSession, area: UUID) -> bool:
    """Whether anybody but an import ever wrote an area: what was changed here isn't the source's any more."""
    twin = twin_of(BuiltUpArea)
    whys = [
        session.scalar(select(BuiltUpArea.recorded_why).where(BuiltUpArea.id == area)),
        *session.scalars(select(twin.c.why).where(twin.c.id == area)),
    ]
    return any(not is_by_import(why, DatasetKind.BUILT_UP_AREAS) for why in whys)
