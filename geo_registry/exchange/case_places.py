"""Which place a cell of a table means that a case is made of: by its id, its national code, or what it is called now."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from geo_registry.cases.writing import COUNTY, refuse_elsewhere
from geo_registry.db.session import ReadSession
from geo_registry.divisions.queries import DivisionRow
from geo_registry.divisions.rules import prefix_of
from geo_registry.errors import CaseElsewhere, CasePlaceAbolished
from geo_registry.exchange.place_words import NATIONAL_CODE
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.places import queries
from geo_registry.places.queries import PlaceRow
from geo_registry.vocabulary import PlaceClass, PlaceState

MOST_TOLD = 8
"""Candidates that a problem lists."""


class PlacesMeant:
    """The places that some cells mean, looked up at once."""

    def __init__(self, session: ReadSession, division: DivisionRow, said: Iterable[str]) -> None:
        self._division = division
        wanted = {each.strip() for each in said}
        ids = {found for each in wanted if (found := _id(each)) is not None}
        codes = {each for each in wanted if NATIONAL_CODE.fullmatch(each)}
        # What crosses a border is registered in the division above, as far as that is the county.
        zone = prefix_of(division.code)[:COUNTY]
        rows = queries.rows_meant(session, ids=ids, codes=codes, names=wanted - codes, zone=zone)
        self._by_id: Mapping[UUID, PlaceRow] = {row.id: row for row in rows}
        self._by_code: Mapping[str, PlaceRow] = {row.national_code: row for row in rows if row.national_code}
        self._called: dict[str, list[PlaceRow]] = {}
        for row in rows:
            if self._is_here(row):
                self._called.setdefault(row.name, []).append(row)

    def one(self, said: str, place_class: PlaceClass | None) -> PlaceRow:
        """The place that a cell means; of several of that name the only one of the class.

        Raises
        ------
        Refused
            There is none, there are several, it is abolished, or it lies elsewhere.
        """
        meant = said.strip()
        identified = _id(meant)
        found = self._by_id.get(identified) if identified is not None else self._by_code.get(meant)
        if found is None:
            return self._only(self._called.get(meant, ()), place_class)
        if found.state == PlaceState.ABOLISHED.value:
            raise _refused(CasePlaceAbolished(name=found.name))
        if found.division_code is not None:
            try:
                refuse_elsewhere(found.name, found.division_code, self._division)
            except CaseElsewhere as error:
                raise _refused(error) from None
        return found

    def _only(self, called: Sequence[PlaceRow], place_class: PlaceClass | None) -> PlaceRow:
        if not called:
            raise Refused(ProblemCode.PLACE_UNKNOWN, division=self._division.name)
        of_class = [row for row in called if place_class is not None and row.place_class == place_class.value]
        if len(called) > 1 and len(of_class) != 1:
            told = (of_class or called)[:MOST_TOLD]
            raise Refused(
                ProblemCode.PLACE_AMBIGUOUS,
                candidates_zh="；".join(_told(row, "zh") for row in told),
                candidates_en="; ".join(_told(row, "en") for row in told),
            )
        return called[0] if len(called) == 1 else of_class[0]

    def _is_here(self, row: PlaceRow) -> bool:
        if row.state == PlaceState.ABOLISHED.value or row.division_code is None:
            return False
        try:
            refuse_elsewhere(row.name, row.division_code, self._division)
        except CaseElsewhere:
            return False
        return True


def _refused(error: CaseElsewhere | CasePlaceAbolished) -> Refused:
    return Refused(ProblemCode.RULE, zh=error.message("zh"), en=error.message("en"))


def _told(row: PlaceRow, locale: str) -> str:
    kind = PlaceClass.of(row.place_class).label(locale)
    where = row.division_name or row.division_code or "–"
    return f"{row.id}（{kind}，{where}）" if locale == "zh" else f"{row.id} ({kind}, {where})"


def _id(said: str) -> UUID | None:
    try:
        return UUID(said)
    except ValueError:
        return None


def names_in_cells(cells: Iterable[Collection[str] | str | None]) -> Iterable[str]:
    """What all of some cells say: one each, or a list."""
    for cell in cells:
        if isinstance(cell, str):
            yield cell
        elif cell is not None:
            yield from cell
