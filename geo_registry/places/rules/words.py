"""What a name's own part must not be taken from, or only with a reason: persons, foreign names, companies, grand words."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from geo_registry.divisions.rules import DIGITS_OF_LEVEL, prefix_of
from geo_registry.places.rules.characters import COMMON, is_common, is_han, level_of
from geo_registry.places.rules.findings import Collision, Finding, Subject, found
from geo_registry.places.rules.generics import parts_of, split
from geo_registry.text.homophones import canonical, syllables
from geo_registry.vocabulary import DivisionLevel, FindingCode, PlaceClass

TABLE = Path(__file__).with_name("words.toml")

SHORT = 2
"""Names of so many characters are parts of too many words: they count where they are the whole specific part."""
GIVEN = 2
"""Characters that a given name has at most."""
MEMORIALS = ("故居", "旧居", "墓", "纪念馆", "纪念堂")
"""What is a person's: no place is called after somebody by it."""

FEATURES = frozenset(
    {
        PlaceClass.MOUNTAIN,
        PlaceClass.PLATEAU,
        PlaceClass.PLAIN,
        PlaceClass.VALLEY,
        PlaceClass.ISLAND,
        PlaceClass.ISLANDS,
        PlaceClass.PENINSULA,
        PlaceClass.BAY,
        PlaceClass.STRAIT,
        PlaceClass.SEA,
        PlaceClass.RIVER,
        PlaceClass.LAKE,
        PlaceClass.SPRING,
        PlaceClass.WATERFALL,
    }
)
"""Natural features (art. 3, item 1)."""

FEATURE_ENDINGS = (
    "山",
    "峰",
    "岭",
    "江",
    "河",
    "湖",
    "溪",
    "岛",
    "屿",
    "湾",
    "泉",
    "瀑布",
    "峡",
    "洞",
    "寺",
    "关",
    "石窟",
    "遗址",
)
"""What the names of features and of monuments end with, and a division that is called after one doesn't."""

_FIGURES = re.compile("[0-9０-９]+")
_ENDINGS = tuple(sorted(FEATURE_ENDINGS, key=len, reverse=True))
_FOREIGN = re.compile(r"[^\W\d_]+")
_SIGNS = frozenset("·（）()-—、 ")
"""Signs that names may have between their parts."""


@dataclass(frozen=True, slots=True)
class Words:
    """The table; of most lists one expression that finds any of their words, the longest first."""

    leaders: frozenset[str]
    leaders_alike: frozenset[str]
    """Of leaders who are called like common words; and given names of leaders alone."""
    long_leaders: re.Pattern[str]
    persons: frozenset[str]
    long_persons: re.Pattern[str]
    foreign: re.Pattern[str]
    brands: re.Pattern[str]
    grandiose: re.Pattern[str]
    meaning: re.Pattern[str]
    any: re.Pattern[str]
    """Any word of the four lists before."""
    surnames: frozenset[str]
    compound_surnames: tuple[str, ...]
    places: frozenset[str]
    renowned: Mapping[str, tuple[str, ...]]
    renowned_by_sound: Mapping[tuple[str, ...], str]
    famous: Mapping[str, str]
    """Renowned features by their names, and by the specific parts of these; heritage sites by their names."""


def word_findings(subject: Subject) -> Iterator[Finding]:
    """What a name's characters and words are found to be (art. 9, items 1 to 6)."""
    usual = is_common(subject.name)
    if not usual:
        yield from _script_findings(subject.name)
    words = table()
    specific = parts_of(subject).specific
    # Words of the lists are in characters of common use: a name that is has nothing to be exchanged.
    name, specific = (subject.name, specific) if usual else (canonical(subject.name), canonical(specific))
    if words.any.search(specific) is not None:
        yield from _listed_findings(specific, words)
    yield from _person_findings(name, specific, words)


def _listed_findings(specific: str, words: Words) -> Iterator[Finding]:
    for pattern, code in (
        (words.grandiose, FindingCode.GRANDIOSE),
        (words.meaning, FindingCode.MEANING),
        (words.foreign, FindingCode.FOREIGN),
        (words.brands, FindingCode.BRAND),
    ):
        met = pattern.search(specific)
        if met is not None:
            yield found(code, found=met[met.lastindex or 0])


def renowned_findings(subject: Subject) -> Iterator[Finding]:
    """Whether a natural feature is called like a nationally known one that lies elsewhere (art. 9, item 7)."""
    if subject.place_class not in FEATURES:
        return
    words = table()
    name = canonical(subject.name)
    known = words.renowned.get(name)
    other = name if known is not None else words.renowned_by_sound.get(syllables(subject.name))
    if other is None or _is_there(prefix_of(subject.division) if subject.division else "", words.renowned[other]):
        return
    code = FindingCode.RENOWNED if known is not None else FindingCode.RENOWNED_HOMOPHONE
    yield found(code, collides_with=Collision(None, other), other=other)


def _is_there(division: str, codes: Sequence[str]) -> bool:
    """Whether a division lies where codes say, or is a city in which a county of them lies."""
    city = DIGITS_OF_LEVEL[DivisionLevel.CITY]
    return any(division.startswith(code) or (len(division) >= city and code.startswith(division)) for code in codes)


def famous_called(specific: str) -> str | None:
    """The nationally known natural feature or heritage site that is called so (art. 9, item 9); a feature by its specific part too.

    ``雁荡`` is 雁荡山's. One character alone is nobody's.
    """
    return table().famous.get(canonical(specific)) if len(specific) > 1 else None


def _between_characters(name: str) -> Sequence[str]:
    """What stands between the Chinese characters of a name, as it is written; of signs alone nothing."""
    runs = "".join("\0" if is_han(character) else character for character in name).split("\0")
    return [run.strip(" ·、") for run in runs if run.strip("".join(_SIGNS))]


def _may_stand(character: str) -> bool:
    return character.isalnum() or character in _SIGNS


def _script_findings(name: str) -> Iterator[Finding]:
    figures = _FIGURES.search(name)
    if figures is not None:
        yield found(FindingCode.FIGURES, found=figures[0], written=canonical(figures[0]))
    foreign = [run for run in _between_characters(name) if _FOREIGN.search(run) or not all(map(_may_stand, run))]
    if foreign:
        yield found(FindingCode.SCRIPT, found=" ".join(foreign))
    han = [character for character in dict.fromkeys(name) if is_han(character)]
    unlisted = [character for character in han if level_of(character) is None]
    uncommon = [character for character in han if (level_of(character) or 0) > COMMON]
    if unlisted:
        yield found(FindingCode.CHARACTER_UNLISTED, found="".join(unlisted))
    if uncommon:
        yield found(FindingCode.CHARACTER_UNCOMMON, found="".join(uncommon))


def _person_findings(name: str, specific: str, words: Words) -> Iterator[Finding]:
    leader = words.long_leaders.search(name)
    if leader is not None or specific in words.leaders:
        yield found(FindingCode.LEADER, found=leader[0] if leader is not None else specific)
        return
    if name.endswith(MEMORIALS):
        return
    person = words.long_persons.search(name)
    if person is not None:
        yield found(FindingCode.PERSON, found=person[0])
    elif specific in words.persons or specific in words.leaders_alike or _looks_personal(specific, words):
        yield found(FindingCode.PERSON, found=specific)


def _looks_personal(specific: str, words: Words) -> bool:
    """A family name and what may be a given name: three characters, or a family name of two and one or two more."""
    compound = next((each for each in words.compound_surnames if specific.startswith(each)), "")
    if compound:
        return 0 < len(specific) - len(compound) <= GIVEN
    return len(specific) == GIVEN + 1 and specific[0] in words.surnames and not words.places & set(specific[1:])


@cache
def table() -> Words:
    """The lists, read once."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return Words(
        leaders=frozenset(rows["leaders"]),
        leaders_alike=frozenset([*rows["leaders_alike"], *rows["leaders_given"]]),
        long_leaders=_any_of([each for each in rows["leaders"] if len(each) > SHORT]),
        persons=frozenset(rows["persons"]),
        long_persons=_any_of([each for each in rows["persons"] if len(each) > SHORT]),
        foreign=_bounded(rows["foreign"], rows["before"]),
        brands=_bounded(rows["brands"], rows["before"], rows["companies"]),
        grandiose=_any_of(rows["grandiose"]),
        meaning=_any_of(rows["meaning"]),
        any=_any_of([*rows["foreign"], *rows["brands"], *rows["companies"], *rows["grandiose"], *rows["meaning"]]),
        surnames=frozenset(rows["surnames"]),
        compound_surnames=tuple(rows["compound_surnames"]),
        places=frozenset(rows["places"]),
        renowned={name: tuple(codes) for name, codes in rows["renowned"].items()},
        renowned_by_sound={syllables(name): name for name in rows["renowned"]},
        famous=_famous([*rows["renowned"]], rows["heritage"]),
    )


def _famous(features: Sequence[str], sites: Sequence[str]) -> Mapping[str, str]:
    """Sites by their whole names: 白马寺 is one, and 白马 the name of many places."""
    by_specific = {specific: name for name in features if len(specific := split(name, _ENDINGS).specific) > 1}
    return by_specific | {name: name for name in (*features, *sites)}


def _bounded(words: Sequence[str], before: Sequence[str], after: Sequence[str] = ()) -> re.Pattern[str]:
    """Finds long words anywhere, short ones where one can begin: first, or after a known place's name, which is taken whole.

    And what ends in one of `after` has something before it: 横店集团, not 银行. The word that is found is the last group.
    """
    short = _any_of([each for each in words if len(each) <= SHORT]).pattern
    long = _any_of([each for each in words if len(each) > SHORT]).pattern
    ending = f"|(.+(?:{_any_of(after).pattern}))" if after else ""
    return re.compile(f"^(?>(?:{_any_of(before).pattern})*)({short})|({long}){ending}")


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))
