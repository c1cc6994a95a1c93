"""The report on opinions (征求意见报告; 实施办法: process, scope, views, and what was done with them), drafted from a consultation."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from geo_registry.cases.announced import AnnouncedName
from geo_registry.cases.papers.announcement import MOST_TOLD
from geo_registry.cases.papers.marks import (
    TO_CHECK,
    day_or_blank,
    example_header,
    example_notice,
    numeral,
)
from geo_registry.cases.wording import counted_in_words, day_in_words, described, quantity, sentence
from geo_registry.papers.blocks import Block, Body, Heading, Notice, Paper, Signature, Table, Title
from geo_registry.papers.document import Column
from geo_registry.papers.word import docx_of

UNDECIDED = "待处理"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody said, without who said it: who comments stays private.

    Attributes
    ----------
    about
        The name that it is about; empty where it is about all.
    by
        From which side it came: 公众, 单位, 专家, 部门.
    outcome
        What became of it, as it is read: 采纳, 部分采纳, 未采纳; empty as long as nobody dealt with it.
    answer
        Why, or what was changed.
    """

    text: str
    about: str = ""
    by: str = "公众"
    outcome: str = ""
    answer: str = ""
    proposed: str = ""
    """The name that they propose; empty where they propose none."""


@dataclass(frozen=True, slots=True)
class OpinionsDraft:
    """A report on opinions while it is drafted.

    Attributes
    ----------
    names
        What was put to the public, as it was put.
    changes
        What became another since, in words, one name each.
    office
        Who asked for opinions.
    opened_on, closed_on
        The first and the last day on which they were taken.
    ways
        How they were asked for: 公示, 座谈会, 部门征求意见.
    scope
        Whom the question was put to: the places, offices and people.
    address
        Where it was published.
    done
        What was done with the opinions as a whole; empty where the answers say it all.
    made_on
        The report's date; None for a draft.
    """

    office: str
    names: Sequence[AnnouncedName]
    opened_on: date
    closed_on: date
    opinions: Sequence[Opinion] = ()
    ways: Sequence[str] = ("公示",)
    scope: str = ""
    address: str = ""
    done: str = ""
    made_on: date | None = None
    synthetic: bool = False
    changes: Sequence[str] = ()


def opinions_report_docx(draft: OpinionsDraft) -> bytes:
    """The report as DOCX."""
    title = f"关于{counted_in_words(draft.names, 'zh')}征求意见情况的报告"
    paper = Paper(
        title=title,
        author=draft.office,
        locale="zh",
        blocks=list(_blocks(draft, title)),
        made=draft.made_on or draft.closed_on,
        header=example_header(synthetic=draft.synthetic),
    )
    return docx_of(paper)


def _blocks(draft: OpinionsDraft, title: str) -> Iterator[Block]:
    if draft.synthetic:
        yield Notice(example_notice())
    waiting = sum(not opinion.outcome or opinion.outcome == UNDECIDED for opinion in draft.opinions)
    if waiting:
        yield Notice(f"{TO_CHECK}还有{waiting}条意见未处理")
    yield Title(title)
    yield Heading(numeral(0, "征求意见的过程"))
    days = (draft.closed_on - draft.opened_on).days + 1
    when = f"{day_in_words(draft.opened_on, 'zh')}至{day_in_words(draft.closed_on, 'zh')}（{days}天）"
    ways = f"通过{'、'.join(draft.ways)}" if draft.ways else ""
    about = f"就{counted_in_words(draft.names, 'zh')}" if draft.names else ""
    yield Body(f"{when}，{draft.office}{ways}{about}征求意见。")
    if draft.address:
        yield Body(f"公布网址：{draft.address}")
    yield from _names(draft.names)
    yield Heading(numeral(1, "征求意见的范围"))
    yield Body(draft.scope or "（待补充：征求了哪些地方、单位和人员的意见）")
    yield Heading(numeral(2, "意见情况"))
    yield from _opinions(draft.opinions)
    yield Heading(numeral(3, "意见的采纳和处理"))
    yield from _dealt_with(draft)
    if draft.changes:
        yield Heading(numeral(4, "公示后变更"))
        for at, change in enumerate(draft.changes, start=1):
            yield Body(f"{at}. {change}")
    yield Signature((draft.office, day_or_blank(draft.made_on)))


def changes_since(put: Sequence[AnnouncedName], present: Sequence[AnnouncedName]) -> Sequence[str]:
    """What became another after names were put to the public: what they say now, which are gone, which came."""
    before, now = ({(each.name, each.place_class): each for each in names} for names in (put, present))
    changed = [
        f"{name.name}：公示为“{described(name, 'zh')}”，现为“{described(now[key], 'zh')}”"
        for key, name in before.items()
        if key in now and _content(name) != _content(now[key])
    ]
    gone = [f"{name.name}：公示后不再列入" for key, name in before.items() if key not in now]
    return [*changed, *gone, *(f"{name.name}：公示后增加，未经公示" for key, name in now.items() if key not in before)]


def _content(name: AnnouncedName) -> tuple[object, ...]:
    """What a notice says of a name, without how it words it."""
    said = (name.action, name.romanized, name.division, name.position, dict(name.detail), name.meaning, name.reason)
    return (*said, [(former.name, former.fate, former.part) for former in name.former])


def _names(names: Sequence[AnnouncedName]) -> Iterator[Block]:
    for at, name in enumerate(names[:MOST_TOLD], start=1):
        yield Body(f"{at}. {sentence(name, 'zh')}")
    if len(names) > MOST_TOLD:
        yield Body(f"……共{quantity(len(names), 'zh')}个，其余见公示。")


def _opinions(opinions: Sequence[Opinion]) -> Iterator[Block]:
    if not opinions:
        yield Body("期间未收到意见。")
        return
    sides = "、".join(
        f"{side}{quantity(count, 'zh')}条" for side, count in Counter(each.by for each in opinions).items()
    )
    yield Body(f"共收到意见{quantity(len(opinions), 'zh')}条，其中{sides}。")
    yield from _proposed(opinions)
    columns = (Column("序号", 12, "centre"), Column("涉及地名", 30), Column("来源", 18), Column("意见", 96))
    yield Table(
        columns,
        [(str(at), each.about or "全部", each.by, each.text) for at, each in enumerate(opinions, start=1)],
    )


def _proposed(opinions: Sequence[Opinion]) -> Iterator[Block]:
    """The names that were proposed, how often each, what was proposed most first."""
    proposed = Counter(each.proposed for each in opinions if each.proposed)
    if not proposed:
        return
    yield Body(f"其中{quantity(proposed.total(), 'zh')}条提出了建议名称，共{quantity(len(proposed), 'zh')}个：")
    columns = (Column("序号", 12, "centre"), Column("建议名称", 84), Column("提出次数", 30, "centre"))
    yield Table(
        columns, [(str(at), name, str(count)) for at, (name, count) in enumerate(proposed.most_common(), start=1)]
    )


def _dealt_with(draft: OpinionsDraft) -> Iterator[Block]:
    if draft.done:
        yield Body(draft.done)
    if not draft.opinions:
        if not draft.done:
            yield Body("没有需要处理的意见。")
        return
    outcomes = Counter(each.outcome or UNDECIDED for each in draft.opinions)
    yield Body("；".join(f"{outcome}{quantity(count, 'zh')}条" for outcome, count in outcomes.items()) + "。")
    columns = (Column("序号", 12, "centre"), Column("处理", 24), Column("说明", 120))
    yield Table(
        columns,
        [(str(at), each.outcome or UNDECIDED, each.answer) for at, each in enumerate(draft.opinions, start=1)],
    )
