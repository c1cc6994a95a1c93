"""Which part of a name it was that a question met: values in, values out."""

from itertools import accumulate

from geo_registry.text.folding import folded, positions
from geo_registry.text.readings import readings, typed
from geo_registry.vocabulary import Match


def marked(name: str, plain: str, match: Match) -> tuple[int, int] | None:
    """The part of `name` that the folded question `plain` met: its first character, and the one after its last.

    None where no part can be told: found by its code, or spelt so that characters fold together.
    """
    where = positions(name)
    if where is None or match is Match.CODE:
        return None
    begins, characters = _met(name, plain, match)
    if begins < 0 or not 0 < characters <= len(where) - begins:
        return None
    return where[begins], where[begins + characters - 1] + 1


def _met(name: str, plain: str, match: Match) -> tuple[int, int]:
    """The same in characters of the folded name: where it begins, and how many."""
    if match is Match.INITIALS:
        return 0, len(plain)
    if match is not Match.PINYIN:
        return folded(name).find(plain), len(plain)
    wanted = len(typed(plain))
    reached = accumulate(len(syllable) for syllable in readings(folded(name)))
    return 0, next((count for count, length in enumerate(reached, start=1) if length >= wanted), 0)
