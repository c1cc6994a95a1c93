"""The kinds of facility: which fields each has beside those that all have, their types and units.

Values in, values out: the table serves imports, forms, filters and exports alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from geo_registry.vocabulary import CareOwnership, CemeteryOwnership, DivisionLevel, FacilityKind, Word


class FieldType(StrEnum):
    """What a field of a kind holds."""

    COUNT = "count"
    """A whole number, not negative."""
    QUANTITY = "quantity"
    """A number, not negative, in the field's unit."""
    TEXT = "text"
    FLAG = "flag"
    """True or false."""
    CHOICE = "choice"
    """One of the field's words."""
    LIST = "list"
    """Several texts."""
    COUNTS = "counts"
    """Whole numbers, not negative, each under a text."""


@dataclass(frozen=True, slots=True)
class DetailField:
    """One field that only some kinds have; its value stands in the facility's `detail` under `key`."""

    key: str
    zh: str
    en: str
    holds: FieldType
    unit_zh: str = ""
    unit_en: str = ""
    words: type[Word] | None = None
    """What a CHOICE chooses from."""
    at_most: str | None = None
    """The key of another field of the kind that this one can't exceed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of facility: its own fields, and what its capacity counts."""

    kind: FacilityKind
    fields: tuple[DetailField, ...]
    capacity_zh: str
    """The unit of `capacity`."""
    capacity_en: str
    capacity_field: str | None = None
    """The detail field that says the capacity where none is given."""

    def field(self, key: str) -> DetailField | None:
        """The field called `key`; None where the kind has none."""
        return next((field for field in self.fields if field.key == key), None)


def _count(key: str, labels: tuple[str, str], units: tuple[str, str], *, at_most: str | None = None) -> DetailField:
    return DetailField(key, *labels, FieldType.COUNT, *units, at_most=at_most)


def _text(key: str, zh: str, en: str) -> DetailField:
    return DetailField(key, zh, en, FieldType.TEXT)


def _flag(key: str, zh: str, en: str) -> DetailField:
    return DetailField(key, zh, en, FieldType.FLAG)


def _list(key: str, zh: str, en: str) -> DetailField:
    return DetailField(key, zh, en, FieldType.LIST)


def _choice(key: str, zh: str, en: str, words: type[Word]) -> DetailField:
    return DetailField(key, zh, en, FieldType.CHOICE, words=words)


_TIER = _choice("tier", "层级", "tier", DivisionLevel)
_SERVICES = _list("services", "服务项目", "services")
_PLACES = _count("places", ("床位或名额", "places"), ("个", "places"))
_AREA = DetailField("area_m2", "面积", "floor area", FieldType.QUANTITY, "平方米", "m²")
_USED_A_YEAR = _count("used_a_year", ("年使用量", "used a year"), ("个/年", "a year"))
_STAFF = _count("staff", ("工作人员", "staff"), ("人", "people"))


def _child(kind: FacilityKind) -> Kind:
    return Kind(kind, (_PLACES, _AREA, _STAFF), "个", "places", capacity_field="places")


def _with_places(kind: FacilityKind) -> Kind:
    return Kind(kind, (_PLACES, _SERVICES), "个", "places", capacity_field="places")


def _with_area(kind: FacilityKind) -> Kind:
    return Kind(kind, (_AREA, _SERVICES), "人次/日", "visitors a day")


_ALL = (
    Kind(
        FacilityKind.CARE_INSTITUTION,
        (
            _TIER,
            _count("beds", ("床位", "beds"), ("张", "beds")),
            _count("nursing_beds", ("护理型床位", "nursing beds"), ("张", "beds"), at_most="beds"),
            _count("dementia_beds", ("认知障碍床位", "dementia beds"), ("张", "beds"), at_most="beds"),
            _count("occupied", ("入住人数", "residents"), ("人", "people")),
            _text("grade", "等级", "grade"),
            _choice("ownership", "所有制", "ownership", CareOwnership),
            _text("medical_partner", "医养结合机构", "medical partner"),
            _text("theme", "特色", "theme"),
        ),
        "张",
        "beds",
        capacity_field="beds",
    ),
    Kind(
        FacilityKind.HOME_CARE_CENTRE,
        (
            _TIER,
            _flag("embedded", "嵌入式", "embedded in a neighbourhood"),
            _flag("mutual_aid", "互助型", "run by mutual aid"),
            _count("day_places", ("日托位", "day places"), ("个", "places")),
            _SERVICES,
        ),
        "个",
        "day places",
        capacity_field="day_places",
    ),
    Kind(
        FacilityKind.MEAL_POINT,
        (
            _list("meal_modes", "供餐方式", "meal modes"),
            _count("meals_a_day", ("日供餐量", "meals a day"), ("份/日", "meals a day")),
            _flag("delivers", "送餐上门", "delivers"),
        ),
        "份/日",
        "meals a day",
        capacity_field="meals_a_day",
    ),
    Kind(
        FacilityKind.CEMETERY,
        (
            _choice("ownership", "性质", "ownership", CemeteryOwnership),
            _flag("ecological", "生态安葬", "ecological burial"),
            _count("graves", ("墓穴总数", "graves"), ("穴", "graves")),
            _count("used", ("已用", "used"), ("穴", "graves"), at_most="graves"),
            _USED_A_YEAR,
            DetailField("burial_places", "各类葬式数量", "places by kind of burial", FieldType.COUNTS, "穴", "graves"),
        ),
        "穴",
        "graves",
        capacity_field="graves",
    ),
    Kind(
        FacilityKind.COLUMBARIUM,
        (
            _count("niches", ("格位总数", "niches"), ("格", "niches")),
            _count("used", ("已用", "used"), ("格", "niches"), at_most="niches"),
            _USED_A_YEAR,
        ),
        "格",
        "niches",
        capacity_field="niches",
    ),
    Kind(
        FacilityKind.FUNERAL_HOME,
        (
            _SERVICES,
            _list("free_items", "免费项目", "free items"),
            _count("cremations_a_year", ("年火化量", "cremations a year"), ("具/年", "a year")),
        ),
        "具/年",
        "cremations a year",
        capacity_field="cremations_a_year",
    ),
    Kind(
        FacilityKind.MARRIAGE_HALL,
        (
            _text("grade", "等级", "grade"),
            _flag("park_style", "公园式", "in a park"),
            _flag("ceremony_ground", "户外颁证基地", "outdoor ceremony ground"),
            _flag("counselling", "婚姻家庭辅导", "counselling"),
            _count("registrars", ("婚姻登记员", "registrars"), ("人", "people")),
            _count("couples_a_day", ("日登记量", "couples a day"), ("对/日", "couples a day")),
            _flag("archive_digitised", "档案电子化", "archive digitised"),
        ),
        "对/日",
        "couples a day",
        capacity_field="couples_a_day",
    ),
    _child(FacilityKind.CHILD_WELFARE_HOME),
    _child(FacilityKind.CHILD_PROTECTION_CENTRE),
    _child(FacilityKind.CHILD_PROTECTION_STATION),
    _with_places(FacilityKind.RESCUE_STATION),
    _with_places(FacilityKind.ASSISTANCE_STATION),
    _with_places(FacilityKind.REHABILITATION_POINT),
    _with_area(FacilityKind.CHARITY_SHOP),
    _with_area(FacilityKind.INCUBATOR),
    _with_area(FacilityKind.SOCIAL_WORK_STATION),
)

KINDS: Mapping[FacilityKind, Kind] = MappingProxyType({kind.kind: kind for kind in _ALL})
"""Every kind, by its word."""

DETAIL_FIELDS: Mapping[str, DetailField] = MappingProxyType(
    {field.key: field for kind in _ALL for field in kind.fields}
)
"""Every field that some kind has; a key has one type wherever it occurs (a test holds that)."""
