"""`/tiles`: vector tiles, what they are made of (TileJSON), and a style for MapLibre."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from isal import isal_zlib
from starlette.requests import Request
from starlette.responses import Response

from api.deps import LangParam, base_url, in_turn
from api.languages import locale_of
from api.problems import answers, refusals
from api.schemas.tiles import TileJsonOut
from geo_registry.db.session import ReadSession
from geo_registry.errors import (
    DatasetUnknown,
    GroupUnknown,
    ParameterUnknown,
    QueryMalformed,
    RunNotDone,
    RunUnknown,
    TileLayerUnknown,
    TileOutOfRange,
    TileParameterMisplaced,
    TileParameterMissing,
)
from geo_registry.vocabulary import FacilityKind, FacilityStatus
from tiles import service, tilejson
from tiles.grid import Tile
from tiles.layers import LAYERS
from tiles.service import Asked, Ready
from tiles.style import Theme, style

router = APIRouter(prefix="/tiles", tags=["tiles"])

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"

COMPRESS_FROM_BYTES = 1_000
"""Less fits into one packet anyway."""

COMPRESSION_LEVEL = 1
"""Of ISA-L. Measured on a tile of 184 KB: to 97 KB in 0.5 ms, where zlib takes 2.4 ms for 93 KB and 4.2 ms for 91 KB."""

GZIP = 31
"""The window's bits of zlib's interface, with gzip's header and checksum."""

MAX_KEY_CHARS = 200
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"

REFUSED = (
    TileLayerUnknown,
    DatasetUnknown,
    GroupUnknown,
    RunUnknown,
    RunNotDone,
    TileParameterMisplaced,
    TileParameterMissing,
)


async def asked_tiles(
    *,
    layers: Annotated[
        str,
        Path(
            description=f"A layer, or several joined by commas: {', '.join(LAYERS)}",
            examples=["divisions,division-labels,roads"],
            max_length=MAX_KEY_CHARS,
        ),
    ],
    vintage: Annotated[
        int | None, Query(description="divisions: the year of the code list; else the newest", ge=1949, le=2200)
    ] = None,
    kind: Annotated[list[FacilityKind] | None, Query(description="facilities: only these kinds; repeatable")] = None,
    status: Annotated[
        list[FacilityStatus] | None, Query(description="facilities: only these; else all but closed ones; repeatable")
    ] = None,
    roads: Annotated[
        str | None,
        Query(description="roads: the dataset's key; else the newest", max_length=MAX_KEY_CHARS, pattern=PRINTABLE),
    ] = None,
    population: Annotated[
        str | None,
        Query(
            description="population: the dataset's key; else the newest", max_length=MAX_KEY_CHARS, pattern=PRINTABLE
        ),
    ] = None,
    group: Annotated[
        str | None,
        Query(
            description="population: whom to count; else `all`",
            max_length=MAX_KEY_CHARS,
            pattern=PRINTABLE,
            examples=["60+"],
        ),
    ] = None,
    run: Annotated[UUID | None, Query(description="coverage: the run's id")] = None,
) -> Asked:
    """What tiles are asked for; a parameter that none of the layers takes is refused."""
    given = {
        "vintage": vintage,
        "kind": [each.value for each in kind] if kind else None,
        "status": [each.value for each in status] if status else None,
        "roads": roads,
        "population": population,
        "group": group,
        "run": run,
    }
    return service.ask(layers, given)


@router.get("/style.json", summary="A style for MapLibre", responses=refusals(QueryMalformed, ParameterUnknown))
async def get_style(
    request: Request,
    response: Response,
    theme: Annotated[Theme, Query(description="For a bright or a dark surrounding")] = Theme.LIGHT,
    lang: LangParam = None,
) -> dict[str, Any]:
    """Divisions, roads, facilities and names, drawn quietly (MapLibre style 8).

    It names no glyphs and no sprite: the page sets `localIdeographFontFamily`, and needs no image.
    """
    locale = lang or locale_of(request)
    response.headers.update({"Content-Language": locale, "Vary": "Accept-Language", "Cache-Control": "no-cache"})
    return style(base_url(request), theme=theme, locale=locale)


@router.get("/{layers}.json", summary="What tiles are made of (TileJSON)", responses=answers(*REFUSED))
async def get_tilejson(
    *,
    request: Request,
    response: Response,
    asked: Annotated[Asked, Depends(asked_tiles)],
    lang: LangParam = None,
) -> TileJsonOut:
    """Their address, with the parameters that were given; their zooms, extent, fields, and whom they are credited to."""
    locale = lang or locale_of(request)
    described = await in_turn(request, lambda db: tilejson.describe(db, service.find(db, asked), locale=locale))
    response.headers.update({"Content-Language": locale, "Vary": "Accept-Language", "Cache-Control": "no-cache"})
    return TileJsonOut.of(described, address=_address(base_url(request), asked), locale=locale)


@router.get(
    "/{layers}/{z}/{x}/{y}.mvt",
    summary="One vector tile",
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: {}}},
        204: {"description": "Nothing is there"},
        304: {"description": "The client has it: `If-None-Match` names the version of now", "content": {}},
        **answers(TileOutOfRange, *REFUSED),
    },
)
async def get_tile(
    *,
    request: Request,
    asked: Annotated[Asked, Depends(asked_tiles)],
    z: Annotated[int, Path(description="Zoom")],
    x: Annotated[int, Path(description="Column, from the west")],
    y: Annotated[int, Path(description="Row, from the north")],
) -> Response:
    """Mapbox Vector Tile 2.1 on the grid WebMercatorQuad; feature ids are the records' `fid`.

    `ETag` names the version of the data: whoever sends it back as `If-None-Match` is told whether anything changed,
    and no tile is made when nothing did.
    """
    tile = Tile.at(z, x, y)
    return await in_turn(request, lambda db: _answer(request, db, asked, tile))


def _answer(request: Request, db: ReadSession, asked: Asked, tile: Tile) -> Response:
    if "if-none-match" in request.headers:
        headers = _headers(service.find(db, asked), tile)
        if _has(request, headers["ETag"]):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    ready, made = service.make(db, asked, tile)
    headers = _headers(ready, tile)
    if not made:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
    if len(made) >= COMPRESS_FROM_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        # Here, in the request's own thread, rather than by the wrapper, in the one that serves all.
        made = isal_zlib.compress(made, COMPRESSION_LEVEL, GZIP)
        headers["Content-Encoding"] = "gzip"
    return Response(made, media_type=MEDIA_TYPE, headers=headers)


def _headers(ready: Ready, tile: Tile) -> dict[str, str]:
    max_age_s = service.max_age_s(ready, tile)
    return {
        # Weak: the bytes of an encoding, and the order of features, may differ between two answers.
        "ETag": f'W/"{ready.version}"',
        "Cache-Control": f"max-age={max_age_s}" if max_age_s else "no-cache",
        "Vary": "Accept-Encoding",
    }


def _has(request: Request, etag: str) -> bool:
    """Whether the client says that it has this version (RFC 9110 §13.1.2, by weak comparison)."""
    named = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return "*" in named or etag.removeprefix("W/") in named


def _address(base: str, asked: Asked) -> str:
    keys = ",".join(layer.key for layer in asked.layers)
    parameters = urlencode(sorted(asked.given.items()), doseq=True)
    address = f"{base}/tiles/{quote(keys, safe=',')}/{{z}}/{{x}}/{{y}}.mvt"
    return f"{address}?{parameters}" if parameters else address
