"""The names that a row tells: its standard name, others in cells of its own, and how they are spelt in letters."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from geo_registry.exchange.place_words import LANGUAGES, PAST_KINDS, NamedFor
from geo_registry.exchange.problems import ProblemCode
from geo_registry.places.periods import Dated
from geo_registry.places.romanisation.engine import romanise
from geo_registry.places.romanisation.proposal import Proposal
from geo_registry.places.romanisation.spelt import CHINESE, is_spelt
from geo_registry.places.romanisation.syllables import has_tone
from geo_registry.vocabulary import NameKind, PlaceClass, Precision, RomanizedBy, SpellingStatus


@dataclass(frozen=True, slots=True)
class Spelt:
    """How a name is spelt, by whom, and what a person should look at."""

    romanized: str | None = None
    by: RomanizedBy | None = None
    code: ProblemCode | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def spelt(name: str, place_class: PlaceClass, given: str | None) -> Spelt:
    """A name's spelling: the source's, with a difference to the rules told; without one, what the rules propose.

    What the source writes without tones, letter for letter as the rules do, is taken with the rules' tones.
    """
    proposal = _proposed(name, place_class)
    proposed = "" if proposal.refused is not None else proposal.romanized
    if given is None:
        if not proposed:
            return Spelt()
        doubts = proposal.doubts[:1]
        details = {"proposed": proposed, "why_zh": doubts[0].zh, "why_en": doubts[0].en} if doubts else {}
        return Spelt(proposed, RomanizedBy.RULES, ProblemCode.SPELLING_DOUBTFUL if doubts else None, details)
    plain = " ".join(unicodedata.normalize("NFC", given).replace("’", "'").split())
    if not proposed or plain == proposed:
        return Spelt(plain, RomanizedBy.SOURCE)
    if not has_tone(plain) and plain.casefold() == proposal.plain.casefold():
        return Spelt(proposed, RomanizedBy.RULES)
    return Spelt(plain, RomanizedBy.SOURCE, ProblemCode.SPELT_OTHERWISE, {"proposed": proposed})


@lru_cache(maxsize=4_096)
def _proposed(name: str, place_class: PlaceClass) -> Proposal:
    return romanise(name, place_class)


@dataclass(frozen=True, slots=True)
class ToldName:
    """One name of a place as a row tells it; `present` is the standard name that it bears now, or bore last."""

    name: str
    kind: NameKind
    status: SpellingStatus
    language: str
    spelt: Spelt = field(default_factory=Spelt)
    meaning: str = ""
    origin: str = ""
    source: str = ""
    valid_from: Dated | None = None
    valid_to: Dated | None = None
    present: bool = False

    def as_json(self) -> dict[str, object]:
        """As it is staged."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "status": self.status.value,
            "language": self.language,
            "romanized": self.spelt.romanized,
            "romanized_by": self.spelt.by.value if self.spelt.by is not None else None,
            "meaning": self.meaning,
            "origin": self.origin,
            "source": self.source,
            **_end("valid_from", "from_precision", self.valid_from),
            **_end("valid_to", "to_precision", self.valid_to),
            "present": self.present,
        }


def _end(day: str, precision: str, end: Dated | None) -> dict[str, object]:
    if end is None:
        return {day: None, precision: Precision.DAY.value}
    return {day: end.day.isoformat(), precision: end.precision.value}


def status_of(kind: NameKind, given: SpellingStatus | None, *, present: bool) -> SpellingStatus:
    """A name's status: as the source says; else that of a name of its kind which nobody has decided on here."""
    past = kind in PAST_KINDS or (kind is NameKind.STANDARD and not present)
    return given or (SpellingStatus.HISTORICAL if past else SpellingStatus.RECORDED)


def language_of(kind: NameKind, given: str | None) -> str:
    """The language that a name is in."""
    return given or LANGUAGES.get(kind, CHINESE)


def in_cells(
    cells: Mapping[NameKind, Sequence[NamedFor]], standard: str, place_class: PlaceClass, source: str
) -> Iterator[ToldName]:
    """The other names of a place that stand in cells of its row; what repeats the standard name as an alias isn't one."""
    for kind, names in cells.items():
        for each in names:
            if each.name == standard and kind not in PAST_KINDS:
                continue
            language = language_of(kind, None)
            yield ToldName(
                each.name,
                kind,
                status_of(kind, None, present=False),
                language,
                spelling_of(each.name, kind, language, place_class, None),
                origin=each.words,
                source=source,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
            )


def spelling_of(name: str, kind: NameKind, language: str, place_class: PlaceClass | None, given: str | None) -> Spelt:
    """The spelling of a name that needn't be the standard one: the source's, or by the rules where they are made for it."""
    if place_class is None or not is_spelt(kind, language):
        return Spelt(given, RomanizedBy.SOURCE) if given is not None else Spelt()
    return spelt(name, place_class, given)
