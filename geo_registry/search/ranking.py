"""What comes first among names that a question fits alike: values in, values out."""

from collections.abc import Mapping

from geo_registry.vocabulary import DivisionLevel, FacilityKind, FacilityStatus, Match, PlaceClass

DIVISION_RANKS: Mapping[str, int] = {
    DivisionLevel.PROVINCE.value: 1,
    DivisionLevel.CITY.value: 2,
    DivisionLevel.COUNTY.value: 3,
    DivisionLevel.TOWNSHIP.value: 4,
    DivisionLevel.VILLAGE.value: 5,
}
"""By level; each has a rank of its own, which nothing else has."""

ONE_OF_FEW = 6
"""A whole county has one or two of these: whoever types their name means them."""
ONE_OF_SOME = 7
ONE_OF_MANY = 8
NOT_OPEN = 9
"""Facilities that don't serve, or don't yet, come behind all that do."""
FORMER = NOT_OPEN
"""So do names that nobody bears any more; of divisions no other has this rank."""

FACILITY_RANKS: Mapping[str, int] = {
    FacilityKind.FUNERAL_HOME.value: ONE_OF_FEW,
    FacilityKind.MARRIAGE_HALL.value: ONE_OF_FEW,
    FacilityKind.CHILD_WELFARE_HOME.value: ONE_OF_FEW,
    FacilityKind.CHILD_PROTECTION_CENTRE.value: ONE_OF_FEW,
    FacilityKind.RESCUE_STATION.value: ONE_OF_FEW,
    FacilityKind.INCUBATOR.value: ONE_OF_FEW,
    FacilityKind.CARE_INSTITUTION.value: ONE_OF_SOME,
    FacilityKind.CEMETERY.value: ONE_OF_SOME,
    FacilityKind.COLUMBARIUM.value: ONE_OF_SOME,
}
"""By kind; those that aren't here are many."""

PLACE_RANKS: Mapping[str, int] = {
    **dict.fromkeys((PlaceClass.MOUNTAIN.value, PlaceClass.RIVER.value, PlaceClass.LAKE.value), ONE_OF_FEW),
    **dict.fromkeys((PlaceClass.RESERVOIR.value, PlaceClass.SCENIC_AREA.value, PlaceClass.PARK.value), ONE_OF_FEW),
    **dict.fromkeys((PlaceClass.STATION.value, PlaceClass.AIRPORT.value), ONE_OF_FEW),
    **dict.fromkeys((PlaceClass.STREET.value, PlaceClass.ROAD.value, PlaceClass.BRIDGE.value), ONE_OF_SOME),
}
"""By class; those that aren't here are many."""

SCORES: Mapping[Match, float] = {
    Match.CODE: 1.0,
    Match.EXACT: 1.0,
    Match.PREFIX: 0.8,
    Match.PINYIN: 0.6,
    Match.INITIALS: 0.4,
    Match.CONTAINED: 0.2,
}


def facility_rank(kind: str, status: str) -> int:
    """The rank of a facility of `kind` in `status`."""
    return FACILITY_RANKS.get(kind, ONE_OF_MANY) if status == FacilityStatus.OPEN.value else NOT_OPEN


def division_rank(level: str, *, former: bool) -> int:
    """The rank of a division; one whose name went out with it comes behind all that is in use."""
    return FORMER if former else DIVISION_RANKS[level]


def place_rank(place_class: str, *, former: bool) -> int:
    """The rank of a place by one of its names; what nobody calls it any more comes behind all that is in use."""
    return FORMER if former else PLACE_RANKS.get(place_class, ONE_OF_MANY)


def score(match: Match, rank: int) -> float:
    """From 1 for what was surely meant down to 0; it falls, or stays, from each hit to the next."""
    return round(SCORES[match] - rank / 100, 2) if match is not Match.CODE else SCORES[match]
