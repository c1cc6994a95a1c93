"""What every paper of a case has: that it is an example or a draft, its day, the numbers of its chapters."""

from collections.abc import Iterator
from datetime import date

from geo_registry.cases.announced import Announced
from geo_registry.cases.wording import day_in_words
from geo_registry.papers.blocks import Notice
from geo_registry.places.rules.findings import in_words

SYNTHETIC = ("示例数据", "Synthetic example data")
NO_FORCE = ("本件为示例，不具法律效力", "This paper is an example and has no force")
TO_CHECK = "起草提示（印发前删去）："
"""Before what a drafter has to look at: it stands on the draft, not on what is issued."""

BLANK_DAY = ("　　　　年　　月　　日", "____ ____ ____")


def example_header(*, synthetic: bool, locale: str = "zh") -> str:
    """What stands on top of every page of an example; empty for what is none."""
    return _said(SYNTHETIC, locale) if synthetic else ""


def header_of(announced: Announced, locale: str) -> str:
    """What stands on top of every page of an announcement: that it is an example."""
    return example_header(synthetic=announced.synthetic, locale=locale)


def marked(announced: Announced, locale: str) -> Iterator[Notice]:
    """On the first page: that it is an example."""
    if announced.synthetic:
        yield Notice(example_notice(locale))


def example_notice(locale: str = "zh") -> str:
    """That a paper is an example, in a line of its own."""
    return f"{_said(SYNTHETIC, locale)}{'. ' if locale.startswith('en') else '：'}{_said(NO_FORCE, locale)}"


def day_or_blank(day: date | None, locale: str = "zh") -> str:
    """The day as offices write it; room for it where there is none yet."""
    return day_in_words(day, locale) if day is not None else _said(BLANK_DAY, locale)


def numeral(at: int, text: str, locale: str = "zh") -> str:
    """A chapter's heading with its number, from 0: ``一、命名``."""
    return f"{at + 1}. {text}" if locale.startswith("en") else f"{in_words(at + 1)}、{text}"


def _said(words: tuple[str, str], locale: str) -> str:
    zh, en = words
    return en if locale.startswith("en") else zh
