"""What an announcement reads like: one sentence a name, the paragraph before them, the title, as offices write them. Values in, words out."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date

from geo_registry.cases.announced import Announced, AnnouncedName, FormerName, dated_of, said_in_detail
from geo_registry.errors import DateUnclear
from geo_registry.figures import given
from geo_registry.places.details import value_label
from geo_registry.places.periods import Dated
from geo_registry.places.rules.findings import Basis
from geo_registry.vocabulary import NameAction, PartFate, PlaceClass

COUNTED: Mapping[PlaceClass, tuple[str, str, str]] = {
    PlaceClass.DIVISION: ("个行政区划", "division", "divisions"),
    PlaceClass.COMMITTEE_SEAT: ("个村（居）民委员会所在地", "committee's seat", "committees' seats"),
    PlaceClass.VILLAGE: ("个自然村", "natural village", "natural villages"),
    PlaceClass.STREET: ("条道路", "street", "streets"),
    PlaceClass.ROAD: ("条公路", "highway", "highways"),
    PlaceClass.RAILWAY: ("条铁路", "railway", "railways"),
    PlaceClass.RESIDENTIAL_AREA: ("个住宅区", "residential area", "residential areas"),
    PlaceClass.BUILDING: ("幢楼宇", "building", "buildings"),
    PlaceClass.BRIDGE: ("座桥梁", "bridge", "bridges"),
    PlaceClass.TUNNEL: ("座隧道", "tunnel", "tunnels"),
    PlaceClass.STATION: ("个车站", "station", "stations"),
    PlaceClass.PARK: ("个公园", "park", "parks"),
    PlaceClass.RIVER: ("条河流", "river", "rivers"),
    PlaceClass.CANAL: ("条渠道", "canal", "canals"),
    PlaceClass.RESERVOIR: ("座水库", "reservoir", "reservoirs"),
    PlaceClass.LAKE: ("个湖泊", "lake", "lakes"),
    PlaceClass.MOUNTAIN: ("座山", "mountain", "mountains"),
}
"""How places of a class are counted in a sentence; what isn't here is counted as names."""
NAMES = ("个地名", "name", "names")

DECIDED: Mapping[NameAction, tuple[str, str]] = {
    NameAction.NAME: ("予以命名", "named"),
    NameAction.RENAME: ("予以更名", "renamed"),
    NameAction.ADJUST: ("调整范围", "adjusted in extent"),
    NameAction.STANDARDISE: ("予以标准化", "standardised"),
    NameAction.ABOLISH: ("予以销名", "abolished"),
    NameAction.LIST: ("列入地名文化遗产保护名录", "listed as heritage"),
}
TITLED: Mapping[NameAction, tuple[str, str]] = {
    NameAction.NAME: ("命名", "naming"),
    NameAction.RENAME: ("更名", "renaming"),
    NameAction.ADJUST: ("范围调整", "adjustment"),
    NameAction.STANDARDISE: ("标准化", "standardising"),
    NameAction.ABOLISH: ("销名", "abolition"),
    NameAction.LIST: ("列入地名文化遗产保护名录", "heritage listing"),
}

SIDES_EN: Mapping[str, str] = {
    "东": "east",
    "南": "south",
    "西": "west",
    "北": "north",
    "东南": "south-east",
    "东北": "north-east",
    "西南": "south-west",
    "西北": "north-west",
}
_SAID_BEGINNING = re.compile("^(?:(?P<side>[东南西北]{1,2})起自?|起[于自]|[从自由])(?P<at>.+)$")
_SAID_END = re.compile("^(?:(?P<side>[东南西北]{1,2})[至到止]于?|止于|[至到])(?P<at>.+)$")
_COURSE = re.compile("^[由自从](?P<begins>[东南西北]{1,2})[向往至到](?P<ends>[东南西北]{1,2})$")
LANES = ("巷", "弄", "里", "胡同")
"""What the names of lanes end with."""
_STOPS = "。！？；.!?;"
_QUARTERS = ("东", "东北", "北", "西北", "西", "西南", "南", "东南")
"""Every eighth of the circle, from the east against the clock."""


def sentence(name: AnnouncedName, locale: str) -> str:
    """The name as it stands in a notice, in the language of `locale` (``en…``, anything else is zh).

    ``李渔路（Lǐyú Lù）：主干路，位于婺城区，东起双溪西路，西至双龙南街，长1520米，宽24米，沥青路面，2019年—2021年建成。``
    """
    if locale.startswith("en"):
        spelt = f" ({name.romanized})" if name.romanized else ""
        return f"{name.name}{spelt}: {described(name, locale)}"
    spelt = f"（{name.romanized}）" if name.romanized else ""
    return f"{name.name}{spelt}：{described(name, locale)}"


def described(name: AnnouncedName, locale: str) -> str:
    """What a notice says of a name, without the name: what it is, where, its ends and size, what it was, why it is called so."""
    facts = _joined(
        [class_of(name, locale), *_where(name, locale), *_was(name, locale), *_extent(name, locale)], locale
    )
    return _spaced([facts, *_origin(name, locale)], locale)


def extent_in_words(name: AnnouncedName, locale: str) -> str:
    """Where it lies, its ends, size and age, for a table that has its division in a column of its own."""
    return _joined([name.position, *_extent(name, locale)], locale)


def origin_in_words(name: AnnouncedName, locale: str) -> str:
    """What it was called before, what the words mean, why it is called so."""
    return _spaced([_joined(_was(name, locale), locale), *_origin(name, locale)], locale)


def lead(announced: Announced, locale: str, *, annexed: bool = False) -> str:
    """The paragraph before the names: by which law, with whose approval, what is decided on how many of them.

    Parameters
    ----------
    annexed
        Whether the names follow in an annex.
    """
    return _lead_en(announced, annexed=annexed) if locale.startswith("en") else _lead_zh(announced, annexed=annexed)


def title_of(office: str, names: Sequence[AnnouncedName], locale: str, *, corrects: bool = False) -> str:
    """A title to begin with: ``金华市民政局关于李渔路等15条道路命名、更名的公告``."""
    counted = counted_in_words(names, locale)
    if locale.startswith("en"):
        kind = "Correction" if corrects else "Announcement"
        return f"{kind} by {office}: {counted}" if counted else f"{kind} by {office}"
    return f"{office}关于{counted}的{'更正' if corrects else ''}公告"


def counted_in_words(names: Sequence[AnnouncedName], locale: str) -> str:
    """What is decided on how many names, by the first of them: ``李渔路等15条道路命名、更名``."""
    actions = [TITLED[action] for action in counted_by_action(names)]
    first = names[0].name if names else ""
    if locale.startswith("en"):
        whose = first if len(names) == 1 else _count(names, locale)
        return f"{_listed([en for _, en in actions])} of {whose}" if names else ""
    whose = first if len(names) < 2 else f"{first}等{_count(names, locale)}"
    return f"{whose}{'、'.join(zh for zh, _ in actions)}"


def approval_in_words(announced: Announced, locale: str) -> str:
    """Who approved, when, by which document: ``金华市人民政府于2026年2月10日批准（金政地〔2026〕3号）``; empty where nobody is known."""
    if not announced.approving_body:
        return ""
    day = day_in_words(announced.approved_on, locale) if announced.approved_on else ""
    if locale.startswith("en"):
        number = f" ({announced.approval_number})" if announced.approval_number else ""
        return f"the approval of {announced.approving_body}{f' of {day}' if day else ''}{number}"
    number = f"（{announced.approval_number}）" if announced.approval_number else ""
    return f"{announced.approving_body}{f'于{day}' if day else ''}批准{number}"


def class_of(name: AnnouncedName, locale: str) -> str:
    """What it is, as exactly as is known: its grade (主干路, 巷弄), else as its name ends, else its class."""
    grade = said_in_detail(name, "grade")
    if grade:
        return value_label(grade, locale)
    if name.place_class is PlaceClass.STREET:
        lane = name.name.endswith(LANES)
        return ("lane" if lane else "street") if locale.startswith("en") else ("巷弄" if lane else "道路")
    return name.place_class.label(locale)


def day_in_words(day: date, locale: str) -> str:
    """A day as offices write it: ``2026年3月5日``, ``5 March 2026``."""
    return f"{day.day} {day:%B %Y}" if locale.startswith("en") else f"{day.year}年{day.month}月{day.day}日"


def quantity(value: object, locale: str) -> str:
    """A measure as it was given: ``1520``, in English in groups of three, ``1,520``; empty for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    whole, point, decimals = given(value).partition(".")
    sign, digits = ("", whole) if whole[:1].isdigit() else (whole[:1], whole[1:])
    if not digits.isdigit():
        return given(value)
    grouped = f"{int(digits):,}" if locale.startswith("en") else digits
    return f"{sign}{grouped}{point}{decimals}"


def ends_in_words(name: AnnouncedName, locale: str) -> Sequence[str]:
    """What it begins and ends at, and on which side where that is known: ``东起双溪西路``, ``西至双龙南街``.

    Which end is which isn't told by 东西走向: the side is that of `sides`, or of a course like 由东向西.
    """
    sides = name.sides or _sides_of(said_in_detail(name, "direction")) or ("", "")
    begins = _end_of(said_in_detail(name, "begins_at"), _SAID_BEGINNING, sides[0])
    ends = _end_of(said_in_detail(name, "ends_at"), _SAID_END, sides[1])
    words: list[str] = []
    if locale.startswith("en"):
        for word, (side, at) in (("from", begins), ("to", ends)):
            words += [f"{word} {at} in the {SIDES_EN.get(side, side)}" if side else f"{word} {at}"] if at else ()
        return words
    for (side, at), sided, plain in ((begins, "起", "起于"), (ends, "至", "止于")):
        words += [f"{side}{sided}{at}" if side else f"{plain}{at}"] if at else ()
    return words


def sides_between(
    begins: tuple[float, float], ends: tuple[float, float], *, course: object = None
) -> tuple[str, str] | None:
    """On which sides something begins and ends, from its first and its last position (degrees, EPSG:4490): ``("西", "东")``.

    What its course says (由西向东) goes before; of what is said to run 东西 or 南北 the sides are those of that axis. None where
    the two are one position.
    """
    said = _sides_of(course) if isinstance(course, str) else None
    if said is not None:
        return said
    east = (ends[0] - begins[0]) * math.cos(math.radians((begins[1] + ends[1]) / 2))
    north = ends[1] - begins[1]
    if not (east or north):
        return None
    axis = course.removesuffix("走向") if isinstance(course, str) else ""
    if axis in {"东西", "西东"} and east:
        return ("西", "东") if east > 0 else ("东", "西")
    if axis in {"南北", "北南"} and north:
        return ("南", "北") if north > 0 else ("北", "南")
    eighth = round(math.atan2(north, east) / (math.pi / 4)) % len(_QUARTERS)
    return _QUARTERS[(eighth + len(_QUARTERS) // 2) % len(_QUARTERS)], _QUARTERS[eighth]


def closing(announced: Announced, locale: str) -> str:
    """The line that an announcement ends with; empty where its text says it itself."""
    if any("特此公告" in text for text in announced.paragraphs):
        return ""
    return "This is announced herewith." if locale.startswith("en") else "特此公告。"


def channels_in_words(announced: Announced, locale: str) -> str:
    """Where it is published: ``发布渠道：金华市人民政府网站、《金华日报》``; empty where nobody said."""
    if not announced.channels.strip():
        return ""
    channels = announced.channels.strip().rstrip("。.")
    return f"Published through: {channels}." if locale.startswith("en") else f"发布渠道：{channels}。"


def built_in_words(name: AnnouncedName, locale: str) -> str:
    """When it was built: ``2019年—2021年建成``; empty where nothing is known."""
    english = locale.startswith("en")
    begun, built = (_dated(name, key, locale) for key in ("built_from", "built_to"))
    if begun and built and begun != built:
        return f"built {begun}–{built}" if english else f"{begun}—{built}建成"
    if built:
        return f"built {built}" if english else f"{built}建成"
    if begun:
        return f"building began {begun}" if english else f"{begun}始建"
    return ""


def former_in_words(former: FormerName, locale: str) -> str:
    """What a former name was and what becomes of it: ``由“江滨路”更名``, ``“北一弄”并入``, ``由“老街”东段析出``."""
    if locale.startswith("en"):
        part = f" ({former.part})" if former.part else ""
        words = {
            PartFate.REPLACED: f"formerly {former.name}{part}",
            PartFate.ABSORBED: f"takes in {former.name}{part}",
            PartFate.SPLIT: f"split off from {former.name}{part}",
        }
        return words[former.fate]
    whole = f"“{former.name}”{former.part}"
    words = {
        PartFate.REPLACED: f"由{whole}更名",
        PartFate.ABSORBED: f"原{whole}并入",
        PartFate.SPLIT: f"由{whole}析出",
    }
    return words[former.fate]


def counted_by_action(names: Sequence[AnnouncedName]) -> Mapping[NameAction, Sequence[AnnouncedName]]:
    """The names by what is decided on them, in the order of the vocabulary; actions without names aren't there."""
    by_action = {action: [name for name in names if name.action is action] for action in NameAction}
    return {action: those for action, those in by_action.items() if those}


def laws_in_words(bases: Sequence[Basis], locale: str) -> str:
    """The laws of some bases, each once: ``《地名管理条例》《浙江省地名管理办法》``; empty where there are none."""
    cited = list(dict.fromkeys(Basis(basis.law).cited for basis in bases))
    return ", ".join(cited) if locale.startswith("en") else "".join(cited)


# The paragraph before the names


def _lead_zh(announced: Announced, *, annexed: bool) -> str:
    approved = approval_in_words(announced, "zh")
    where = "名单见附件，" if annexed else ""
    if announced.corrects is not None:
        why = announced.reason.rstrip("。；， ")
        joined = f"{approved}、" if approved else ""
        counted = _count(announced.names, "zh")
        wrong = f"有关内容需要更正（{why}）" if why else "有关内容需要更正"
        return f"{joined}我单位公告（{announced.corrects}）公布的下列{counted}，{wrong}，{where}现予更正{'。' if annexed else '：'}"
    laws = laws_in_words(announced.basis, "zh")
    ground = f"根据{laws}有关规定，" if laws else ""
    # What isn't approved yet says so, wherever its draft goes.
    by = f"{'经' if announced.approved_on is not None else '拟经'}{approved}，" if approved else ""
    decided = "、".join(
        f"{_count(those, 'zh')}{DECIDED[action][0]}" for action, those in counted_by_action(announced.names).items()
    )
    what = f"决定对下列{decided}，" if decided else ""
    return f"{ground}{by}{what}{where}现予公告{'。' if annexed else '：'}"


def _lead_en(announced: Announced, *, annexed: bool) -> str:
    approval = approval_in_words(announced, "en")
    approved = f"{'with' if announced.approved_on is not None else 'subject to'} {approval}" if approval else ""
    ending = ", listed in the annex." if annexed else ":"
    if announced.corrects is not None:
        why = announced.reason.rstrip(".;, 。；，")
        counted = _count(announced.names, "en")
        decided = f", decided on {approved}," if approved else ""
        wrong = f" ({why})" if why else ""
        said = f"What announcement {announced.corrects} says of the following {counted}{decided}"
        return f"{said} is corrected{wrong}{ending}"
    laws = laws_in_words(announced.basis, "en")
    ground = f"Under {laws}" if laws else ""
    decided = _listed(
        [
            f"{_count(those, 'en')} {'is' if len(those) == 1 else 'are'} {DECIDED[action][1]}"
            for action, those in counted_by_action(announced.names).items()
        ]
    )
    words = ", ".join(part for part in (ground, approved, f"the following {decided}" if decided else "") if part)
    return f"{words[:1].upper()}{words[1:]}{ending}"


def _listed(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _count(names: Sequence[AnnouncedName], locale: str) -> str:
    classes = {name.place_class for name in names}
    measure, one, several = COUNTED.get(next(iter(classes)), NAMES) if len(classes) == 1 else NAMES
    if locale.startswith("en"):
        return f"{quantity(len(names), locale)} {one if len(names) == 1 else several}"
    return f"{quantity(len(names), locale)}{measure}"


# What is said of one name


def _where(name: AnnouncedName, locale: str) -> Sequence[str]:
    if locale.startswith("en"):
        return [f"in {name.division}" if name.division else "", name.position]
    # A position that begins with the division says it once.
    if name.division and name.position.startswith(name.division):
        return [f"位于{name.position}"]
    return [f"位于{name.division}" if name.division else "", name.position]


def _was(name: AnnouncedName, locale: str) -> Sequence[str]:
    english = locale.startswith("en")
    words = [former_in_words(former, locale) for former in name.former]
    match name.action:
        case NameAction.ABOLISH:
            words.append("the name is abolished" if english else "予以销名")
        case NameAction.STANDARDISE:
            words.append("set as the standard name" if english else "定为标准名称")
        case NameAction.LIST:
            words.append("listed as heritage" if english else "列入地名文化遗产保护名录")
        case NameAction.ADJUST:
            words.append("the name stays, its extent is adjusted" if english else "名称不变，范围调整")
    return words


def _extent(name: AnnouncedName, locale: str) -> Sequence[str]:
    english = locale.startswith("en")
    length, width, area, high = (
        quantity(name.detail.get(key), locale) for key in ("length_m", "width_m", "area_m2", "elevation_m")
    )
    direction, surface = said_in_detail(name, "direction"), said_in_detail(name, "surface")
    # 由东向西 is told by the ends.
    course = "" if _sides_of(direction) and ends_in_words(name, locale) else direction
    if english:
        facts = [
            value_label(course, locale),
            " ".join(ends_in_words(name, locale)),
            f"{length} m long" if length else "",
            f"{width} m wide" if width else "",
            f"{area} m²" if area else "",
            f"{high} m above sea level" if high else "",
            f"surface: {value_label(surface, locale)}" if surface else "",
        ]
        return [*facts, built_in_words(name, locale)]
    return [
        course if not course or course.endswith("走向") or not set(course) <= set("东南西北") else f"{course}走向",
        *ends_in_words(name, locale),
        f"长{length}米" if length else "",
        f"宽{width}米" if width else "",
        f"面积{area}平方米" if area else "",
        f"海拔{high}米" if high else "",
        surface if not surface or surface.endswith(("路", "路面", "面")) else f"{surface}路面",
        built_in_words(name, locale),
    ]


def _origin(name: AnnouncedName, locale: str) -> Sequence[str]:
    english = locale.startswith("en")
    labelled = (("含义", "Meaning", name.meaning), (_why(name.action), "Reason", name.reason))
    return [_ended(f"{en}: {text}" if english else f"{zh}：{text}", locale) for zh, en, text in labelled if text]


def _joined(facts: Sequence[str], locale: str) -> str:
    """The facts that there are as one sentence; empty where there are none."""
    words = (", " if locale.startswith("en") else "，").join(fact for fact in facts if fact)
    return _ended(words, locale) if words else ""


def _spaced(sentences: Sequence[str], locale: str) -> str:
    return (" " if locale.startswith("en") else "").join(each for each in sentences if each)


def _why(action: NameAction) -> str:
    return {NameAction.NAME: "命名理由", NameAction.RENAME: "更名理由", NameAction.ABOLISH: "销名原因"}.get(
        action, "理由"
    )


def _end_of(said: str, written: re.Pattern[str], side: str) -> tuple[str, str]:
    """The side and the place of an end; ``南起人民路`` says its side itself."""
    met = written.match(said)
    return (met["side"] or side, met["at"]) if met is not None else (side, said)


def _sides_of(direction: str) -> tuple[str, str] | None:
    met = _COURSE.match(direction)
    return (met["begins"], met["ends"]) if met is not None else None


def _dated(name: AnnouncedName, key: str, locale: str) -> str:
    """A date as it is read; words that say less than a date (清代末年) as they stand; nothing where it is neither."""
    said = said_in_detail(name, key)
    try:
        return Dated.parse(said).label(locale)
    except DateUnclear:
        return said if dated_of(said) is not None else ""


def _ended(words: str, locale: str) -> str:
    if words[-1] in _STOPS:
        return words
    return f"{words}." if locale.startswith("en") else f"{words}。"
