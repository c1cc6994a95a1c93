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
    jobs,
    names,
    places,
    population,
    search,
    tiles,
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
from api.web import names as name_pages
from api.web import places as place_pages
from geo_registry.cases.papers_kept import MOST_BYTES
from geo_registry.coverage import jobs as coverage_jobs
from geo_registry.coverage.live import Scenes
from geo_registry.db.hot import MAX_AT_ONCE, warm_hot
from geo_registry.db.session import Database
from geo_registry.db.standing import warm
from geo_registry.db.startup import open_database
from geo_registry.places import jobs as places_jobs
from geo_registry.search import jobs as search_jobs
from geo_registry.search import keeping
from geo_registry.settings import Settings, get_settings
from geo_registry.vocabulary import Way

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 4_000_000
"""Far above a standard or a record, far below what would hurt; files are imported by the command line."""

MAX_FORM_BYTES = 100_000
"""Far above what fits into a form of the pages."""

MAX_DOCUMENT_BYTES = MOST_BYTES + MAX_FORM_BYTES
"""A paper of a case as large as is kept, with what comes along."""

WITH_FILES = ("/built-up-areas",)
