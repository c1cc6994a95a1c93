"""`/api/v1/jobs`: the queue of long work, for whoever keeps it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CurrentActor, ListerDep, PageParam, ReadDb, database_of
from api.problems import WHO_MAY, answers
from api.schemas.jobs import JobOut
from api.schemas.shared import Items
from api.tags import TAGGED, ShowerDep, version_of
from geo_registry.errors import CursorInvalid, JobFinished, JobNotFailed, JobUnknown
from geo_registry.jobs import service
from geo_registry.vocabulary import JobState

router = APIRouter(tags=["jobs"])

MOST_JOBS = 2**63 - 1

JobId = Annotated[int, Path(description="The job's number", ge=1, le=MOST_JOBS)]


@router.get("/jobs", summary="List jobs", responses=answers(CursorInvalid, *WHO_MAY))
def list_jobs(
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    actor: CurrentActor,
    state: Annotated[JobState | None, Query(description="Only those that stand so")] = None,
) -> Items[JobOut]:
    """Jobs, the newest first: how each stands, how often it was tried, why it failed."""
    return Items(**lister.page(service.list_jobs(db, page, actor=actor, state=state), JobOut.of))


@router.get(
    "/jobs/{job}", summary="One job", responses={**TAGGED, **answers(JobUnknown, *WHO_MAY)}, response_model=JobOut
)
def get_job(db: ReadDb, job: JobId, actor: CurrentActor, shower: ShowerDep) -> JobOut | Response:
    """How a job stands, how far it has come, why it failed."""
    shown = JobOut.of(service.show_job(db, job, actor=actor))
    return shower.show(version_of(shown), lambda: shown)


@router.post("/jobs/{job}/cancel", summary="Cancel a job", responses=answers(JobFinished, JobUnknown, *WHO_MAY))
def cancel_job(request: Request, job: JobId, actor: CurrentActor) -> JobOut:
    """Take it back: a queued one is never begun, a running one stops at its next word of progress."""
    return JobOut.of(service.cancel_job(database_of(request), job, actor=actor))


@router.post("/jobs/{job}/retry", summary="Try a job again", responses=answers(JobNotFailed, JobUnknown, *WHO_MAY))
def retry_job(request: Request, job: JobId, actor: CurrentActor) -> JobOut:
    """Queue one that failed once more, with what it was ordered with."""
    return JobOut.of(service.retry_job(database_of(request), job, actor=actor))
