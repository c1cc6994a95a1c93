"""The rules that a spelling follows, each with a stable code, where it stands, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

RULES_OF_1984 = "中国地名汉语拼音字母拼写规则（汉语地名部分）（84）中地字第17号"
ORTHOGRAPHY = "GB/T 16159-2012"
TRANSCRIPTION = "少数民族语地名汉语拼音字母音译转写法（1976）"
DIVISION_CODES = "GB/T 2260"
PEOPLES = "GB/T 3304"
SIGNS = "GB 17733-2008"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code never changes its meaning."""

    code: str
    source: str
    article: str
    """Its number in the source; empty where the whole source is meant."""
    zh: str
    en: str

    def says(self, locale: str) -> str:
        """What it says, in the language of `locale` (``en…``, anything else is zh)."""
        return self.en if locale.startswith("en") else self.zh


def _of_1984(article: int, zh: str, en: str) -> Rule:
    return Rule(f"1984-{article:02}", RULES_OF_1984, str(article), zh, en)


APART = _of_1984(1, "专名与通名分写", "the specific and the generic part are written apart")
MODIFIER = _of_1984(
    2,
    "单音节的修饰、限定成分与其相关部分连写，双音节和多音节的分写",
    "a modifier of one syllable joins what it belongs to, a longer one stands apart",
)
SETTLEMENT = _of_1984(3, "自然村镇名称不分专名和通名，各音节连写", "the name of a natural village or town is one word")
ABSORBED = _of_1984(4, "通名已专名化的，按专名处理", "a generic that became part of the name counts as specific")
PERSON = _of_1984(5, "人名的姓和名连写", "a person's family and given name are one word")
NUMERAL = _of_1984(6, "地名中的数词用拼音书写", "numerals in names are spelt")
FIGURE = _of_1984(
    7, "代码和街巷名称中的序数词用阿拉伯数字", "codes, and ordinals in names of streets, are written in figures"
)
READING = _of_1984(
    8, "按普通话语音，多音字和方言字按审定的读音", "readings are those of standard Mandarin, heteronyms as audited"
)
TONE = _of_1984(9, "按普通话语音标调", "tones are written")
CAPITAL = _of_1984(10, "每段第一个字母大写", "the first letter of each part is a capital")
APOSTROPHE = _of_1984(11, "a、o、e 开头的非第一音节前用隔音符号", "an apostrophe stands before a, o, e inside a word")
RETROFLEX = _of_1984(12, "有“儿”字的儿化音用 r 表示", "儿 that only colours the syllable before it is r")
WORKS = _of_1984(
    14,
    "建筑物、游览地、纪念地和企事业单位能区分专名、通名的分写，单音节通名的修饰成分与其连写",
    "names of buildings, sights and institutions are written apart where their parts can be told; a modifier of a generic of one syllable joins it",
)
WHOLE = _of_1984(15, "不易区分专名、通名的连写", "what can't be told apart is one word")
WORKS_FIGURE = _of_1984(
    16,
    "企事业单位名称中的代码和序数词用阿拉伯数字",
    "codes and ordinals in names of institutions are written in figures",
)
WITHIN = _of_1984(
    17, "单位等名称中行政区域的专名与通名分写", "a division's name inside an institution's is itself written apart"
)
ORDINAL_SPELT = Rule(
    "16159-ordinal", ORTHOGRAPHY, "", "序数词用拼音书写（另一种设定）", "ordinals are spelt (the other setting)"
)
PEOPLE = Rule(
    "3304", PEOPLES, "", "民族名称分写，按该标准的拼写", "the name of a people stands apart, as this standard spells it"
)
TRANSCRIBED = Rule(
    "1976",
    TRANSCRIPTION,
    "",
    "少数民族语地名用音译转写的拼写，不标调",
    "a name of a minority language is transcribed from it, without tones",
)
OVERRIDE = Rule("override", "", "", "登记人员审定的拼写", "the spelling that a registrar decided on")

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.code: rule
        for rule in (
            APART,
            MODIFIER,
            SETTLEMENT,
            ABSORBED,
            PERSON,
            NUMERAL,
            FIGURE,
            READING,
            TONE,
            CAPITAL,
            APOSTROPHE,
            RETROFLEX,
            WORKS,
            WHOLE,
            WORKS_FIGURE,
            WITHIN,
            ORDINAL_SPELT,
            PEOPLE,
            TRANSCRIBED,
            OVERRIDE,
        )
    }
)
"""Every rule by its code."""
