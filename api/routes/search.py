"""`/api/v1/search` and `/api/v1/suggest`."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import AppSettings, ReadDb
from api.problems import answers
from api.schemas.search import SearchOut
from geo_registry.divisions.rules import home_code
from geo_registry.errors import NearInvalid, SearchEmpty, SearchTooLong
from geo_registry.search import service
from geo_registry.search.inputs import MAX_HITS, Near, Question

router = APIRouter(tags=["search"])

Text = Annotated[
    str,
    Query(
        alias="q",
        description="A name, its beginning or a part; its pinyin without tones, or its initials; a division's code",
        examples=["江南", "jiangnan", "jn", "330702"],
    ),
]
NearText = Annotated[
    str | None,
    Query(
        description="Longitude,latitude in degrees: of names that fit alike, the nearest first",
        examples=["119.65,29.08"],
        max_length=100,
    ),
]
LIMIT = f"Hits at most; above {MAX_HITS} it counts as {MAX_HITS}"


@router.get("/search", summary="Find names", responses=answers(SearchEmpty, SearchTooLong, NearInvalid))
def search_names(
    db: ReadDb,
    settings: AppSettings,
    text: Text,
    near: NearText = None,
    limit: Annotated[int, Query(ge=1, description=LIMIT)] = 20,
) -> SearchOut:
    """Divisions, places and facilities whose names fit, the best first.

    The same name comes first, then names that begin so, are read so, have these initials, hold the text; among these the
    weightier, then the shorter. Divisions are those of the newest vintage of their level; former ones
    whose name went out with them come behind all that is in use, with what they became.
    """
    return _found(db, settings, text, near, limit)


@router.get("/suggest", summary="Complete a name", responses=answers(SearchEmpty, SearchTooLong, NearInvalid))
def suggest_names(
    db: ReadDb,
    settings: AppSettings,
    text: Text,
    near: NearText = None,
    limit: Annotated[int, Query(ge=1, description=LIMIT)] = 8,
) -> SearchOut:
    """The first hits of the search, for a box that is being typed into: what is suggested is what would be found."""
    return _found(db, settings, text, near, limit)


def _found(db: ReadDb, settings: AppSettings, text: str, near: str | None, limit: int) -> SearchOut:
    question = Question.parse(text, limit=limit, near=Near.parse(near) if near is not None else None)
    hits = service.search(db, question, home=home_code(settings.home_division))
    return SearchOut.of(question, hits)
