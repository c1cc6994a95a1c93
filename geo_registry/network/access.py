"""OpenStreetMap tags → who may use a road and how fast, by tables, as the routers of the field do it.

Sources, named at each table: the OpenStreetMap wiki (*Key:access*, *OSM tags for routing/Access restrictions*), the
labels of Conveyal R5 (`TraversalPermissionLabeler`), the profiles of OSRM (`car.lua`, `foot.lua`), the network filters
of OSMnx. Where they differ, the choice and its reason stand here.

What is not modelled: turn restrictions, rules that hold at certain hours, "destination only" as no through traffic
(such roads are simply open), and areas (a square is crossed on the lines that are drawn over it, as in OSMnx).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RoadAttributes:
    """What the graph needs to know of a road.

    `highway` is OSM's class word. `foot` and `motor` say which mode may use it. `oneway` binds vehicles only: 1 along
    the line, -1 against it, 0 both ways. `maxspeed_kmh` is the posted limit, None when none is known.
    """

    highway: str
    name: str | None
    foot: bool
    motor: bool
    oneway: int
    maxspeed_kmh: int | None


@dataclass(frozen=True, slots=True)
class Barrier:
    """A point on a road that some mode can't pass; `kind` is OSM's word for it."""

    kind: str
    foot_blocked: bool
    motor_blocked: bool


FERRY = "ferry"
"""The class of a ferry line. It is imported and drawn, and no mode uses it: a crossing takes its timetable's time,
which the map doesn't know, and rowing over at walking speed would put an island within a quarter of an hour."""

CLASS_ACCESS: dict[str, tuple[bool, bool]] = {
    # Class word: (on foot, by car) where no access tag says otherwise. R5's defaults; the exceptions carry a note.
    "motorway": (False, True),
    "motorway_link": (False, True),
    "trunk": (True, True),
    "trunk_link": (True, True),
    "primary": (True, True),
    "primary_link": (True, True),
    "secondary": (True, True),
    "secondary_link": (True, True),
    "tertiary": (True, True),
    "tertiary_link": (True, True),
    "unclassified": (True, True),
    "residential": (True, True),
    "living_street": (True, True),
    "service": (True, True),
    "road": (True, True),
    # Cars: OSRM and OSMnx leave tracks out, R5 keeps them. Out: a farm track is no promise to a patient.
    "track": (True, False),
    "pedestrian": (True, False),
    "footway": (True, False),
    "steps": (True, False),
    "path": (True, False),
    "corridor": (True, False),
    "platform": (True, False),
    "pier": (True, False),
    "elevator": (True, False),
    # On foot: R5's defaults are closed, its US labels and the wiki's usual reading are open unless `foot=no`.
    "cycleway": (True, False),
    "bridleway": (True, False),
    "busway": (False, False),
    "bus_guideway": (False, False),
    FERRY: (False, False),
}
"""The classes that are roads. Any other word (construction, proposed, raceway, rest_area, …) is none."""

FOOT_KEYS = ("foot", "access")
"""From the particular to the general; the first that decides, decides (wiki, *Computing access restrictions*)."""

MOTOR_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")

OWN_KEYS = frozenset({"foot", "motorcar", "motor_vehicle"})
"""Keys that may open what the class closes. `access=yes` on a footway says that the public may walk there, not that
cars may: the general keys only close."""

OPEN_WORDS = frozenset({"yes", "designated", "permissive", "destination", "official", "public", "allowed"})
CLOSED_WORDS = frozenset(
    {
        "no",
        "private",
        "customers",
        "delivery",
        "permit",
        "residents",
        "agricultural",
        "forestry",
        "agricultural;forestry",
        "emergency",
        "military",
        "psv",
        "use_sidepath",
    }
)
"""What keeps the public out. OSRM lets a trip begin or end behind `private` and `customers`; a walk to a public service
neither begins nor ends there, and passing through would be a short cut that isn't one. Any other word decides nothing."""

ONEWAY_KEYS = ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway")
ALONG_WORDS = frozenset({"yes", "true", "1"})
AGAINST_WORDS = frozenset({"-1", "reverse"})
BOTH_WAYS_WORDS = frozenset({"no", "false", "0"})
CHANGING_WORDS = frozenset({"reversible", "alternating"})
"""The direction depends on the hour; OSRM avoids such roads, and so do we."""

IMPLIED_ONEWAY_JUNCTIONS = frozenset({"roundabout", "circular"})

CLASS_KEY = "highway"

CLASSES_BY_OTHER_TAGS: dict[tuple[str, str], str] = {
    ("route", "ferry"): FERRY,
    ("man_made", "pier"): "pier",
    ("railway", "platform"): "platform",
    ("public_transport", "platform"): "platform",
}
"""(Key, value): the class of a way drawn without a `highway` key; the first that fits. Piers and platforms are walked
on (R5, OSRM)."""

BARRIER_KEY = "barrier"

READ_KEYS = tuple(dict.fromkeys((CLASS_KEY, *(key for key, _ in CLASSES_BY_OTHER_TAGS), BARRIER_KEY)))
"""Every road and every barrier bears one of these keys: whatever has none of them may be passed over unread."""


def road_from_tags(tags: Tags) -> RoadAttributes | None:
    """What the tags of a way make it; None when it is no road: another feature, an area, not built, impassable.

    A road that no mode may use (private, a bus way, a ferry) is still one: it is imported, drawn and not travelled.
    """
    highway = _class_word(tags)
    if highway is None or tags.get("area") == "yes" or "impassable" in (tags.get("status"), tags.get("smoothness")):
        return None
    foot, motor = CLASS_ACCESS[highway]
    if tags.get("motorroad") == "yes":
        foot = False
    if tags.get("service") == "emergency_access":
        motor = False
    if highway != FERRY:
        foot = _allowed(tags, FOOT_KEYS, by_default=foot)
        motor = _allowed(tags, MOTOR_KEYS, by_default=motor)
    if tags.get("service") == "private":
        foot = motor = False
    oneway = _oneway(tags, highway)
    return RoadAttributes(
        highway=highway,
        name=tags.get("name") or None,
        foot=foot,
        motor=motor and oneway is not None,
        oneway=oneway or 0,
        maxspeed_kmh=_maxspeed_kmh(tags),
    )


def _class_word(tags: Tags) -> str | None:
    highway = tags.get(CLASS_KEY)
    if highway is not None:
        return highway if highway in CLASS_ACCESS else None
    fitting = (word for (key, value), word in CLASSES_BY_OTHER_TAGS.items() if tags.get(key) == value)
    return next(fitting, None)


def _allowed(tags: Tags, keys: tuple[str, ...], *, by_default: bool) -> bool:
    """Whether the first of `keys` that decides opens or closes."""
    for key in keys:
        word = tags.get(key)
        if word in CLOSED_WORDS:
            return False
        if word in OPEN_WORDS:
            return by_default or key in OWN_KEYS
    return by_default


def _oneway(tags: Tags, highway: str) -> int | None:
    """1 along, -1 against, 0 both ways; None when it changes with the hour."""
    for key in ONEWAY_KEYS:
        word = tags.get(key)
        if word in ALONG_WORDS:
            return 1
        if word in AGAINST_WORDS:
            return -1
        if word in BOTH_WAYS_WORDS:
            return 0
        if word in CHANGING_WORDS:
            return None
    # The wiki: a motorway's carriageway and a roundabout are one-way unless they say that they aren't.
    return int(highway == "motorway" or tags.get("junction") in IMPLIED_ONEWAY_JUNCTIONS)


MAXSPEED_KEYS = ("maxspeed", "maxspeed:type", "zone:maxspeed", "source:maxspeed")
DIRECTED_MAXSPEED_KEYS = ("maxspeed:forward", "maxspeed:backward")

MAXSPEED_LIMITS_KMH = range(1, 201)
"""What a posted limit can be; anything else is a slip of the keyboard."""

WALKING_PACE_KMH = 6

KMH_PER_UNIT = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}

ZONE_LIMITS_KMH = {
    # China: Regulations on the Road Traffic Safety Law, articles 45 (one lane each way) and 78.
    "CN:urban": 50,
    "CN:rural": 70,
    "CN:motorway": 120,
    # Elsewhere: OSRM's car profile, `maxspeed_table_default`.
    "urban": 50,
    "rural": 90,
    "trunk": 110,
    "motorway": 130,
    "living_street": 10,
    "walk": WALKING_PACE_KMH,
}
"""Limits that are posted by a zone's name, by country where it is known, else by the name alone."""

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z/]*)")
_ZONE_NUMBER = re.compile(r"[A-Z]{2}(?:-[A-Z]+)?:(?:zone)?:?(\d+)")


def _maxspeed_kmh(tags: Tags) -> int | None:
    """The posted limit, the lowest where it differs by direction, lane or hour; None when it isn't known."""
    for key in MAXSPEED_KEYS:
        limit_kmh = parse_maxspeed_kmh(tags.get(key, ""))
        if limit_kmh is not None:
            return limit_kmh
    directed = [parse_maxspeed_kmh(tags.get(key, "")) for key in DIRECTED_MAXSPEED_KEYS]
    return min((limit_kmh for limit_kmh in directed if limit_kmh is not None), default=None)


def parse_maxspeed_kmh(text: str) -> int | None:
    """A `maxspeed` value in km/h, rounded half up: ``50``, ``30 mph``, ``CN:urban``, ``DE:zone:30``, ``walk``, ``50;30``.

    None when it names no limit (``none``, ``signals``, ``variable``) or can't be read: the class then decides.
    """
    limits_kmh = [_one_limit_kmh(part.strip()) for part in re.split(r"[;|]", text)]
    return min((limit_kmh for limit_kmh in limits_kmh if limit_kmh is not None), default=None)


def _one_limit_kmh(text: str) -> int | None:
    zone_number = _ZONE_NUMBER.fullmatch(text)
    number = _NUMBER.fullmatch(zone_number[1] if zone_number else text)
    if number is None:
        return ZONE_LIMITS_KMH.get(text, ZONE_LIMITS_KMH.get(text.rpartition(":")[2]))
    per_unit_kmh = KMH_PER_UNIT.get(number[2])
    if per_unit_kmh is None:
        return None
    limit_kmh = math.floor(float(number[1]) * per_unit_kmh + 0.5)
    return limit_kmh if limit_kmh in MAXSPEED_LIMITS_KMH else None


CLASS_DRIVE_SPEED_KMH = {
    # OSRM's car profile: the average with junctions and lights, not the limit.
    "motorway": 90,
    "motorway_link": 45,
    "trunk": 85,
    "trunk_link": 40,
    "primary": 65,
    "primary_link": 30,
    "secondary": 55,
    "secondary_link": 25,
    "tertiary": 40,
    "tertiary_link": 20,
    "unclassified": 25,
    "residential": 25,
    "living_street": 10,
    "service": 15,
    "road": 25,
}

OPENED_DRIVE_SPEED_KMH = 10
"""On a track, path or square that a tag opens to cars: OSRM's `default_speed`."""

UNKNOWN_DRIVE_SPEED_KMH = CLASS_DRIVE_SPEED_KMH["road"]
"""On a class word that isn't OSM's, as a line layer may have: a road of unknown class."""

SHARE_OF_LIMIT_DRIVEN = (4, 5)
"""OSRM's `speed_reduction`: where a limit is posted, the average driven is four fifths of it."""


def drive_speed_kmh(highway: str, maxspeed_kmh: int | None) -> int:
    """The speed that a car averages on a road, whole km/h, at least 1: from the posted limit, else from the class."""
    if maxspeed_kmh:
        numerator, denominator = SHARE_OF_LIMIT_DRIVEN
        return max(1, (2 * numerator * maxspeed_kmh + denominator) // (2 * denominator))
    if highway in CLASS_DRIVE_SPEED_KMH:
        return CLASS_DRIVE_SPEED_KMH[highway]
    return OPENED_DRIVE_SPEED_KMH if highway in CLASS_ACCESS else UNKNOWN_DRIVE_SPEED_KMH


BARRIER_BLOCKS: dict[str, tuple[bool, bool]] = {
    # Kind: (blocks people on foot, blocks cars) where no access tag says otherwise; OSRM's whitelists, turned round.
    "block": (False, True),
    "bollard": (False, True),
    "bus_trap": (False, True),
    "chain": (False, True),
    "cycle_barrier": (False, True),
    "debris": (False, True),
    "full-height_turnstile": (False, True),
    "horse_stile": (False, True),
    "jersey_barrier": (False, True),
    "kissing_gate": (False, True),
    "log": (False, True),
    "motorcycle_barrier": (False, True),
    "planter": (False, True),
    "rope": (False, True),
    "stile": (False, True),
    "sump_buster": (False, True),
    "turnstile": (False, True),
    "wicket_gate": (False, True),
    # What stands along a line: at a point of a road it closes the road.
    "barrier_board": (True, True),
    "cable_barrier": (True, True),
    "city_wall": (True, True),
    "ditch": (True, True),
    "fence": (True, True),
    "guard_rail": (True, True),
    "hedge": (True, True),
    "retaining_wall": (True, True),
    "wall": (True, True),
    # Open unless an access tag or a lock closes it.
    "bump_gate": (False, False),
    "gate": (False, False),
    "hampshire_gate": (False, False),
    "lift_gate": (False, False),
    "sally_port": (False, False),
    "sliding_beam": (False, False),
    "sliding_gate": (False, False),
    "swing_gate": (False, False),
    "toll_booth": (False, False),
    "border_control": (False, False),
    "cattle_grid": (False, False),
    "height_restrictor": (False, False),
}
"""Any other kind (kerb, entrance, handrail, yes, …) is passed."""

UNCONTROLLED_BARRIERS = frozenset({"entrance", "kerb", "no", "opening"})
"""A hole in a wall or a step; an access tag on it says something of the wall."""


def barrier_from_tags(tags: Tags) -> Barrier | None:
    """What the tags of a point on a road block; None when everyone passes."""
    kind = tags.get(BARRIER_KEY)
    if kind is None or kind in UNCONTROLLED_BARRIERS:
        return None
    foot_blocked, motor_blocked = BARRIER_BLOCKS.get(kind, (False, False))
    locked = tags.get("locked") == "yes"
    foot_passes = _allowed(tags, FOOT_KEYS, by_default=not (foot_blocked or locked))
    motor_passes = _allowed(tags, MOTOR_KEYS, by_default=not (motor_blocked or locked))
    if foot_passes and motor_passes:
        return None
    return Barrier(kind=kind, foot_blocked=not foot_passes, motor_blocked=not motor_passes)
