"""What the demonstration's office works on: cases in every state, all made up, told by days before today. Values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo_registry.vocabulary import CaseKind, CaseStep, NameAction, PlaceClass

WUCHENG = "330702"
CITY_EAST = "330702001"

APPLICANT = "城东街道办事处（示例）"
BODY = "金华市人民政府（示例）"
REASONS = "示例：道路已建成投入使用，尚无名称，居民报警、寄递不便。"


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a case: of a new street along a line, or of one that is there by the name that it bears now."""

    name: str = ""
    at: tuple[tuple[float, float], ...] = ()
    """The line's vertices, longitude and latitude in degrees."""
    of: str = ""
    action: NameAction = NameAction.NAME
    place_class: PlaceClass = PlaceClass.STREET
    detail: Mapping[str, str | float] = field(default_factory=dict)
    meaning: str = ""
    splits: tuple[str, ...] = ()
    absorbs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken so many days before today; `until` counts from today too."""

    step: CaseStep
    days_ago: int
    number: str = ""
    note: str = ""
    until_days: int | None = None
    said: tuple[str, ...] = ()
    """What people said in the consultation that it opened."""
    mends: Mapping[str, Mapping[str, str | float]] = field(default_factory=dict)
    """What was corrected of which place before it, in its details."""


@dataclass(frozen=True, slots=True)
class Example:
    """A case, with its names and steps."""

    title: str
    kind: CaseKind
    names: Sequence[Name]
    steps: Sequence[Step] = ()
    division: str = WUCHENG
    plan: str = ""


def _street(name: str, *vertices: tuple[float, float], begins: str, ends: str, meaning: str, length_m: int) -> Name:
    detail: dict[str, str | float] = {
        "grade": "支路",
        "direction": "由西向东",
        "begins_at": begins,
        "ends_at": ends,
        "length_m": length_m,
        "width_m": 20,
        "surface": "沥青",
    }
    return Name(name, vertices, detail=detail, meaning=f"示例：{meaning}")


def _handled(first: int) -> tuple[Step, ...]:
    """Applied for, taken on and handled, a day each."""
    return (
        Step(CaseStep.SUBMIT, first),
        Step(CaseStep.CHECK, first - 1),
        Step(CaseStep.HANDLE, first - 2),
    )


def _signed(first: int) -> tuple[Step, ...]:
    return (*_handled(first), Step(CaseStep.REVIEW, first - 3), Step(CaseStep.SIGN, first - 4))


EXAMPLES: Sequence[Example] = (
    Example(
        "示例：关于命名荷月路等两条道路的申请",
        CaseKind.NAMING,
        [
            _street(
                "荷月路",
                (119.6715, 29.1040),
                (119.6785, 29.1040),
                begins="江松街",
                ends="双峰巷",
                meaning="旧有荷塘",
                length_m=680,
            ),
            _street(
                "荷叶巷",
                (119.6750, 29.1042),
                (119.6750, 29.1072),
                begins="荷月路",
                ends="支堤",
                meaning="承荷月路",
                length_m=330,
            ),
        ],
        division=CITY_EAST,
    ),
    Example(
        "示例：关于富兴街更名的申请",
        CaseKind.RENAMING,
        [Name("婺学街", of="富兴街", action=NameAction.RENAME, meaning="示例：近婺学旧址")],
        [Step(CaseStep.SUBMIT, 2)],
    ),
    Example(
        "示例：关于命名金鼎大厦的申请",
        CaseKind.NAMING,
        [Name("金鼎国际大厦", ((119.6205, 29.0795),), place_class=PlaceClass.BUILDING, meaning="示例：取鼎盛之意")],
        [
            Step(CaseStep.SUBMIT, 12),
            Step(CaseStep.RETURN, 10, note="示例：名称刻意夸大，且缺建设工程规划许可材料，请补正"),
        ],
    ),
    Example(
        "示例：关于命名和唱路的申请",
        CaseKind.NAMING,
        [
            _street(
                "和唱路",
                (119.627, 29.0705),
                (119.636, 29.0705),
                begins="明城街",
                ends="新兴街",
                meaning="婺剧乡音",
                length_m=870,
            )
        ],
        [Step(CaseStep.SUBMIT, 5), Step(CaseStep.CHECK, 4)],
    ),
    Example(
        "示例：环湖片区三条道路命名公示",
        CaseKind.NAMING,
        [
            _street(
                "镜湖一路",
                (119.655, 29.0600),
                (119.664, 29.0600),
                begins="湖西岸",
                ends="湖东岸",
                meaning="临镜湖",
                length_m=870,
            ),
            _street(
                "镜湖二路",
                (119.655, 29.0560),
                (119.664, 29.0560),
                begins="湖西岸",
                ends="湖东岸",
                meaning="临镜湖",
                length_m=870,
            ),
            _street(
                "镜湖四路",
                (119.655, 29.0520),
                (119.664, 29.0520),
                begins="湖西岸",
                ends="湖东岸",
                meaning="临镜湖",
                length_m=870,
            ),
        ],
        [
            Step(CaseStep.SUBMIT, 8),
            Step(CaseStep.CHECK, 7),
            Step(
                CaseStep.CONSULT,
                2,
                until_days=5,
                said=("示例意见：建议保留“菱塘”这个老地名。", "示例意见：为什么没有镜湖三路？"),
            ),
        ],
    ),
    Example(
        "示例：关于命名桂雨巷的申请",
        CaseKind.NAMING,
        [
            _street(
                "桂雨巷",
                (119.598, 29.0930),
                (119.601, 29.0930),
                begins="梅田路",
                ends="桂雨园",
                meaning="旧有桂林",
                length_m=290,
            )
        ],
        _handled(9),
    ),
    Example(
        "示例：关于命名松涛巷的申请",
        CaseKind.NAMING,
        [
            _street(
                "松涛巷",
                (119.603, 29.0955),
                (119.606, 29.0955),
                begins="春泰路",
                ends="松林",
                meaning="临松林",
                length_m=290,
            )
        ],
        (*_handled(11), Step(CaseStep.REVIEW, 7)),
    ),
    Example(
        "示例：关于上街三弄补名的申请",
        CaseKind.NAMING,
        [
            _street(
                "上街三弄",
                (119.6165, 29.0740),
                (119.6178, 29.0740),
                begins="上街",
                ends="城墙遗址",
                meaning="序数补缺",
                length_m=126,
            )
        ],
        _signed(10),
    ),
    Example(
        "示例：关于命名丹霞路的批复",
        CaseKind.NAMING,
        [
            _street(
                "丹霞路",
                (119.642, 29.0820),
                (119.652, 29.0820),
                begins="江松街",
                ends="霞山",
                meaning="东望丹霞",
                length_m=970,
            )
        ],
        (
            *_signed(40),
            Step(CaseStep.APPROVE, 30, number="金政地名〔示例〕7号"),
            Step(CaseStep.ANNOUNCE, 20, number="示例第7号"),
        ),
    ),
    Example(
        "示例：关于命名星河路等三条道路、调整清昌街的批复",
        CaseKind.NAMING,
        [
            _street(
                "星河路",
                (119.646, 29.0680),
                (119.657, 29.0680),
                begins="东环",
                ends="星河桥",
                meaning="夜见星河",
                length_m=1070,
            ),
            _street(
                "星月路",
                (119.646, 29.0710),
                (119.657, 29.0710),
                begins="东坏",
                ends="星河桥",
                meaning="承星河路",
                length_m=1070,
            ),
            Name("酒坊前街", of="酒坊巷", action=NameAction.RENAME, meaning="示例：旧有酒坊"),
            Name(of="清昌街", action=NameAction.ADJUST, detail={"length_m": 3400}),
        ],
        (
            *_signed(75),
            Step(CaseStep.APPROVE, 62, number="金政地名〔示例〕3号"),
            Step(CaseStep.FILE, 58, number="金民地名〔示例〕3号"),
            Step(CaseStep.ANNOUNCE, 55, number="示例第3号"),
            Step(CaseStep.FILED, 50, number="浙地名备〔示例〕31号"),
            Step(
                CaseStep.CORRECT,
                45,
                number="示例第4号",
                note="示例：星月路起点“东环”误作“东坏”",
                mends={"星月路": {"begins_at": "东环"}},
            ),
        ),
    ),
    Example(
        "示例：柴行弄、箍桶巷合并为柴箍巷的批复",
        CaseKind.NAMING,
        [
            Name(
                "柴箍巷",
                ((119.6107, 29.0786), (119.6128, 29.0679)),
                absorbs=("柴行弄", "箍桶巷"),
                detail={"length_m": 1200, "width_m": 4, "begins_at": "永华路", "ends_at": "新宁路"},
                meaning="示例：柴行、箍桶两业旧址",
            )
        ],
        (
            *_signed(20),
            Step(CaseStep.APPROVE, 8, number="金政地名〔示例〕9号"),
            Step(CaseStep.FILE, 6, number="金民地名〔示例〕9号"),
            Step(CaseStep.FILING_RETURNED, 3, note="示例：材料缺专家论证报告"),
        ),
    ),
    Example(
        "示例：关于命名皇冠大道的申请",
        CaseKind.NAMING,
        [
            _street(
                "皇冠大道",
                (119.600, 29.0480),
                (119.606, 29.0480),
                begins="礼山街",
                ends="南站",
                meaning="商家提议",
                length_m=580,
            )
        ],
        (*_signed(50), Step(CaseStep.REJECT, 42, note="示例：名称不反映当地特征，不予批准")),
    ),
    Example(
        "示例：关于石榴巷销名的申请",
        CaseKind.ABOLITION,
        [Name(of="石榴巷", action=NameAction.ABOLISH)],
        [Step(CaseStep.SUBMIT, 15), Step(CaseStep.WITHDRAW, 14, note="示例：拆迁方案调整，不再销名")],
    ),
)
"""In the order that they are opened."""
