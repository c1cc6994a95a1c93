"""`/api/v1/names/…`: what place names are made of."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.languages import locale_of
from api.problems import answers
from api.schemas.names import RomanizedOut
from geo_registry.errors import NameNotRomanised
from geo_registry.places.romanisation.engine import NAME_CHARS, romanise
from geo_registry.places.romanisation.pieces import Setting
from geo_registry.vocabulary import PlaceClass

router = APIRouter(prefix="/names", tags=["names"])

Name = Annotated[
    str, Query(description="The name alone, in Chinese characters", examples=["双溪西路"], max_length=NAME_CHARS)
]
Class = Annotated[
    PlaceClass | None, Query(alias="class", description="What it names; else its generic part suggests it")
]
Figures = Annotated[
    bool, Query(description="Ordinals of streets and institutions in figures (1984), else in letters (GB/T 16159)")
]


@router.get("/romanize", summary="Spell a name", responses=answers(NameNotRomanised))
def romanize_name(
    request: Request, response: Response, name: Name, place_class: Class = None, *, figures: Figures = True
) -> RomanizedOut:
    """A proposal how a name is spelt in Hanyu Pinyin: its parts, the rule of each, what is doubtful, what else it could be.

    It is made of rules and tables, and decides nothing: `doubtful` says that a person should look first.
    """
    proposal = romanise(name, place_class, setting=Setting(figures=figures))
    if proposal.refused is not None:
        raise NameNotRomanised(name=name, reason_zh=proposal.refused.zh, reason_en=proposal.refused.en)
    locale = locale_of(request)
    response.headers.update({"Content-Language": locale, "Vary": "Accept-Language"})
    return RomanizedOut.of(proposal, locale=locale)
