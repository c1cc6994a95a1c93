"""The wiring: the only place where the application is put together."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from api import problems
from api.asgi import (
    BodyLimit,
    CancelWhenAskerLeaves,
    HeadLikeGet,
    KeptByNobody,
    KnownHosts,
    ReportCrashes,
    SecurityHeaders,
)
from api.deps import good_token, introduce, only_declared, page_visitor
from api.limits import RateLimits
from api.routes import (
    accounts,
    announcements,
    audit,
    built_up,
    cases,
    contacts,
    coverage,
    divisions,
    facilities,
    health,
    heritage,
    jobs,
    names,
    places,
    population,
    search,
    tiles,
    unnamed,
)
from api.web import accounts as account_pages
from api.web import (
    admin,
    consultations,
    desk,
    home,
    lineage,
    maps,
    pages,
    place_forms,
    plan,
    records,
    reference,
    refusals,
    rendering,
    reviewed_names,
    single_sign_on,
)
from api.web import announcements as announcement_pages
from api.web import audit as audit_pages
from api.web import built_up as built_up_pages
from api.web import contacts as contact_pages
from api.web import facilities as facility_pages
from api.web import heritage as heritage_pages
from api.web import names as name_pages
from api.web import places as place_pages
from api.web import unnamed as unnamed_pages
from geo_registry.cases import jobs as cases_jobs
from geo_registry.cases.papers_kept import MOST_BYTES
from geo_registry.coverage import jobs as coverage_jobs
from geo_registry.coverage.live import Scenes
from geo_registry.db.hot import MAX_AT_ONCE, warm_hot
from geo_registry.db.session import Database
from geo_registry.db.standing import warm
from geo_registry.db.startup import open_database
from geo_registry.places import jobs as places_jobs
from geo_registry.places import turning
from geo_registry.search import jobs as search_jobs
from geo_registry.search import keeping
from geo_registry.settings import Settings, get_settings
from geo_registry.unnamed import jobs as unnamed_jobs
from geo_registry.unnamed import standing
from geo_registry.vocabulary import Way

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 4_000_000
"""Far above a standard or a record, far below what would hurt; files are imported by the command line."""

MAX_FORM_BYTES = 100_000
"""Far above what fits into a form of the pages."""

MAX_DOCUMENT_BYTES = MOST_BYTES + MAX_FORM_BYTES
"""A paper of a case as large as is kept, with what comes along."""

WITH_FILES = ("/built-up-areas", "/heritage")
"""Pages whose forms take a file: a border drawn to the metre is larger than what anybody types."""

JOBS = (cases_jobs, coverage_jobs, places_jobs, search_jobs, unnamed_jobs)
"""Importing them declares their tasks: whoever takes a job back, or has it tried again, tells its room."""

WITH_DOCUMENTS = ("/api/v1/cases/", "/desk/")
"""Where papers of cases come in."""

COMPRESS_FROM_BYTES = 2_000
COMPRESSION_LEVEL = 4
"""Coordinates shrink to a fifth at this level already, at a third of the time of the highest."""

ZIPPED = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/jpeg",
    "image/png",
    "image/webp",
)
"""Workbooks, documents and pictures are compressed in themselves."""

FIRST_VIEW_S = 0.3
"""So much later a service may be ready, in seconds, for its first view to be; what that lacks still goes on beside it."""

DESCRIPTION = """
A registry of place names and civil-affairs facilities on PostGIS.

- Lists are paged by keyset: follow `next` (also in the header `Link`) until it is null.
- A query parameter that an operation doesn't have is refused, never ignored.
- A record's answer has an `ETag`. To change the record, send it as `If-Match`: without it, or when somebody changed the record meanwhile, it is refused (428, 412).
- A create takes an `Idempotency-Key`: sent again within a day, the same request gets the first answer and makes nothing.
- `datetime` reads records as the registry held them at a moment.
- Every refusal is a problem (RFC 9457) with a stable `code`, its message in Chinese and English, and what to do.
- Coordinates are longitude and latitude in degrees (CRS84); stored in CGCS2000 (EPSG:4490).
"""


def create_app(settings: Settings | None = None, database: Database | None = None) -> FastAPI:
    """The application on `database`, or on the one that the settings name, opened when the application starts."""
    settings = settings or get_settings()
    keeping.install()
    standing.install()
    app = FastAPI(
        title="geo-registry",
        summary="地名与民政设施登记系统",
        description=DESCRIPTION,
        version=version("geo-registry"),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        lifespan=_lifespan,
        separate_input_output_schemas=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.hot_turns = asyncio.Semaphore(MAX_AT_ONCE)
    app.state.scenes = Scenes()
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    problems.install(app, page=refusals.page_of, introduce=introduce)
    _add_routes(app)
    _wrap(app, settings)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    own = app.state.database is None
    settings: Settings = app.state.settings
    if own:
        app.state.database = await run_in_threadpool(
            open_database, settings, statement_timeout_s=settings.statement_timeout_s, way=Way.API
        )
        await run_in_threadpool(turning.turn, app.state.database)
        await run_in_threadpool(keeping.catch_up, app.state.database)
    # A database that was handed in is its owner's, who may be asking it.
    first = Thread(target=_warm_first_view, args=(app.state.database, settings), name="first view")
    await run_in_threadpool(_warm, app.state.database)
    if own:
        first.start()
    await run_in_threadpool(_warm_files)
    if own:
        await run_in_threadpool(first.join, FIRST_VIEW_S)
    yield
    if own:
        await run_in_threadpool(first.join)
        await run_in_threadpool(app.state.database.dispose)
        app.state.database = None


def _warm(database: Database) -> None:
    with database.read() as session:
        warm(session)
    warm_hot(database.hot_engine)


def _warm_files() -> None:
    pages.warm_static()
    rendering.warm_templates()


def _warm_first_view(database: Database, settings: Settings) -> None:
    try:
        plan.warm(database, settings)
        maps.warm(database)
    except Exception:
        logger.warning("the first view wasn't made ready", exc_info=True)


def _add_routes(app: FastAPI) -> None:
    declared_only = Depends(only_declared)
    app.include_router(health.router, dependencies=[declared_only])
    known = Depends(good_token)
    v1 = APIRouter(prefix="/api/v1", dependencies=[declared_only, known])
    rooms = (
        divisions,
        places,
        built_up,
        heritage,
        names,
        cases,
        announcements,
        unnamed,
        facilities,
        contacts,
        population,
        coverage,
        search,
        accounts,
        jobs,
        audit,
    )
    for room in rooms:
        v1.include_router(room.router)
    v1.include_router(divisions.successions)
    app.include_router(v1)
    app.include_router(tiles.router, dependencies=[declared_only, known])
    names_pages = (name_pages, reviewed_names, unnamed_pages, built_up_pages, heritage_pages)
    personal = (account_pages, single_sign_on, *admin.PAGES, audit_pages, *names_pages)
    office = (announcement_pages, consultations, *desk.PAGES)
    for pages_of in (
        home,
        facility_pages,
        records,
        contact_pages,
        place_pages,
        place_forms,
        lineage,
        plan,
        reference,
        pages,
        *personal,
        *office,
    ):
        app.include_router(pages_of.router, dependencies=[Depends(page_visitor)])
    app.mount("/static", pages.static_files(), name="static")


def _wrap(app: FastAPI, settings: Settings) -> None:
    """The wrappers, from the inside out."""
    app.add_middleware(CancelWhenAskerLeaves)
    app.add_middleware(
        GZipMiddleware,
        minimum_size=COMPRESS_FROM_BYTES,
        compresslevel=COMPRESSION_LEVEL,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *ZIPPED, tiles.MEDIA_TYPE),
    )
    app.add_middleware(KeptByNobody)
    app.add_middleware(HeadLikeGet)
    limits = {
        **dict.fromkeys(WITH_DOCUMENTS, MAX_DOCUMENT_BYTES),
        **dict.fromkeys(("/api/", *WITH_FILES), MAX_BODY_BYTES),
    }
    app.add_middleware(BodyLimit, limits=limits, max_form_bytes=MAX_FORM_BYTES)
    app.add_middleware(RateLimits, settings=settings)
    public = urlsplit(settings.public_url)
    app.add_middleware(KnownHosts, names=[public.hostname] if public.hostname else [])
    app.add_middleware(ReportCrashes)
    app.add_middleware(SecurityHeaders, encrypted=public.scheme == "https")


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's description, with the shape of a problem, which no route returns itself."""
    if app.openapi_schema is None:
        described = get_openapi(
            title=app.title,
            summary=app.summary,
            description=app.description,
            version=app.version,
            routes=app.routes,
            separate_input_output_schemas=app.separate_input_output_schemas,
        )
        problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}", by_alias=True)
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        for operation in (each for methods in described["paths"].values() for each in methods.values()):
            if "security" in operation:
                # A cookie will do as well, and so does being at the machine while there are no accounts.
                operation["security"].insert(0, {})
        app.openapi_schema = described
    return app.openapi_schema
