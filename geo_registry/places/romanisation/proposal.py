"""What the engine proposes: parts with their rules, spelt forms, other possibilities, and what is doubtful."""

from dataclasses import dataclass

from geo_registry.places.romanisation.rules import APOSTROPHE, CAPITAL, READING, RETROFLEX, TONE, Rule
from geo_registry.places.romanisation.syllables import bare, capitalised, has_tone, joined
from geo_registry.vocabulary import NamePart, PlaceClass, ReadingSource


@dataclass(frozen=True, slots=True)
class Part:
    """Some characters of a name and how they are spelt.

    The texts of all parts, one after the other, are the name, but for spaces and marks that stood between them.
    """

    text: str
    syllables: tuple[str, ...]
    """With tones, in small letters, one a character; 儿 that is only an r is with the one before it. Of figures, codes
    and transcribed names: what is written, as it is written."""
    role: NamePart
    rule: Rule
    source: ReadingSource
    begins: bool
    """Whether a written word begins here; else the part is joined to the one before it."""

    @property
    def fixed(self) -> bool:
        """Whether its letters are written as they are: figures, codes, transcribed names."""
        return self.source in {ReadingSource.FIGURE, ReadingSource.TRANSCRIBED, ReadingSource.OVERRIDE}

    @property
    def letters(self) -> str:
        """The part by itself: ``Xī``, or ``lù`` where it is joined to what stands before it."""
        if self.fixed:
            return " ".join(self.syllables)
        word = joined(self.syllables)
        return capitalised(word) if self.begins else word


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to spell a name."""

    parts: tuple[Part, ...]

    @property
    def romanized(self) -> str:
        """With tones and capitals, as the registry keeps it: ``Shuāngxī Xīlù``."""
        return " ".join(_word(parts) for parts in self._words())

    @property
    def plain(self) -> str:
        """Without tones; ü, ê and apostrophes stay: ``Shuangxi Xilu``."""
        return bare(self.romanized)

    @property
    def sign(self) -> str:
        """All capitals, without tones, as signs show it: ``SHUANGXI XILU``."""
        return self.plain.upper()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule that shaped it, each once: those of the parts, then those of letters."""
        found = dict.fromkeys(part.rule for part in self.parts)
        if any(part.source is ReadingSource.TABLE for part in self.parts):
            found[READING] = None
        if any(has_tone(part.letters) for part in self.parts):
            found[TONE] = None
        if self.parts:
            found[CAPITAL] = None
        if "'" in self.romanized:
            found[APOSTROPHE] = None
        if any("儿" in part.text and len(part.syllables) < len(part.text) for part in self.parts):
            found[RETROFLEX] = None
        return tuple(found)

    def _words(self) -> list[list[Part]]:
        words: list[list[Part]] = []
        for part in self.parts:
            if part.begins or not words:
                words.append([])
            words[-1].append(part)
        return words


def _word(parts: list[Part]) -> str:
    if len(parts) == 1:
        return parts[0].letters
    if any(part.fixed for part in parts):
        return "".join(part.letters for part in parts)
    return capitalised(joined([syllable for part in parts for syllable in part.syllables]))


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a person should look: a stable code and what it says."""

    code: str
    zh: str
    en: str

    def says(self, locale: str) -> str:
        """In the language of `locale` (``en…``, anything else is zh)."""
        return self.en if locale.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to spell it, and what would make it the right one."""

    spelling: Spelling
    why: Doubt


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a name of a class is spelt, as far as rules and tables say."""

    name: str
    place_class: PlaceClass
    """The class that was given, or the one that the name's generic suggests."""
    spelling: Spelling
    """Without parts where the name can't be romanised."""
    alternatives: tuple[Alternative, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    """Empty where rules and tables leave nothing open."""
    refused: Doubt | None = None
    """Why the name can't be romanised."""
    given_by: str | None = None
    """Who decided on the spelling; None for what the engine proposes."""

    @property
    def doubtful(self) -> bool:
        """Whether a person should look before it is used."""
        return bool(self.doubts) or self.refused is not None

    @property
    def romanized(self) -> str:
        """As the registry keeps it, with tones."""
        return self.spelling.romanized

    @property
    def plain(self) -> str:
        """Without tones."""
        return self.spelling.plain

    @property
    def sign(self) -> str:
        """As signs show it."""
        return self.spelling.sign
