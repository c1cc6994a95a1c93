"""Who may do what, and whose: one table that every verb asks. Values in, values out.

What isn't in the table is allowed to nobody; a test finds a verb whose function doesn't ask.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from geo_registry.accounts.actors import WHOLE_REGISTRY, Actor, Grant, Known
from geo_registry.errors import (
    Forbidden,
    GrantNotInForce,
    NotYourDivision,
    NotYourKind,
    NotYourRole,
    PasswordMustChange,
    ScopeLacking,
    SignInNeeded,
    Unauthenticated,
)
from geo_registry.vocabulary import FacilityKind, Role, TokenScope, Way, Word


class Verb(Word):
    """What can be done, as ``room.function`` of the service that does it."""

    IMPORT_FILE = "exchange.import_file", "导入区划、设施等任何文件", "import any file, of divisions or facilities too"
    IMPORT_PLANNING_DATA = "exchange.import_planning_data", "导入人口或道路", "import population or roads"
    LOAD_DEMO = "demo.load", "装入示例数据", "load the demonstration"
    CLEAR_DEMO = "demo.clear", "清除示例数据", "clear the demonstration"
    BUILD_NETWORK = "network.build_network", "编译路网", "compile the road network"
    ORDER_RUN = "coverage.order_run", "运行覆盖分析", "order a coverage run"
    CANCEL_RUN = "coverage.cancel_run", "取消覆盖分析", "cancel a coverage run"
    TRY_EDITS = "coverage.try_edits", "试算方案", "try a scenario"
    LIST_ACCOUNTS = "accounts.list_accounts", "查看账号", "list accounts"
    ADD_ACCOUNT = "accounts.add_account", "建立账号", "add an account"
    DISABLE_ACCOUNT = "accounts.disable_account", "停用账号", "disable an account"
    ENABLE_ACCOUNT = "accounts.enable_account", "恢复账号", "enable an account"
    SET_PASSWORD = "accounts.set_password", "重设他人密码", "set somebody's password"
    CHANGE_PASSWORD = "accounts.change_password", "修改本人密码", "change one's own password"
    GRANT_ROLE = "accounts.grant_role", "授权", "grant a role"
    END_GRANT = "accounts.end_grant", "收回授权", "end a grant"
    LIST_TEAMS = "accounts.list_teams", "查看团队", "list teams"
    KEEP_TEAM = "accounts.keep_team", "维护团队", "keep a team"
    LIST_TOKENS = "accounts.list_tokens", "查看令牌", "list tokens"
    ISSUE_TOKEN = "accounts.issue_token", "签发令牌", "issue a token"
    REVOKE_TOKEN = "accounts.revoke_token", "撤销令牌", "revoke a token"
    LIST_JOBS = "jobs.list_jobs", "查看任务", "list jobs"
    CANCEL_JOB = "jobs.cancel_job", "取消任务", "cancel a job"
    RETRY_JOB = "jobs.retry_job", "重试任务", "try a job again"
    READ_AUDIT = "accounts.read_audit", "查看审计", "read the audit"
    LIST_CONTACTS = "facilities.list_contacts", "查看联系人", "see whom to call"
    SEE_CONTACT = "facilities.see_contact", "查看联系人电话", "see a contact's number"
    SET_CONTACT = "facilities.set_contact", "登记联系人", "set a contact"
    ERASE_CONTACT = "facilities.erase_contact", "清除联系人", "erase a contact"
    REGISTER_FACILITY = "facilities.register_facility", "登记设施", "register a facility"
    CHANGE_FACILITY = "facilities.change_facility", "修改设施", "change a facility"
    RESTORE_FACILITY = "facilities.restore_facility", "恢复设施的旧版本", "restore a facility's older revision"
    SEE_AUTHORS = "facilities.list_revisions_with_authors", "查看设施的修改人", "see who changed a facility"
    SEE_DIVISION_AUTHORS = "divisions.list_revisions_with_authors", "查看区划的修改人", "see who changed a division"
    RECORD_SUCCESSION = "divisions.record_succession", "登记区划沿革", "record what became of a division"
    WITHDRAW_SUCCESSION = "divisions.withdraw_succession", "撤回区划沿革", "withdraw what was recorded of a division"
    REGISTER_PLACE = "places.register_place", "登记既有地名", "register a place that exists"
    ADD_PLACE_NAME = "places.add_name", "登记地名的其他名称", "add a name to a place"
    CORRECT_PLACE = "places.correct_place", "更正地名信息", "correct what is told of a place"
    RELATE_PLACES = "places.relate_places", "登记地名间的关系", "say what a place is to another"
    ENACT_NAME = "places.take_effect", "使标准名称生效", "have a name take effect"
    CHECK_NAME = "places.check_name", "检查拟用名称", "check a name"
    REVIEW_NAMES = "places.order_review", "检查全部地名", "have all names checked"
    LIST_FINDINGS = "places.list_findings", "查看审查意见", "see what the checks found"
    CLEAR_FINDING = "places.clear_finding", "排除审查意见", "clear a finding"
    SEE_PLACE_AUTHORS = "places.list_revisions_with_authors", "查看地名的修改人", "see who changed a place"
    REGISTER_AREA = "built_up.register_area", "登记建成区", "register a built-up area"
    CHANGE_AREA = "built_up.change_area", "修改建成区", "change a built-up area"
    END_AREA = "built_up.end_area", "撤销建成区", "end a built-up area"
    RESTORE_AREA = "built_up.restore_area", "恢复建成区的旧版本", "restore a built-up area's older revision"
    SEE_AREA_AUTHORS = "built_up.list_revisions_with_authors", "查看建成区的修改人", "see who changed a built-up area"
    LIST_CASES = "cases.list_cases", "查看事项", "see cases"
    OPEN_CASE = "cases.open_case", "新建事项", "open a case"
    TAKE_OVER_CASE = "cases.take_over", "接收既往事项", "take over what was decided on before"
    CHANGE_CASE = "cases.change_case", "修改事项", "change a case"
    ATTACH_DOCUMENT = "cases.attach", "添加事项材料", "add a document to a case"
    SUBMIT_CASE = "cases.submit", "提交事项", "submit a case"
    HANDLE_CASE = "cases.handle", "承办事项", "handle a case"
    CLEAR_CASE_FINDING = "cases.clear_finding", "排除事项中的审查意见", "clear a finding in a case"
    SIGN_CASE = "cases.sign", "审核、签发事项", "review and sign a case"
    DECIDE_CASE = "cases.decide", "登记事项的批准", "enter the decision on a case"
    FOLLOW_UP_CASE = "cases.follow_up", "办理备案和公告", "file and announce"
    COMMENT = "cases.comment", "对公示提出意见", "comment on a consultation"
    LIST_COMMENTS = "cases.list_comments", "查看公众意见", "see what the public said"
    ANSWER_COMMENT = "cases.answer_comment", "答复公众意见", "answer what somebody said"
    PROPOSE_HERITAGE = "heritage.propose_heritage", "申报地名文化遗产", "propose a name for a protection list"
    CHANGE_HERITAGE = "heritage.change_heritage", "更正地名文化遗产信息", "correct what is told of a heritage name"
    ENLIST_HERITAGE = "heritage.enlist_heritage", "列入地名保护名录", "put a name on a protection list"
    DELIST_HERITAGE = "heritage.delist_heritage", "移出地名保护名录", "take a name off a protection list"
    ADD_HERITAGE_EVIDENCE = "heritage.add_evidence", "登记地名文化遗产的依据", "add evidence of a heritage name"
    ADD_HERITAGE_STORY = "heritage.add_story", "登记地名故事", "add a story of a heritage name"
    ADD_HERITAGE_PICTURE = "heritage.add_picture", "登记地名文化遗产的图片", "add a picture of a heritage name"
    ADD_HERITAGE_MEASURE = "heritage.add_measure", "登记保护措施", "record a protective measure"
    WITHDRAW_HERITAGE_PART = (
        "heritage.withdraw_part",
        "撤回地名文化遗产的依据、故事、图片或措施",
        "withdraw something that was told of a heritage name",
    )
    LIST_PROPOSED = "heritage.list_proposed", "查看拟列入的地名文化遗产", "see what is proposed for protection lists"
    SEE_HERITAGE_AUTHORS = (
        "heritage.list_revisions_with_authors",
        "查看地名文化遗产的修改人",
        "see who changed a heritage name",
    )
    FIND_LANES = "unnamed.order_finding", "查找无名道路", "have roads without a name found"
    LIST_LANES = "unnamed.list_lanes", "查看无名道路", "see roads without a name"
    ADD_LANES = "unnamed.add_lanes", "补录无名道路", "add roads without a name"
    DECIDE_LANES = "unnamed.decide_lane", "为无名道路拟名或不命名", "propose names for roads, or drop them"
    ADD_WISH = "unnamed.add_wish", "登记命名意愿", "enter a wish for a name"
    RESTORE_DIVISION = "divisions.restore_division", "恢复区划的旧版本", "restore a division's older revision"
    SEE_RUN_AUTHORS = (
        "coverage.list_revisions_with_authors",
        "查看覆盖分析的经手人",
        "see who dealt with a coverage run",
    )


class Whose(Word):
    """Whose divisions an allowance is for."""

    OWN = "own", "本辖区", "its own divisions"
    ANY = "any", "不限辖区", "any division"


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table.

    Attributes
    ----------
    roles
        Who may, and whose.
    scope
        What a token must be for; None where no token will do.
    changes
        Whether it changes records that others read.
    by_kind
        Whether a grant for some kinds holds for these only; else kinds don't matter.
    oneself
        Whether everyone who has an account may, as far as it concerns that account alone.
    """

    roles: Mapping[Role, Whose]
    scope: TokenScope | None
    changes: bool = True
    by_kind: bool = False
    oneself: bool = False


def _own(*roles: Role) -> Mapping[Role, Whose]:
    return MappingProxyType(dict.fromkeys(roles, Whose.OWN))


def _any(*roles: Role) -> Mapping[Role, Whose]:
    return MappingProxyType(dict.fromkeys(roles, Whose.ANY))


_IN_THE_OFFICE = (
    Role.VIEWER,
    Role.TOWNSHIP,
    Role.STEWARD,
    Role.SUPERVISOR,
    Role.REGISTRAR,
    Role.SIGNER,
    Role.PLANNER,
    Role.ADMIN,
)

LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""The end of what isn't allowed."""

_KEEP_FACILITIES = (Role.TOWNSHIP, Role.STEWARD, Role.REGISTRAR, Role.ADMIN)

TABLE: Mapping[Verb, Rule] = MappingProxyType(
    {
        # A file may hold rows of anywhere and of any kind: who imports must be granted all of it.
        Verb.IMPORT_FILE: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT, by_kind=True),
        # People and roads are what planning counts with; they have no kinds.
        Verb.IMPORT_PLANNING_DATA: Rule(_own(Role.REGISTRAR, Role.PLANNER, Role.ADMIN), TokenScope.EDIT),
        Verb.LOAD_DEMO: Rule(_own(Role.ADMIN), TokenScope.ADMIN),
        Verb.CLEAR_DEMO: Rule(_own(Role.ADMIN), TokenScope.ADMIN),
        Verb.BUILD_NETWORK: Rule(_any(Role.PLANNER, Role.ADMIN), TokenScope.PLAN, changes=False),
        Verb.ORDER_RUN: Rule(_own(Role.PLANNER, Role.ADMIN), TokenScope.PLAN),
        Verb.CANCEL_RUN: Rule(_own(Role.PLANNER, Role.ADMIN), TokenScope.PLAN),
        Verb.TRY_EDITS: Rule(_any(*_IN_THE_OFFICE), TokenScope.PLAN, changes=False),
        # An account is where it is granted something: nobody has power over one that reaches farther than their own, in
        # divisions or, whose grant is for some kinds alone, in kinds. And a token that could make accounts, passwords,
        # grants or tokens would outlive its own end.
        Verb.LIST_ACCOUNTS: Rule(_any(Role.ADMIN), TokenScope.ADMIN, changes=False),
        Verb.ADD_ACCOUNT: Rule(_any(Role.ADMIN), None),
        Verb.DISABLE_ACCOUNT: Rule(_own(Role.ADMIN), TokenScope.ADMIN, by_kind=True),
        Verb.ENABLE_ACCOUNT: Rule(_own(Role.ADMIN), None, by_kind=True),
        Verb.GRANT_ROLE: Rule(_own(Role.ADMIN), None, by_kind=True),
        Verb.END_GRANT: Rule(_own(Role.ADMIN), TokenScope.ADMIN, by_kind=True),
        Verb.LIST_TEAMS: Rule(_any(Role.ADMIN), TokenScope.ADMIN, changes=False),
        Verb.KEEP_TEAM: Rule(_own(Role.ADMIN), None, by_kind=True),
        Verb.SET_PASSWORD: Rule(_own(Role.ADMIN), None, by_kind=True),
        Verb.CHANGE_PASSWORD: Rule(_own(), None, oneself=True),
        Verb.LIST_TOKENS: Rule(_own(Role.ADMIN), TokenScope.ADMIN, changes=False, oneself=True),
        Verb.ISSUE_TOKEN: Rule(_own(Role.ADMIN), None, by_kind=True, oneself=True),
        Verb.REVOKE_TOKEN: Rule(_own(Role.ADMIN), TokenScope.ADMIN, by_kind=True, oneself=True),
        # The queue is the whole registry's, and no record: what a job does to records, its room does.
        Verb.LIST_JOBS: Rule(_any(Role.ADMIN), TokenScope.ADMIN, changes=False),
        Verb.CANCEL_JOB: Rule(_own(Role.ADMIN), TokenScope.ADMIN, changes=False),
        Verb.RETRY_JOB: Rule(_own(Role.ADMIN), TokenScope.ADMIN, changes=False),
        Verb.READ_AUDIT: Rule(_own(Role.ADMIN), TokenScope.ADMIN, changes=False),
        # Personal data: the office sees that there is somebody; the number whole, who has to call there.
        Verb.LIST_CONTACTS: Rule(_any(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
        Verb.SEE_CONTACT: Rule(_own(*_KEEP_FACILITIES), TokenScope.READ, changes=False, by_kind=True),
        Verb.SET_CONTACT: Rule(_own(*_KEEP_FACILITIES), TokenScope.EDIT, by_kind=True),
        Verb.ERASE_CONTACT: Rule(_own(*_KEEP_FACILITIES), TokenScope.EDIT, by_kind=True),
        Verb.REGISTER_FACILITY: Rule(
            _own(Role.TOWNSHIP, Role.STEWARD, Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT, by_kind=True
        ),
        Verb.CHANGE_FACILITY: Rule(
            _own(Role.TOWNSHIP, Role.STEWARD, Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT, by_kind=True
        ),
        # Who fills in doesn't undo what others decided.
        Verb.RESTORE_FACILITY: Rule(_own(Role.STEWARD, Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT, by_kind=True),
        Verb.SEE_AUTHORS: Rule(_own(*_IN_THE_OFFICE), TokenScope.READ, changes=False, by_kind=True),
        Verb.SEE_DIVISION_AUTHORS: Rule(_own(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
        # Both ends have to be one's own: what crosses a border is for whoever is granted both sides.
        Verb.RECORD_SUCCESSION: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.WITHDRAW_SUCCESSION: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        # Standard names come of decisions; what else is told of a place, who keeps place names tells.
        Verb.REGISTER_PLACE: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.ADD_PLACE_NAME: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.CORRECT_PLACE: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.RELATE_PLACES: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.ENACT_NAME: Rule(_own(Role.SIGNER), TokenScope.EDIT),
        # Whoever in the office proposes names looks whether they may be; what all names are like is no county's secret.
        Verb.CHECK_NAME: Rule(_any(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
        Verb.LIST_FINDINGS: Rule(_any(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
        Verb.REVIEW_NAMES: Rule(_any(Role.REGISTRAR, Role.SIGNER, Role.ADMIN), TokenScope.EDIT, changes=False),
        # That a name stands in spite of a rule is a decision on names.
        Verb.CLEAR_FINDING: Rule(_own(Role.REGISTRAR, Role.SIGNER), TokenScope.EDIT),
        Verb.SEE_PLACE_AUTHORS: Rule(_own(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
        # Within what names are told apart, who keeps place names says.
        Verb.REGISTER_AREA: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.CHANGE_AREA: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.END_AREA: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.RESTORE_AREA: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.SEE_AREA_AUTHORS: Rule(_own(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
        # A case is its division's: whoever works in an office there sees it; the township applies, the registrar handles,
        # the signer signs and enters the approval, by which names take effect.
        Verb.LIST_CASES: Rule(_any(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
        Verb.OPEN_CASE: Rule(_own(Role.TOWNSHIP, Role.REGISTRAR), TokenScope.EDIT),
        Verb.TAKE_OVER_CASE: Rule(_own(Role.REGISTRAR), TokenScope.EDIT),
        Verb.CHANGE_CASE: Rule(_own(Role.TOWNSHIP, Role.REGISTRAR), TokenScope.EDIT),
        Verb.ATTACH_DOCUMENT: Rule(_own(Role.TOWNSHIP, Role.REGISTRAR, Role.SIGNER), TokenScope.EDIT),
        Verb.SUBMIT_CASE: Rule(_own(Role.TOWNSHIP, Role.REGISTRAR), TokenScope.EDIT),
        Verb.HANDLE_CASE: Rule(_own(Role.REGISTRAR), TokenScope.EDIT),
        Verb.CLEAR_CASE_FINDING: Rule(_own(Role.REGISTRAR, Role.SIGNER), TokenScope.EDIT),
        Verb.SIGN_CASE: Rule(_own(Role.SIGNER), TokenScope.EDIT),
        Verb.DECIDE_CASE: Rule(_own(Role.SIGNER), TokenScope.EDIT),
        Verb.FOLLOW_UP_CASE: Rule(_own(Role.REGISTRAR), TokenScope.EDIT),
        # Anybody may say something where the public is asked; what people said, and who they are, the office alone reads.
        Verb.COMMENT: Rule(_any(Role.PUBLIC), TokenScope.EDIT, changes=False),
        Verb.LIST_COMMENTS: Rule(_own(Role.REGISTRAR, Role.SIGNER), TokenScope.READ, changes=False),
        Verb.ANSWER_COMMENT: Rule(_own(Role.REGISTRAR), TokenScope.EDIT),
        # Who keeps place names collects what is told of them; what stands on a list is decided and signed.
        Verb.PROPOSE_HERITAGE: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.CHANGE_HERITAGE: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.ENLIST_HERITAGE: Rule(_own(Role.SIGNER), TokenScope.EDIT),
        Verb.DELIST_HERITAGE: Rule(_own(Role.SIGNER), TokenScope.EDIT),
        Verb.ADD_HERITAGE_EVIDENCE: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.ADD_HERITAGE_STORY: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.ADD_HERITAGE_PICTURE: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.ADD_HERITAGE_MEASURE: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.WITHDRAW_HERITAGE_PART: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.LIST_PROPOSED: Rule(_any(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
        Verb.SEE_HERITAGE_AUTHORS: Rule(_own(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
        # A township knows its lanes and what people call them; that a name takes effect is decided by a case.
        Verb.FIND_LANES: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.LIST_LANES: Rule(_any(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
        Verb.ADD_LANES: Rule(_own(Role.TOWNSHIP, Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.DECIDE_LANES: Rule(_own(Role.TOWNSHIP, Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        Verb.ADD_WISH: Rule(_own(Role.TOWNSHIP, Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT),
        # A division holds facilities of every kind: who is granted some of them alone doesn't move its border.
        Verb.RESTORE_DIVISION: Rule(_own(Role.REGISTRAR, Role.ADMIN), TokenScope.EDIT, by_kind=True),
        Verb.SEE_RUN_AUTHORS: Rule(_own(*_IN_THE_OFFICE), TokenScope.READ, changes=False),
    }
)


def require(
    actor: Actor,
    verb: Verb,
    *,
    division: str | None = None,
    kind: FacilityKind | None = None,
    account: str | None = None,
) -> None:
    """Raise unless `actor` may do `verb` there.

    Parameters
    ----------
    division
        The division that it concerns, by its code or first digits; None for the whole registry.
    kind
        The kind of facility that it concerns; None for every kind, or where kinds don't matter.
    account
        The login name of the account that alone it concerns; None where it isn't about one.

    Raises
    ------
    SignInNeeded
        Nobody is signed in, and it isn't for everyone.
    Forbidden
        The actor may not; the error says why, and which grant would do.
    """
    refused = refusal(actor, verb, division=division, kind=kind, account=account)
    if refused is not None:
        raise refused


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads by one verb: in the divisions of the grants that allow it, and of no others (`db.session.read_as`)."""

    name: str
    scope: Sequence[str]
    address: str
    way: Way | None
    scopes: Collection[str] | None


def reader(actor: Actor, verb: Verb) -> Reader:
    """The actor, as far as `verb` is granted."""
    if actor.known is Known.AT_THE_MACHINE:
        return Reader(actor.name, actor.scope, actor.address, actor.way, actor.scopes)
    roles = TABLE[verb].roles
    scope = sorted({grant.division for grant in actor.in_force if grant.role in roles}) if not actor.must_change else []
    return Reader(actor.name, scope, actor.address, actor.way, actor.scopes)


def latest_end(
    actor: Actor, verb: Verb, *, division: str | None, kinds: Iterable[FacilityKind] | None = None
) -> datetime | None:
    """Until when the actor's grants of now allow `verb` there, for all of the kinds; None without an end.

    Long ago, where they don't allow it.

    Parameters
    ----------
    kinds
        The kinds of facility that it is for; None for every kind, or where kinds don't matter.
    """
    if actor.known is Known.AT_THE_MACHINE:
        return None
    rule = TABLE[verb]
    by_kind = [
        [grant.valid_until for grant in actor.in_force if _allows(grant, rule, division, kind)]
        for kind in kinds or (None,)
    ]
    ends = [max((end for end in each if end is not None), default=LONG_AGO) for each in by_kind if None not in each]
    return min(ends, default=None)


def _allows(grant: Grant, rule: Rule, division: str | None, kind: FacilityKind | None) -> bool:
    """Whether a grant that is in force is all that a rule asks for."""
    return (
        grant.role in rule.roles
        and (rule.roles[grant.role] is Whose.ANY or grant.covers(division))
        and (not rule.by_kind or grant.is_for(kind))
    )


def may_somewhere(actor: Actor, verb: Verb, *, oneself: bool = False) -> bool:
    """Whether `actor` may do `verb` in some division, for some kind: what navigation asks.

    With `oneself` also where it is their own account alone that they may do it to.
    """
    if refusal(actor, verb, account=actor.name if oneself else None) is None:
        return True
    return any(
        refusal(actor, verb, division=grant.division or None, kind=kind) is None
        for grant in actor.in_force
        for kind in grant.kinds or (None,)
    )


def somewhere(actor: Actor, verb: Verb) -> str | None:
    """A division in which `actor` may do `verb`, for a list that shows what lies in theirs; None for the whole registry.

    Where there is none either: whoever asks for the whole is refused then, and told what for.
    """
    if refusal(actor, verb) is None:
        return None
    allowed = (grant.division or None for grant in actor.in_force)
    return next((each for each in allowed if refusal(actor, verb, division=each) is None), None)


def refusal(
    actor: Actor,
    verb: Verb,
    *,
    division: str | None = None,
    kind: FacilityKind | None = None,
    account: str | None = None,
) -> Forbidden | Unauthenticated | None:
    """Why `actor` may not do `verb` there; None where they may. See `require`."""
    rule = TABLE[verb]
    if actor.known is Known.AT_THE_MACHINE or Role.PUBLIC in rule.roles:
        return None
    needed = _needed(rule, division, kind)
    said = {"verb_zh": verb.zh, "verb_en": verb.en}
    if actor.known is Known.NOT:
        return SignInNeeded(**said, **needed)
    if actor.must_change and verb is not Verb.CHANGE_PASSWORD:
        return PasswordMustChange(**said)
    if actor.scopes is not None and rule.scope not in actor.scopes:
        return ScopeLacking(**said, **_scope(rule.scope))
    if rule.oneself and actor.account is not None and account == actor.name:
        return None
    return _grants_refuse(actor, rule, division, kind, {**said, **needed})


def _grants_refuse(
    actor: Actor, rule: Rule, division: str | None, kind: FacilityKind | None, said: Mapping[str, str]
) -> Forbidden | None:
    """What keeps every grant from allowing it: the last of the conditions that any of them comes to."""
    of_role = [grant for grant in actor.grants if grant.role in rule.roles]
    if not of_role:
        return NotYourRole(**said)
    in_force = [grant for grant in of_role if grant in actor.in_force]
    if not in_force:
        return GrantNotInForce(**said)
    there = [grant for grant in in_force if rule.roles[grant.role] is Whose.ANY or grant.covers(division)]
    if not there:
        return NotYourDivision(**said, **_divisions(in_force))
    if rule.by_kind and not any(grant.is_for(kind) for grant in there):
        return NotYourKind(**said, **_kinds(there))
    return None


def _needed(rule: Rule, division: str | None, kind: FacilityKind | None) -> Mapping[str, str]:
    """The grant that would do, as `needed_zh` and `needed_en`."""
    if not rule.roles:
        return {"needed_zh": "只限本人", "needed_en": "none, but one's own account"}
    zh = "或".join(role.zh for role in rule.roles)
    en = " or ".join(role.en for role in rule.roles)
    if Whose.OWN in rule.roles.values():
        zh += f"，{division or '全部区划'}"
        en += f", for {division or 'the whole registry'}"
    if rule.by_kind:
        zh += f"，{kind.zh if kind else '全部类别'}"
        en += f", {kind.en if kind else 'all kinds'}"
    return {"needed_zh": zh, "needed_en": en}


def _scope(scope: TokenScope | None) -> Mapping[str, str]:
    if scope is None:
        return {"scope_zh": "不能用令牌，须登录", "scope_en": "no token will do: sign in"}
    return {"scope_zh": f"{scope.zh}（{scope.value}）", "scope_en": scope.value}


def _divisions(grants: Iterable[Grant]) -> Mapping[str, str]:
    codes = sorted({grant.division for grant in grants} - {WHOLE_REGISTRY})
    return {"yours_zh": "、".join(codes), "yours_en": ", ".join(codes)}


def _kinds(grants: Iterable[Grant]) -> Mapping[str, str]:
    kinds = [kind for kind in FacilityKind if any(kind in (grant.kinds or ()) for grant in grants)]
    return {"yours_zh": "、".join(kind.zh for kind in kinds), "yours_en": ", ".join(kind.en for kind in kinds)}
