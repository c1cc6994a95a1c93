"""The pages: `/` and `/docs`, rendered here, with nothing from elsewhere and no script in the text (ADR 0012)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.deps import ReadDb, base_url
from api.languages import EN, LOCALES, ZH, locale_of
from api.schemas.coverage import RunOut
from api.web.words import WORDS
from geo_registry.coverage import queries
from geo_registry.db.paging import Page
from geo_registry.db.standing import row_counts

HERE = Path(__file__).parent
STATIC = HERE / "static"
VENDOR_MANIFEST = STATIC / "vendor" / "vendor.json"

LATEST_RUNS = 10

SCRIPT = "swagger-ui-bundle.js"
STYLE = "swagger-ui.css"

router = APIRouter(include_in_schema=False)


class CachedStaticFiles(StaticFiles):
    """Static files; those in folders named by version are kept for good, the others are asked for anew each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`, with how long it may be kept."""
        response = await super().get_response(path, scope)
        for_good = path.startswith("vendor/") and not path.endswith(VENDOR_MANIFEST.name)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if for_good else "no-cache"
        return response


def static_files() -> CachedStaticFiles:
    """What lies under `/static`."""
    return CachedStaticFiles(directory=STATIC)


@router.get("/")
def home(request: Request, db: ReadDb, lang: str | None = None) -> HTMLResponse:
    """What the registry holds, the latest coverage runs, and where the interfaces are."""
    counts = row_counts(db)
    base = base_url(request)
    runs = [RunOut.of(run, base_url=base) for run in queries.list_runs(db, Page(limit=LATEST_RUNS)).rows]
    return _page(
        request, "home.html", lang, counts=counts, empty=not any(one.rows for one in counts.values()), runs=runs
    )


@router.get("/docs")
def docs(request: Request, lang: str | None = None) -> HTMLResponse:
    """The API's documentation, by a vendored swagger-ui."""
    return _page(request, "docs.html", lang, library=swagger_ui())


@dataclass(frozen=True, slots=True)
class Library:
    """A vendored library: the folder that it is served from, and its files' hashes."""

    folder: str
    files: Mapping[str, str]


def swagger_ui() -> Library | None:
    """The vendored swagger-ui; None where the set-up hasn't copied it."""
    if not VENDOR_MANIFEST.exists():
        return None
    entry = json.loads(VENDOR_MANIFEST.read_text(encoding="utf-8")).get("swagger-ui-dist")
    if entry is None or not {SCRIPT, STYLE} <= entry["files"].keys():
        return None
    return Library(folder=entry["folder"], files=entry["files"])


def _page(request: Request, template: str, lang: str | None, **values: Any) -> HTMLResponse:
    locale = lang if lang in LOCALES else {"zh": ZH}.get(lang or "") or locale_of(request)
    text = _templates().get_template(template)
    html = text.render(
        words=WORDS[locale], locale=locale, other=EN if locale == ZH else ZH, when=_said_in(locale), **values
    )
    return HTMLResponse(
        html, headers={"Content-Language": locale, "Vary": "Accept-Language", "Cache-Control": "no-cache"}
    )


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _said_in(locale: str) -> Any:
    """How people write a moment, in the machine's time zone: 2026年11月23日 15:04, 23 Nov 2026 15:04."""

    def when(moment: datetime) -> str:
        local = moment.astimezone()
        if locale == ZH:
            return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
        return f"{local.day} {local:%b %Y %H:%M}"

    return when
