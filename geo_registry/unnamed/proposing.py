"""Names proposed for a lane: from what lies near it, from its village, from what people wish. Each with its reason.

Pure: what there is around in, names out, the same every time. Whether a name may be given, the rules of names say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from geo_registry.places.rules.generics import by_class, split
from geo_registry.vocabulary import Compass, CourseShape, NamedAfter, PlaceClass

NEAR_M = 150.0
"""What lies farther off gives a lane no name."""
ROAD_M, STREET_M, ALLEY_M = 800.0, 300.0, 80.0
"""From so long on a village lane is called 路, 街, 巷; what is shorter, 弄. A custom, no rule: a person decides."""
MOST = 6
SIDES: Mapping[Compass, str] = MappingProxyType(
    {Compass.EAST: "东", Compass.SOUTH: "南", Compass.WEST: "西", Compass.NORTH: "北"}
)
BEFORE_AND_BEHIND: Mapping[Compass, str] = MappingProxyType({Compass.SOUTH: "前", Compass.NORTH: "后"})
"""Temples face south: what lies south of one is before it (寺前), what lies north of it behind."""
NUMERALS = "一二三四五六七八九十"

FACES = frozenset({PlaceClass.TEMPLE, PlaceClass.MONUMENT})
WATERS = frozenset({PlaceClass.RIVER, PlaceClass.LAKE, PlaceClass.CANAL, PlaceClass.RESERVOIR, PlaceClass.SPRING})
GIVING = (
    FACES
    | WATERS
    | {
        PlaceClass.BRIDGE,
        PlaceClass.MOUNTAIN,
        PlaceClass.VILLAGE,
        PlaceClass.PARK,
        PlaceClass.STATION,
        PlaceClass.INSTITUTION,
    }
)
"""What lanes are called after, of all that has a name; a facility of the registry counts as a monument does."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something near a lane that has a name; `side` is where the lane lies as seen from it."""

    name: str
    place_class: PlaceClass
    distance_m: float
    side: Compass


@dataclass(frozen=True, slots=True)
class Wish:
    """What people wish: a name, and why, as far as they said."""

    name: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that a lane can be called after."""

    length_m: float
    highway: str
    shape: CourseShape
    village: str
    """The village's name without what it is (王村 of 王村村); empty where none is known."""
    features: Sequence[Feature] = ()
    wishes: Sequence[Wish] = ()
    ordinal: int = 1
    """Which of its village's lanes it is, counted from the west."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name, what it comes from, and why, in zh and en."""

    name: str
    after: NamedAfter
    zh: str
    en: str

    def reason(self, locale: str) -> str:
        """The reason, in zh or en."""
        return self.en if locale.startswith("en") else self.zh


def generic_of(length_m: float, highway: str, shape: CourseShape) -> str:
    """What a lane of that length and class is called: 路, 街, 巷, 弄; 里 where it goes round."""
    if shape is CourseShape.LOOP:
        return "里"
    if highway == "tertiary" or length_m >= ROAD_M:
        return "路"
    if highway in {"service", "track"}:
        return "巷" if length_m >= ALLEY_M else "弄"
    if length_m >= STREET_M:
        return "街"
    return "巷" if length_m >= ALLEY_M else "弄"


def proposals(around: Surroundings) -> Sequence[Proposal]:
    """At most `MOST` names for a lane, the likeliest first: wishes, then what is nearest, then the village."""
    generic = generic_of(around.length_m, around.highway, around.shape)
    named: dict[str, Proposal] = {}
    for proposal in (*_wished(around.wishes, generic), *_of_features(around, generic), *_of_village(around, generic)):
        named.setdefault(proposal.name, proposal)
    return list(named.values())[:MOST]


def _wished(wishes: Sequence[Wish], generic: str) -> Iterator[Proposal]:
    streets = by_class()[PlaceClass.STREET].words
    for wish in wishes:
        whole = bool(split(wish.name, streets).generic)
        name = wish.name if whole else wish.name + generic
        why = wish.meaning
        yield Proposal(
            name,
            NamedAfter.WISH,
            f"群众意愿“{wish.name}”" + (f"：{why}" if why else ""),
            f"people wish {wish.name}" + (f": {why}" if why else ""),
        )


def _of_features(around: Surroundings, generic: str) -> Iterator[Proposal]:
    near = [each for each in around.features if each.distance_m <= NEAR_M and each.place_class in GIVING]
    for each in sorted(near, key=lambda feature: (round(feature.distance_m), feature.name)):
        away = round(each.distance_m / 10) * 10
        zh, en = (
            f"邻近{each.place_class.zh}“{each.name}”（约 {away} 米）",
            f"{away} m from {each.place_class.en} {each.name}",
        )
        yield Proposal(each.name + generic, NamedAfter.FEATURE, zh, en)
        side = _side(each)
        if side:
            yield Proposal(
                f"{_short(each)}{side}{generic}",
                NamedAfter.FEATURE,
                f"位于{each.place_class.zh}“{each.name}”{each.side.zh}侧（约 {away} 米）",
                f"{each.side.en} of {each.place_class.en} {each.name}, {away} m",
            )


def _side(feature: Feature) -> str:
    """The character that says on which side of a feature a lane lies; empty between two sides."""
    if feature.place_class in FACES and feature.side in BEFORE_AND_BEHIND:
        return BEFORE_AND_BEHIND[feature.side]
    return SIDES.get(feature.side, "")


def _short(feature: Feature) -> str:
    """A feature's name as a street's holds it: a village's without what it is, others whole."""
    if feature.place_class is PlaceClass.VILLAGE:
        parts = split(feature.name, by_class()[PlaceClass.VILLAGE].words)
        return feature.name if len(parts.specific) < 2 else parts.specific
    return feature.name


def _of_village(around: Surroundings, generic: str) -> Iterator[Proposal]:
    if not around.village:
        return
    number = numeral(around.ordinal)
    yield Proposal(
        f"{around.village}{number}{generic}",
        NamedAfter.VILLAGE,
        f"以所在村“{around.village}”加序数，自西向东第 {around.ordinal} 条",
        f"the village {around.village} and an ordinal: number {around.ordinal} from the west",
    )


def numeral(number: int) -> str:
    """A number up to 99 in Chinese characters, as names have it: 一, 十, 十二, 二十."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{NUMERALS[tens - 1]}十")
    return head + (NUMERALS[ones - 1] if ones else "")
