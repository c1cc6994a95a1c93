"""From a name and its class to a proposal."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.classes import SETTLEMENTS, WAYS, suggested
from geo_registry.places.romanisation.estates import stem_of
from geo_registry.places.romanisation.pieces import Piece, Pieces, Setting, Split, generic_alone, modifier
from geo_registry.places.romanisation.proposal import Alternative, Doubt, Part, Proposal, Spelling
from geo_registry.places.romanisation.readings import Reading, read
from geo_registry.places.romanisation.splitting import split
from geo_registry.places.romanisation.ways import head
from geo_registry.places.rules.characters import is_common, is_han, level_of
from geo_registry.text.homophones import simplified
from geo_registry.text.place_readings import place_readings
from geo_registry.vocabulary import NamePart, PlaceClass, ReadingSource

NAME_CHARS = 100
"""No place's name is longer; what is is no name."""

BETWEEN = frozenset(" ·•‧・-－—")
"""What may stand between the parts of a name; it isn't spelt."""

_RUN = re.compile("[0-9A-Za-z]+|[^0-9A-Za-z]+")
_SPACES = re.compile("[" + re.escape("".join(sorted(BETWEEN))) + "]+")
_WITHIN = re.compile("(?<=[\u3400-\u9fff])\\s+(?=[\u3400-\u9fff])")
"""Spaces that somebody typed between characters: Chinese names have none."""
_USUAL = re.compile("[\u4e00-\u9fff]+")
_NOT_CHINESE = re.compile("[^\u3007\u3400-\u9fff\U00020000-\U0003ffff]")

THE_SETTING = Setting()
"""Ordinals in figures, as the rules of 1984 say."""

TOO_LONG = Doubt(
    "too-long", f"名称超过 {NAME_CHARS} 个字，不是地名", f"it has more than {NAME_CHARS} characters: no name"
)
EMPTY = Doubt("empty", "名称中没有汉字、字母或数字", "there are no characters, letters or figures in it")


def romanise(name: str, place_class: PlaceClass | None = None, *, setting: Setting = THE_SETTING) -> Proposal:
    """How a name is spelt, by the rules of 1984; some ten microseconds.

    Without a class its generic suggests one, and where classes are written differently that is a doubt. Never raises: a
    name that can't be romanised says why in `refused`.
    """
    usual = len(name) <= NAME_CHARS and _USUAL.fullmatch(name) is not None
    text = name if usual else _WITHIN.sub("", unicodedata.normalize("NFKC", name).strip())
    refused = None if usual else _refused(text)
    effective = place_class
    if effective is None or effective is PlaceClass.OTHER:
        effective = suggested(_NOT_CHINESE.sub("", text)[:NAME_CHARS])
    if refused is None:
        found = _split(text, effective, setting, given=place_class is not None)
        spelt = _spelt(found.pieces)
        if isinstance(spelt, Doubt):
            refused = spelt
        else:
            return Proposal(
                name,
                place_class or effective,
                spelt[0],
                _alternatives(found, spelt),
                (*_unlisted(text), *found.doubts, *dict.fromkeys(why for _, why in spelt[1])),
            )
    return Proposal(name, place_class or effective, Spelling(()), refused=refused)


def _unlisted(text: str) -> tuple[Doubt, ...]:
    """The doubt about characters that the national table doesn't have, as traditional ones: no generic is known by them."""
    if is_common(text):
        return ()
    found = "、".join(dict.fromkeys(each for each in text if is_han(each) and level_of(each) is None))
    if not found:
        return ()
    return (
        Doubt(
            "unlisted",
            f"“{found}”不在《通用规范汉字表》内，含该字的通名认不出；请改用规范字再拼写",
            f"{found} isn't in the national table of characters, and no generic is known by it: use the standard form",
        ),
    )


def _refused(text: str) -> Doubt | None:
    if len(text) > NAME_CHARS:
        return TOO_LONG
    spelt = [each for each in text if each not in BETWEEN]
    if not spelt:
        return EMPTY
    for each in spelt:
        if not (each.isascii() and each.isalnum()) and not _is_chinese(each):
            return _no_reading(each)
    return None


def _no_reading(character: str) -> Doubt:
    return Doubt(
        "character",
        f"“{character}”没有读音，不能拼写",
        f"{character!r} has no reading, so the name can't be spelt",
    )


def _is_chinese(character: str) -> bool:
    return character == "〇" or "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def _split(text: str, place_class: PlaceClass, setting: Setting, *, given: bool) -> Split:
    """How the whole name is written apart: its codes, and its characters as their class says."""
    if _USUAL.fullmatch(text):
        return split(text, place_class, setting, given=given)
    runs = [run for part in _SPACES.split(text) for run in _RUN.findall(part)]
    if len(runs) == 1 and not runs[0].isascii():
        return split(runs[0], place_class, setting, given=given)
    *before, last = runs
    pieces = tuple(piece for run in before for piece in _before(run, place_class, setting))
    if last.isascii():
        return Split((*pieces, *_before(last, place_class, setting)))
    after = _after_a_code(last, place_class, setting) if before[-1].isascii() else ()
    if after:
        return Split((*pieces, *after))
    if place_class in SETTLEMENTS:
        return Split((*pieces, Piece(last, NamePart.SPECIFIC, rules.SETTLEMENT)))
    return split(last, place_class, setting, given=given).after(pieces)


def _before(run: str, place_class: PlaceClass, setting: Setting) -> Pieces:
    """What stands before a code, or is one: of streets and estates as before a numeral (八一/南路/2巷)."""
    if run.isascii():
        return (Piece(run, NamePart.CODE, rules.FIGURE, letters=run),)
    if place_class in WAYS:
        return head(run, setting)
    if place_class is PlaceClass.RESIDENTIAL_AREA:
        return stem_of(run, setting)[0]
    return (Piece(run, NamePart.SPECIFIC, rules.APART),)


def _after_a_code(text: str, place_class: PlaceClass, setting: Setting) -> Pieces:
    """What stands right after a code: 330/国道, 1/号路, 2/号/办公楼."""
    whole = generic_alone(text, begins=True)
    if whole or not text.startswith("号"):
        return whole
    numbered = modifier("号")
    if len(text) == 1:
        return (numbered,)
    rest = generic_alone(text[1:], begins=len(text) > 2)
    return (numbered, *(rest or split(text[1:], place_class, setting, given=True).pieces))


Doubtful = tuple[Spelling, Doubt]


def _spelt(pieces: Sequence[Piece]) -> tuple[Spelling, list[Doubtful]] | Doubt:
    """The pieces with their letters, and the same with other readings; or why they can't be spelt."""
    parts: list[Part] = []
    others: list[tuple[int, Part, Doubt]] = []
    for piece, after in zip(pieces, (*pieces[1:], None), strict=True):
        if piece.letters:
            source = ReadingSource.TRANSCRIBED if piece.role is NamePart.SPECIFIC else ReadingSource.FIGURE
            parts.append(Part(piece.text, (piece.letters,), piece.role, piece.rule, source, piece.begins))
        elif piece.syllables:
            parts.append(Part(piece.text, piece.syllables, piece.role, piece.rule, ReadingSource.GENERIC, piece.begins))
        else:
            reading = _read(piece, after)
            if reading is None:
                return _no_reading(next((each for each in piece.text if read(each) is None), piece.text))
            part = Part(piece.text, reading.syllables, piece.role, piece.rule, reading.source, piece.begins)
            others += (
                (len(parts), _read_otherwise(part, syllables), _heteronym(part, syllables))
                for syllables in reading.others
            )
            parts.append(part)
    return Spelling(tuple(parts)), [(Spelling((*parts[:at], part, *parts[at + 1 :])), why) for at, part, why in others]


def _read(piece: Piece, after: Piece | None) -> Reading | None:
    """How a piece is read: with its generic where the table reads both together (浚县, 华山); traditional characters as words."""
    text = piece.text if is_common(piece.text) else _in_usual_characters(piece.text)
    if after is not None and after.role is NamePart.GENERIC and text + after.text in place_readings():
        both = read(text + after.text)
        if both is not None:
            length = len(text)
            return Reading(both.syllables[:length], both.source, tuple(other[:length] for other in both.others))
    return read(text)


def _in_usual_characters(text: str) -> str:
    usual = simplified(text)
    return usual if len(usual) == len(text) else text


def _read_otherwise(part: Part, syllables: tuple[str, ...]) -> Part:
    return Part(part.text, syllables, part.role, part.rule, part.source, part.begins)


@lru_cache(maxsize=16_384)
def _heteronym(part: Part, syllables: tuple[str, ...]) -> Doubt:
    said = " ".join(syllables)
    return Doubt(
        "reading",
        f"“{part.text}”也可能读 {said}，以当地审定的读音为准（第8条）",
        f"{part.text} may also be read {said}: the reading that was audited for the place decides (article 8)",
    )


def _alternatives(found: Split, spelt: tuple[Spelling, list[Doubtful]]) -> tuple[Alternative, ...]:
    main, candidates = spelt
    seen = {main.romanized} if found.others or candidates else set()
    alternatives: list[Alternative] = []
    candidates = list(candidates)
    for pieces, why in found.others:
        other = _spelt(pieces)
        if not isinstance(other, Doubt):
            candidates.append((other[0], why))
    for spelling, why in candidates:
        if spelling.romanized not in seen:
            seen.add(spelling.romanized)
            alternatives.append(Alternative(spelling, why))
    return tuple(alternatives)
