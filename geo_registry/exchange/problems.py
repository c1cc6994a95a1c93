"""What can be wrong with a row: a stable code, a severity, and what a person reads about it in zh and en."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from geo_registry.vocabulary import Word


class Severity(Word):
    """What a problem does to its row."""

    REFUSED = "refused", "未导入", "the row was refused"
    WARNING = "warning", "已导入，请核对", "the row was taken"


class ProblemCode(StrEnum):
    """One kind of problem; the templates are filled with the column, the value and the problem's details."""

    severity: Severity
    zh: str
    en: str

    def __new__(cls, code: str, severity: Severity, zh: str, en: str) -> Self:
        """One code with its severity and its two templates."""
        problem = str.__new__(cls, code)
        problem._value_ = code
        problem.severity = severity
        problem.zh = zh
        problem.en = en
        return problem

    RAGGED = (
        "ragged-row",
        Severity.REFUSED,
        "这一行有 {found} 列，表头有 {expected} 列",
        "the row has {found} fields, the header {expected}",
    )
    REQUIRED = "required", Severity.REFUSED, "必填项为空", "it is required and empty"
    NOT_TEXT = "not-text", Severity.REFUSED, "含有不能保存的字符", "it has characters that can't be kept"
    TOO_LONG = "too-long", Severity.REFUSED, "超过 {limit} 个字符", "it is longer than {limit} characters"
    NOT_A_NUMBER = "not-a-number", Severity.REFUSED, "“{value}”不是数字", "{value!r} is not a number"
    NOT_WHOLE = "not-a-whole-number", Severity.REFUSED, "“{value}”不是整数", "{value!r} is not a whole number"
    NEGATIVE = (
        "negative",
        Severity.REFUSED,
        "“{value}”是负数（或无数据标记）",
        "{value!r} is negative (or a mark for no data)",
    )
    IMPLAUSIBLE = (
        "implausible-number",
        Severity.REFUSED,
        "“{value}”超出合理范围（至多 {limit}）",
        "{value!r} is out of any plausible range (at most {limit})",
    )
    NOT_A_DATE = (
        "not-a-date",
        Severity.REFUSED,
        "“{value}”不是日期，请写作 2021-03-01",
        "{value!r} is not a date: write 2021-03-01",
    )
    PARTIAL_DATE = (
        "partial-date",
        Severity.WARNING,
        "“{value}”没有写到日，按 {taken} 登记",
        "{value!r} names no day: {taken} was taken",
    )
    NOT_A_FLAG = "not-yes-or-no", Severity.REFUSED, "“{value}”不是“是”或“否”", "{value!r} is neither yes nor no"
    UNKNOWN_WORD = "unknown-word", Severity.REFUSED, "“{value}”不在词表中：{known}", "{value!r} is not one of {known}"
    NOT_A_CODE = "not-a-division-code", Severity.REFUSED, "“{value}”不是区划代码", "{value!r} is not a division code"
    LEVEL_CONTRADICTS = (
        "level-contradicts-code",
        Severity.REFUSED,
        "级别“{value}”与代码 {code} 不符（应为 {level}）",
        "the level {value!r} contradicts the code {code}, which is a {level}",
    )
    NOT_A_YEAR = (
        "not-a-year",
        Severity.REFUSED,
        "“{value}”不是 1949 至 2200 之间的年份",
        "{value!r} is not a year between 1949 and 2200",
    )
    RULE = "rule-broken", Severity.REFUSED, "{zh}", "{en}"
    POSITION_MISSING = "position-missing", Severity.REFUSED, "没有坐标", "it has no position"
    POSITION_IMPLAUSIBLE = (
        "position-implausible",
        Severity.REFUSED,
        "坐标 {value} 不在经度 ±180、纬度 ±85.06 之内",
        "the position {value} is not within ±180 and ±85.06 degrees",
    )
    GEOMETRY_UNFIT = (
        "geometry-unfit",
        Severity.REFUSED,
        "几何类型是 {found}，需要 {expected}",
        "the geometry is a {found}, not a {expected}",
    )
    GEOMETRY_EMPTY = "geometry-empty", Severity.REFUSED, "几何为空或没有长度", "the geometry is empty or has no length"
    GEOMETRY_UNREADABLE = (
        "geometry-unreadable",
        Severity.REFUSED,
        "几何已损坏，或是曲线；请先转成折线（如 ogr2ogr -nlt CONVERT_TO_LINEAR）",
        "the geometry is broken or a curve: make it linear first (ogr2ogr -nlt CONVERT_TO_LINEAR, for example)",
    )
    GEOMETRY_REPAIRED = (
        "geometry-repaired",
        Severity.WARNING,
        "边界自相交等错误已自动修复：{reason}",
        "the area was not valid and was repaired: {reason}",
    )
    GEOMETRY_INCOMPLETE = (
        "geometry-incomplete",
        Severity.WARNING,
        "有 {missing} 个节点不在文件中，只导入其余部分",
        "{missing} of its nodes are not in the file: the rest was taken",
    )
    DIVISION_UNKNOWN = (
        "division-unknown",
        Severity.REFUSED,
        "没有登记区划“{value}”",
        "no division {value!r} is registered",
    )
    DIVISION_UNKNOWN_DERIVED = (
        "division-unknown-derived",
        Severity.WARNING,
        "没有登记区划“{value}”，改按位置归属",
        "no division {value!r} is registered: the row was placed by its position",
    )
    DIVISION_AMBIGUOUS = (
        "division-ambiguous",
        Severity.REFUSED,
        "有多个区划名为“{value}”：{candidates}",
        "several divisions are called {value!r}: {candidates}",
    )
    POSITION_APPROXIMATE = (
        "position-approximate",
        Severity.WARNING,
        "没有坐标，按所属区划取近似位置",
        "it has no position: a point in its division was taken",
    )
    PARENT_MISSING = (
        "parent-missing",
        Severity.WARNING,
        "上级区划 {value} 未登记，暂无上级",
        "the division above, {value}, is not registered: it has no parent yet",
    )
    CONTAINS_OTHERS = (
        "contains-others",
        Severity.WARNING,
        "区划 {value} 包含文件中另外的区划，其人口会被重复计算；请用 where 只留一级",
        "the division {value} contains others of the file: its people count twice; keep one level with where",
    )
    CONFLICTING = (
        "conflicting-duplicate",
        Severity.REFUSED,
        "与第 {first} 行编号相同而内容不同",
        "it has the key of row {first} and other content",
    )
    COLLAPSED = (
        "identical-row",
        Severity.WARNING,
        "与第 {first} 行完全相同，只计一次；若确为不同记录，请映射 source_id",
        "it is the same as row {first} and was counted once; if they are different records, map source_id",
    )
    DATE_UNCLEAR = (
        "date-unclear",
        Severity.REFUSED,
        "“{value}”不是日期：可写 1958-03-12、1958年3月、1958年、1950年代、19世纪，或朝代（明、民国）",
        "{value!r} is not a date: write 1958-03-12, 1958-03, 1958, 1950s, 19th century or a dynasty (明)",
    )
    DATE_ROUNDED = (
        "date-rounded",
        Severity.WARNING,
        "“{words}”按“{taken_zh}”登记，原文留在地名来历中",
        "{words!r} was taken as {taken_en}; the words are kept with the name's origin",
    )
    DATE_IN_WORDS = (
        "date-in-words",
        Severity.WARNING,
        "“{words}”不能定为一个日期或朝代，未登记日期，原文留在地名来历中",
        "{words!r} is no date and no dynasty: none was taken; the words are kept with the name's origin",
    )
    ENDS_BEFORE = (
        "ends-before-it-begins",
        Severity.REFUSED,
        "止于 {ended}，不晚于起始的 {begun}",
        "it ends in {ended}, not after its beginning in {begun}",
    )
    NOT_A_NATIONAL_CODE = (
        "not-a-national-code",
        Severity.REFUSED,
        "“{value}”不是 20 位地名代码",
        "{value!r} is not a code of 20 digits",
    )
    NATIONAL_CODE_TAKEN = (
        "national-code-taken",
        Severity.REFUSED,
        "地名代码 {value} 已属于“{other}”{row_zh}",
        "the code {value} is that of {other} already{row_en}",
    )
    NOT_A_LANGUAGE = (
        "not-a-language",
        Severity.REFUSED,
        "“{value}”不是语言标签，请写 zh-Hans、bo、ug-Arab 等（BCP 47）",
        "{value!r} is not a language tag: write zh-Hans, bo, ug-Arab (BCP 47)",
    )
    UNDECIDED = (
        "name-undecided",
        Severity.REFUSED,
        "“{value}”的名称未经采用，不是存量地名",
        "a name that is {value!r} was never given: it isn't taken over",
    )
    PLACE_MISSING = (
        "place-missing",
        Severity.REFUSED,
        "没有编号为“{value}”的地名（或其标准名称一行未导入），此名称无处登记",
        "there is no place {value!r} (or the row of its standard name was refused) that could bear this name",
    )
    PLACE_UNKNOWN = (
        "place-unknown",
        Severity.REFUSED,
        "{division}没有现名、编号或地名代码为“{value}”的地名",
        "no place of {division} has {value!r} for its present name, its id or its code",
    )
    PLACE_AMBIGUOUS = (
        "place-ambiguous",
        Severity.REFUSED,
        "有多个地名现名为“{value}”，请改写编号：{candidates_zh}",
        "several places are called {value!r}: write the id of one, of {candidates_en}",
    )
    PLACE_TWICE = (
        "place-twice",
        Severity.REFUSED,
        "“{value}”已在第 {first} 行办理，一个地名只写一行",
        "{value!r} is decided on in row {first} already: a place has one row",
    )
    PERIODS_OVERLAP = (
        "periods-overlap",
        Severity.REFUSED,
        "与同一地名的标准名称“{other}”（{period}）使用时间重叠，请写明起止",
        "it overlaps {other}, a standard name of the same place ({period}): say from when to when",
    )
    DATUM_CONTRADICTS = (
        "datum-contradicts",
        Severity.REFUSED,
        "坐标基准写作“{value}”，却按 {crs} 读取；请分文件导入，并用 --crs 指明",
        "its datum is {value!r}, and it was read as {crs}: import it from a file of its own, with --crs",
    )
    NOWHERE = (
        "place-nowhere",
        Severity.WARNING,
        "既无位置也无区划，只能按名称查到，无法检查重名",
        "it has neither position nor division: it can be found by its name alone, and isn't checked for duplicates",
    )
    BEYOND_ALL = (
        "position-beyond-all",
        Severity.WARNING,
        "位置 {value} 不在任何已登记的区划之内，请核对坐标与坐标系",
        "its position {value} lies in no division that is registered: check the coordinates and their system",
    )
    SPELT_OTHERWISE = (
        "spelt-otherwise",
        Severity.WARNING,
        "保留来源的拼写“{value}”；按规则应为“{proposed}”",
        "the spelling {value!r} was kept; by the rules it is {proposed}",
    )
    SPELLING_DOUBTFUL = (
        "spelling-doubtful",
        Severity.WARNING,
        "按规则拼作“{proposed}”，请核对：{why_zh}",
        "spelt {proposed!r} by the rules, to be looked at: {why_en}",
    )
    KEPT = (
        "kept-as-changed",
        Severity.WARNING,
        "“{value}”导入后已由人更正或另有决定，保留登记内容，未按文件改动",
        "{value!r} was corrected or decided on since it was imported: what is registered was kept",
    )
    NAME_RULE = "name-rule", Severity.WARNING, "{zh}{row_zh}", "{en}{row_en}"
    EXTENT_TWICE = (
        "extent-twice",
        Severity.REFUSED,
        "既有多边形又有组成区划，请只留一种",
        "it has a polygon and divisions: leave one of them",
    )
    EXTENT_MISSING = (
        "extent-missing",
        Severity.REFUSED,
        "没有范围：请给出多边形，或组成它的区划代码",
        "it reaches nowhere: give a polygon, or the codes of the divisions that it is made of",
    )
    AREA_CONCERN = "built-up-area-concern", Severity.WARNING, "{zh}", "{en}"
    NOT_PUBLIC = (
        "not-public",
        Severity.REFUSED,
        "密级不是公开，未保存其任何内容",
        "it is classified: nothing of it was kept",
    )

    def said(self, locale: str, details: Mapping[str, str]) -> str:
        """What a person reads, in the language of `locale` (``en…``, anything else is zh)."""
        return (self.en if locale.startswith("en") else self.zh).format(**details)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one row; `row` counts the file's data rows, or a layer's features, from 1."""

    row: int
    column: str
    """The column of the file; empty where it is the row or its geometry."""
    value: str
    code: ProblemCode
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The stable code: where a rule of names is broken, the rule's own."""
        return self.details["rule"] if self.code is ProblemCode.NAME_RULE else self.code.value

    @property
    def collides_with(self) -> Mapping[str, str] | None:
        """What a name collides with: its name and, as far as there are any, its id, division, row and distance in metres."""
        prefix = "other_"
        found = {key.removeprefix(prefix): value for key, value in self.details.items() if key.startswith(prefix)}
        return found if self.code is ProblemCode.NAME_RULE and found else None

    def message(self, locale: str) -> str:
        """What a person reads, in the language of `locale`."""
        return self.code.said(locale, {"value": self.value, "column": self.column, **self.details})


class Refused(Exception):
    """A value can't be taken; converters raise it and the batch makes it a problem of the row."""

    def __init__(self, code: ProblemCode, **details: object) -> None:
        self.code = code
        self.details = {key: str(value) for key, value in details.items()}
        super().__init__(code)
