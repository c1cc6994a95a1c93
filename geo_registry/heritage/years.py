"""Years as gazetteers tell them, before our era too: 前222年, 唐天宝十三载（754）, 北宋, 1271, 康熙年间. Values in, values out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from geo_registry.errors import DateUnclear
from geo_registry.places.periods import Dated
from geo_registry.vocabulary import Precision

ERAS: Mapping[str, tuple[int, int]] = {
    "商": (-1600, -1046),
    "西周": (-1046, -771),
    "周": (-1046, -256),
    "春秋": (-770, -476),
    "战国": (-475, -221),
    "秦": (-221, -206),
    "西汉": (-206, 8),
    "汉": (-206, 220),
    "东汉": (25, 220),
    "三国": (220, 280),
    "西晋": (265, 317),
    "晋": (265, 420),
    "东晋": (317, 420),
    "南朝": (420, 589),
    "南北朝": (420, 589),
    "隋": (581, 618),
    "唐": (618, 907),
    "吴越": (907, 978),
    "五代": (907, 960),
    "五代十国": (907, 979),
    "北宋": (960, 1127),
    "宋": (960, 1279),
    "南宋": (1127, 1279),
    "元": (1271, 1368),
    "明": (1368, 1644),
    "永乐": (1403, 1424),
    "宣德": (1426, 1435),
    "正统": (1436, 1449),
    "成化": (1465, 1487),
    "弘治": (1488, 1505),
    "正德": (1506, 1521),
    "嘉靖": (1522, 1566),
    "隆庆": (1567, 1572),
    "明末": (1572, 1644),
    "万历": (1573, 1620),
    "天启": (1621, 1627),
    "崇祯": (1628, 1644),
    "清": (1644, 1911),
    "康熙": (1662, 1722),
    "雍正": (1723, 1735),
    "乾隆": (1736, 1795),
    "嘉庆": (1796, 1820),
    "道光": (1821, 1850),
    "清末": (1840, 1911),
    "咸丰": (1851, 1861),
    "同治": (1862, 1874),
    "光绪": (1875, 1908),
    "宣统": (1909, 1911),
    "民国": (1912, 1949),
    "解放初": (1949, 1956),
}
"""The first and the last year of dynasties and reigns (中国历史纪年表); there is no year 0, and before our era years are negative.

Where two tables differ by a year or two, or a dynasty ended later in the south, the longer one stands here: it says less.
"""

_BEFORE = r"(?:公元)?前(?P<before>[0-9]{1,4})年?"
_SINCE = r"公元(?P<since>[0-9]{1,4})年?"
_BY_NUMBER = re.compile(f"{_BEFORE}|{_SINCE}|(?P<bc>[0-9]{{1,4}}) ?BC")
_IN_BRACKETS = re.compile(r".*[（(](?:公元)?(?:前(?P<before>[0-9]{1,4})|(?P<since>[0-9]{1,4}))年?[)）]")
_LONG: Mapping[Precision, int] = {Precision.DECADE: 10, Precision.CENTURY: 100}


@dataclass(frozen=True, slots=True)
class Years:
    """The years that something said can mean, the first and the last; counted through, so that 1 BC is the year 0."""

    earliest: int
    latest: int

    def until(self, end: "Years") -> tuple[int, int]:
        """How many years lie between it and a later one: at least and at most; none where they may be the same."""
        return max(0, end.earliest - self.latest), max(0, end.latest - self.earliest)


def years_of(said: str) -> Years | None:
    """The years that somebody's words can mean; None where they say none.

    What stands in brackets at the end counts, as in 秦王政二十五年（前222）; else a year, a century, a dynasty or a reign of
    Ming and Qing.
    """
    text = said.strip()
    numbered = _BY_NUMBER.fullmatch(text) or _IN_BRACKETS.fullmatch(text)
    if numbered is not None:
        found = numbered.groupdict()
        before = found.get("before") or found.get("bc")
        return _between(-int(before), -int(before)) if before else _between(int(found["since"]), int(found["since"]))
    era = _era_called(text)
    if era is not None:
        return _between(*era)
    try:
        dated = Dated.parse(text)
    except DateUnclear:
        return None
    if dated.precision is Precision.ERA:
        return _between(*ERAS[str(dated)]) if str(dated) in ERAS else None
    first = dated.day.year
    return Years(first, first + _LONG.get(dated.precision, 1) - 1)


def _era_called(text: str) -> tuple[int, int] | None:
    """An era as it is called, in long too: 唐代, 康熙年间; 五代 and 南北朝 are names themselves."""
    bare = text.removesuffix("时期").removesuffix("年间")
    return ERAS.get(bare) or ERAS.get(bare.removesuffix("代").removesuffix("朝"))


def the_year(year: int) -> Years:
    """One year of our era."""
    return Years(year, year)


def _between(first: int, last: int) -> Years | None:
    if not first or not last:
        return None
    return Years(first + (first < 0), last + (last < 0))
