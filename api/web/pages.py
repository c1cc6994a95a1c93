"""`/design`, for who builds pages, and static files; nothing from elsewhere, no script in the text (ADR 0012)."""

import gzip
import os
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from api.web.preferences import preferences_of
from api.web.rendering import page
from api.web.translation import catalogue
from api.web.vendored import MANIFEST, STATIC
from api.web.words import KINDS_ON_MAPS, MarkedKind
from geo_registry.errors import SearchEmpty

LENGTHS = (
    *(f"space-{step}" for step in range(1, 7)),
    *("radius", "touch", "measure"),
    *(f"size-{name}" for name in ("small", "text", "large", "title", "display")),
)

router = APIRouter(include_in_schema=False)


TEXTS = frozenset({".css", ".js", ".json", ".svg"})
"""Static files that shrink when they are compressed."""


class CachedStaticFiles(StaticFiles):
    """Static files; those in folders named by version are kept for good, the others are asked for anew each time.

    Texts are compressed once in a process, and kept so: a page asks for thirty of them, the map's library is a megabyte.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`, with how long it may be kept."""
        response = await super().get_response(path, scope)
        for_good = path.startswith("vendor/") and not path.endswith(MANIFEST.name)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if for_good else "no-cache"
        return response

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file as it was asked for: compressed, as a part of it, or as it lies there."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        if not isinstance(response, FileResponse) or Path(full_path).suffix not in TEXTS:
            return response
        asked = Headers(scope=scope)
        if "range" in asked or "gzip" not in asked.get("accept-encoding", ""):
            return response
        compressed = Response(
            _compressed(os.fspath(full_path), stat_result.st_mtime_ns), media_type=response.media_type
        )
        compressed.headers["Last-Modified"] = response.headers["last-modified"]
        compressed.headers["Content-Encoding"] = "gzip"
        compressed.headers["Vary"] = "Accept-Encoding"
        compressed.headers["ETag"] = f"W/{response.headers['etag']}"
        return compressed


@lru_cache(maxsize=1_000)
def _compressed(path: str, mtime_ns: int) -> bytes:
    """The file as it was at `mtime_ns`."""
    del mtime_ns
    return gzip.compress(Path(path).read_bytes(), compresslevel=6, mtime=0)


def static_files() -> CachedStaticFiles:
    """What lies under `/static`."""
    return CachedStaticFiles(directory=STATIC)


def warm_static() -> None:
    """Compress what will be asked for compressed."""
    for path in STATIC.rglob("*"):
        if path.suffix in TEXTS:
            _compressed(str(path.resolve()), path.stat().st_mtime_ns)


@router.get("/design")
def design(request: Request) -> HTMLResponse:
    """Every token and component in each of its states, for who builds pages."""
    _ = catalogue(preferences_of(request).locale).gettext
    colours = [
        ("text", _("文字")),
        ("muted", _("次要文字")),
        ("line", _("分隔线")),
        ("edge", _("边框")),
        ("surface", _("底色")),
        ("raised", _("衬底")),
        ("accent", _("强调（唯一）")),
        ("good", _("正常")),
        ("warn", _("注意")),
        ("bad", _("错误")),
        ("on-accent", _("强调色上的字")),
        ("good-ground", _("正常的衬底")),
        ("warn-ground", _("注意的衬底")),
        ("bad-ground", _("错误的衬底")),
        ("shade", _("对话框背后")),
    ]
    scale = [
        ("minutes-5", "≤ 5"),
        ("minutes-10", "5–10"),
        ("minutes-15", "10–15"),
        ("minutes-20", "15–20"),
        ("minutes-30", "20–30"),
        ("minutes-more", "> 30"),
        ("uncovered", _("未覆盖")),
        ("gained", _("新增覆盖")),
        ("lost", _("失去覆盖")),
    ]
    families: dict[str, list[MarkedKind]] = {}
    for marked in KINDS_ON_MAPS.values():
        families.setdefault(marked.family, []).append(marked)
    return page(
        request,
        "design.html",
        colours=colours,
        scale=scale,
        families=families,
        lengths=LENGTHS,
        refusal=SearchEmpty(),
    )
