"""The guard of listed names: before one is changed, measures to protect it have to be set out (地名管理条例 art. 25)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from geo_registry.db.session import ReadSession
from geo_registry.errors import HeritageUnprotected
from geo_registry.heritage import queries
from geo_registry.vocabulary import HeritageLevel


@dataclass(frozen=True, slots=True)
class Guarded:
    """A list that a name stands on, and how many measures before its renaming are recorded."""

    heritage: UUID
    level: HeritageLevel
    list_name: str
    listed_on: date
    measures: int


@dataclass(frozen=True, slots=True)
class Guard:
    """What keeps a place's present name: the lists that it stands on; none, where nothing does."""

    place: UUID
    name: str
    lists: Sequence[Guarded]

    @property
    def is_listed(self) -> bool:
        """Whether the name is on a protection list."""
        return bool(self.lists)

    @property
    def unprotected(self) -> Sequence[Guarded]:
        """The lists of which no measures before a renaming are recorded."""
        return [each for each in self.lists if not each.measures]

    def require_measures(self) -> None:
        """Raise where the name is listed and may not be changed, or abolished, before measures are recorded.

        Raises
        ------
        HeritageUnprotected
            There are lists of which none are.
        """
        if not self.unprotected:
            return
        said = [(each.list_name, each.level) for each in self.unprotected]
        raise HeritageUnprotected(
            name=self.name,
            lists_zh="、".join(f"{level.zh}{f'：{name}' if name else ''}" for name, level in said),
            lists_en=", ".join(f"{level.en}{f': {name}' if name else ''}" for name, level in said),
            address=f"/heritage/{self.unprotected[0].heritage}",
        )


def guard_of(session: ReadSession, place: UUID, *, on: date | None = None) -> Guard:
    """What keeps a place's present name; measures count that were decided on by a day, that of the renaming's document.

    A former name on a list keeps nothing: it isn't changed by what the place is called next.

    Raises
    ------
    PlaceUnknown
        There is no such place.
    """
    name, rows = queries.lists_of_present_name(session, place, on=on)
    return Guard(
        place,
        name,
        [Guarded(row.id, HeritageLevel.of(row.level), row.list_name, row.listed_on, row.measures) for row in rows],
    )
