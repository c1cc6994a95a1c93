"""The demonstration's places written by the verbs that anybody's are: registered, lengthened, related, checked, cleared."""

from collections.abc import Callable
from itertools import pairwise
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely.geometry import mapping

from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import taking_over
from geo_registry.db.session import Database, WriteSession
from geo_registry.demo.datasets import KEY, LICENCES
from geo_registry.demo.listing import write_listed
from geo_registry.demo.named import BuiltUp, NamedPlace
from geo_registry.demo.places import Places
from geo_registry.divisions import service as divisions
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.model import BuiltUpArea, Dataset
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.places import clearing, service
from geo_registry.places.clearing import FindingQuery, NewClearance
from geo_registry.places.inputs import NewExtent, NewName, NewPlace, NewRelation
from geo_registry.places.service import Provenance
from geo_registry.search import keeping
from geo_registry.vocabulary import DatasetKind, FindingCode, NameKind, PositionQuality, SpellingStatus

WHY = "demo load"
MOST = 100
"""Duplicates that are looked at: there are few."""
MEANT_ALIKE = "桂花苑"
"""Two estates are called so; another pair of one name is left for whoever works on the list."""
CLEARED = "示例：两处分属新旧小区，门牌和住户证件已久用，经核不改"
"""Why they may go on being called so."""


def register(session: WriteSession, places: Places, *, actor: Actor, heard: Callable[[int], None]) -> int:
    """Write all of them, each once; how many. `heard` is told how many are done."""
    dataset = Dataset(kind=DatasetKind.PLACES.value, key=KEY, licence=LICENCES[DatasetKind.PLACES])
    session.add(dataset)
    session.add_all([_area(session, each) for each in places.areas])
    session.flush()
    ids: dict[str, UUID] = {}
    for place in places.named:
        ids[place.key] = _register(session, place, dataset.id, actor)
        heard(len(ids))
    for place in places.named:
        for tie in place.ties:
            relation = NewRelation.model_validate(
                {
                    "kind": tie.kind,
                    "other": ids[tie.other],
                    "since": tie.since,
                    "evidence": tie.evidence,
                    "certainty": tie.certainty,
                }
            )
            service.relate_places(session, ids[place.key], relation, actor=actor)
    taking_over.record_dataset(session, dataset.id, synthetic=True)
    write_listed(session, ids)
    return len(ids)


def review(database: Database, *, actor: Actor, progress: Progress = unheard) -> None:
    """Have all names checked, and the two that are meant to be alike cleared of it, for a reason.

    Whoever loads the demonstration may do that in it, whatever he is granted of names.
    """
    keeping.make_all(database)
    service.review_now(database, actor=actor, progress=progress)
    with database.write(actor=actor, why=WHY, verb=Verb.LOAD_DEMO.value) as session:
        alike = clearing.rows_matching(session, FindingQuery(code=FindingCode.DUPLICATE), after=0, limit=MOST)
        cleared: set[frozenset[UUID | None]] = set()
        for found in (each for each in alike if each.name == MEANT_ALIKE):
            other = found.finding.collides_with
            pair = frozenset({found.record, other.id if other else None})
            if pair in cleared:
                continue
            cleared.add(pair)
            clearing.clear(
                session,
                NewClearance(
                    type=found.type,
                    record=found.record,
                    code=FindingCode.DUPLICATE,
                    collides_with=other.id if other else None,
                    reason=CLEARED,
                ),
            )


def _register(session: WriteSession, place: NamedPlace, dataset: UUID, actor: Actor) -> UUID:
    versions = [*place.before, (place.shape, None)]
    new = NewPlace.model_validate(
        {
            "class": place.place_class,
            "name": place.name,
            "meaning": place.meaning,
            "origin": place.origin,
            "source": place.source,
            "named_on": place.named,
            "state": place.state,
            "division": place.division,
            "begun_on": place.begun,
            "ended_on": place.ended,
            "geometry": mapping(versions[0][0]),
            "detail": place.detail,
            "names": [
                NewName.model_validate(
                    {
                        "name": name.name,
                        "kind": name.kind,
                        "status": SpellingStatus.HISTORICAL if _was(name.kind) else SpellingStatus.RECORDED,
                        "language": name.language,
                        "romanized": name.romanized,
                        "valid_from": name.since,
                        "valid_to": name.until,
                        "source": name.source,
                    }
                )
                for name in place.names
            ],
            "why": WHY,
        }
    )
    provenance = Provenance(dataset, place.key, PositionQuality.SYNTHETIC)
    made = service.register_from_dataset(session, new, provenance=provenance, actor=actor)
    for (_, since), (shape, _) in pairwise(versions):
        extent = NewExtent.model_validate({"geometry": mapping(shape), "source": place.source, "valid_from": since})
        service.set_extent(session, made, extent, actor=actor, quality=PositionQuality.SYNTHETIC)
    return made


def _was(kind: NameKind) -> bool:
    """Whether a name beside the present standard one is of the past."""
    return kind in {NameKind.STANDARD, NameKind.FORMER, NameKind.HISTORICAL}


def _area(session: WriteSession, area: BuiltUp) -> BuiltUpArea:
    return BuiltUpArea(
        key=area.key,
        name=area.name,
        division_id=divisions.get_division(session, area.division).id,
        geom=from_shape(area.shape, srid=STORAGE_SRID),
        source=area.source,
        position_quality=PositionQuality.SYNTHETIC.value,
    )
