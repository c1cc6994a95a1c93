"""Names of administrative divisions, alone, in a chain, and before other names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.classes import ending
from geo_registry.places.romanisation.doubts import BY_CHINESE_READING, JOINED_BY_CLASS
from geo_registry.places.romanisation.pieces import (
    Piece,
    Pieces,
    Split,
    generic_pieces,
    modifier,
    specific,
    transcribed_name,
)
from geo_registry.places.romanisation.proposal import Doubt
from geo_registry.places.romanisation.syllables import divided, has_tone
from geo_registry.places.romanisation.tables import generics, known_places, peoples, words
from geo_registry.vocabulary import NamePart, PlaceClass

DIVISIONS = frozenset({PlaceClass.DIVISION})
ONE_CHARACTER_COUNTIES = frozenset(
    "歙黟泾萧莒单莘冠费曹滑浚郏睢杞叶嵩息温范梁忠开攸酃通蓟易蠡雄唐任磁涉魏应代绛吉隰岢兴岚佳户华眉岐陇乾彬泾宁岷环漳成礼徽康文"
)
LEVELS: Mapping[str, int] = MappingProxyType(
    {
        "省": 1,
        "自治区": 1,
        "特别行政区": 1,
        "市": 2,
        "地区": 2,
        "自治州": 2,
        "盟": 2,
        "县": 3,
        "自治县": 3,
        "区": 3,
        "新区": 3,
        "林区": 3,
        "旗": 3,
        "自治旗": 3,
        "街道": 4,
        "镇": 4,
        "乡": 4,
        "民族乡": 4,
        "苏木": 4,
        "村": 5,
        "社区": 5,
    }
)
"""From the top; a city may also lie in a city."""
WHOLE_DIVISIONS = frozenset({"城区", "郊区", "矿区"})
WITHIN_A_CHAIN = re.compile("..[省区市盟州县旗道镇乡木]...*")
"""What a chain of divisions has before its last."""
NO_DIVISION = re.compile(
    "(市场|市域|市政|市民|市区|区域|县城|镇政府|城市|超市|夜市|菜市|小区|社区|校区|园区|库区|景区|山区|乡镇)"
)
LONGEST_PLACE = 5
"""Characters of the longest of the known places that stand within names."""
WINGS = frozenset({"左翼", "右翼"})
COMMITTEES = frozenset(["村民委员会", "居民委员会", "村委会", "居委会"])


def division(text: str) -> Split:
    """A division's name, or a chain of them from the top: each with its generic apart."""
    pieces = tuple(piece for name in _chain(text) for piece in one_division(name))
    return Split(pieces, (*_village_too(text), *_in_chinese(pieces)))


def _village_too(text: str) -> tuple[tuple[Pieces, Doubt], ...]:
    if text.endswith("村") and len(text) > 1:
        return (((specific(text, rules.SETTLEMENT),), JOINED_BY_CLASS),)
    return ()


def _in_chinese(pieces: Pieces) -> tuple[tuple[Pieces, Doubt], ...]:
    """The same with the Chinese readings of what is transcribed."""
    if not any(piece.rule is rules.TRANSCRIBED for piece in pieces):
        return ()
    read = (specific(piece.text) if piece.rule is rules.TRANSCRIBED else piece for piece in pieces)
    return ((tuple(read), BY_CHINESE_READING),)


def _chain(text: str) -> Iterator[str]:
    """The divisions that a name goes through, from the top: each ends with a generic of a lower level than the one before."""
    level = 0
    while True:
        found = _first_division(text, level) if WITHIN_A_CHAIN.search(text) else None
        if found is None:
            yield text
            return
        length, level = found
        yield text[:length]
        text = text[length:]


def _first_division(text: str, above: int) -> tuple[int, int] | None:
    """How long the first division of a chain is, and its level; None where the text is one division."""
    for length in range(2, len(text) - 1):
        level = _level(text[:length])
        if level is None or level < above or text[length] in "省市县区旗盟镇乡村":
            continue
        if length < (2 if text[:1] in ONE_CHARACTER_COUNTIES else 3):
            continue
        if level == above != LEVELS["市"]:
            continue
        rest = ending(text[length:], DIVISIONS)
        lowest = LEVELS.get(rest.text) if rest else None
        if lowest is not None and lowest >= level and not (lowest == level != LEVELS["市"]):
            return length, level
    return None


def _level(text: str) -> int | None:
    generic = ending(text, DIVISIONS)
    if generic is None or (generic.text == "旗" and len(text) < 3):
        return None
    return LEVELS.get(generic.text)


def one_division(text: str) -> Pieces:
    """One division: its specific part, the peoples that it is autonomous for, its generic."""
    if text in WHOLE_DIVISIONS:
        return (specific(text, rules.WHOLE),)
    whole = transcribed_name(text, PlaceClass.DIVISION)
    if whole:
        return whole
    generic = ending(text, DIVISIONS, alone=len(text) > 2)
    if generic is None or text in known_places():
        return (specific(text, rules.WHOLE),)
    rest = text[: -len(generic.text)]
    if generic.text in COMMITTEES and rest.endswith(("村", "社区")):
        return (*one_division(rest), *generic_pieces(generic))
    whole = transcribed_name(rest, PlaceClass.DIVISION)
    if whole:
        return (*whole, *generic_pieces(generic))
    rest, named = _peoples(rest, generic.text)
    pieces: Pieces = ()
    if rest:
        pieces = transcribed_name(rest, PlaceClass.DIVISION) or _with_wing(rest) or (specific(rest),)
    return (*pieces, *named, *generic_pieces(generic))


def committee(text: str) -> Pieces:
    """A committee as an institution (article 14): what it is of in one word where that is a settlement (article 3)."""
    generic = ending(text, DIVISIONS)
    if generic is None or generic.text not in COMMITTEES:
        return division(text).pieces
    *above, own = _chain(text[: -len(generic.text)])
    named = (specific(own, rules.SETTLEMENT),) if own.endswith("村") else one_division(own)
    return (
        *(piece for name in above for piece in one_division(name)),
        *named,
        *generic_pieces(generic, rules.WORKS),
    )


def _with_wing(text: str) -> Pieces:
    """科尔沁右翼: a transcribed name and its wing."""
    name = transcribed_name(text[:-2], PlaceClass.DIVISION) if text[-2:] in WINGS else ()
    return (*name, modifier(text[-2:])) if name else ()


def _peoples(text: str, generic: str) -> tuple[str, Pieces]:
    """What stands before the peoples of an autonomous division, and these."""
    named: list[Piece] = []
    while "族" in text or generic.startswith("自治"):
        found = next((name for name in _by_length() if text.endswith(name + "族")), None)
        bare = found is None and generic.startswith("自治") and not named
        if bare:
            found = next(
                (name for name in _by_length() if len(name) > 1 and text.endswith(name) and text != name), None
            )
        if found is None:
            return text, tuple(named)
        length = len(found) + (0 if bare else 1)
        named.insert(0, _people(text[-length:], peoples()[found] + ("" if bare else "zú")))
        text = text[:-length]
    return text, tuple(named)


def _people(text: str, spelling: str) -> Piece:
    """The name of a people: by its Chinese reading where that is how the standard spells it."""
    syllables = divided(spelling.lower())
    if syllables is not None and len(syllables) == len(text) and all(map(has_tone, syllables)):
        return Piece(text, NamePart.SPECIFIC, rules.PEOPLE, syllables=syllables)
    return Piece(text, NamePart.SPECIFIC, rules.PEOPLE, letters=spelling)


@cache
def _by_length() -> Sequence[str]:
    return sorted(peoples(), key=len, reverse=True)


def leading_divisions(text: str, *, bold: bool) -> tuple[Pieces, str]:
    """The divisions with which a name begins, and the rest: 金华市/第一人民医院; `bold`: unknown ones too."""
    pieces: list[Piece] = []
    level = 0
    while True:
        found = _led_by(text, level, bold=bold or level >= LEVELS["县"])
        if found is None:
            return tuple(pieces), text
        length, level = found
        pieces += (
            Piece(
                each.text,
                each.role,
                rules.WITHIN if not each.letters else each.rule,
                each.begins,
                each.syllables,
                each.letters,
            )
            for each in one_division(text[:length])
        )
        text = text[length:]


def inner_division(text: str) -> tuple[str, str]:
    """What stands before a known division in the middle of a name, and the rest: 中国人民银行/金华市分行; nothing where none does."""
    for at in range(2, len(text) - 3):
        for end in range(at + 2, min(at + LONGEST_PLACE, len(text) - 2) + 1):
            if text[at:end] not in known_places() or text[end] not in "省市县区":
                continue
            after = text[end + 1 :]
            misread = NO_DIVISION.match(text, end - 1) or NO_DIVISION.match(text, end)
            if misread and after[:2] not in words() and after[:2] not in generics():
                continue
            return text[:at], text[at:]
    return "", text


def _ends_in_a_place(name: str) -> bool:
    """Whether other words stand before a known place: then they aren't one division together."""
    return any(name[at:] in known_places() for at in range(2, len(name) - 1))


def _led_by(text: str, above: int, *, bold: bool) -> tuple[int, int] | None:
    for length in range(2, min(len(text) - 1, 16)):
        generic = ending(text[:length], DIVISIONS)
        level = LEVELS.get(generic.text) if generic else None
        if generic is None or level is None or level > 4 or level < max(above, 1) or (level == above != 2):
            continue
        name = text[: length - len(generic.text)]
        known = (
            name in known_places()
            or (generic.text == "县" and name in ONE_CHARACTER_COUNTIES)
            or "自治" in generic.text
        )
        after = text[length : length + 2]
        misread = NO_DIVISION.match(text, max(0, length - 2)) or NO_DIVISION.match(text, length - 1)
        if misread and known and after not in words() and after not in generics():
            # 义乌/市民/中心, but 兰溪市/民政/局.
            continue
        if known or (
            not misread
            and bold
            and not _ends_in_a_place(name)
            and len(name) >= 2
            and (above or generic.text in "县市区地区" or len(name) == 2 or text[length : length + 2] in words())
        ):
            return length, level
    return None
