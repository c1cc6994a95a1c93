"""The demonstration's names on protection lists written down, each with what is told of it."""

from collections.abc import Mapping
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import select

from geo_registry.db.session import WriteSession
from geo_registry.demo.listed import (
    BODY,
    CAPTION,
    DELISTED_ON,
    LIST_NAME,
    LISTED_ON,
    SOURCE,
    Listed,
    drawing,
    listed,
)
from geo_registry.divisions import service as divisions
from geo_registry.heritage.pictures import read_picture
from geo_registry.model import (
    Heritage,
    HeritageEvidence,
    HeritageMeasure,
    HeritagePicture,
    HeritageStory,
    Place,
)
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.places.romanisation.engine import romanise
from geo_registry.vocabulary import HeritageStatus, PlaceClass


def write_listed(session: WriteSession, places: Mapping[str, UUID]) -> int:
    """Write all of them, each once; how many. `places` are the ids of the demonstration's places by their keys."""
    for at, each in enumerate(listed(), start=1):
        record = _record(session, each, places[each.place] if each.place is not None else None, at)
        session.add(record)
        session.flush()
        session.add_all(_told(record.id, each, at))
    session.flush()
    return len(listed())


def _record(session: WriteSession, each: Listed, place: UUID | None, at: int) -> Heritage:
    of = session.execute(select(Place).where(Place.id == place)).scalar_one() if place is not None else None
    is_listed = each.status is not HeritageStatus.PROPOSED
    is_off = each.status is HeritageStatus.DELISTED
    if of is not None:
        division = of.division_id
    else:
        division = divisions.get_division(session, each.division).id if each.division is not None else None
    return Heritage(
        name=each.name,
        romanized=romanise(each.name, PlaceClass.of(of.place_class) if of is not None else None).romanized or "",
        place_id=place,
        division_id=division,
        geom=from_shape(Point(each.lon, each.lat), srid=STORAGE_SRID) if each.lon is not None else None,
        kind=each.kind.value,
        level=each.level.value,
        list_name=LIST_NAME,
        status=each.status.value,
        listed_on=LISTED_ON if is_listed else None,
        document_number=f"示例民〔2022〕{at}号" if is_listed else "",
        body=BODY if is_listed else "",
        delisted_on=DELISTED_ON if is_off else None,
        delisted_document="示例民〔2024〕9号" if is_off else "",
        delisted_why=each.why,
        founded=each.founded,
        named=each.named,
        disused=each.disused,
        claims=dict.fromkeys(each.claims, True),
        synthetic=True,
    )


def _told(
    heritage: UUID, each: Listed, at: int
) -> list[HeritageEvidence | HeritageStory | HeritagePicture | HeritageMeasure]:
    told: list[HeritageEvidence | HeritageStory | HeritagePicture | HeritageMeasure] = [
        HeritageEvidence(
            heritage_id=heritage,
            what=proof.what,
            says=proof.says,
            dated=proof.dated,
            source=SOURCE,
            supports=list(proof.supports),
        )
        for proof in each.evidence
    ]
    told += [
        HeritageStory(heritage_id=heritage, title=title, story=story, source=SOURCE) for title, story in each.stories
    ]
    told += [
        HeritageMeasure(
            heritage_id=heritage,
            purpose=one.purpose.value,
            measure=one.measure,
            decided_on=one.decided_on,
            document_number=one.number,
            body=one.body,
        )
        for one in each.measures
    ]
    if each.picture:
        read = read_picture(drawing(at))
        told.append(
            HeritagePicture(
                heritage_id=heritage,
                caption=CAPTION,
                author="示例",
                licence="CC0 1.0",
                media_type=read.media_type,
                width_px=read.width_px,
                height_px=read.height_px,
                checksum=read.checksum,
                content=read.content,
            )
        )
    return told
