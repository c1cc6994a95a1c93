"""The names on protection lists of the demonstration, as values: all of them are examples and say so."""

import struct
import tomllib
import zlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from geo_registry.demo.named import BY_EXAMPLE
from geo_registry.vocabulary import HeritageKind, HeritageLevel, HeritageStatus, MeasurePurpose

TABLE = Path(__file__).parent / "tables" / "heritage.toml"
LIST_NAME = "第一批地名文化遗产保护名录（示例）"
SOURCE = f"{BY_EXAMPLE}内容为虚构"
LISTED_ON, DELISTED_ON = date(2022, 11, 18), date(2024, 6, 5)
BODY = "示例市民政局"
WIDTH_PX, HEIGHT_PX = 480, 320
CAPTION = "示例图片：程序绘制的山，不是实景"


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence, with the criteria that it bears out."""

    what: str
    says: str
    dated: str
    supports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A protective measure."""

    purpose: MeasurePurpose
    measure: str
    decided_on: date
    number: str
    body: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A name: of the place of that key, or of none, where it lay in degrees (EPSG:4490)."""

    name: str
    kind: HeritageKind
    level: HeritageLevel
    status: HeritageStatus
    place: str | None
    division: str | None
    lon: float | None
    lat: float | None
    founded: str
    named: str
    disused: str
    claims: tuple[str, ...]
    evidence: tuple[Proof, ...]
    stories: tuple[tuple[str, str], ...]
    measures: tuple[Measure, ...]
    picture: bool
    why: str
    """Why it was taken off its list; empty where it wasn't."""


@cache
def listed() -> tuple[Listed, ...]:
    """All of them, in the order that they are registered."""
    return tuple(_listed(row) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["name"])


def drawing(seed: int) -> bytes:
    """A picture of hills that nobody takes for a photograph: three ridges in flat tones, a PNG."""
    random = np.random.default_rng(seed)
    x, y = np.arange(WIDTH_PX), np.arange(HEIGHT_PX)[:, None]
    pixels = np.full((HEIGHT_PX, WIDTH_PX), 0, np.uint8)
    for tone, height in enumerate((0.45, 0.6, 0.78), start=1):
        waves = sum(
            random.uniform(8, 26) / each * np.sin(x * each / random.uniform(50, 90) + random.uniform(0, 6))
            for each in (1, 2, 4)
        )
        pixels[y > height * HEIGHT_PX + waves] = tone
    palette = bytes((226, 234, 238, 168, 190, 192, 112, 146, 140, 66, 98, 88))
    rows = b"".join(b"\x00" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", WIDTH_PX, HEIGHT_PX, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _listed(row: dict[str, Any]) -> Listed:
    return Listed(
        name=row["name"],
        kind=HeritageKind.of(row["kind"]),
        level=HeritageLevel.of(row["level"]),
        status=HeritageStatus.of(row.get("status", HeritageStatus.LISTED.value)),
        place=row.get("place"),
        division=row.get("division"),
        lon=row.get("lon"),
        lat=row.get("lat"),
        founded=row.get("founded", ""),
        named=row.get("named", ""),
        disused=row.get("disused", ""),
        claims=tuple(row.get("claims", ())),
        evidence=tuple(Proof(what, says, dated, tuple(supports)) for what, says, dated, supports in row["evidence"]),
        stories=tuple((title, story) for title, story in row.get("stories", ())),
        measures=tuple(
            Measure(MeasurePurpose.of(purpose), measure, date.fromisoformat(on), number, body)
            for purpose, measure, on, number, body in row.get("measures", ())
        ),
        picture=row.get("picture", False),
        why=row.get("why", ""),
    )
