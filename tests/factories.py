"""Typed makers of rows: what a test doesn't care about gets a plausible value."""

from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

from geoalchemy2.shape import from_shape
from shapely import LineString, MultiPolygon, Point, Polygon

from geo_registry import clock
from geo_registry.accounts.actors import Actor, Grant, Known, local_operator
from geo_registry.accounts.passwords import Passwords
from geo_registry.db.session import WriteSession
from geo_registry.divisions.rules import level_of
from geo_registry.model import (
    Account,
    AccountPassword,
    Dataset,
    DemandPoint,
    Division,
    Facility,
    Place,
    RoadSegment,
    RoleGrant,
)
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.vocabulary import (
    DatasetKind,
    DivisionLevel,
    FacilityKind,
    FacilityStatus,
    PlaceClass,
    PopulationBasis,
)

Row = TypeVar("Row")

_number = count(1)


def operator(name: str = "test") -> Actor:
    """Whoever works at the machine itself, under another name."""
    return replace(local_operator(), name=name)


def make_actor(*grants: Grant, known: Known = Known.BY_SESSION, **over: Any) -> Actor:
    """Somebody who is signed in, with these grants."""
    values: dict[str, Any] = {"name": f"somebody-{next(_number)}", "account": uuid4()} | over
    return Actor(known=known, grants=grants, **values)


def make_account(
    session: WriteSession,
    login: str,
    *grants: Grant,
    password: str | None = None,
    passwords: Passwords | None = None,
    **over: object,
) -> Account:
    """An account that may be used at once; with a password where one is given, as `passwords` keep it.

    Its grants are there whether their divisions are registered or not.
    """
    account = _added(session, Account(login=login, **({"display_name": f"人{next(_number)}"} | over)))
    if password is not None and passwords is not None:
        _added(session, AccountPassword(account_id=account.id, hash=passwords.hashed(password)))
    for grant in grants:
        kinds = sorted(kind.value for kind in grant.kinds) if grant.kinds is not None else None
        _added(
            session,
            RoleGrant(
                account_id=account.id, role=grant.role.value, division=grant.division, kinds=kinds,
                valid_from=grant.valid_from or clock.now(), valid_until=grant.valid_until,
            ),
        )  # fmt: skip
    return account


def make_dataset(session: WriteSession, kind: DatasetKind = DatasetKind.ROADS, **over: object) -> Dataset:
    """A dataset of `kind`."""
    values: dict[str, object] = {"kind": kind.value, "key": f"dataset-{next(_number)}"}
    if kind is DatasetKind.POPULATION:
        values |= {"basis": PopulationBasis.RESIDENT.value, "as_of": date(2020, 11, 1)}
    return _added(session, Dataset(**(values | over)))


def make_division(
    session: WriteSession,
    code: str = "330702000000",
    *,
    level: DivisionLevel = DivisionLevel.COUNTY,
    box: tuple[float, float, float, float] | None = None,
    parent: Division | None = None,
    **over: object,
) -> Division:
    """A division; `box` (west, south, east, north in degrees) is its area."""
    values: dict[str, object] = {
        "code": code,
        "vintage": 2023,
        "level": level.value,
        "name": f"区划{next(_number)}",
        "parent_id": parent.id if parent else None,
        "geom": from_shape(MultiPolygon([_box(*box)]), srid=STORAGE_SRID) if box else None,
    }
    return _added(session, Division(**(values | over)))


TOWN, NEXT_TOWN = "330702001000", "330702002000"
WEST, EAST = (119.60, 29.05, 119.65, 29.10), (119.65, 29.05, 119.70, 29.10)
"""Where the two towns lie, one beside the other."""


def make_two_towns(session: WriteSession) -> None:
    """A county with two towns."""
    county = make_division(session, "330702000000", name="婺城区", box=(119.5, 29.0, 119.8, 29.2))
    for code, name, area in ((TOWN, "江南街道", WEST), (NEXT_TOWN, "白龙桥镇", EAST)):
        make_division(session, code, name=name, level=DivisionLevel.TOWNSHIP, box=area, parent=county)


def make_place(session: WriteSession, *, lon: float = 119.65, lat: float = 29.08, **over: object) -> Place:
    """A natural village at a point."""
    values: dict[str, object] = {
        "place_class": PlaceClass.VILLAGE.value,
        "standard_name": f"村{next(_number)}",
        "geom": from_shape(Point(lon, lat), srid=STORAGE_SRID),
    }
    return _added(session, Place(**(values | over)))


GRANTED = ("33", "3307", "330702", "330703", "330781", "330702001")
"""Divisions that tests grant something in, by their first digits."""


def make_granted_divisions(session: WriteSession) -> None:
    """They are registered, as a list of some years ago has them, so that grants in them are made as offices make them."""
    for prefix in GRANTED:
        code = prefix.ljust(12, "0")
        make_division(session, code, level=level_of(code), vintage=2015)


def make_facility(
    session: WriteSession,
    kind: FacilityKind = FacilityKind.HOME_CARE_CENTRE,
    *,
    lon: float = 119.65,
    lat: float = 29.08,
    **over: object,
) -> Facility:
    """An open facility at a point."""
    values: dict[str, object] = {
        "kind": kind.value,
        "name": f"设施{next(_number)}",
        "status": FacilityStatus.OPEN.value,
        "geom": from_shape(Point(lon, lat), srid=STORAGE_SRID),
    }
    return _added(session, Facility(**(values | over)))


def make_demand_point(
    session: WriteSession,
    dataset: Dataset,
    *,
    lon: float = 119.65,
    lat: float = 29.08,
    counts: dict[str, float] | None = None,
    division: Division | None = None,
    **over: object,
) -> DemandPoint:
    """A demand point of `dataset`; a hundred people unless told."""
    values: dict[str, object] = {
        "dataset_id": dataset.id,
        "source_id": str(next(_number)),
        "geom": from_shape(Point(lon, lat), srid=STORAGE_SRID),
        "counts": counts if counts is not None else {"all": 100},
        "division_id": division.id if division else None,
    }
    return _added(session, DemandPoint(**(values | over)))


def make_road(session: WriteSession, dataset: Dataset, line: list[tuple[float, float]], **over: object) -> RoadSegment:
    """A road of `dataset` that both modes may use, along `line` (longitude, latitude)."""
    values: dict[str, object] = {
        "dataset_id": dataset.id,
        "source_id": str(next(_number)),
        "highway": "residential",
        "foot": True,
        "motor": True,
        "geom": from_shape(LineString(line), srid=STORAGE_SRID),
    }
    return _added(session, RoadSegment(**(values | over)))


def _box(west: float, south: float, east: float, north: float) -> Polygon:
    return Polygon([(west, south), (east, south), (east, north), (west, north)])


def _added(session: WriteSession, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
