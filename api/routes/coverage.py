"""`/api/v1/coverage/runs`: order a run, follow it, take its result; `/api/v1/standards`: what can be asked."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import Annotated, BinaryIO
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.deps import (
    AppScenes,
    AppSettings,
    Asker,
    CurrentActor,
    LangParam,
    ListerDep,
    PageParam,
    ReadDb,
    ThenParam,
    WriteDb,
    base_url,
    does,
)
from api.languages import locale_of
from api.once import HEADERS, MAY_REFUSE, Made, OnceDep
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers, refusals
from api.schemas.coverage import (
    ColumnsOut,
    LiveOrder,
    LiveOut,
    PointAnswerOut,
    ResultFormat,
    RunOrder,
    RunOut,
    WayOrder,
    WayOut,
    ZoneOut,
)
from api.schemas.revisions import RevisionOut
from api.schemas.shared import Items
from api.tags import PERSONAL, TAGGED, VERSIONED, IfMatch, ShowerDep, etag
from geo_registry.accounts.policy import Verb
from geo_registry.coverage import catalogue, queries, reporting, service
from geo_registry.coverage.inputs import Standard
from geo_registry.db.paging import Listing
from geo_registry.db.session import ReadSession
from geo_registry.errors import (
    BodyMalformed,
    CursorInvalid,
    EditedTwice,
    FacilityNotInRun,
    FilterMistyped,
    FilterProperty,
    FilterSyntax,
    FilterUnsupported,
    FontMissing,
    JobUnknown,
    MomentInvalid,
    NotRecordedThen,
    ParameterUnknown,
    PointNotInRun,
    RunFinished,
    RunNotDone,
    RunOutdated,
    RunUnknown,
    StandardUnknown,
)
from geo_registry.jobs.queue import JobView, get_job
from geo_registry.network.queries import road_words
from geo_registry.vocabulary import DivisionLevel, RunState

router = APIRouter(tags=["coverage"])

RunId = Annotated[UUID, Path(description="The run's id")]

CHUNK_BYTES = 256 * 1024

MOST_DRAWN = 100_000
"""Demand points that one answer gives; a browser draws no more of them one by one."""

LASTING_S = 24 * 3600
"""A run's answer never changes."""

MEDIA_TYPES = {
    ResultFormat.GEOJSON: "application/geo+json",
    ResultFormat.CSV: "text/csv; charset=utf-8",
    ResultFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ResultFormat.HTML: "text/html; charset=utf-8",
    ResultFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ResultFormat.PNG: "image/png",
}

IN_WORDS = (ResultFormat.DOCX, ResultFormat.PNG)
"""Formats that are written in one language."""

MAP_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'none'"
)
"""A map is one file with its scripts in it: it gets an origin of its own, and reaches nothing (ADR 0012)."""


ORDERS = {
    "a standard of the catalogue": {"value": {"standard": "care-circle-15min", "zone": "330702"}},
    "a whole standard": {
        "value": {
            "standard": {
                "key": "poa-15min",
                "name": {"zh": "十五分钟步行", "en": "15 minutes on foot"},
                "family": "reach",
                "demand": "all",
                "basis": "resident",
                "kinds": ["home-care-centre"],
                "mode": "walk",
                "speed_kmh": 3.6,
                "minutes": 15,
                "snap_limit_m": 500,
                "source": "who asks for it, article, verified or not",
            },
            "population": "porto-alegre",
            "as_of": "2020-12-31",
        }
    },
}


SCENARIOS = {
    "a facility is moved and one is added": {
        "value": {
            "run": "0b6f1a62-6f0e-4c58-8a5c-0f1c5a3c8f11",
            "edits": [
                {"do": "move", "facility": 17, "lon": 119.65, "lat": 29.08},
                {"do": "add", "lon": 119.7, "lat": 29.1},
            ],
        }
    }
}


WAYS = {"as the run has it": {"value": {"run": "0b6f1a62-6f0e-4c58-8a5c-0f1c5a3c8f11", "edits": [], "point": 12}}}


@router.get("/standards", summary="The catalogue of service standards", responses=refusals(ParameterUnknown))
def list_standards() -> Items[Standard]:
    """The standards that ship with the product, each with its source and whether that was verified."""
    return Items(items=list(catalogue.standards()), next=None)


@router.post(
    "/coverage/runs",
    summary="Order a coverage run",
    status_code=202,
    response_model=RunOut,
    responses={
        202: {"headers": {**HEADERS, **TAGGED[200]["headers"]}},
        **answers(
            BodyMalformed,
            BodyTooLarge,
            MediaTypeRefused,
            StandardUnknown,
            FilterMistyped,
            FilterProperty,
            FilterSyntax,
            FilterUnsupported,
            *MAY_REFUSE,
            *WHO_MAY,
            has_body=True,
        ),
    },
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": ORDERS}}}},
)
@does(Verb.ORDER_RUN)
def order_run(db: WriteDb, once: OnceDep, order: RunOrder, actor: CurrentActor, request: Request) -> Response:
    """Write the run down and queue it; a worker performs it. Follow `Location` until its state is done, failed or cancelled."""
    standard = catalogue.standard(order.standard) if isinstance(order.standard, str) else order.standard

    def make() -> Made:
        run = service.order_run(db, standard=standard, question=order.question(), actor=actor)
        shown = RunOut.of(run, base_url=base_url(request), author=actor.name)
        headers = {"ETag": etag(queries.version_of_run(run))}
        return Made(shown, location=shown.links.self, status=HTTPStatus.ACCEPTED, headers=headers)

    return once.make(make, allow=lambda: service.require_ordering(order.question(), actor=actor))


@router.get("/coverage/runs", summary="List coverage runs", responses=answers(CursorInvalid, MomentInvalid))
def list_runs(db: ReadDb, page: PageParam, then: ThenParam, lister: ListerDep, actor: Asker) -> Items[RunOut]:
    """All runs, the newest first, now or as they stood at a moment; each with who ordered it, for who may see that."""
    here = lister.base_url
    if then is not None:
        past = queries.runs_at(db, then.at, page)
        return Items(
            **lister.page(past, lambda run: RunOut.of(run, base_url=here, author=service.author_for(actor, run)))
        )
    found = queries.list_runs(db, page)
    return Items(**lister.page(found, lambda run: RunOut.of(run, base_url=here, author=service.author_for(actor, run))))


@router.get(
    "/coverage/runs/{run}",
    summary="One coverage run",
    response_model=RunOut,
    responses={**TAGGED, **answers(MomentInvalid, NotRecordedThen, RunUnknown)},
)
def get_run(
    *, db: ReadDb, run: RunId, then: ThenParam, request: Request, shower: ShowerDep, actor: Asker
) -> RunOut | Response:
    """How a run stands, or stood then: its state, how far it has come, and, once it is done, its totals and inputs."""
    if then is not None:
        past = queries.run_at(db, run, then.at)
        who = service.author_for(actor, past)
        return shower.show(
            queries.version_of_run(past),
            lambda: RunOut.of(past, base_url=base_url(request), author=who),
            personal=True,
        )
    found = queries.get_run(db, run)
    author = service.author_for(actor, found)
    job = _job_of(db, found.state, found.job_id)
    return shower.show(
        queries.version_of_run(found),
        lambda: RunOut.of(found, base_url=base_url(request), author=author, job=job),
        # Its progress is told by its job.
        settled=found.state not in queries.OPEN_STATES,
        personal=True,
    )


@router.get("/coverage/runs/{run}/revisions", summary="A run's revisions", responses=answers(CursorInvalid, RunUnknown))
def list_run_revisions(db: ReadDb, run: RunId, page: PageParam, lister: ListerDep, actor: Asker) -> Items[RevisionOut]:
    """That it was ordered, begun, finished, cancelled, tried again, the newest first; by whom, for who may see that."""
    return Items(**lister.page(service.revisions_for(actor, db, run, page), RevisionOut.of))


@router.post(
    "/coverage/runs/{run}/cancel",
    summary="Cancel a coverage run",
    responses={200: TAGGED[200], **answers(RunFinished, RunUnknown, *VERSIONED, *WHO_MAY)},
)
@does(Verb.CANCEL_RUN)
def cancel_run(
    *, db: WriteDb, run: RunId, seen: IfMatch, actor: CurrentActor, request: Request, response: Response
) -> RunOut:
    """Take back a run that is queued or running: it is cancelled from now on, and will have no result.

    Cancelling it again answers the same; a run that is done or has failed is refused. `If-Match: *` cancels it however
    far it has come.
    """
    found = service.cancel_run(db, run, seen=seen, actor=actor)
    response.headers["ETag"] = etag(queries.version_of_run(found))
    return RunOut.of(found, base_url=base_url(request), author=service.author_for(actor, found))


@router.get(
    "/coverage/runs/{run}/zones",
    summary="A run's answer by division",
    responses=answers(CursorInvalid, RunUnknown, RunNotDone),
)
def list_zones(
    db: ReadDb,
    run: RunId,
    page: PageParam,
    lister: ListerDep,
    level: Annotated[DivisionLevel | None, Query(description="Only this level")] = None,
) -> Items[ZoneOut]:
    """Every division that people of the question live in, and those above; from the top, by code within a level."""
    _refuse_unfinished(db, run)
    zones = queries.list_zones(db, run, level=level)
    # A result doesn't change, so a place in it is as good as a key.
    end = page.after + page.limit
    found = Listing(rows=zones[page.after : end], next_after=end if end < len(zones) else None)
    return Items(**lister.page(found, ZoneOut.of))


@router.get(
    "/coverage/runs/{run}/points",
    summary="A run's answer by demand point",
    responses=answers(CursorInvalid, RunUnknown, RunNotDone),
)
def list_points(db: ReadDb, run: RunId, page: PageParam, lister: ListerDep) -> Items[PointAnswerOut]:
    """Every demand point in exactly one state: covered, beyond, unreachable or unsnapped."""
    _refuse_unfinished(db, run)
    return Items(**lister.page(queries.list_points(db, run, page), PointAnswerOut.of))


@router.get(
    "/coverage/runs/{run}/columns",
    summary="All that a map of a run draws",
    response_model=ColumnsOut,
    responses=answers(RunUnknown, RunNotDone),
)
def get_columns(db: ReadDb, run: RunId) -> Response:
    """Every demand point and every facility of a run in one answer, column by column: for maps that follow edits.

    A run of more demand points than a browser draws one by one gives its facilities alone; the tiles have its points.
    """
    _refuse_unfinished(db, run)
    columns = ColumnsOut.of(queries.point_columns(db, run, most=MOST_DRAWN), queries.list_facilities(db, run))
    # Already valid: to be read again by the framework would take as long as all the rest.
    headers = {"Cache-Control": f"private, max-age={LASTING_S}"}
    return Response(columns.model_dump_json(), media_type="application/json", headers=headers)


@router.get(
    "/coverage/runs/{run}/result.{extension}",
    summary="A run's whole result as a file",
    response_class=StreamingResponse,
    responses={
        200: {"content": {media.partition(";")[0]: {} for media in MEDIA_TYPES.values()}},
        **answers(RunUnknown, RunNotDone, FontMissing),
    },
)
def get_result(
    *,
    db: ReadDb,
    run: RunId,
    extension: Annotated[ResultFormat, Path(description="What to write it as")],
    settings: AppSettings,
    request: Request,
    actor: Asker,
    lang: LangParam = None,
) -> StreamingResponse:
    """GeoJSON (points, facilities, zones), CSV (points), a workbook, or a map that opens with no internet.

    As an office hands it in, in one language: the report (DOCX: conclusion, zones, method, doubts), its map on A4 (PNG).
    """
    locale = str(lang or locale_of(request))
    found = queries.get_run(db, run)
    links = RunOut.of(found, base_url=base_url(request)).links.results
    annexes = [links[ResultFormat.XLSX], f"{links[ResultFormat.PNG]}?lang={locale}"]
    reader = reporting.Reader(locale, annexes, author=service.author_for(actor, found))
    file = _result_file(db, run, extension, settings.data_path / "results", reader)
    headers = {"Content-Length": str(file.seek(0, 2))}
    file.seek(0)
    if extension in IN_WORDS:
        headers |= {**PERSONAL, "Content-Language": locale, "Vary": f"Accept-Language, {PERSONAL['Vary']}"}
    if extension is ResultFormat.HTML:
        headers["Content-Security-Policy"] = MAP_POLICY
    else:
        headers["Content-Disposition"] = f'attachment; filename="coverage-{run}.{extension.value}"'
    return StreamingResponse(_chunks(file), media_type=MEDIA_TYPES[extension], headers=headers)


@router.post(
    "/coverage/live",
    summary="What edits of facilities would change",
    responses=answers(
        BodyMalformed,
        BodyTooLarge,
        EditedTwice,
        FacilityNotInRun,
        MediaTypeRefused,
        RunNotDone,
        RunOutdated,
        RunUnknown,
        *WHO_MAY,
        has_body=True,
    ),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": SCENARIOS}}}},
)
def live(db: ReadDb, order: LiveOrder, scenes: AppScenes, settings: AppSettings, actor: CurrentActor) -> LiveOut:
    """Add, move and close facilities of a finished run and see who is covered then: fast enough to follow a pointer.

    The first question about a run reads its data, which takes a second or a few; those after it take milliseconds.
    """
    scene = service.try_edits(db, scenes, order.run, actor=actor, data_path=settings.data_path)
    return LiveOut.of(scene.outlook(order.edits))


@router.post(
    "/coverage/live/way",
    summary="The way from a demand point to its nearest facility",
    responses=answers(
        BodyMalformed,
        BodyTooLarge,
        EditedTwice,
        FacilityNotInRun,
        MediaTypeRefused,
        PointNotInRun,
        RunNotDone,
        RunOutdated,
        RunUnknown,
        *WHO_MAY,
        has_body=True,
    ),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": WAYS}}}},
)
def way(db: ReadDb, order: WayOrder, scenes: AppScenes, settings: AppSettings, actor: CurrentActor) -> WayOut:
    """Its line and the roads that it follows, with the edits of a scenario or, where there are none, as the run has it."""
    scene = service.try_edits(db, scenes, order.run, actor=actor, data_path=settings.data_path)
    found = scene.way(order.point, order.edits)
    fids = [] if found is None else [one.road_fid for one in found.stretches if one.road_fid is not None]
    return WayOut.of(found, road_words(db, fids), cost_per_minute=scene.cost_per_minute)


def _job_of(db: ReadSession, state: str, job: int | None) -> JobView | None:
    """The job that performs a run that has no end yet; None where the queue has it no longer."""
    if state not in queries.OPEN_STATES or job is None:
        return None
    try:
        return get_job(db, job)
    except JobUnknown:
        return None


def _refuse_unfinished(db: ReadSession, run: UUID) -> None:
    state = queries.get_run(db, run).state
    if state != RunState.DONE.value:
        raise RunNotDone(run=run, state=state)


def _result_file(
    db: ReadSession, run: UUID, extension: ResultFormat, folder: FilePath, reader: reporting.Reader
) -> BinaryIO:
    """The result, open for reading; its name is gone already, so nothing stays behind however the answer ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as own:
        path = FilePath(own) / f"result.{extension.value}"
        reporting.write(db, run, path, reader)
        return path.open("rb")


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
