"""What a person is asked to look at, each with a stable code."""

from geo_registry.places.romanisation.proposal import Doubt

JOINED_BY_CLASS = Doubt(
    "settlement",
    "如为自然村镇名称，各音节连写（第3条）",
    "if it is a natural village or town, it is one word (article 3)",
)
DIVISION_BY_CLASS = Doubt(
    "division",
    "如为行政区划名称，专名与通名分写（第1条）",
    "if it is an administrative division, its generic stands apart (article 1)",
)
FEATURE_BY_CLASS = Doubt(
    "feature",
    "如为自然地理实体名称，专名与通名分写（第1条）",
    "if it is a natural feature, its generic stands apart (article 1)",
)
MODIFIER_OR_NAME = Doubt(
    "modifier",
    "方位等字可能是通名的修饰成分，也可能是专名的一部分",
    "the character before the generic may modify it, or belong to the specific part",
)
ORDINAL_OR_NAME = Doubt(
    "numeral",
    "数词可能是序数（第7、16条，用数字），也可能是专名的一部分（第6条，用拼音）",
    "the numeral may be an ordinal (articles 7, 16: figures), or belong to the name (article 6: spelt)",
)
OTHER_CLASS = Doubt(
    "other-class",
    "通名属于另一类别，按那一类别的写法",
    "its generic is of another class, and it is written as names of that one are",
)
WORDS_GUESSED = Doubt(
    "words",
    "名称中有表内没有的词，词的界限是推断的",
    "some of its words are in no table: where they end is a guess",
)
BY_CHINESE_READING = Doubt(
    "chinese-form",
    "如名称已按汉语形式使用，按汉字读音拼写",
    "if the name is now used in its Chinese form, it is spelt by its Chinese reading",
)
NO_GENERIC = Doubt(
    "no-generic",
    "没有与类别相符的通名，整体连写",
    "it has no generic of its class, so it is one word",
)
