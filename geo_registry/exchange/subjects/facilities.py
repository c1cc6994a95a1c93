"""Facilities of every kind, at points."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Date, Table, Text, and_, cast, func, literal, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geo_registry.db.copying import Value
from geo_registry.db.session import WriteSession
from geo_registry.exchange import placing, staging
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.converters import count, day, required_text, text, word_of
from geo_registry.exchange.fit import PositionCheck
from geo_registry.exchange.inputs import DatasetFacts
from geo_registry.exchange.mapping import Positions
from geo_registry.exchange.plan import BURIAL_PLACES, Plan, detail_converter
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.exchange.source import Chunk
from geo_registry.exchange.subjects.points import (
    Keyed,
    division_column,
    division_then,
    divisions_of,
    ids_of,
    needs_places,
    points_of,
    qualities,
    source_id,
)
from geo_registry.exchange.subjects.subject import Written, needs
from geo_registry.facilities.kinds import DETAIL_FIELDS, KINDS, DetailField, FieldType
from geo_registry.facilities.rules import breaches, capacity_of
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress
from geo_registry.model import Facility
from geo_registry.vocabulary import DatasetKind, FacilityKind, FacilityStatus

_TARGET = Facility.metadata.tables[Facility.__tablename__]

_PLAIN = ("kind", "name", "address", "status", "opened_on", "closed_on", "capacity", "confirmed_on")
"""Columns that a field of the same name fills."""


class Facilities:
    """Facilities on their way in."""

    kind = DatasetKind.FACILITIES
    fitting = ("Point", "Polygon")
    keys = ("source_id",)
    copied = (
        "number",
        "source_id",
        *_PLAIN,
        "detail",
        "division_code",
        "division_name",
        "position_quality",
        "geom",
    )

    def __init__(self) -> None:
        self.staged = staging.staged_table(
            "import_row",
            {
                "source_id": Text(),
                "kind": Text(),
                "name": Text(),
                "address": Text(),
                "status": Text(),
                "opened_on": Date(),
                "closed_on": Date(),
                "capacity": BigInteger(),
                "confirmed_on": Date(),
                "detail": JSONB(),
                **placing.COLUMNS,
            },
        )
        self._fit = PositionCheck()

    def check(self, plan: Plan, columns: Sequence[str]) -> None:
        """Rows have a kind, a name (or an id to be called by), and lie somewhere."""
        needs(plan, columns, "kind")
        if "source_id" not in plan.columns:
            needs(plan, columns, "name")
        needs_places(plan, columns)

    def rows(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[Sequence[Value]]:
        """The batch's good rows as they are staged."""
        points = points_of(batch, plan, crs, self._fit)
        kinds = batch.required("kind", word_of(FacilityKind))
        names = _names(batch, kinds)
        statuses = batch.get("status", word_of(FacilityStatus))
        opened = batch.settled("opened_on", batch.get("opened_on", day))
        closed = batch.settled("closed_on", batch.get("closed_on", day))
        confirmed = batch.settled("confirmed_on", batch.get("confirmed_on", day))
        capacities = batch.get("capacity", count)
        details = _details(batch, plan, kinds)
        addresses = batch.get("address", text)
        codes, division_names = divisions_of(batch)
        ids = ids_of(batch, plan, batch.raw("kind"), names, [address or "" for address in addresses])
        written, quality = points.ewkb(), qualities(batch, points.approximate.tolist())
        staged: list[Sequence[Value]] = []
        for at, kind in enumerate(kinds):
            if kind is None or at in batch.refused:
                continue
            status = statuses[at] or FacilityStatus.OPEN
            capacity = capacities[at] if capacities[at] is not None else capacity_of(kind, details[at])
            found = breaches(
                kind=kind,
                status=status,
                opened_on=opened[at],
                closed_on=closed[at],
                capacity=capacity,
                detail=details[at],
            )
            for breach in found:
                batch.tell(at, breach.field, None, ProblemCode.RULE, {"zh": breach.zh, "en": breach.en})
            if at in batch.refused:
                continue
            staged.append(
                (
                    batch.numbers[at],
                    ids[at],
                    kind.value,
                    names[at],
                    addresses[at] or "",
                    status.value,
                    _iso(opened[at]),
                    _iso(closed[at]),
                    capacity,
                    _iso(confirmed[at]),
                    json.dumps(details[at], ensure_ascii=False),
                    codes[at],
                    division_names[at],
                    quality[at],
                    written[at],
                )
            )
        return staged

    def facts(self, told: DatasetFacts) -> DatasetFacts:
        """Nothing more is known of the dataset."""
        return told

    def settle(self, session: WriteSession, plan: Plan, dataset: UUID) -> Written:
        """Bring the staged rows into the registry.

        A field that the file doesn't have is left as it is: what stewards added to a facility survives the next file.
        """
        staged = self.staged
        content = [*_PLAIN, "detail", "division_code", "division_name", "geom"]
        staging.collapse(session, staged, self.keys, content, warn=False)
        placing.place(session, staged, column=division_column(plan), lenient="division" in plan.proposed)
        _refuse_early_closings(session, staged, dataset)
        placed = placing.division_by_position(session, staged)
        own = (*_PLAIN, "detail", "position_quality", "geom")
        inserted: dict[str, ColumnElement[Any]] = {name: staged.c[name] for name in own}
        return Keyed(session, _TARGET, staged, dataset).write(
            inserted={**inserted, "division_id": placed}, updated=_updated(staged, plan, placed)
        )

    def afterwards(self, session: WriteSession, progress: Progress) -> None:
        """Nothing."""

    def beside(self, session: WriteSession, chunk: Chunk) -> None:
        """Nothing."""

    def counts(self) -> Mapping[str, int]:
        """Nothing."""
        return {}


def _refuse_early_closings(session: WriteSession, staged: Table, dataset: UUID) -> None:
    """Refuse rows that would close a facility before the opening that the registry knows and the file doesn't say."""
    opened = func.coalesce(staged.c.opened_on, _TARGET.c.opened_on)
    closed = func.coalesce(staged.c.closed_on, _TARGET.c.closed_on)
    there = and_(
        staged.c.state == staging.WAITING,
        _TARGET.c.dataset_id == dataset,
        _TARGET.c.source_id == staged.c.source_id,
        closed < opened,
    )
    reason = func.jsonb_build_object(
        "zh", "关闭日期早于登记的开业日期", "en", "it closes before it opened, as registered"
    )
    both = staged.join(_TARGET, _TARGET.c.source_id == staged.c.source_id)
    staging.tell(
        session, both, ProblemCode.RULE, number=staged.c.number, column="closed_on", details=reason, where=there
    )
    session.execute(update(staged).where(there).values(state=staging.REFUSED))


def _updated(staged: Table, plan: Plan, placed: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    filled = {*plan.columns, *plan.constants}
    updated: dict[str, ColumnElement[Any]] = {name: staged.c[name] for name in _PLAIN if name in filled | {"name"}}
    detail = sorted(
        {name for name in filled if name in DETAIL_FIELDS} | ({BURIAL_PLACES} if plan.group(BURIAL_PLACES) else set())
    )
    if detail:
        kept = _TARGET.c.detail.op("-")(cast(literal(detail, ARRAY(Text)), ARRAY(Text)))
        updated["detail"] = kept.op("||")(staged.c.detail)
        # What the kind's own field says the capacity is, unless somebody said it himself.
        updated.setdefault("capacity", func.coalesce(staged.c.capacity, _TARGET.c.capacity))
    if plan.positions is not Positions.NONE:
        updated["geom"] = staged.c.geom
        updated["position_quality"] = staged.c.position_quality
    updated["division_id"] = division_then(_TARGET, staged, placed)
    return updated


def _names(batch: Batch, kinds: Sequence[FacilityKind | None]) -> Sequence[str | None]:
    """The rows' names; where no column has them, the kind and the id."""
    if batch.has("name"):
        return batch.required("name", required_text)
    ids = batch.get("source_id", source_id)
    return [f"{kind.zh} {found}" if kind and found else None for kind, found in zip(kinds, ids, strict=True)]


def _details(batch: Batch, plan: Plan, kinds: Sequence[FacilityKind | None]) -> list[dict[str, object]]:
    """Each row's own fields of its kind, those that are filled.

    A column that was only proposed for a field counts for the kinds that have it: a list of several kinds has columns
    that are about some of them. One that the mapping names must fit every row that it fills.
    """
    details: list[dict[str, object]] = [{} for _ in range(len(batch))]
    for key, field in DETAIL_FIELDS.items():
        if field.holds is not FieldType.COUNTS and batch.has(key):
            lenient = key in plan.proposed
            values = _converted(batch, field, kinds)
            for detail, value, kind in zip(details, values, kinds, strict=True):
                if value is not None and not (lenient and kind is not None and KINDS[kind].field(key) is None):
                    detail[key] = value
    for name in plan.group(BURIAL_PLACES):
        kind_of_burial = name.removeprefix(f"{BURIAL_PLACES}.")
        for detail, value in zip(details, batch.get(name, count), strict=True):
            if value is not None:
                places = detail.setdefault(BURIAL_PLACES, {})
                if isinstance(places, dict):
                    places[kind_of_burial] = value
    return details


def _converted(batch: Batch, field: DetailField, kinds: Sequence[FacilityKind | None]) -> Sequence[object | None]:
    """A field's values, each in the words of its row's kind: `ownership` has others for homes than for cemeteries."""
    own = [KINDS[kind].field(field.key) or field if kind is not None else field for kind in kinds]
    if len({one.words for one in own}) <= 1:
        return batch.get(field.key, detail_converter(own[0] if own else field))
    values: list[object | None] = []
    for at, (one, value) in enumerate(zip(own, batch.raw(field.key), strict=True)):
        try:
            values.append(detail_converter(one)(value))
        except Refused as refusal:
            batch.tell(at, field.key, value, refusal.code, refusal.details)
            values.append(None)
    return values


def _iso(value: Any) -> str | None:
    return None if value is None else value.isoformat()
