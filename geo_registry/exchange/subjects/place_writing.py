"""Staged place names into the registry, set by set: what is new, what changed, and what a person has changed since."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Table, and_, func, update

from geo_registry.db.events import publish
from geo_registry.db.session import WriteSession
from geo_registry.divisions.queries import containing
from geo_registry.exchange.plan import Plan
from geo_registry.exchange.staging import WAITING
from geo_registry.exchange.subjects import place_sql as sql
from geo_registry.exchange.subjects.subject import Written
from geo_registry.places.events import PlacesImported
from geo_registry.places.turning import today


class Writer:
    """Writes the staged rows of one file."""

    def __init__(self, session: WriteSession, staged: Table, plan: Plan, dataset: UUID) -> None:
        self._session = session
        self._staged = staged
        self._columns = plan.columns
        self._asked: Mapping[str, Any] = {"dataset": dataset, "by_import": sql.BY_IMPORT, "today": today()}

    def write(self) -> Written:
        """Refuse what can't stand beside what is there, write the rest, and tell what became of the rows."""
        self._refuse_taken_codes()
        self._find_places()
        self._read_names()
        self._write_places()
        self._write_names()
        self._write_extents()
        self._run(sql.NOWHERE)
        self._run(sql.BEYOND_ALL)
        fates = self._session.execute(sql.FATES).one()
        if fates.created or fates.updated:
            # One for the set: a million rows come in at once.
            publish(self._session, PlacesImported(self._asked["dataset"], fates.created, fates.updated))
        return Written(
            created=fates.created,
            updated=fates.updated,
            unchanged=fates.unchanged,
            refused=fates.refused,
            absent=self._session.scalar(sql.ABSENT, self._asked) or 0,
        )

    def _refuse_taken_codes(self) -> None:
        self._run(sql.KNOWN)
        self._run(sql.CODES_REPEATED, "national_code")
        self._run(sql.CODES_TAKEN, "national_code")

    def _find_places(self) -> None:
        """Ids for new places; names whose place is nowhere are refused."""
        self._run(sql.NEW)
        self._run(sql.NAMES_OF_NEW)
        self._run(sql.NAMES_OF_NONE, "source_id")

    def _read_names(self) -> None:
        """The names that the rows tell, with those that the registry has of them."""
        self._run(sql.NAMES_BEFORE)
        self._run(sql.NAMES)
        for statement in sql.INDEX_NAMES:
            self._run(statement)
        self._run(sql.REPEATED)
        self._run(sql.OTHER_NAMES_THERE)
        self._run(sql.STANDARD_NAMES_THERE)
        self._run(sql.NAMES_KEPT, "name")
        self._run(sql.OVERLAPPING, "name")
        self._run(sql.NAMES_REFUSED)

    def _write_places(self) -> None:
        staged = self._staged
        of_places = and_(staged.c.state == WAITING, staged.c.entry == "", staged.c.geom.is_not(None))
        unsaid = staged.c.division_id.is_(None)
        inside = containing(func.ST_PointOnSurface(staged.c.geom))
        self._session.execute(update(staged).where(of_places, unsaid).values(placed_id=inside))
        self._run(sql.PLACES_KEPT, "name")
        self._run(sql.PLACES_CHANGED)
        self._run(sql.PLACES_NEW)

    def _write_names(self) -> None:
        for statement in sql.NAMES_CHANGED:
            self._run(statement)
        self._run(sql.NAMES_NEW)

    def _write_extents(self) -> None:
        self._run(sql.EXTENTS_KEPT)
        self._run(sql.EXTENTS_CHANGED)
        self._run(sql.EXTENTS_NEW)

    def _run(self, statement: Executable, field: str = "name") -> None:
        """Run one; problems that it tells are about the column that fills `field`."""
        self._session.execute(statement, {**self._asked, "column": self._columns.get(field, field)})
