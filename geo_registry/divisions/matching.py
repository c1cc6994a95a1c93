"""Two code lists of different years held against each other: what seems to have become of each division.

These are proposals. A list says only what there was in its year; that one village went into another is never said by
two lists, so it is never proposed: such a division stays unknown until somebody who knows records it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from geo_registry.divisions.rules import level_of, parent_code_of
from geo_registry.text.folding import folded
from geo_registry.vocabulary import Certainty, DivisionChange, DivisionLevel, Word


class Ground(Word):
    """Why a division of one list is taken for one of the other, or for none."""

    CODE_AND_NAME = "code-and-name", "代码与名称相同", "same code and name"
    CODE_AND_STEM = (
        "code-and-stem",
        "代码相同，名称只有组织名称写法不同",
        "same code, the name but for its organisation's",
    )
    CODE = "code", "代码相同，名称不同", "same code, other name"
    NAME_BESIDE = "name-beside", "上级区划与名称相同，代码不同", "same name in the same division above, other code"
    STEM_BESIDE = (
        "stem-beside",
        "上级区划与专名相同，代码不同（如村改居）",
        "same specific name in the same division above, other code",
    )
    NAME_AFTER_ITS_PARENT = (
        "name-after-its-parent",
        "原上级区划已撤销，同一县级区划内名称相同",
        "the division above is gone; same name in the same county",
    )
    NAME_ELSEWHERE = "name-elsewhere", "同一县级区划内名称相同，上级区划不同", "same name elsewhere in the same county"
    SEVERAL = "several", "同名的不止一处", "several have that name"
    NOTHING = "nothing", "另一年版中没有相应的区划", "the other list has none that answers to it"


READ_AS: Mapping[Ground, tuple[DivisionChange, Certainty]] = {
    Ground.CODE_AND_NAME: (DivisionChange.SAME, Certainty.CERTAIN),
    Ground.CODE_AND_STEM: (DivisionChange.SAME, Certainty.CERTAIN),
    Ground.CODE: (DivisionChange.RENAMED, Certainty.PROBABLE),
    Ground.NAME_BESIDE: (DivisionChange.RECODED, Certainty.PROBABLE),
    Ground.STEM_BESIDE: (DivisionChange.RECODED, Certainty.PROBABLE),
    Ground.NAME_AFTER_ITS_PARENT: (DivisionChange.RECODED, Certainty.PROBABLE),
    Ground.NAME_ELSEWHERE: (DivisionChange.RECODED, Certainty.POSSIBLE),
}
"""What each ground makes of it; those that aren't here make nothing."""

ORGANISATIONS: Mapping[DivisionLevel, re.Pattern[str]] = {
    DivisionLevel.VILLAGE: re.compile(r"(?:社区)?(?:村民委员会|村委会|居民委员会|居委会)$|社区$"),
    DivisionLevel.TOWNSHIP: re.compile(r"(?:街道)?办事处$|街道$|镇$|民族乡$|乡$"),
    DivisionLevel.COUNTY: re.compile(r"[县区市]$"),
}
"""What a list writes behind the name itself, now one way and now another."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A division as a code list has it: its twelve-digit code, and its name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What seems to have become of a division of the earlier list; `after` is None where that isn't known.

    `candidates` are those that it might be, where the ground is that there are several.
    """

    before: Listed
    after: Listed | None
    ground: Ground
    candidates: Sequence[Listed] = ()

    @property
    def change(self) -> DivisionChange | None:
        """How it became so; None where nothing is proposed."""
        return READ_AS[self.ground][0] if self.ground in READ_AS else None

    @property
    def certainty(self) -> Certainty | None:
        """How sure that is; None where nothing is proposed."""
        return READ_AS[self.ground][1] if self.ground in READ_AS else None

    def evidence(self, lists: str) -> str:
        """What is kept as its evidence; `lists` says whose lists of which years were compared."""
        return f"{self.ground.zh} ({lists})"


def stem(name: str, level: DivisionLevel) -> str:
    """A name without what its list writes behind it: ``上潘`` of ``上潘村委会``, ``上潘村村民委员会`` and ``上潘社区居委会``."""
    whole = folded(name)
    bare = ORGANISATIONS[level].sub("", whole) if level in ORGANISATIONS else whole
    if level is DivisionLevel.VILLAGE and len(bare) > 1:
        bare = bare.removesuffix("村")
    return bare or whole


def propose(before: Iterable[Listed], after: Iterable[Listed]) -> Sequence[Proposal]:
    """One proposal for each division of the earlier list, by code.

    First the codes speak, then, among what is left on both sides, the names: in the same division above; in the county
    where the division above is gone; elsewhere in the county. A name speaks only where it is one division's on either
    side.
    """
    later = {each.code: each for each in after}
    earlier = {each.code: each for each in before}
    found = {each.code: _by_code(each, later[each.code]) for each in earlier.values() if each.code in later}
    gone = [each for each in earlier.values() if each.code not in later]
    new = [each for each in later.values() if each.code not in earlier]
    orphans = {each.code for each in gone if _has_lost_its_parent(each, earlier, later)}
    passes: tuple[tuple[Ground, Callable[[Listed], tuple[object, ...]], bool], ...] = (
        (Ground.NAME_BESIDE, lambda each: (_above(each), folded(each.name)), False),
        (Ground.STEM_BESIDE, lambda each: (_above(each), stem(each.name, level_of(each.code))), False),
        (Ground.NAME_AFTER_ITS_PARENT, lambda each: (each.code[:6], folded(each.name)), True),
        (Ground.NAME_ELSEWHERE, lambda each: (each.code[:6], folded(each.name)), False),
    )
    doubtful: dict[str, Sequence[Listed]] = {}
    for ground, key, only_orphans in passes:
        asked = [each for each in gone if each.code in orphans] if only_orphans else gone
        told, unclear = _by_key(asked, new, lambda each, key=key: (level_of(each.code), *key(each)))  # type: ignore[misc]
        found |= {code: Proposal(one, other, ground) for code, (one, other) in told.items()}
        doubtful |= {code: others for code, others in unclear.items() if code not in doubtful}
        taken = {other.code for _, other in told.values()}
        gone = [each for each in gone if each.code not in told]
        new = [each for each in new if each.code not in taken]
    for each in gone:
        others = doubtful.get(each.code, ())
        found[each.code] = Proposal(each, None, Ground.SEVERAL if others else Ground.NOTHING, others)
    return [found[code] for code in sorted(found)]


def _by_code(before: Listed, after: Listed) -> Proposal:
    level = level_of(before.code)
    if folded(before.name) == folded(after.name):
        return Proposal(before, after, Ground.CODE_AND_NAME)
    same_stem = stem(before.name, level) == stem(after.name, level)
    return Proposal(before, after, Ground.CODE_AND_STEM if same_stem else Ground.CODE)


def _above(each: Listed) -> str | None:
    return parent_code_of(each.code)


def _has_lost_its_parent(each: Listed, earlier: Mapping[str, Listed], later: Mapping[str, Listed]) -> bool:
    above = _above(each)
    return above is not None and above in earlier and above not in later


def _by_key(
    gone: Sequence[Listed], new: Sequence[Listed], key: Callable[[Listed], object]
) -> tuple[Mapping[str, tuple[Listed, Listed]], Mapping[str, Sequence[Listed]]]:
    """Pairs whose key is one division's on either side, and, where it is several's, whom each might be."""
    ones, others = defaultdict(list), defaultdict(list)
    for each in gone:
        ones[key(each)].append(each)
    for each in new:
        others[key(each)].append(each)
    told, unclear = {}, {}
    for shared in ones.keys() & others.keys():
        if len(ones[shared]) == len(others[shared]) == 1:
            told[ones[shared][0].code] = (ones[shared][0], others[shared][0])
        else:
            unclear.update({each.code: tuple(others[shared]) for each in ones[shared]})
    return told, unclear
