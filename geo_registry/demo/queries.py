"""The SQL of the room: what of the demonstration is in the registry, what else is, and how it is taken out again."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, and_, delete, exists, or_, select, text, update
from sqlalchemy.sql import Delete, Update

from geo_registry.db.history import twin_of
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.demo.datasets import KEY, LICENCES
from geo_registry.demo.named import BY_EXAMPLE
from geo_registry.model import (
    Announcement,
    BuiltUpArea,
    BuiltUpExtent,
    CaseClearance,
    CaseDocument,
    CaseName,
    CaseStepTaken,
    Consultation,
    ConsultationComment,
    CoverageFacility,
    CoverageRun,
    CoverageZone,
    Dataset,
    DemandPoint,
    Division,
    DivisionSuccession,
    DocumentContent,
    Facility,
    FacilityContact,
    FindingClearance,
    Heritage,
    HeritageEvidence,
    HeritageMeasure,
    HeritagePicture,
    HeritageStory,
    ImportRun,
    NameDecision,
    NameFinding,
    NameReview,
    NamingCase,
    Place,
    PlaceExtent,
    PlaceName,
    PlaceRelation,
    RoadBarrier,
    RoadSegment,
)
from geo_registry.vocabulary import PositionQuality

_OF_DATASETS = (DemandPoint, RoadBarrier, RoadSegment, Facility, Place)
"""What a dataset holds, but divisions: these the others refer to."""

_OWN_AREA = and_(BuiltUpArea.key.startswith("demo-"), BuiltUpArea.source.startswith(BY_EXAMPLE))
"""A built-up area is of no dataset: the demonstration's say so themselves."""

_MAY_DELETE = text("SELECT has_table_privilege(current_user, 'facility', 'DELETE')")


def datasets(session: ReadSession) -> Mapping[str, UUID]:
    """The demonstration's datasets that are there, by their kind."""
    rows = session.execute(select(Dataset.kind, Dataset.id).where(Dataset.key == KEY))
    return {row.kind: row.id for row in rows}


def holds_other_data(session: ReadSession) -> bool:
    """Whether the registry holds anything that isn't the demonstration's."""
    own = select(Dataset.id).where(Dataset.key == KEY)
    return any(
        session.scalar(select(question)) is True
        for question in (
            exists().where(Dataset.key != KEY),
            exists().where(BuiltUpArea.id.is_not(None), ~_OWN_AREA),
            exists().where(NamingCase.synthetic.is_(False)),
            exists().where(Heritage.synthetic.is_(False)),
            *(
                exists().where(or_(rows.dataset_id.is_(None), rows.dataset_id.not_in(own)))
                for rows in (Division, Facility, Place)
            ),
        )
    )


def is_whole(session: ReadSession) -> bool:
    """Whether all of the demonstration is there."""
    return len(datasets(session)) == len(LICENCES)


def wanted(session: ReadSession) -> bool:
    """Whether a registry that just starts should be given the demonstration: it is empty, or loading was interrupted.

    One that somebody cleared of it isn't given it again.
    """
    if is_whole(session) or holds_other_data(session):
        return False
    return bool(datasets(session)) or not was_cleared(session)


def was_cleared(session: ReadSession) -> bool:
    """Whether the demonstration was there once and somebody took it out."""
    twin = twin_of(Dataset)
    gone = exists().where(twin.c.key == KEY, twin.c.operation == "DELETE")
    return session.scalar(select(gone)) is True


def may_delete(session: ReadSession) -> bool:
    """Whether the session's role may take records out."""
    return session.scalar(_MAY_DELETE) is True


def take_out(session: WriteSession, own: Sequence[UUID]) -> Mapping[str, int]:
    """Delete the rows of datasets, with their history and the runs that they answered; how many, by table.

    What somebody else's rows refer to stays referred to as far as it can: a division that got its true boundary stays,
    without its dataset, and rows in other divisions are in none until they are placed anew.
    """
    gone = select(Division.id).where(
        Division.dataset_id.in_(own), Division.position_quality == PositionQuality.SYNTHETIC.value
    )
    counts = {"coverage_run": _done(session, delete(CoverageRun).where(CoverageRun.id.in_(_runs(own, gone))))}
    _let_go(session, own, gone)
    _erase_contacts(session, own)
    counts |= _take_out_what_is_told(session, own, gone)
    for rows in _OF_DATASETS:
        counts[rows.__tablename__] = _done(session, delete(rows).where(rows.dataset_id.in_(own)))
    counts[DivisionSuccession.__tablename__] = _take_out_successions(session, gone)
    counts[Division.__tablename__] = _done(session, delete(Division).where(Division.id.in_(gone)))
    _done(session, update(Division).where(Division.dataset_id.in_(own)).values(dataset_id=None))
    _done(session, update(ImportRun).where(ImportRun.dataset_id.in_(own)).values(dataset_id=None))
    counts[Dataset.__tablename__] = _done(session, delete(Dataset).where(Dataset.id.in_(own)))
    _forget(session, own)
    return counts


def _runs(own: Sequence[UUID], gone: Any) -> Any:
    """The runs that the demonstration answered, wholly or in part."""
    people = CoverageRun.inputs["population"]["dataset"].as_string()
    roads = CoverageRun.inputs["roads"]["dataset"].as_string()
    facilities = select(Facility.id).where(Facility.dataset_id.in_(own))
    return select(CoverageRun.id).where(
        or_(
            people == KEY,
            roads == KEY,
            CoverageRun.id.in_(select(CoverageZone.run_id).where(CoverageZone.division_id.in_(gone))),
            CoverageRun.id.in_(select(CoverageFacility.run_id).where(CoverageFacility.facility_id.in_(facilities))),
        )
    )


def _let_go(session: WriteSession, own: Sequence[UUID], gone: Any) -> None:
    """Rows of others that stand in the divisions that go, and divisions below them, stand in none."""
    _done(session, update(BuiltUpArea).where(~_OWN_AREA, BuiltUpArea.division_id.in_(gone)).values(division_id=None))
    _done(session, update(Heritage).where(Heritage.division_id.in_(gone)).values(division_id=None))
    for rows in (DemandPoint, Facility, Place):
        others = or_(rows.dataset_id.is_(None), rows.dataset_id.not_in(own))
        _done(session, update(rows).where(others, rows.division_id.in_(gone)).values(division_id=None))
    stays = Division.id.not_in(gone)
    _done(session, update(Division).where(stays, Division.parent_id.in_(gone)).values(parent_id=None))


def _erase_contacts(session: WriteSession, own: Sequence[UUID]) -> None:
    """Take out whom to call at facilities that go, from history too: they are people, whatever the facility is."""
    facilities = select(Facility.id).where(Facility.dataset_id.in_(own))
    twin = twin_of(FacilityContact)
    _done(session, delete(FacilityContact).where(FacilityContact.facility_id.in_(facilities)))
    _done(session, delete(twin).where(twin.c.facility_id.in_(facilities)))


def _take_out_what_is_told(session: WriteSession, own: Sequence[UUID], gone: Any) -> Mapping[str, int]:
    """Take out what is told of places that go, from history too: their names, extents and relations, what was cleared.

    What the last review found goes with them: it was found beside them. So do the built-up areas.
    """
    places = select(Place.id).where(Place.dataset_id.in_(own))
    areas = select(BuiltUpArea.id).where(_OWN_AREA)
    earlier = twin_of(BuiltUpExtent)
    _done(session, delete(BuiltUpExtent).where(BuiltUpExtent.area_id.in_(areas)))
    _done(session, delete(earlier).where(earlier.c.area_id.in_(areas)))
    counts = {BuiltUpArea.__tablename__: _done(session, delete(BuiltUpArea).where(_OWN_AREA))}
    _done(session, delete(twin_of(BuiltUpArea)).where(twin_of(BuiltUpArea).c.source.startswith(BY_EXAMPLE)))
    for found in (NameFinding, NameReview):
        _done(session, delete(found))
    counts[NamingCase.__tablename__] = _take_out_cases(session)
    counts[Heritage.__tablename__] = _take_out_heritage(session, places)
    told = (
        (FindingClearance, lambda of: or_(of.place_id.in_(places), of.division_id.in_(gone))),
        (PlaceRelation, lambda of: or_(of.place_id.in_(places), of.other_id.in_(places))),
        (PlaceExtent, lambda of: of.place_id.in_(places)),
        (PlaceName, lambda of: of.place_id.in_(places)),
    )
    for rows, of_them in told:
        counts[rows.__tablename__] = _done(session, delete(rows).where(of_them(rows)))
        twin = twin_of(rows)
        _done(session, delete(twin).where(of_them(twin.c)))
    return counts


def _take_out_cases(session: WriteSession) -> int:
    """Take out the cases of the demonstration, those too that people opened in it, with all that hangs on them."""
    cases = select(NamingCase.id).where(NamingCase.synthetic)
    lines = select(CaseName.id).where(CaseName.case_id.in_(cases))
    documents = select(CaseDocument.id).where(CaseDocument.case_id.in_(cases))
    consultations = select(Consultation.id).where(Consultation.case_id.in_(cases))
    _done(session, delete(DocumentContent).where(DocumentContent.id.in_(documents)))
    hanging: tuple[tuple[Any, str, Any], ...] = (
        (CaseClearance, "line_id", lines),
        (ConsultationComment, "consultation_id", consultations),
        (NameDecision, "case_id", cases),
        (Announcement, "case_id", cases),
        (Consultation, "case_id", cases),
        (CaseDocument, "case_id", cases),
        (CaseStepTaken, "case_id", cases),
        (CaseName, "case_id", cases),
    )
    ids = [list(session.scalars(each)) for _, _, each in hanging]
    for (rows, column, _), of in zip(hanging, ids, strict=True):
        twin = twin_of(rows)
        _done(session, delete(rows).where(getattr(rows, column).in_(of)))
        _done(session, delete(twin).where(twin.c[column].in_(of)))
    taken = _done(session, delete(NamingCase).where(NamingCase.synthetic))
    twin = twin_of(NamingCase)
    _done(session, delete(twin).where(twin.c.synthetic))
    return taken


def _take_out_heritage(session: WriteSession, places: Any) -> int:
    """Take out the examples of names on protection lists, and what is told of places that go, from history too."""
    own = or_(Heritage.synthetic, Heritage.place_id.in_(places))
    names = select(Heritage.id).where(own)
    for rows in (HeritageEvidence, HeritageStory, HeritagePicture, HeritageMeasure):
        twin = twin_of(rows)
        _done(session, delete(rows).where(rows.heritage_id.in_(names)))
        _done(session, delete(twin).where(twin.c.heritage_id.in_(names)))
    taken = _done(session, delete(Heritage).where(own))
    twin = twin_of(Heritage)
    _done(session, delete(twin).where(or_(twin.c.synthetic, twin.c.place_id.in_(places))))
    return taken


def _take_out_successions(session: WriteSession, gone: Any) -> int:
    """Take out what is recorded of divisions that go, from history too: without both ends it says nothing."""
    of_them = or_(DivisionSuccession.before_id.in_(gone), DivisionSuccession.after_id.in_(gone))
    taken = _done(session, delete(DivisionSuccession).where(of_them))
    twin = twin_of(DivisionSuccession)
    _done(session, delete(twin).where(or_(twin.c.before_id.in_(gone), twin.c.after_id.in_(gone))))
    return taken


def _forget(session: WriteSession, own: Sequence[UUID]) -> None:
    """Take out what history keeps of the rows, deletion included: a question about the past isn't answered with examples.

    That the datasets were there, and who took them out, stays in theirs.
    """
    for rows in (*_OF_DATASETS, Division):
        twin, live = twin_of(rows), rows.metadata.tables[rows.__tablename__]
        there = exists().where(live.c.id == twin.c.id)
        # A place that a case made was in no dataset at first.
        ever = select(twin.c.id).where(twin.c.dataset_id.in_(own))
        _done(session, delete(twin).where(twin.c.id.in_(ever), ~there))
    # No other run is ever taken out.
    twin, live = twin_of(CoverageRun), CoverageRun.metadata.tables[CoverageRun.__tablename__]
    _done(session, delete(twin).where(~exists().where(live.c.id == twin.c.id)))


def _done(session: WriteSession, statement: Delete | Update) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0
