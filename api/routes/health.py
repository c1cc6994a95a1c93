"""`/healthz` and `/readyz`: for whoever watches over the process."""

from importlib.metadata import version

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.asgi import questions_of
from api.deps import database_of
from api.problems import problem_response, refusals
from api.schemas.health import (
    Alive,
    Checks,
    DatabaseCheck,
    ExtensionCheck,
    MigrationCheck,
    Ready,
    WallCheck,
    WorkerCheck,
)
from geo_registry.db.standing import Standing, standing
from geo_registry.errors import DatabaseUnavailable, NotReady
from geo_registry.jobs.queue import SILENT_AFTER_S, worker_silence_s

REQUIRED_EXTENSIONS = ("postgis", "pg_trgm")

router = APIRouter(tags=["service"])


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Alive:
    """Answers without looking at anything else: who restarts processes must not do so because the database is away."""
    return Alive(version=version("geo-registry"))


@router.get(
    "/readyz",
    summary="Is everything there that the service stands on?",
    response_model=Ready,
    responses=refusals(NotReady),
)
def readyz(request: Request) -> Ready | Response:
    """Database, migrations, extensions, worker and row security; 503 says which is missing, with the same `checks`."""
    checks = _look(request)
    missing = [name for name, check in checks if check is None or not check.ok]
    if missing:
        return problem_response(request, NotReady(missing=", ".join(missing)), checks=checks.model_dump(mode="json"))
    return Ready(checks=checks)


def _look(request: Request) -> Checks:
    try:
        with database_of(request).read() as session, questions_of(request.scope).watch(session):
            found = standing(session)
            silence_s = worker_silence_s(session) if found.migrated else None
    except DatabaseUnavailable as error:
        return Checks(database=DatabaseCheck(ok=False, reason=str(error.details["reason"])))
    return Checks(
        database=DatabaseCheck(ok=True),
        migrations=MigrationCheck(ok=found.migrated, revision=found.revision, wanted=found.wanted),
        extensions=_extensions(found),
        worker=WorkerCheck(ok=silence_s is not None and silence_s < SILENT_AFTER_S, silent_s=silence_s),
        walls=WallCheck(ok=not found.unwalled, open=list(found.unwalled)),
    )


def _extensions(found: Standing) -> ExtensionCheck:
    versions = {name: found.extensions[name] for name in REQUIRED_EXTENSIONS if name in found.extensions}
    return ExtensionCheck(ok=len(versions) == len(REQUIRED_EXTENSIONS), versions=versions)
