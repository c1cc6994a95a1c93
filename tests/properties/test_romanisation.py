"""Spellings of names: what holds for any text and any class."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from geo_registry.places.romanisation.engine import BETWEEN, romanise
from geo_registry.places.romanisation.overriding import with_override
from geo_registry.places.romanisation.pieces import Setting
from geo_registry.places.romanisation.proposal import Part, Spelling
from geo_registry.places.romanisation.rules import RULES
from geo_registry.places.romanisation.syllables import SYLLABLES, TONES, bare, divided, is_legal, joined
from geo_registry.vocabulary import PlaceClass, ReadingSource

HAN = some.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
USUAL = some.sampled_from(
    "金华婺城东西南北中大小新老上下前后内外一二三五十第路街巷弄道里条环山江河湖村镇乡县市区省堡子儿庄店桥站寺门厂校院学大重长乐朝六安蒙古族自治州"
)
NAMES = some.text(some.one_of(USUAL, USUAL, USUAL, HAN, some.sampled_from("AZaz019 ·-")), max_size=16)
"""Mostly what names are made of, so that generics, modifiers and numerals meet in every way."""
ANYTHING = some.text(max_size=120)
CLASSES = some.one_of(some.none(), some.sampled_from(list(PlaceClass)))
SETTINGS = some.sampled_from([Setting(), Setting(figures=False)])
READABLE = frozenset("金华婺城东西南北大小新老上下前后路街巷山江河湖村镇县市桥站寺门安儿欧阿")
SYLLABLE = some.sampled_from(sorted(SYLLABLES))


@pytest.fixture(scope="module", autouse=True)
def _dictionary() -> None:
    """The dictionary is read before anything is timed."""
    romanise("金华市")


def _every(spelling: Spelling, others: Sequence[Spelling]) -> list[Part]:
    return [part for each in (spelling, *others) for part in each.parts]


@given(name=some.one_of(NAMES, ANYTHING), place_class=CLASSES, setting=SETTINGS)
def test_any_text_is_spelt_or_says_why_not(name: str, place_class: PlaceClass | None, setting: Setting) -> None:
    proposal = romanise(name, place_class, setting=setting)
    assert (proposal.refused is None) == bool(proposal.spelling.parts)
    assert proposal == romanise(name, place_class, setting=setting)
    assert place_class in {None, proposal.place_class}
    if proposal.refused is not None:
        assert proposal.refused.zh
        assert proposal.refused.en


@given(name=NAMES, place_class=CLASSES, setting=SETTINGS)
def test_the_parts_are_the_whole_name(name: str, place_class: PlaceClass | None, setting: Setting) -> None:
    proposal = romanise(name, place_class, setting=setting)
    written = "".join(each for each in unicodedata.normalize("NFKC", name) if each not in BETWEEN)
    for spelling in (proposal.spelling, *(other.spelling for other in proposal.alternatives)):
        if spelling.parts:
            assert "".join(part.text for part in spelling.parts) == written


@given(name=NAMES, place_class=CLASSES, setting=SETTINGS)
def test_what_is_read_is_pinyin(name: str, place_class: PlaceClass | None, setting: Setting) -> None:
    proposal = romanise(name, place_class, setting=setting)
    for part in _every(proposal.spelling, [other.spelling for other in proposal.alternatives]):
        assert part.rule.code in RULES
        if part.fixed:
            assert part.source in {ReadingSource.FIGURE, ReadingSource.TRANSCRIBED}
            continue
        assert len(part.text) - part.text.count("儿") <= len(part.syllables) <= len(part.text)
        for syllable in part.syllables:
            assert is_legal(syllable) or is_legal(syllable.removesuffix("r"))


@given(name=NAMES, place_class=CLASSES)
def test_the_three_forms_differ_in_tones_and_capitals_alone(name: str, place_class: PlaceClass | None) -> None:
    proposal = romanise(name, place_class)
    apart = unicodedata.normalize("NFD", proposal.romanized)
    without = unicodedata.normalize("NFC", "".join(each for each in apart if each not in TONES))
    assert proposal.plain == without
    assert proposal.sign == without.upper()
    for word in proposal.romanized.split():
        assert not word[0].islower() or word.isascii()


@given(name=NAMES, place_class=CLASSES)
def test_alternatives_are_other_spellings(name: str, place_class: PlaceClass | None) -> None:
    proposal = romanise(name, place_class)
    spelt = [other.spelling.romanized for other in proposal.alternatives]
    assert len({proposal.romanized, *spelt}) == len(spelt) + 1


@given(name=some.text(some.sampled_from(sorted(READABLE)), min_size=1, max_size=10), place_class=CLASSES)
def test_what_is_proposed_may_be_decided_on(name: str, place_class: PlaceClass | None) -> None:
    proposal = romanise(name, place_class)
    decided = with_override(proposal, proposal.romanized, by="li.ming")
    assert (decided.romanized, decided.given_by, decided.doubtful) == (proposal.romanized, "li.ming", False)


@given(syllables=some.lists(SYLLABLE, min_size=1, max_size=6), data=some.data())
def test_a_word_can_be_taken_apart_again(syllables: list[str], data: some.DataObject) -> None:
    toned = [
        data.draw(
            some.sampled_from(
                [
                    each
                    for each in (
                        unicodedata.normalize("NFC", syllable[: at + 1] + tone + syllable[at + 1 :])
                        for at in range(len(syllable))
                        for tone in ("", *TONES)
                    )
                    if is_legal(each)
                ]
            )
        )
        for syllable in syllables
    ]
    assert divided(joined(toned)) == tuple(toned)
    assert [bare(each) for each in toned] == syllables
