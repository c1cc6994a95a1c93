"""What an announcement says, as values; what it lacks of the legal minimum, and what in it can't be so. Values in, values out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from geo_registry.errors import DateUnclear
from geo_registry.figures import given
from geo_registry.places.details import BY_KEY
from geo_registry.places.periods import Dated
from geo_registry.places.rules.findings import SEVERITIES, Basis
from geo_registry.vocabulary import CaseKind, FlawCode, NameAction, PartFate, PlaceClass, Severity

ACTION_OF: Mapping[CaseKind, NameAction] = {
    CaseKind.NAMING: NameAction.NAME,
    CaseKind.RENAMING: NameAction.RENAME,
    CaseKind.ADJUSTMENT: NameAction.ADJUST,
    CaseKind.STANDARDISING: NameAction.STANDARDISE,
    CaseKind.ABOLITION: NameAction.ABOLISH,
    CaseKind.HERITAGE: NameAction.LIST,
}
"""What a case of a kind does to its names, where nothing else is said of one."""

MINIMUM = Basis(
    "备案公告管理办法（试行）",
    verified=False,
    note="2023年试行办法的正文未见，公告至少应载明的事项据新闻报道",
    note_en="the text of the trial measures of 2023 wasn't at hand: what an announcement holds at least is known from the press",
)
"""What asks for the standard name, its romanised form, division, position, approving body and date of approval."""

GIVEN = frozenset({NameAction.NAME, NameAction.RENAME, NameAction.ADJUST, NameAction.STANDARDISE})
"""Decisions after which a name is in force: of these the minimum asks for romanised form and position too."""

MEASURES = ("length_m", "width_m", "area_m2")


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name that a decision ends or takes from, and what becomes of it.

    Attributes
    ----------
    part
        Which part of what bore it, in words; empty where it is the whole: ``双溪西路以东段``.
    """

    name: str
    fate: PartFate = PartFate.REPLACED
    part: str = ""


@dataclass(frozen=True, slots=True)
class AnnouncedName:
    """One name of an announcement.

    Attributes
    ----------
    romanized
        With tones, capitals and spaces as the registry keeps it: ``Dàyáoqiáo Lù``.
    former
        Of a renaming the name until now; of an old road that is split, the same one with both of its successors.
    division
        The names of the divisions that it lies in, as they are read: ``婺城区``, ``婺城区、金东区``.
    division_code
        Twelve digits, of the division that it is registered in.
    position
        Where it lies, in words.
    sides
        The quarters of the sky on which it begins and ends, where that is known: ``("东", "西")`` for 东起…西至….
    detail
        The place's, by the keys of `places/details.py`; dates in it as `periods.Dated` takes them.
    meaning, reason
        What the words mean; why it is called so, or what the decision is for.
    lon, lat
        Degrees (EPSG:4490).
    geometry
        How far it is to reach, as the case has it: GeoJSON, degrees (EPSG:4490). None where it says nothing of that.
    code
        The national code of twenty digits, once it was brought back.
    working
        Whether the name stands there only until one is found: a consultation says so, an announcement has none such.
    """

    name: str
    place_class: PlaceClass
    action: NameAction = NameAction.NAME
    romanized: str = ""
    former: Sequence[FormerName] = ()
    division: str = ""
    division_code: str = ""
    position: str = ""
    sides: tuple[str, str] | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    meaning: str = ""
    reason: str = ""
    lon: float | None = None
    lat: float | None = None
    place_id: UUID | None = None
    code: str = ""
    working: bool = False
    geometry: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement, or the draft of one.

    Attributes
    ----------
    office
        Whoever announces (art. 14: the civil-affairs body of the level that approved); it stands under the paper.
    announced_on
        The paper's date; None for a draft.
    approving_body, approved_on, approval_number
        Who approved the names, by which document; a number that isn't known stays empty.
    paragraphs
        Free text between the names and the signature.
    channels
        Where it is published, in words: ``金华市人民政府网站、《金华日报》``; empty where nobody said.
    synthetic
        Whether what it tells of is an example: every page of every paper says so.
    corrects
        The number of the announcement that this one corrects; None where it corrects none.
    reason
        Of a correction: what was wrong, and why.
    """

    title: str
    office: str
    names: Sequence[AnnouncedName]
    number: str = ""
    announced_on: date | None = None
    approving_body: str = ""
    approved_on: date | None = None
    approval_number: str = ""
    basis: Sequence[Basis] = ()
    paragraphs: Sequence[str] = ()
    channels: str = ""
    synthetic: bool = False
    corrects: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that an announcement lacks, or that can't be so.

    Attributes
    ----------
    name
        Which name it is about; empty where it is about the announcement.
    at
        Where that name stands among the names, from 0; None where it is about the announcement.
    field
        The attribute, or the key of `detail`, that has to be looked at.
    said, said_en
        What stands there, or what it collides with; empty where nothing does.
    """

    code: FlawCode
    severity: Severity
    field: str
    name: str = ""
    at: int | None = None
    said: str = ""
    said_en: str = ""
    basis: Basis | None = None

    def message(self, locale: str) -> str:
        """What is wrong, with what it stands on, in the language of `locale` (``en…``, anything else is zh)."""
        english = locale.startswith("en")
        said = (self.said_en or self.said) if english else self.said
        about, colon = self.name or (f"#{self.at + 1}" if self.at is not None else ""), ": " if english else "："
        words = f"{about}{colon}{self.code.label(locale)}" if about else self.code.label(locale)
        words += (f" ({said})" if english else f"（{said}）") if said else ""
        if self.basis is None:
            return words
        unsure = (", not verified" if english else "，未核实") if not self.basis.verified else ""
        cited = f"{self.basis.cited}{unsure}"
        return f"{words} [{cited}]" if english else f"{words}〔{cited}〕"


def missing_of(announced: Announced) -> Sequence[Flaw]:
    """What an announcement lacks, and what in it can't be so, the weightiest first.

    An error keeps to the legal minimum (`MINIMUM`) or is plainly wrong; a warning is for a person to look at; a note is to
    be known. A gap in a numbered series is found by the rules of names (`places/rules`).
    """
    flaws = [*_of_the_whole(announced), *_of_names(announced)]
    return sorted(flaws, key=lambda flaw: SEVERITIES.index(flaw.severity))


def _of_the_whole(announced: Announced) -> Iterator[Flaw]:
    if not announced.names:
        yield Flaw(FlawCode.NAMES_MISSING, Severity.ERROR, "names", basis=MINIMUM)
    if not announced.approving_body.strip():
        yield Flaw(FlawCode.APPROVER_MISSING, Severity.ERROR, "approving_body", basis=MINIMUM)
    if announced.approved_on is None:
        yield Flaw(FlawCode.APPROVED_ON_MISSING, Severity.ERROR, "approved_on", basis=MINIMUM)
    elif announced.announced_on is not None and announced.announced_on < announced.approved_on:
        said = f"{announced.announced_on} < {announced.approved_on}"
        yield Flaw(FlawCode.ANNOUNCED_EARLY, Severity.ERROR, "announced_on", said=said)
    if not announced.approval_number.strip():
        yield Flaw(FlawCode.APPROVAL_NUMBER_MISSING, Severity.NOTE, "approval_number")
    if announced.corrects is not None and not announced.reason.strip():
        yield Flaw(FlawCode.REASON_MISSING, Severity.ERROR, "reason")
    for basis in announced.basis:
        if not basis.verified:
            said, said_en = f"{basis.cited}{_noted(basis, 'zh')}", f"{basis.cited}{_noted(basis, 'en')}"
            yield Flaw(FlawCode.BASIS_UNVERIFIED, Severity.NOTE, "basis", said=said, said_en=said_en)


def _noted(basis: Basis, locale: str) -> str:
    noted = basis.noted(locale)
    return (f": {noted}" if locale == "en" else f"：{noted}") if noted else ""


def _of_names(announced: Announced) -> Iterator[Flaw]:
    day = announced.announced_on or announced.approved_on
    # One division may hold a street and an estate of the same name: pools are told apart by the rules of names.
    times = Counter(_identity(name) for name in announced.names)
    for at, name in enumerate(announced.names):
        yield from _of_the_minimum(name, at)
        if name.name and times[_identity(name)] > 1:
            yield Flaw(FlawCode.REPEATED, Severity.ERROR, "name", name.name, at)
        if name.action is NameAction.RENAME and not name.former:
            yield Flaw(FlawCode.FORMER_MISSING, Severity.WARNING, "former", name.name, at)
        yield from _of_measures(name, at)
        yield from _of_dates(name, at, day)


def _identity(name: AnnouncedName) -> tuple[object, ...]:
    return name.name, name.place_class, name.division_code or name.division, name.action


def _of_the_minimum(name: AnnouncedName, at: int) -> Iterator[Flaw]:
    wanted = [("name", name.name, FlawCode.NAME_MISSING), ("division", name.division, FlawCode.DIVISION_MISSING)]
    if name.action in GIVEN:
        wanted += [
            ("romanized", name.romanized, FlawCode.ROMANIZED_MISSING),
            ("position", position_in_words(name), FlawCode.POSITION_MISSING),
        ]
    for attribute, value, code in wanted:
        if not value.strip():
            yield Flaw(code, Severity.ERROR, attribute, name.name, at, basis=MINIMUM)


def position_in_words(name: AnnouncedName) -> str:
    """Whatever says where it lies: its position, or what it begins and ends at."""
    return name.position or "，".join(
        said_in_detail(name, key) for key in ("begins_at", "ends_at") if said_in_detail(name, key)
    )


def said_in_detail(name: AnnouncedName, key: str) -> str:
    """What the detail of a name has as text under a key; empty where it has none."""
    value = name.detail.get(key)
    return value.strip() if isinstance(value, str) else ""


def _of_measures(name: AnnouncedName, at: int) -> Iterator[Flaw]:
    measured: dict[str, float] = {}
    for key in MEASURES:
        value = name.detail.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        measured[key] = value
        # A figure that is no number is neither more than 0 nor less.
        if not value > 0:
            said = (f"{BY_KEY[key].zh} {given(value)}", f"{BY_KEY[key].en} {given(value)}")
            yield Flaw(FlawCode.NOT_POSITIVE, Severity.ERROR, key, name.name, at, *said)
    length_m, width_m = measured.get("length_m"), measured.get("width_m")
    if length_m and width_m and width_m > length_m > 0:
        yield Flaw(FlawCode.WIDE, Severity.WARNING, "width_m", name.name, at, f"{given(width_m)} > {given(length_m)}")


def _of_dates(name: AnnouncedName, at: int, day: date | None) -> Iterator[Flaw]:
    dates: dict[str, Dated] = {}
    for key in ("built_from", "built_to"):
        said = said_in_detail(name, key)
        if not said:
            continue
        dated = dated_of(said)
        if dated is None:
            yield Flaw(FlawCode.DATE_UNCLEAR, Severity.WARNING, key, name.name, at, said)
        else:
            dates[key] = dated
    begun, built = dates.get("built_from"), dates.get("built_to")
    if begun and built and built.day < begun.day:
        yield Flaw(FlawCode.BUILT_BEFORE_BEGUN, Severity.ERROR, "built_to", name.name, at, f"{built} < {begun}")
    if built and day and built.day > day:
        yield Flaw(FlawCode.BUILT_LATER, Severity.WARNING, "built_to", name.name, at, f"{built} > {day}")


def dated_of(said: str) -> Dated | None:
    """A date as it stands in the details of a place; None where it can't be read."""
    try:
        return Dated.parse(said)
    except DateUnclear:
        return Dated.around(said)
