"""Folding and the keys of names: rules that hold for any text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from geo_registry.text import folding
from geo_registry.text.folding import folded, positions
from geo_registry.text.homophones import canonical
from geo_registry.text.keys import KEY_CHARS, grams, keys_of
from geo_registry.text.readings import readings, typed

HAN = some.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
NAMES = some.text(
    some.one_of(HAN, HAN, HAN, some.sampled_from("金华江南乐清重庆朝阳长弄单家一二三〇（）·—ABcz09 <>&='\"％，")),
    min_size=1,
    max_size=30,
)
"""What stands in names: mostly Chinese characters, with words that are read as a whole, figures, letters, punctuation."""

ANYTHING = some.text(max_size=60)


@pytest.fixture(autouse=True, scope="module")
def _dictionaries_are_read() -> None:
    """Once, for all: the first name waits for them longer than an example may take."""
    keys_of("東陽")


@given(text=ANYTHING)
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(text=some.one_of(ANYTHING, NAMES))
def test_the_short_ways_of_folding_give_what_the_long_one_gives(text: str) -> None:
    assert folded(text) == folding._slowly(text)


@given(text=ANYTHING)
def test_only_letters_and_figures_are_left(text: str) -> None:
    assert {unicodedata.category(each)[0] for each in folded(text)} <= {"L", "N", "C"}
    assert not set(folded(text)) & set("%_\\<>&=\"'{},/ ")


@given(text=NAMES)
def test_space_punctuation_width_and_case_do_not_matter(text: str) -> None:
    wide = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)
    assert folded(" ".join(text)) == folded(text.upper()) == folded(wide) == folded(f"（{text}）") == folded(text)


@given(name=NAMES, data=some.data())
def test_every_part_of_a_name_is_found_in_its_keys(name: str, data: some.DataObject) -> None:
    keys = keys_of(name)
    begin = data.draw(some.integers(0, len(name)))
    end = data.draw(some.integers(begin, len(name)))
    assert keys.folded.startswith(folded(name[:end]))
    assert folded(name[begin:end]) in keys.folded
    assert grams(folded(name[begin:end])) <= keys.grams


@given(name=NAMES, data=some.data())
def test_every_beginning_of_a_reading_is_found_in_its_keys(name: str, data: some.DataObject) -> None:
    keys = keys_of(name)
    end = data.draw(some.integers(0, len(keys.pinyin)))
    assert keys.pinyin.startswith(typed(folded(keys.pinyin[:end])))
    assert len(keys.initials) == len(keys.folded)
    assert keys.initials == "".join(each[0] for each in readings(keys.folded)).replace("v", "u")


@given(name=NAMES, data=some.data())
def test_characters_and_letters_may_be_mixed(name: str, data: some.DataObject) -> None:
    # The reading of a word can hang on what follows it: so the rest is of characters that stand for themselves.
    plain = folded(name)
    at = data.draw(some.integers(0, len(plain)))
    syllables = readings(plain)
    if readings(plain[:at]) == syllables[:at]:
        assert keys_of(name).pinyin.startswith(typed(plain[:at] + "".join(syllables[at:])))


@given(text=some.one_of(ANYTHING, NAMES))
def test_positions_lead_back_to_the_text(text: str) -> None:
    where = positions(text)
    if where is not None:
        assert len(where) == len(folded(text))
        assert list(where) == sorted(where)
        for at, each in zip(where, folded(text), strict=True):
            assert each in folded(text[at])


@given(text=ANYTHING)
def test_every_character_has_one_reading(text: str) -> None:
    syllables = readings(folded(text))
    assert len(syllables) == len(folded(text))
    assert all(syllables)


@given(text=some.text(HAN, min_size=KEY_CHARS + 1, max_size=KEY_CHARS + 50))
def test_a_name_of_any_length_has_keys_that_an_index_takes(text: str) -> None:
    keys = keys_of(text)
    assert max(len(each.encode()) for each in (keys.folded, keys.pinyin, keys.initials)) < 2_700


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("金华市", "jinhuashi", "jhs"),
        ("重庆路", "chongqinglu", "cql"),
        ("乐清市", "yueqingshi", "yqs"),
        ("丽水", "lishui", "ls"),
        ("六安", "luan", "la"),
        ("台州", "taizhou", "tz"),
        ("厦门路", "xiamenlu", "xml"),
        ("蚌埠路", "bengbulu", "bbl"),
        ("番禺", "panyu", "py"),
        ("大埔", "dabu", "db"),
        ("绿园", "luyuan", "ly"),
        ("长山乡", "changshanxiang", "csx"),
        ("石弄口", "shilongkou", "slk"),
        ("单家村", "shanjiacun", "sjc"),
        ("3号楼A区", "3haolouaqu", "3hlaq"),
        ("𠮷村", "𠮷cun", "𠮷c"),
        ("<&>", "", ""),
    ],
)
def test_names_are_read_as_places_are(name: str, pinyin: str, initials: str) -> None:
    keys = keys_of(name)
    assert (keys.pinyin, keys.initials) == (pinyin, initials)


@pytest.mark.parametrize(
    "text", ["Jīnhuá", "jin hua", "JINHUA", "ｊｉｎ－ｈｕａ", "jin'hua", "jin’hua", "金hua", "jin华", "金 HUA"]
)
def test_however_a_reading_is_typed_it_is_the_same(text: str) -> None:
    assert typed(folded(text)) == "jinhua"


@pytest.mark.parametrize("text", ["lü", "lv", "lu", "LÜ", "lǜ", "绿"])
def test_however_an_umlaut_is_typed_it_is_the_same(text: str) -> None:
    assert typed(folded(text)) == "lu"


@given(name=NAMES)
def test_what_is_canonical_stays_as_it_is(name: str) -> None:
    assert canonical(canonical(name)) == canonical(name)


@given(name=NAMES)
def test_a_name_sounds_like_what_it_is_the_same_as_to_the_eye(name: str) -> None:
    assert keys_of(canonical(name)).homophone == keys_of(name).homophone


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("东陽市", "东阳市"),
        ("１街", "一街"),
        ("12街", "十二街"),
        ("20号", "二十号"),
        ("廿里", "二十里"),
        ("104国道", "一〇四国道"),
        ("谿口", "溪口"),
        ("新邨", "新村"),
    ],
)
def test_the_same_to_the_eye(name: str, other: str) -> None:
    assert canonical(name) == canonical(other)


@pytest.mark.parametrize(
    ("name", "other"), [("51路", "五一路"), ("一街", "十一街"), ("东阳", "东洋"), ("溪口", "西口")]
)
def test_not_the_same_to_the_eye(name: str, other: str) -> None:
    assert canonical(name) != canonical(other)


@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [
        ("中山路", "钟山路", True),
        ("中山路", "宗三路", True),
        ("宁江路", "林江路", True),
        ("兰溪", "南溪", True),
        ("双溪路", "双西路", True),
        ("中山路", "中山街", False),
        ("溪口", "西沟", False),
    ],
)
def test_what_sounds_alike_or_nearly_has_one_key(name: str, other: str, *, alike: bool) -> None:
    assert (keys_of(name).homophone == keys_of(other).homophone) is alike
