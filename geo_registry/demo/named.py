"""What a place of the demonstration is before it is registered: its names, extents and relations as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from geo_registry.vocabulary import Certainty, NameKind, PlaceClass, PlaceRelationKind, PlaceState

KNOWN = "示例数据：名称通行，位置和数字为虚构"
"""The source of what is really called so."""
MADE_UP = "示例数据：名称、位置和数字均为虚构"
"""The source of everything else."""
BY_EXAMPLE = "示例数据："
"""Every source, and every piece of evidence, begins so."""


@dataclass(frozen=True, slots=True)
class OtherName:
    """A name beside the present standard one; a standard one was so in its period. Dates are as `Dated.parse` takes them."""

    name: str
    kind: NameKind
    language: str = "zh-Hans"
    romanized: str | None = None
    """Where the rules don't spell it as it is spelt."""
    since: str | None = None
    until: str | None = None
    source: str = MADE_UP


@dataclass(frozen=True, slots=True)
class Tie:
    """What a place is to another, by the other's key."""

    kind: PlaceRelationKind
    other: str
    evidence: str
    certainty: Certainty = Certainty.CERTAIN
    since: str | None = None


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place: `shape` in degrees (EPSG:4490), how far it reached before the dates in `before`, from the oldest on.

    `division` is a code where the place lies in several divisions; else it is where it lies.
    """

    key: str
    place_class: PlaceClass
    name: str
    shape: BaseGeometry
    source: str = MADE_UP
    state: PlaceState = PlaceState.IN_USE
    begun: str | None = None
    ended: str | None = None
    named: str | None = None
    division: str | None = None
    meaning: str = ""
    origin: str = ""
    detail: Mapping[str, str | float | int] = field(default_factory=dict)
    names: tuple[OtherName, ...] = ()
    ties: tuple[Tie, ...] = ()
    before: tuple[tuple[BaseGeometry, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BuiltUp:
    """A built-up area: what streets and estates are told apart within."""

    key: str
    name: str
    division: str
    shape: BaseGeometry
    source: str = f"{BY_EXAMPLE}范围为虚构"
