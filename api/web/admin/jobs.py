"""`/admin/jobs`: the queue of long work, what failed and why, and the buttons to take back and to try again."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import database_of, reading
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import Typed, admin_page, asked_page, following, go_and_say, sign_in_first
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.policy import Verb
from geo_registry.jobs import service
from geo_registry.jobs.queue import SILENT_AFTER_S, worker_silence_s
from geo_registry.jobs.service import OPEN_STATES
from geo_registry.vocabulary import JobState

JOBS = "/admin/jobs"
MOST_JOBS = 2**63 - 1

TONES = {
    JobState.QUEUED: "plain",
    JobState.RUNNING: "plain",
    JobState.DONE: "good",
    JobState.FAILED: "bad",
    JobState.CANCELLED: "plain",
}

router = APIRouter(include_in_schema=False)

JobId = Annotated[int, Path(ge=1, le=MOST_JOBS)]


@router.get("/admin/jobs")
def jobs_page(
    request: Request,
    state: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Jobs, the newest first, in one state or in any."""
    return sign_in_first(request) or _list(request, state=state, after=after)


@router.post("/admin/jobs/{job}/cancel")
def cancel_job_form(request: Request, job: JobId, *, csrf: Typed = "") -> Response:
    """Take a job back."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    service.cancel_job(database_of(request), job, actor=visitor.actor)
    return go_and_say(request, JOBS, "cancelled")


@router.post("/admin/jobs/{job}/retry")
def retry_job_form(request: Request, job: JobId, *, csrf: Typed = "") -> Response:
    """Queue a job that failed once more."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    service.retry_job(database_of(request), job, actor=visitor.actor)
    return go_and_say(request, JOBS, "again")


def _list(request: Request, *, state: str, after: str) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    asked = next((each for each in JobState if each.value == state), None)
    with reading(request) as db:
        found = service.list_jobs(db, asked_page(after), actor=actor, state=asked)
        silence_s = worker_silence_s(db)
    return admin_page(
        request,
        "admin/jobs.html",
        rows=found.rows,
        state=asked.value if asked else "",
        states=[(each.value, each.label(locale)) for each in JobState],
        tones=TONES,
        open_states=OPEN_STATES,
        failed=JobState.FAILED,
        after=after,
        following=following(found.next_after),
        worker_silent=silence_s is None or silence_s > SILENT_AFTER_S,
        may_cancel=policy.refusal(actor, Verb.CANCEL_JOB) is None,
        may_retry=policy.refusal(actor, Verb.RETRY_JOB) is None,
    )
