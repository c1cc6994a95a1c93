"""The keys of names, kept up: made before whatever changed a name is committed, in the same transaction (ADR 0033).

Triggers note which records changed, whoever wrote them: an import of a million, a form, a statement at the prompt. A
process that was wired makes their keys when its unit of work commits, or has a job make them where they are many; what
others left, the next start of the service sees to.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, and_, bindparam, case, event, false, func, null, or_, select, text
from sqlalchemy.orm import Session

from geo_registry import clock
from geo_registry.db.copying import Value, insert_rows
from geo_registry.db.session import LOCAL_OPERATOR, Database, WriteSession, everywhere
from geo_registry.divisions.succession_queries import is_former
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.jobs.queue import defer
from geo_registry.model import Division, Facility, NameKey, Place, PlaceName
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.search.ranking import division_rank, facility_rank, place_rank
from geo_registry.settings import get_settings
from geo_registry.vocabulary import Named, NameKind, PlaceState, SpellingStatus

IN_ONE_GO = 5_000
"""So many names get their keys before what changed them commits, in half a second; of more a job makes them, so that an
import of a million doesn't take half as long again."""

AT_ONCE = 20_000
"""Names whose keys the job makes in one transaction."""

TASK = "search.keep"

IS_DUE = text("SELECT current_setting('geo.names', true) = 'due'")
NO_MORE = text("SELECT set_config('geo.names', '', true)")
COUNT_DUE = text("SELECT count(*) FROM (SELECT FROM name_due LIMIT :most) AS due")
TAKE = text("SELECT type, record_id FROM take_names(:most)")

_COLUMNS = (
    NameKey.type,
    NameKey.record_id,
    NameKey.name,
    NameKey.folded,
    NameKey.pinyin,
    NameKey.initials,
    NameKey.grams,
    NameKey.homophone,
    NameKey.rank,
    NameKey.length,
    NameKey.kind,
    NameKey.status,
    NameKey.quality,
    NameKey.code,
    NameKey.vintage,
    NameKey.lon,
    NameKey.lat,
    NameKey.name_kind,
    NameKey.former,
    NameKey.begins_on,
    NameKey.turns_on,
)


def install() -> None:
    """Have every unit of work of this process make the keys of the names that it changed; at the wiring, once."""
    if not installed():
        event.listen(WriteSession, "before_commit", _before_commit)


def installed() -> bool:
    """Whether this process keeps keys up."""
    return event.contains(WriteSession, "before_commit", _before_commit)


def catch_up(database: Database) -> None:
    """See to the keys that are due from before: of records that a migration found, or somebody wrote past the product."""
    with database.read() as session:
        if not session.scalar(COUNT_DUE, {"most": 1}):
            return
    with database.write(actor=LOCAL_OPERATOR, why=TASK) as session:
        _settle(session)


def make_all(database: Database, progress: Progress = unheard) -> None:
    """Make all keys that are due, `AT_ONCE` a transaction; several processes share the work.

    Parameters
    ----------
    database
        The registry's.
    progress
        Called with the step ``names``.
    """
    done = 0
    while True:
        with database.write(actor=LOCAL_OPERATOR, why=TASK) as session:
            taken = _make_some(session, AT_ONCE)
        if not taken:
            return
        done += taken
        progress("names", done)


def make_now(session: WriteSession, progress: Progress = unheard) -> None:
    """Make all keys that are due in this unit of work, however many: whoever goes on to compare the names needs them.

    Parameters
    ----------
    session
        The unit of work that changed the names.
    progress
        Called with the step ``keys``.
    """
    session.flush()
    done = 0
    with everywhere(session):
        total = session.scalar(COUNT_DUE, {"most": None}) or 0
        while taken := _make_some(session, AT_ONCE):
            done += taken
            progress("keys", done, total)


def _before_commit(session: Session) -> None:
    assert isinstance(session, WriteSession)
    session.flush()
    if session.scalar(IS_DUE):
        # What is due may be others' too: keys follow from records, whoever makes them.
        with everywhere(session):
            _settle(session)
        session.execute(NO_MORE)


def _settle(session: WriteSession) -> None:
    """Make the keys that are due now, or, where they are many, have a job make them."""
    if (session.scalar(COUNT_DUE, {"most": IN_ONE_GO + 1}) or 0) > IN_ONE_GO:
        defer(session, TASK)
    else:
        _make_some(session, IN_ONE_GO)


def _make_some(session: WriteSession, most: int) -> int:
    """Make the keys of at most `most` records that are due and that nobody else is at; tells how many there were."""
    found = session.execute(TAKE, {"most": most}).all()
    for named in Named:
        ids = [row.record_id for row in found if row.type == named.value]
        if ids:
            _make(session, named, ids)
    return len(found)


def _make(session: WriteSession, named: Named, ids: Sequence[UUID]) -> None:
    today = clock.today(get_settings().zone)
    rows = session.execute(_RECORDS[named].where(_RECORD_ID[named].in_(ids)), {TODAY.key: today})
    insert_rows(session, NameKey.__tablename__, [column.key for column in _COLUMNS], _keys(named, rows))


RANKS: Mapping[Named, Callable[[Any], int]] = {
    Named.DIVISION: lambda row: division_rank(row.kind, former=row.former),
    Named.FACILITY: lambda row: facility_rank(row.kind, row.status),
    Named.PLACE: lambda row: place_rank(row.kind, former=row.former),
}


def _keys(named: Named, rows: Any) -> Iterator[Sequence[Value]]:
    # The dictionaries are read when the first name is: a command that changes none doesn't wait for them.
    from geo_registry.text.keys import keys_of  # noqa: PLC0415

    for row in rows:
        keys = keys_of(row.name)
        yield (
            named.value,
            str(row.id),
            row.name,
            keys.folded,
            keys.pinyin,
            keys.initials,
            # Grams are letters and figures, at most two: nothing in them means anything in an array's text.
            "{" + ",".join(sorted(keys.grams)) + "}",
            keys.homophone,
            RANKS[named](row),
            len(keys.folded),
            row.kind,
            row.status,
            row.quality,
            row.code,
            row.vintage,
            row.lon,
            row.lat,
            row.name_kind,
            row.former,
            row.begins_on.isoformat() if row.begins_on is not None else None,
            row.turns_on.isoformat() if row.turns_on is not None else None,
        )


_LABEL = func.ST_Transform(Division.label_3857, STORAGE_SRID)
"""Where a division's name is written: computed once, when the division was written."""

_INSIDE = func.ST_PointOnSurface(Place.geom)
"""A point of a place's extent: on the line, inside the area."""

TODAY = bindparam("today", type_=Date())
"""The day that the keys are made on."""

_BEGINS = case((PlaceName.valid_from > TODAY, PlaceName.valid_from))
_ENDS = case((PlaceName.valid_to > TODAY, PlaceName.valid_to))
"""The beginning, and the end, of a place's name, where it is to come."""

_RECORDS: Mapping[Named, Select[*tuple[Any, ...]]] = {
    Named.DIVISION: select(
        Division.id,
        Division.name,
        Division.level.label("kind"),
        null().label("status"),
        Division.position_quality.label("quality"),
        Division.code,
        Division.vintage,
        func.ST_X(_LABEL).label("lon"),
        func.ST_Y(_LABEL).label("lat"),
        null().label("name_kind"),
        is_former().label("former"),
        null().label("begins_on"),
        null().label("turns_on"),
    ),
    Named.FACILITY: select(
        Facility.id,
        Facility.name,
        Facility.kind,
        Facility.status,
        Facility.position_quality.label("quality"),
        Division.code,
        null().label("vintage"),
        func.ST_X(Facility.geom).label("lon"),
        func.ST_Y(Facility.geom).label("lat"),
        null().label("name_kind"),
        false().label("former"),
        null().label("begins_on"),
        null().label("turns_on"),
    )
    .select_from(Facility)
    .outerjoin(Division, Division.id == Facility.division_id),
    Named.PLACE: select(
        Place.id,
        func.coalesce(PlaceName.name, Place.standard_name).label("name"),
        Place.place_class.label("kind"),
        Place.state.label("status"),
        Place.position_quality.label("quality"),
        Division.code,
        null().label("vintage"),
        func.ST_X(_INSIDE).label("lon"),
        func.ST_Y(_INSIDE).label("lat"),
        func.coalesce(PlaceName.kind, NameKind.STANDARD.value).label("name_kind"),
        # Of a place that has no names of its own in their table, the standard name is the only one.
        func.coalesce(
            or_(
                PlaceName.kind.in_((NameKind.FORMER.value, NameKind.HISTORICAL.value)),
                PlaceName.status == SpellingStatus.HISTORICAL.value,
                PlaceName.valid_to <= TODAY,
            ),
            Place.state == PlaceState.ABOLISHED.value,
        ).label("former"),
        _BEGINS.label("begins_on"),
        func.least(_BEGINS, _ENDS).label("turns_on"),
    )
    .select_from(Place)
    .outerjoin(
        PlaceName,
        and_(
            PlaceName.place_id == Place.id,
            PlaceName.status != SpellingStatus.REJECTED.value,
            PlaceName.withdrawn.is_(False),
        ),
    )
    .outerjoin(Division, Division.id == Place.division_id),
}
"""What is read of the records of each type. Another type is another entry here, and triggers on its table."""

_RECORD_ID: Mapping[Named, Any] = {Named.DIVISION: Division.id, Named.FACILITY: Facility.id, Named.PLACE: Place.id}
