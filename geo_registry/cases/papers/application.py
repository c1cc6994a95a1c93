"""The application for a naming or a renaming (地名管理条例 art. 11): plan and reasons, position, size, nature, and the reports."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from geo_registry.cases.announced import AnnouncedName
from geo_registry.cases.papers.marks import day_or_blank, example_header, example_notice, numeral
from geo_registry.cases.wording import (
    class_of,
    counted_in_words,
    extent_in_words,
    former_in_words,
    laws_in_words,
)
from geo_registry.papers.blocks import Addressee, Block, Body, Heading, Notice, Paper, Signature, Table, Title
from geo_registry.papers.document import Column
from geo_registry.papers.word import docx_of
from geo_registry.places.rules.findings import LAW, Basis

ARTICLE = Basis(LAW, 11)


@dataclass(frozen=True, slots=True)
class ApplicationDraft:
    """An application while it is drafted.

    Attributes
    ----------
    applicant, addressee
        Who applies, and to whom.
    plan
        What is applied for, in words, beside the names; empty where the names say it all.
    reasons
        Why, for all of the names; each may have a reason of its own.
    reports
        What is handed in with it: 综合评估报告, 专家论证报告, 征求意见报告, 平面图.
    contact
        Whom to ask, and how.
    applied_on
        Its date; None for a draft.
    """

    applicant: str
    addressee: str
    names: Sequence[AnnouncedName]
    plan: str = ""
    reasons: str = ""
    reports: Sequence[str] = ()
    contact: str = ""
    applied_on: date | None = None
    synthetic: bool = False


def application_docx(draft: ApplicationDraft) -> bytes:
    """The application as DOCX."""
    title = f"{draft.applicant}关于{counted_in_words(draft.names, 'zh')}的申请"
    paper = Paper(
        title=title,
        author=draft.applicant,
        locale="zh",
        blocks=list(_blocks(draft, title)),
        made=draft.applied_on,
        header=example_header(synthetic=draft.synthetic),
    )
    return docx_of(paper)


def _blocks(draft: ApplicationDraft, title: str) -> Iterator[Block]:
    if draft.synthetic:
        yield Notice(example_notice())
    yield Title(title)
    yield Addressee(f"{draft.addressee}：")
    law = laws_in_words([ARTICLE], "zh")
    yield Body(f"根据{law}有关规定，现申请{counted_in_words(draft.names, 'zh')}，有关情况如下：")
    yield Heading(numeral(0, "方案"))
    if draft.plan:
        yield Body(draft.plan)
    yield Table(
        (
            Column("序号", 12, "centre"),
            Column("拟用名称", 34),
            Column("罗马字母拼写", 46),
            Column("事项", 24),
            Column("原名及去向", 40),
        ),
        [
            (
                str(at),
                name.name,
                name.romanized,
                name.action.zh,
                "；".join(former_in_words(former, "zh") for former in name.former),
            )
            for at, name in enumerate(draft.names, start=1)
        ],
    )
    yield Heading(numeral(1, "理由"))
    yield from _reasons(draft)
    yield Heading(numeral(2, "位置、规模、性质"))
    yield Table(
        (
            Column("序号", 12, "centre"),
            Column("名称", 30),
            Column("性质", 26),
            Column("所在行政区划", 30),
            Column("位置和规模", 58),
        ),
        [
            (str(at), name.name, class_of(name, "zh"), name.division, extent_in_words(name, "zh"))
            for at, name in enumerate(draft.names, start=1)
        ],
    )
    yield Heading(numeral(3, "随附材料"))
    for at, report in enumerate(draft.reports, start=1):
        yield Body(f"{at}. {report}")
    if not draft.reports:
        yield Body("（待补充：综合评估、专家论证、征求意见等报告）")
    yield Body("妥否，请批示。")
    if draft.contact:
        yield Body(f"（联系人：{draft.contact}）")
    yield Signature((draft.applicant, day_or_blank(draft.applied_on)))


def _reasons(draft: ApplicationDraft) -> Iterator[Block]:
    own = [(name, "；".join(part for part in (name.meaning, name.reason) if part)) for name in draft.names]
    if draft.reasons:
        yield Body(draft.reasons)
    for name, text in own:
        if text:
            yield Body(f"{name.name}：{text}")
    if not draft.reasons and not any(text for _, text in own):
        yield Body("（待补充）")
