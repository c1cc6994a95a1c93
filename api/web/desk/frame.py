"""What the pages of the office share: how a form is read, what its fields are called, and what cannot be shown at one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from fastapi import UploadFile
from pydantic import BaseModel, ValidationError

from api.web.admin.frame import as_id
from api.web.translation import catalogue
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service
from geo_registry.cases.papers_kept import MOST_BYTES
from geo_registry.cases.queries import division_of
from geo_registry.cases.service import CaseTold
from geo_registry.db.session import WriteSession
from geo_registry.errors import (
    CaseDocumentUnknown,
    CaseLineUnknown,
    CaseUnknown,
    CaseUnsound,
    Forbidden,
    Unauthenticated,
)
from geo_registry.places.details import BY_KEY
from geo_registry.validation import Finding, finding, told
from geo_registry.vocabulary import CaseState

DESK = "/desk"
NOT_AT_A_FORM = (Forbidden, Unauthenticated, CaseUnknown, CaseLineUnknown, CaseDocumentUnknown)
"""What is said on a page of its own: there is no form to show it at."""

Model = TypeVar("Model", bound=BaseModel)


def case_id(text: str) -> UUID:
    """The id in a case's address.

    Raises
    ------
    CaseUnknown
        It is none.
    """
    return as_id(text, CaseUnknown(case=text))


def line_id(text: str) -> UUID:
    """The id of a name of a case, in an address.

    Raises
    ------
    CaseLineUnknown
        It is none.
    """
    return as_id(text, CaseLineUnknown(line=text))


def told_to_change(session: WriteSession, case: UUID, verb: Verb, actor: Actor) -> CaseTold:
    """A case for whoever changes it by `verb`; who may not is told so before anything of it.

    Raises
    ------
    Forbidden, Unauthenticated, CaseUnknown
        The actor may not, in its division; or there is none.
    """
    policy.require(actor, verb, division=division_of(session, case))
    return service.tell_case(session, case, actor=actor)


def read_form(model: type[Model], **values: object) -> Model:
    """What somebody typed into a form, as `model` has it.

    Raises
    ------
    CaseUnsound
        It isn't what the model's fields hold; its details have each of the fields, for the page to lead to.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise unsound([finding(each) for each in error.errors()]) from None


def unsound(found: Sequence[Finding]) -> CaseUnsound:
    """The refusal that tells what is wrong with some fields."""
    return CaseUnsound(**told(found), each=[(each.field.split(".")[-1], each.zh, each.en) for each in found])


def wrong(field: str, zh: str, en: str) -> CaseUnsound:
    """The refusal that tells what is wrong with one field."""
    return unsound([Finding(field=field, code="form", zh=zh, en=en)])


def given(values: Mapping[str, str]) -> dict[str, str]:
    """What was typed into a form's fields; what was left empty isn't said."""
    plain = {name: text.replace("\r\n", "\n").strip() for name, text in values.items()}
    return {name: text for name, text in plain.items() if text}


def sent_table(file: UploadFile | None) -> tuple[bytes, str]:
    """What a table that was sent in holds, and what it is called.

    Raises
    ------
    CaseUnsound
        None was chosen.
    """
    if file is None or not file.filename:
        raise wrong("file", "请选择文件", "choose a file")
    # One byte more than is taken, so that what is too large is known to be.
    content = file.file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise wrong("file", f"文件不得超过 {MOST_BYTES >> 20} MB", f"a file has at most {MOST_BYTES >> 20} MB")
    return content, file.filename


def labels(locale: str) -> Mapping[str, str]:
    """How the fields of the office's forms are called."""
    _ = catalogue(locale).gettext
    details = {key: field.zh if locale.startswith("zh") else field.en for key, field in BY_KEY.items()}
    return details | {
        "kind": _("种类"),
        "title": _("标题"),
        "division": _("所在区划"),
        "applicant": _("申请单位"),
        "plan": _("命名、更名方案"),
        "reasons": _("理由和依据"),
        "approver": _("由谁批准"),
        "approving_body": _("批准机关"),
        "name": _("名称"),
        "class": _("地名类别"),
        "place_class": _("地名类别"),
        "action": _("办理内容"),
        "romanized": _("审定的拼写"),
        "meaning": _("含义"),
        "origin": _("来历"),
        "geometry": _("位置和范围"),
        "aliases": _("又名"),
        "absorbs": _("并入的地名"),
        "splits": _("析出自的地名"),
        "on": _("文件日期"),
        "until": _("截止日期"),
        "number": _("文号"),
        "note": _("说明"),
        "office": _("发布单位"),
        "channels": _("发布渠道"),
        "body": _("正文"),
        "codes": _("地名代码"),
        "why": _("理由"),
        "reason": _("理由"),
        "lines": _("名称"),
        "file": _("文件"),
        "crs": _("坐标系"),
        "said": _("意见"),
        "proposed_name": _("建议名称"),
        "person": _("姓名"),
        "reach": _("联系方式"),
        "outcome": _("处理结果"),
        "answer": _("答复"),
        "approved_on": _("批准日期"),
        "approval_number": _("批准文号"),
        "filed_on": _("备案日期"),
        "filing_number": _("备案文号"),
        "announced_on": _("公告日期"),
        "former": _("原名"),
        "names": _("名称"),
    }


def systems(locale: str) -> Sequence[tuple[str, str]]:
    """The coordinate systems that a table's positions may be in, as a choice."""
    _ = catalogue(locale).gettext
    return (
        ("auto", _("自动识别（不能识别的按 CGCS2000）")),
        ("epsg:4490", "CGCS2000"),
        ("epsg:4326", "WGS 84"),
        ("gcj02", "GCJ-02"),
        ("bd09", "BD-09"),
    )


def why_typed(why: str, state: CaseState) -> str:
    """The reason of a change as it was typed: whoever writes a draft needs none, and it is said that it was one."""
    return why.strip() or ("草稿修改" if state is CaseState.DRAFT else "")


def days_left(last: date | None, today: date) -> int | None:
    """How many days there are until the last one; below 0 it is over."""
    return (last - today).days if last is not None else None
