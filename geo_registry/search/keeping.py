"""The keys of names, kept up: made before whatever changed a name is committed, in the same transaction (ADR 0033).

Triggers note which records changed, whoever wrote them: an import of a million, a form, a statement at the prompt. A
process that was wired makes their keys when its unit of work commits; what others left, the next start makes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, event, func, null, select, text
from sqlalchemy.orm import Session

from geo_registry.db.copying import Value, copy_rows
from geo_registry.db.session import LOCAL_OPERATOR, Database, WriteSession
from geo_registry.model import Division, Facility, NameDue, NameKey
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.search.ranking import DIVISION_RANKS, facility_rank
from geo_registry.vocabulary import Named

AT_ONCE = 20_000
"""Names whose keys are made in one go: some ten megabytes, a second."""

IS_DUE = text("SELECT current_setting('geo.names', true) = 'due'")
NO_MORE = text("SELECT set_config('geo.names', '', true)")
TAKE = text("SELECT type, record_id FROM take_names(:most)")

_COLUMNS = (
    NameKey.type,
    NameKey.record_id,
    NameKey.name,
    NameKey.folded,
    NameKey.pinyin,
    NameKey.initials,
    NameKey.grams,
    NameKey.rank,
    NameKey.length,
    NameKey.kind,
    NameKey.status,
    NameKey.quality,
    NameKey.code,
    NameKey.vintage,
    NameKey.lon,
    NameKey.lat,
)


def install() -> None:
    """Have every unit of work of this process make the keys of the names that it changed; at the wiring, once."""
    if not installed():
        event.listen(WriteSession, "before_commit", _before_commit)


def installed() -> bool:
    """Whether this process keeps keys up."""
    return event.contains(WriteSession, "before_commit", _before_commit)


def catch_up(database: Database) -> int:
    """Make the keys that are due from before: of records that a migration found, or somebody wrote past the product.

    Several processes may start at once: they share the work. Tells how many records were taken up.
    """
    with database.read() as session:
        if session.scalars(select(NameDue.record_id).limit(1)).first() is None:
            return 0
    with database.write(actor=LOCAL_OPERATOR, why="name keys") as session:
        return make_due(session)


def make_due(session: WriteSession) -> int:
    """Make the keys of all records that are due and that no other transaction is at; tells how many there were."""
    taken = 0
    while found := session.execute(TAKE, {"most": AT_ONCE}).all():
        for named in Named:
            ids = [row.record_id for row in found if row.type == named.value]
            if ids:
                _make(session, named, ids)
        taken += len(found)
    return taken


def _before_commit(session: Session) -> None:
    assert isinstance(session, WriteSession)
    session.flush()
    if session.scalar(IS_DUE):
        make_due(session)
        session.execute(NO_MORE)


def _make(session: WriteSession, named: Named, ids: Sequence[UUID]) -> None:
    rows = session.execute(_RECORDS[named].where(_RECORD_ID[named].in_(ids)))
    copy_rows(session, NameKey.__tablename__, [column.key for column in _COLUMNS], _keys(named, rows))


def _keys(named: Named, rows: Any) -> Iterator[Sequence[Value]]:
    # The dictionaries are read when the first name is: a command that changes none doesn't wait for them.
    from geo_registry.text.keys import keys_of  # noqa: PLC0415

    for row in rows:
        keys = keys_of(row.name)
        rank = DIVISION_RANKS[row.kind] if named is Named.DIVISION else facility_rank(row.kind, row.status)
        yield (
            named.value,
            str(row.id),
            row.name,
            keys.folded,
            keys.pinyin,
            keys.initials,
            # Grams are letters and figures, at most two: nothing in them means anything in an array's text.
            "{" + ",".join(sorted(keys.grams)) + "}",
            rank,
            len(keys.folded),
            row.kind,
            row.status,
            row.quality,
            row.code,
            row.vintage,
            row.lon,
            row.lat,
        )


_LABEL = func.ST_Transform(Division.label_3857, STORAGE_SRID)
"""Where a division's name is written: computed once, when the division was written."""

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
    )
    .select_from(Facility)
    .outerjoin(Division, Division.id == Facility.division_id),
}
"""What is read of the records of each type. Another type is another entry here, and triggers on its table."""

_RECORD_ID: Mapping[Named, Any] = {Named.DIVISION: Division.id, Named.FACILITY: Facility.id}
