"""`/announcements`: what was announced, as a list, a feed, and one that reads like the office's paper."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Query
from shapely import MultiPoint
from starlette.requests import Request
from starlette.responses import Response

from api.deps import ReadDb, base_url, settings_of
from api.languages import ZH
from api.web.admin.frame import EMPTY, Filled, as_id, asked_page, following
from api.web.maps import chart
from api.web.preferences import ELDER, preferences_of
from api.web.rendering import page
from geo_registry import clock
from geo_registry.cases import service
from geo_registry.cases.announced import AnnouncedName
from geo_registry.cases.announcing import from_content
from geo_registry.cases.queries import AnnouncementRow
from geo_registry.cases.wording import channels_in_words, closing, day_in_words, described, lead, sentence
from geo_registry.db.paging import Page
from geo_registry.db.session import ReadSession
from geo_registry.divisions.rules import prefix_of
from geo_registry.divisions.service import resolve
from geo_registry.errors import (
    AnnouncementUnknown,
    DivisionAmbiguous,
    DivisionCodeInvalid,
    DivisionUnknown,
)
from geo_registry.geo.bbox import BBox

NEWEST = 50
"""Entries of the feed."""
AROUND_DEG = 0.01
SUMMED = 10
"""Names that an entry of the feed tells of."""
ATOM = "http://www.w3.org/2005/Atom"
UNPLACED = (DivisionAmbiguous, DivisionCodeInvalid, DivisionUnknown)

router = APIRouter(include_in_schema=False)


@router.get("/announcements")
def announcements_page(
    *,
    request: Request,
    db: ReadDb,
    words: Annotated[str, Query(max_length=100)] = "",
    division: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The announcements, the newest first."""
    filled = EMPTY
    within = None
    try:
        within = division_asked(db, division)
    except UNPLACED as refused:
        filled = Filled("filter", {"division": division}, refused)
    found = service.list_announcements(db, asked_page(after), division=within, words=words.strip() or None)
    return page(
        request,
        "announcements.html",
        status=filled.status,
        filled=filled,
        rows=found.rows,
        asked={"words": words, "division": division, "after": after},
        following=following(found.next_after),
        feed=f"{base_url(request)}/announcements.atom",
    )


@router.get("/announcements.atom")
def announcements_feed(request: Request, db: ReadDb) -> Response:
    """The newest announcements as a feed (RFC 4287)."""
    rows = service.list_announcements(db, Page(limit=NEWEST)).rows
    here = base_url(request)
    content = feed_of(rows, here)
    return Response(content, media_type="application/atom+xml; charset=utf-8", headers={"Cache-Control": "no-cache"})


@router.get("/announcements/{announcement}")
def announcement_page(request: Request, db: ReadDb, announcement: str) -> Response:
    """One announcement."""
    row, said = service.get_announcement(db, _id(announcement))
    wanted = preferences_of(request)
    locale = wanted.locale
    box = box_around(said.names)
    return page(
        request,
        "announcement.html",
        row=row,
        said=said,
        lead=lead(said, locale),
        names=[(each, described(each, locale)) for each in said.names],
        ending=[each for each in (channels_in_words(said, locale), closing(said, locale)) if each],
        on=day_in_words(row.published_on, locale),
        drawn=points_of(said.names),
        chart=chart(db, settings_of(request), around=box) if box is not None and wanted.view != ELDER else None,
        address=f"{base_url(request)}/announcements/{row.id}",
        data=f"/api/v1/announcements/{row.id}",
    )


def division_asked(db: ReadSession, said: str) -> str | None:
    """The first digits of a division that is said by its code or its name; None where none is.

    Raises
    ------
    DivisionUnknown, DivisionAmbiguous, DivisionCodeInvalid
        It says none.
    """
    said = said.strip()
    if not said:
        return None
    return prefix_of(resolve(db, said).code if any(each.isalpha() for each in said) else said)


def feed_of(rows: Sequence[AnnouncementRow], here: str) -> bytes:
    """The feed of some announcements; `here` is the address that the registry is known by."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": ZH})
    _add(feed, "title", "地名公告")
    _add(feed, "id", f"{here}/announcements")
    _add(feed, "updated", max((each.recorded_at for each in rows), default=clock.now()).isoformat())
    ET.SubElement(feed, f"{{{ATOM}}}link", {"rel": "self", "href": f"{here}/announcements.atom"})
    ET.SubElement(feed, f"{{{ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": f"{here}/announcements"})
    for row in rows:
        _entry(feed, row, here)
    content: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return content


def _entry(feed: ET.Element, row: AnnouncementRow, here: str) -> None:
    said = from_content(row.content)
    entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
    example = "（示例）" if row.synthetic else ""
    _add(entry, "title", f"{example}{row.title}")
    # As the place's own address: it stays what it is, wherever the registry is served.
    _add(entry, "id", f"urn:uuid:{row.id}")
    _add(entry, "published", row.recorded_at.isoformat())
    _add(entry, "updated", row.recorded_at.isoformat())
    author = ET.SubElement(entry, f"{{{ATOM}}}author")
    _add(author, "name", row.office or row.division_name)
    ET.SubElement(
        entry, f"{{{ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": f"{here}/announcements/{row.id}"}
    )
    told = [sentence(each, ZH) for each in said.names[:SUMMED]]
    more = len(said.names) - len(told)
    _add(entry, "summary", "\n".join([*told, *([f"等共 {len(said.names)} 个地名。"] if more else [])]))


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = _without_controls(text)


def _without_controls(text: str) -> str:
    """Text that XML can hold: it has no way to write most characters that steer."""
    return "".join(each for each in text if each in "\t\n" or (each >= " " and each not in "\ufffe\uffff"))


def _id(text: str) -> UUID:
    return as_id(text, AnnouncementUnknown(announcement=text))


def points_of(names: Sequence[AnnouncedName]) -> Sequence[Mapping[str, object]]:
    """Where names lie, as a page's map takes them; those whose position isn't known aren't there."""
    return [
        {
            "name": each.name,
            "geometry": each.geometry or {"type": "Point", "coordinates": [each.lon, each.lat]},
            "place": str(each.place_id or ""),
        }
        for each in names
        if each.lon is not None and each.lat is not None
    ]


def box_around(names: Sequence[AnnouncedName]) -> BBox | None:
    """A box around where names lie; None where no position is known."""
    points = [(each.lon, each.lat) for each in names if each.lon is not None and each.lat is not None]
    if not points:
        return None
    return BBox(*MultiPoint(points).bounds).widened(AROUND_DEG)
