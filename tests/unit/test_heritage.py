"""Heritage as values: years before our era too, criteria by kind, pictures without what cameras write into them."""

import base64
import struct
import zlib
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from geo_registry.demo.listed import drawing, listed
from geo_registry.demo.named import BY_EXAMPLE
from geo_registry.errors import HeritageUnprotected, PictureRefused
from geo_registry.heritage.criteria import Outcome, Said, claimable, criteria_of, keys, outcomes, unmet
from geo_registry.heritage.guard import Guard, Guarded
from geo_registry.heritage.inputs import HeritageChange, NewHeritage, NewPicture
from geo_registry.heritage.pictures import JPEG, MOST_BYTES, PNG, WEBP, read_picture
from geo_registry.heritage.years import ERAS, Years, years_of
from geo_registry.vocabulary import CriterionState, HeritageKind, HeritageLevel, HeritageStatus

MET, NOT_MET, UNTOLD = CriterionState.MET, CriterionState.NOT_MET, CriterionState.UNTOLD
PLACE, LISTING = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("said", "earliest", "latest"),
    [
        ("前222年", -221, -221),
        ("公元前222", -221, -221),
        ("222 BC", -221, -221),
        ("秦王政二十五年（前222）", -221, -221),
        ("唐天宝十三载（754年）", 754, 754),
        ("公元25年", 25, 25),
        ("1958", 1958, 1958),
        ("1958-03", 1958, 1958),
        ("1950年代", 1950, 1959),
        ("10世纪", 900, 999),
        ("唐", 618, 907),
        ("宋代", 960, 1279),
        ("北宋", 960, 1127),
        ("秦", -220, -205),
        ("清康熙年间", 1662, 1722),
        ("乾隆朝", 1736, 1795),
        ("五代", 907, 960),
        ("南北朝时期", 420, 589),
    ],
)
def test_years_are_read_as_gazetteers_tell_them(said: str, earliest: int, latest: int) -> None:
    assert years_of(said) == Years(earliest, latest)


@pytest.mark.parametrize("said", ["", "很久以前", "前0年", "12", "明末清初", "<script>"])
def test_what_says_no_year_is_none(said: str) -> None:
    assert years_of(said) is None


def test_eras_end_after_they_begin() -> None:
    assert all(first <= last and first and last for first, last in ERAS.values())


def of(kind: HeritageKind, year: int = 2026, **said: Any) -> dict[str, Outcome]:
    return {each.criterion.key: each for each in outcomes(kind, Said(**said), year=year)}


def test_a_county_of_a_thousand_years_meets_what_evidence_bears_out() -> None:
    said: dict[str, Any] = {"founded": "前222年", "named": "前222年", "claims": {"still-county": True, "value": True}}
    without = of(HeritageKind.ANCIENT_COUNTY, **said)
    assert {key: each.state for key, each in without.items()} == dict.fromkeys(
        ("founded", "named", "still-county", "value"), UNTOLD
    )
    assert "没有依据" in without["founded"].zh
    found = of(HeritageKind.ANCIENT_COUNTY, **said, supported=("founded", "named", "still-county", "value"))
    assert {each.state for each in found.values()} == {MET}
    assert "2247" in found["founded"].zh


def test_a_name_given_up_counts_until_then_unless_it_was_restored() -> None:
    said: dict[str, Any] = {"founded": "前222年", "named": "前222年", "disused": "624", "supported": keys()}
    gone = of(HeritageKind.ANCIENT_COUNTY, **said)
    assert (gone["founded"].state, gone["named"].state) == (MET, NOT_MET)
    assert of(HeritageKind.ANCIENT_COUNTY, **said, restored="1988")["named"].state is MET


def test_years_that_are_not_exact_enough_cannot_be_told() -> None:
    song = of(HeritageKind.ANCIENT_TOWN, founded="宋", supported=keys())["founded"]
    assert (song.state, "747 至 1066" in song.zh) == (UNTOLD, True)
    assert of(HeritageKind.ANCIENT_TOWN, founded="唐", supported=keys())["founded"].state is MET
    assert of(HeritageKind.ANCIENT_TOWN, founded="明", supported=keys())["founded"].state is NOT_MET
    assert of(HeritageKind.ANCIENT_TOWN, founded="某年", supported=keys())["founded"].state is UNTOLD
    assert of(HeritageKind.ANCIENT_TOWN, founded="1027", supported=keys())["founded"].state is NOT_MET
    assert of(HeritageKind.ANCIENT_TOWN, year=2027, founded="1027", supported=keys())["founded"].state is MET


def test_what_is_confirmed_not_to_be_so_is_not_met() -> None:
    found = outcomes(HeritageKind.ANCIENT_TOWN, Said(claims={"fabric": False}), year=2026)
    assert [each.criterion.key for each in unmet(found)] == ["fabric"]


def test_every_kind_has_criteria_with_source_and_needs_in_both_languages() -> None:
    for kind in HeritageKind:
        rows = criteria_of(kind)
        assert rows
        assert len({row.key for row in rows}) == len(rows)
        assert all(row.zh and row.en and row.needs_zh and row.needs_en and row.source for row in rows)
        assert all(bool(row.since) is (row.least_years > 0) for row in rows)
    # Only the law itself was read.
    assert {row.key for kind in HeritageKind for row in criteria_of(kind) if row.verified} == {"value"}
    assert claimable() < keys()


def test_a_listed_name_without_measures_is_not_renamed() -> None:
    def guard(*measures: int) -> Guard:
        lists = [Guarded(LISTING, HeritageLevel.CITY, "第一批", date(2022, 1, 1), each) for each in measures]
        return Guard(PLACE, "酒坊巷", lists)

    guard().require_measures()
    guard(1, 2).require_measures()
    assert (guard().is_listed, guard(1).is_listed) == (False, True)
    with pytest.raises(HeritageUnprotected) as refused:
        guard(1, 0).require_measures()
    assert "第二十五条" in refused.value.message("zh")
    assert "art. 25" in refused.value.message("en")
    assert f"/heritage/{LISTING}" in refused.value.hint("zh")


# Pictures.


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*more: bytes, width: int = 3, height: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\x00" + b"\x7f" * width) * height)
    chunks = [chunk(b"IHDR", header), *more, chunk(b"IDAT", rows), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation: int) -> bytes:
    """A photograph's EXIF, in the other order of bytes than the one that is written; with words that are to go."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x01\x00" + entry + b"\x00" * 4 + b"GPS 29.1 119.6"


def jpeg(*more: bytes, end: bytes = b"\xff\xd9") -> bytes:
    frame = segment(0xC0, struct.pack(">BHHB", 8, 2, 3, 1) + b"\x01\x11\x00")
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\x34"
    return b"\xff\xd8" + segment(0xE0, b"JFIF\x00") + b"".join(more) + frame + scan + end


def webp(*more: tuple[bytes, bytes], flags: int = 0) -> bytes:
    size = bytes([flags, 0, 0, 0]) + (2).to_bytes(3, "little") + (1).to_bytes(3, "little")
    pixels = b"\x2f" + (2 | 1 << 14).to_bytes(4, "little")
    chunks = b"".join(
        kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)
        for kind, body in ((b"VP8X", size), (b"VP8L", pixels), *more)
    )
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


@pytest.mark.parametrize(
    ("content", "media_type"), [(png(), PNG), (jpeg(), JPEG), (webp(), WEBP), (drawing(1), PNG)], ids=range(4)
)
def test_a_picture_is_what_its_bytes_are(content: bytes, media_type: str) -> None:
    found = read_picture(content)
    assert (found.media_type, found.content) == (media_type, content)
    assert (found.width_px, found.height_px) == ((3, 2) if content != drawing(1) else (480, 320))
    assert read_picture(found.content) == found


@pytest.mark.parametrize(
    ("content", "bare"),
    [
        (png(chunk(b"tEXt", b"Author\x00GPS"), chunk(b"eXIf", b"GPS")) + b"GPS", png()),
        (jpeg(segment(0xE1, exif(1)), segment(0xFE, b"GPS"), segment(0xED, b"GPS")) + b"<script>GPS", jpeg()),
        (webp((b"EXIF", b"GPS"), (b"XMP ", b"GPS!"), flags=0x0C), webp()),
    ],
    ids=["png", "jpeg", "webp"],
)
def test_what_a_camera_tells_is_cut_out(content: bytes, bare: bytes) -> None:
    found = read_picture(content)
    assert b"GPS" in content
    assert b"GPS" not in found.content
    assert found.content == bare


def test_a_photograph_stays_the_right_way_up() -> None:
    found = read_picture(jpeg(segment(0xE1, exif(6))))
    assert b"GPS" not in found.content
    assert found.content[2:4] == b"\xff\xe1"
    assert b"MM\x00\x2a" in found.content
    assert struct.pack(">HHIH", 0x0112, 3, 1, 6) in found.content
    assert read_picture(found.content) == found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "不是 JPEG"),
        (b"GIF89a" + b"\x00" * 20, "不是 JPEG"),
        (png()[:40], "不完整"),
        (jpeg()[:12], "不完整"),
        (jpeg(end=b""), "不完整"),
        (webp()[:-4], "不完整"),
        (webp((b"ANIM", b"\x00" * 6)), "动图"),
        (png().replace(b"IDAT", b"IDAU"), "损坏"),
        (png(width=30_000, height=30_000), "尺寸"),
        (png() + b"\x00" * MOST_BYTES, "2.0 MB"),
    ],
    ids=range(11),
)
def test_what_is_no_picture_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(PictureRefused) as refused:
        read_picture(content)
    assert said in refused.value.message("zh")
    assert "2 MB" in refused.value.hint("en")


# What is told.

NEW = {"name": "酒坊巷", "division": "330702", "kind": "old-street", "level": "city"}


@pytest.mark.parametrize(
    "over",
    [
        {"division": None},
        {"place": str(PLACE)},
        {"lon": 119.6},
        {"named": "很久以前"},
        {"claims": {"fabrics": True}},
        {"claims": {"founded": True}},
        {"evidence": [{"what": "x", "supports": ["nothing"]}]},
        {"name": " "},
    ],
    ids=range(8),
)
def test_what_cannot_be_told_is_refused(over: dict[str, object]) -> None:
    assert NewHeritage.model_validate(NEW).division == "330702"
    with pytest.raises(ValidationError):
        NewHeritage.model_validate({key: value for key, value in (NEW | over).items() if value is not None})


def test_a_change_needs_its_reason_and_a_picture_its_rights() -> None:
    with pytest.raises(ValidationError):
        HeritageChange.model_validate({"named": "唐"})
    told = {"caption": "x", "author": "x", "licence": "x", "content": base64.b64encode(png()).decode()}
    assert NewPicture.model_validate(told).content == png()
    for wrong in ({"licence": ""}, {"content": "§"}):
        with pytest.raises(ValidationError):
            NewPicture.model_validate(told | wrong)


def test_the_examples_say_that_they_are_and_can_be_told() -> None:
    found = listed()
    assert sum(each.status is HeritageStatus.LISTED for each in found) == 12
    assert {each.status for each in found} == set(HeritageStatus)
    for each in found:
        assert set(each.claims) <= claimable()
        assert {key for proof in each.evidence for key in proof.supports} <= keys()
        assert all(story.startswith(BY_EXAMPLE[:2]) for _, story in each.stories)
        assert all(one.measure.startswith(BY_EXAMPLE[:2]) for one in each.measures)
        assert not each.why or each.why.startswith(BY_EXAMPLE[:2])
        for years in (each.founded, each.named, each.disused):
            assert not years or years_of(years) is not None
