"""`geo-registry search …`: what is called so, or nearly."""

from typing import TYPE_CHECKING, Annotated

import typer

from geo_registry.cli import console
from geo_registry.cli.console import AsJson

if TYPE_CHECKING:
    from geo_registry.search.service import Hit


def search_names(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT", help="A name, its beginning or a part; its pinyin or its initials; a division's code."
        ),
    ],
    near: Annotated[
        str | None, typer.Option(metavar="LON,LAT", help="Of names that fit alike, the nearest to here first.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Find divisions and facilities by name, the best first.

    Example: geo-registry search jiangnan --near 119.65,29.08
    """
    from geo_registry.divisions.rules import home_code
    from geo_registry.search import keeping, service
    from geo_registry.search.inputs import Near, Question
    from geo_registry.settings import get_settings

    question = Question.parse(text, limit=limit, near=Near.parse(near) if near is not None else None)
    with console.registry() as database:
        with console.progress_bar() as progress:
            # Where no worker runs, nobody has made the keys of a large import yet.
            keeping.make_all(database, progress)
        with database.read() as session:
            hits = service.search(session, question, home=home_code(get_settings().home_division))
    if as_json:
        console.print_json({"query": question.text, "hits": [_as_json(hit) for hit in hits]})
    elif hits:
        console.show((hit.name, _said(hit)) for hit in hits)
    else:
        console.say(f"没有找到“{question.text}”", f"nothing is called {question.text!r}")


def _as_json(hit: "Hit") -> dict[str, object]:
    return {
        "id": hit.id,
        "type": hit.type.value,
        "kind": hit.kind,
        "name": hit.name,
        "label": hit.label,
        "matched": hit.matched,
        "former": hit.former,
        "begins_on": hit.begins_on.isoformat() if hit.begins_on is not None else None,
        "name_kind": hit.name_kind,
        "match": hit.match.value,
        "score": hit.score,
        "lon": hit.lon,
        "lat": hit.lat,
        "code": hit.code,
        "status": hit.status,
        "position_quality": hit.quality,
        "vintage": hit.vintage,
        "became": [
            {
                "code": lead.division.code,
                "name": lead.division.name,
                "vintage": lead.division.vintage,
                "change": lead.change.value,
                "certainty": lead.certainty.value,
            }
            for lead in hit.became
        ],
        "heirs": [{"id": str(heir.id), "name": heir.name} for heir in hit.heirs],
    }


def _said(hit: "Hit") -> str:
    """What kind of thing it is, where, and what it is known by."""
    from geo_registry.vocabulary import (
        DivisionLevel,
        FacilityKind,
        FacilityStatus,
        Named,
        NameKind,
        PlaceClass,
        PlaceState,
        PositionQuality,
        Word,
    )

    locale = console.locale()
    kinds: dict[Named, type[Word]] = {
        Named.DIVISION: DivisionLevel,
        Named.FACILITY: FacilityKind,
        Named.PLACE: PlaceClass,
    }
    words = [kinds[hit.type].of(hit.kind).label(locale), hit.label]
    if hit.name_kind not in {None, NameKind.STANDARD.value}:
        words.append(NameKind.of(str(hit.name_kind)).label(locale))
    elif hit.former:
        words.append(NameKind.FORMER.label(locale))
    if hit.begins_on is not None:
        words.append(f"{hit.begins_on} 起使用" if locale.startswith("zh") else f"from {hit.begins_on} on")
    if hit.matched != hit.name:
        words.append(f"→ {hit.name}")
    if hit.status not in {None, FacilityStatus.OPEN.value, PlaceState.IN_USE.value}:
        words.append((PlaceState if hit.type is Named.PLACE else FacilityStatus).of(str(hit.status)).label(locale))
    if hit.type is not Named.DIVISION and hit.quality == PositionQuality.SYNTHETIC.value:
        words.append(PositionQuality.SYNTHETIC.label(locale))
    words += [f"→ {heir.name}" for heir in hit.heirs]
    words += [f"{lead.change.label(locale)} {lead.division.name}" for lead in hit.became]
    words.append(str(hit.code) if hit.type is Named.DIVISION else str(hit.id))
    return " · ".join(word for word in words if word)
