"""`geo-registry cases …`: the registrar's office from the command line, step by step."""

from pathlib import Path
from typing import Annotated

import typer

from geo_registry.cli import case_contents, case_papers, console, office
from geo_registry.cli.console import AsJson
from geo_registry.cli.office import Division, DocumentNumber, Note, Number, On
from geo_registry.vocabulary import (
    Approver,
    CaseKind,
    CaseState,
    CaseStep,
    ConsultationKind,
    DivisionLevel,
    FindingCode,
    NameAction,
    Severity,
)

app = typer.Typer(help="地名事项：申请、承办、批准 · cases: applied for, handled, approved", no_args_is_help=True)


@app.callback()
def cases() -> None:
    """What the office decides on: names of places, step by step (地名管理条例 arts. 10 to 14)."""


@app.command("list")
def list_cases(
    division: Division = None,
    state: Annotated[CaseState | None, typer.Option(help="In this state.")] = None,
    kind: Annotated[CaseKind | None, typer.Option(help="Of this kind.")] = None,
    text: Annotated[str | None, typer.Option(help="Part of the number, the title or a name.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those with nothing left to do.")] = False,
    late: Annotated[bool, typer.Option("--late", help="Only those with something that is late.")] = False,
    as_json: AsJson = False,
) -> None:
    """List cases by what is due first.

    Example: geo-registry cases list --division 330702 --late
    """
    from geo_registry.cases.queries import CaseQuery
    from geo_registry.cases.writing import today

    now = today()
    query = CaseQuery(
        division=division,
        states=(state,) if state is not None else (),
        kind=kind,
        text=text,
        open=None if every or state is not None else True,
        late_on=now if late else None,
    )
    rows = office.inbox(query)
    if as_json:
        console.print_json([office.case_as_json(row) for row in rows])
        return
    for row in rows:
        console.show([(row.number, office.line_of(row, now))])
    console.say(f"共 {len(rows)} 项", f"{len(rows)} cases")


@app.command("show")
def show_case(number: Number, as_json: AsJson = False) -> None:
    """Show one case: its names, steps and papers, what is due by when, and what can be done now.

    Example: geo-registry cases show 330702-2026-0001
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cases import service

    with console.registry() as database, database.read() as session:
        actor = local_operator()
        told = service.tell_case(session, service.find_case(session, number, actor=actor).id, actor=actor)
    office.show_told(told, as_json=as_json)


@app.command("check")
def check_case(number: Number, as_json: AsJson = False) -> None:
    """Check every name of a case, against the registry and the other names of it; exit 1 where anything isn't settled.

    Example: geo-registry cases check 330702-2026-0001
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cases import service

    with console.registry() as database, database.read() as session:
        actor = local_operator()
        case = service.find_case(session, number, actor=actor).id
        lines = {line.id: line for line in service.tell_case(session, case, actor=actor).lines}
        found = service.check_case(session, case, actor=actor)
    told = [(lines[line], each) for line, those in found.items() for each in those]
    if as_json:
        console.print_json([office.finding_as_json(line, each) for line, each in told])
    else:
        locale = console.locale()
        console.show(
            (
                line.name,
                f"{each.finding.severity.label(locale)} · {each.finding.message(locale)} · {each.finding.basis.cited}"
                + (f" · {each.cleared.reason}" if each.cleared is not None else ""),
            )
            for line, each in told
        )
    if any(each.counts for _, each in told):
        raise typer.Exit(1)


@app.command("take-over")
def take_over(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What it is called, as the approval is.")],
    kind: Annotated[CaseKind, typer.Option(help="What it decided.")],
    division: Annotated[str, typer.Option(help="The code of the division whose case it was.")],
    place: Annotated[
        list[str] | None, typer.Option(help="A place that it named, by its id; may be given several times.")
    ] = None,
    names: Annotated[
        Path | None, typer.Option(help="JSON, a list of places with action and name as the API takes them.")
    ] = None,
    action: Annotated[NameAction, typer.Option(help="What was done to each --place.")] = NameAction.NAME,
    approver: Annotated[Approver | None, typer.Option(help="Who approved; left out, unknown.")] = None,
    body: Annotated[str, typer.Option(help="The body that approved, by its name.")] = "",
    approved_on: Annotated[str | None, typer.Option(help="The date of the approval; left out, unknown.")] = None,
    number: Annotated[str, typer.Option("--number", help="The approval's number; left out, unknown.")] = "",
    filed_on: Annotated[str | None, typer.Option(help="When it was filed.")] = None,
    filing_number: Annotated[str, typer.Option(help="The receipt's number.")] = "",
    announced_on: Annotated[str | None, typer.Option(help="When it was announced.")] = None,
    as_json: AsJson = False,
) -> None:
    """Enter an earlier approval of places that are there: nothing of them changes, nothing falls due.

    Example: geo-registry cases take-over 关于命名中山路的批复 --kind naming --division 330702 --place 0f8fad5b-d9cb-469f-a165-70867728950e
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import TakenOver
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    listed = office.names_of(names)
    taken = typed(
        TakenOver,
        CaseMalformed,
        kind=kind,
        title=title,
        division=division,
        approver=approver,
        approving_body=body,
        approved_on=approved_on,
        approval_number=number,
        filed_on=filed_on,
        filing_number=filing_number,
        announced_on=announced_on,
        names=listed or [{"place": each, "action": action} for each in place or ()],
    )
    with office.writing(Verb.TAKE_OVER_CASE) as session:
        told = service.take_over(session, taken, actor=local_operator())
    office.show_told(told, as_json=as_json)


@app.command("from-review")
def open_from_review(
    kind: Annotated[CaseKind, typer.Option(help="renaming | standardising | adjustment | abolition.")],
    division: Division = None,
    code: Annotated[
        list[FindingCode] | None, typer.Option(help="With this finding; may be given several times.")
    ] = None,
    severity: Annotated[Severity | None, typer.Option(help="With a finding that weighs so much.")] = None,
    place: Annotated[
        list[str] | None,
        typer.Option(help="This place, by its id; may be given several times, in place of the others."),
    ] = None,
    per: Annotated[DivisionLevel, typer.Option(help="One case for each county | township.")] = DivisionLevel.COUNTY,
    approver: Annotated[
        Approver | None, typer.Option(help="Who approves; else as each class demands (art. 12).")
    ] = None,
    body: Annotated[str, typer.Option(help="The body that approves, by its name.")] = "",
    applicant: Annotated[str, typer.Option(help="Who applies.")] = "",
    as_json: AsJson = False,
) -> None:
    """Open cases of the names that the last `names review` found something about (地名优化), many at once.

    Example: geo-registry cases from-review --kind renaming --division 330702 --code duplicate
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import FromReview
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    asked = typed(
        FromReview,
        CaseMalformed,
        kind=kind,
        division=division,
        codes=code or (),
        severity=severity,
        places=place or (),
        per=per,
        approver=approver,
        approving_body=body,
        applicant=applicant,
    )
    with office.writing(Verb.OPEN_CASE) as session:
        opened = service.open_cases_of_review(session, asked, actor=local_operator())
    if as_json:
        left = [
            {"id": each.record, "name": each.name, "reason": each.message(console.locale())} for each in opened.left
        ]
        console.print_json({"cases": [office.case_as_json(row) for row in opened.cases], "left": left})
        return
    console.show(
        (row.number, f"{row.title} · {console.word(f'{row.names} 个名称', f'{row.names} names')}")
        for row in opened.cases
    )
    for each in opened.left[: office.SHOWN]:
        console.say(f"未列入：{each.name}：{each.zh}", f"left out: {each.name}: {each.en}")
    console.say(
        f"已开立 {len(opened.cases)} 项，{len(opened.left)} 个名称未列入",
        f"{len(opened.cases)} cases opened, {len(opened.left)} names left out",
    )


@app.command("split")
def split_case(
    number: Number,
    why: Annotated[str, typer.Option(help="Why; it is kept.")],
    finding: Annotated[
        list[FindingCode] | None, typer.Option(help="The names that have this finding; may be given several times.")
    ] = None,
    name: Annotated[list[str] | None, typer.Option(help="This name; may be given several times.")] = None,
    title: Annotated[str, typer.Option(help="What the new case is called; else as this one.")] = "",
    as_json: AsJson = False,
) -> None:
    """Have some names of a case go on in one of their own, which is shown: by name, or by what was found of them.

    Example: geo-registry cases split 330702-2026-0001 --finding duplicate --why 待核实
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import Split
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import CaseLineUnknown, CaseMalformed
    from geo_registry.validation import typed

    actor = local_operator()
    with office.writing(Verb.CHANGE_CASE) as session:
        case = service.find_case(session, number, actor=actor).id
        lines = {line.name: line.id for line in service.tell_case(session, case, actor=actor).lines}
        for each in name or ():
            if each not in lines:
                raise CaseLineUnknown(line=each)
        going = [lines[each] for each in name or ()]
        split = typed(Split, CaseMalformed, lines=going, findings=finding or (), title=title or None, why=why)
        told = service.split_case(session, case, split, seen=WHICHEVER, actor=actor)
    office.show_told(told, as_json=as_json)


@app.command("clear-all")
def clear_findings(
    number: Number,
    code: Annotated[FindingCode, typer.Option(help="The sort of the findings, as `cases check` prints it.")],
    reason: Annotated[str, typer.Option(help="Why the names may stand; it is kept with each.")],
    as_json: AsJson = False,
) -> None:
    """Let all names of a case stand in spite of the warnings of one sort; what breaks a rule is settled one by one.

    Example: geo-registry cases clear-all 330702-2026-0001 --code near-homophone --reason 口语可以分辨
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import SortClearing
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    actor = local_operator()
    settling = typed(SortClearing, CaseMalformed, code=code, reason=reason)
    with office.writing(Verb.CLEAR_CASE_FINDING) as session:
        case = service.find_case(session, number, actor=actor).id
        count = service.clear_findings(session, case, settling, seen=WHICHEVER, actor=actor)
    if as_json:
        console.print_json({"settled": count})
    else:
        console.say(f"已写明理由：{count} 条", f"settled: {count}")


@app.command("clear")
def clear_finding(
    number: Number,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name in the case.")],
    code: Annotated[FindingCode, typer.Option(help="The finding's code, as `cases check` prints it.")],
    reason: Annotated[str, typer.Option(help="Why the name may stand; it is kept.")],
    against: Annotated[str, typer.Option(help="What it collides with, as the finding has it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let a name stand in spite of a finding, for a reason that is kept.

    Example: geo-registry cases clear 330702-2026-0001 仙源湖路 --code homophone --against 仙元湖路 --reason 相距甚远
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import LineClearing
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    actor = local_operator()
    settling = typed(LineClearing, CaseMalformed, code=code, collides_name=against, reason=reason)
    with office.writing(Verb.CLEAR_CASE_FINDING) as session:
        case = service.find_case(session, number, actor=actor).id
        line = office.line_named(service.tell_case(session, case, actor=actor), name)
        found = service.clear_finding(session, case, line.id, settling, actor=actor)
    if as_json:
        console.print_json([office.finding_as_json(line, each) for each in found])
    else:
        console.say(f"已写明理由：{name}", f"settled: {name}")


@app.command("new")
def new_case(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What it is called.")],
    kind: Annotated[CaseKind, typer.Option(help="What it is to decide.")],
    division: Annotated[str, typer.Option(help="The code of the division whose case it is.")],
    applicant: Annotated[str, typer.Option(help="Who applies.")] = "",
    plan: Annotated[str, typer.Option(help="The plan (命名、更名方案).")] = "",
    reasons: Annotated[str, typer.Option(help="The reasons.")] = "",
    approver: Annotated[
        Approver | None, typer.Option(help="Who approves; else as the class of the first name demands (art. 12).")
    ] = None,
    body: Annotated[str, typer.Option(help="The body that approves, by its name.")] = "",
    names: Annotated[
        Path | None,
        typer.Option(
            help="The names: a table or a layer (XLSX, CSV, GeoJSON, GPKG), or JSON, a list as the API takes them."
        ),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--map", help="A mapping (TOML); else columns are known by their names.")
    ] = None,
    crs: Annotated[str, typer.Option(help="auto | epsg:N | gcj02 | bd09.")] = "auto",
    encoding: Annotated[str, typer.Option(help="auto | utf-8 | gb18030 | …: the texts' encoding.")] = "auto",
    skip: Annotated[bool, typer.Option("--skip", help="Leave out the rows that can't be taken.")] = False,
    as_json: AsJson = False,
) -> None:
    """Open a case as a draft, with the names of a file; where a row can't be taken, none is, unless rows are skipped.

    Example: geo-registry cases new 关于命名仙源湖路等道路的申请 --kind naming --division 330702 --names names.xlsx
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import NewCase
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    new = typed(
        NewCase,
        CaseMalformed,
        kind=kind,
        title=title,
        division=division,
        applicant=applicant,
        plan=plan,
        reasons=reasons,
        approver=approver,
        approving_body=body,
        names=office.names_of(names),
    )
    if names is None or names.suffix.lower() == office.JSON:
        with office.writing(Verb.OPEN_CASE) as session:
            office.show_told(service.open_case(session, new, actor=local_operator()), as_json=as_json)
        return
    from geo_registry.exchange.case_names import NamesCommand
    from geo_registry.exchange.service import open_case_from_file

    command = NamesCommand(path=names, mapping=mapping, crs=crs, encoding=encoding, skip=skip)
    with console.registry() as database, console.progress_bar() as progress:
        taken = open_case_from_file(database, command, new, actor=local_operator(), progress=progress)
    office.show_read(taken.read, as_json=as_json and taken.case is None)
    if taken.case is None:
        raise typer.Exit(1)
    office.show_told(taken.case, as_json=as_json)


@app.command("submit")
def submit_case(number: Number, on: On = None, note: Note = "", as_json: AsJson = False) -> None:
    """Apply with a case.

    Example: geo-registry cases submit 330702-2026-0001 --on 2026-11-20
    """
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases.service import submit

    office.take(Verb.SUBMIT_CASE, submit, number, CaseStep.SUBMIT, {"on": on, "note": note}, as_json=as_json)


@app.command("withdraw")
def withdraw_case(number: Number, note: Note, on: On = None, as_json: AsJson = False) -> None:
    """Have a case go no farther, with the reason.

    Example: geo-registry cases withdraw 330702-2026-0001 --note 不再办理
    """
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases.service import submit

    office.take(Verb.SUBMIT_CASE, submit, number, CaseStep.WITHDRAW, {"on": on, "note": note}, as_json=as_json)


HANDLING = (CaseStep.CHECK, CaseStep.RETURN, CaseStep.CONSULT, CaseStep.CONCLUDE, CaseStep.HANDLE)


@app.command("handle")
def handle_case(
    number: Number,
    step: Annotated[CaseStep, typer.Option(help="check | return | consult | conclude | handle.")],
    on: On = None,
    note: Note = "",
    until: Annotated[str | None, typer.Option(help="Of a consultation: its last day.")] = None,
    kind: Annotated[ConsultationKind | None, typer.Option(help="Of a consultation: notice | call.")] = None,
    title: Annotated[str | None, typer.Option(help="Of a consultation; else the case's.")] = None,
    body: Annotated[
        str | None, typer.Option(help="Of a consultation: what is asked, and how to say something.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take a case on, return it, ask the public, or hand it to review.

    Example: geo-registry cases handle 330702-2026-0001 --step consult --until 2026-11-27 --body 意见可向民政局提出
    """
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases.service import handle

    office.refuse_other(step, HANDLING)
    asked = {"until": until, "kind": kind, "title": title, "body": body} if step is CaseStep.CONSULT else {}
    told = {"on": on, "note": note} | asked
    office.take(Verb.HANDLE_CASE, handle, number, step, told, as_json=as_json)


SIGNING = (CaseStep.REVIEW, CaseStep.SIGN, CaseStep.SEND_BACK)


@app.command("sign")
def sign_case(
    number: Number,
    step: Annotated[CaseStep, typer.Option(help="review | sign | send-back.")] = CaseStep.SIGN,
    on: On = None,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """Review a case, sign it, or send it back; who handled it doesn't sign it.

    Example: geo-registry cases sign 330702-2026-0001 --step review
    """
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases.service import sign

    office.refuse_other(step, SIGNING)
    office.take(Verb.SIGN_CASE, sign, number, step, {"on": on, "note": note}, as_json=as_json)


DECIDING = (CaseStep.APPROVE, CaseStep.REJECT, CaseStep.RETURN)


@app.command("approve")
def approve_case(
    number: Number,
    step: Annotated[CaseStep, typer.Option(help="approve | reject | return.")] = CaseStep.APPROVE,
    on: On = None,
    document: DocumentNumber = "",
    body: Annotated[str | None, typer.Option(help="The body that approved, as its document has it.")] = None,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """Enter the approval, by which the names take effect on the document's day; or that it wasn't approved.

    Example: geo-registry cases approve 330702-2026-0001 --on 2026-11-20 --number 金政地名〔2026〕12号
    """
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases.service import decide

    office.refuse_other(step, DECIDING)
    told = {"on": on, "number": document, "note": note, "approving_body": body}
    office.take(Verb.DECIDE_CASE, decide, number, step, told, as_json=as_json)


@app.command("announce")
def announce_case(
    number: Number,
    on: On = None,
    document: DocumentNumber = "",
    title: Annotated[str | None, typer.Option(help="Else as the names have it.")] = None,
    office_: Annotated[str, typer.Option("--office", help="Who announces.")] = "",
    body: Annotated[str, typer.Option(help="What it says beside the names; a paragraph a line.")] = "",
    channels: Annotated[str, typer.Option(help="Where it is published: government site, paper, radio…")] = "",
    corrects: Annotated[bool, typer.Option("--correct", help="It corrects the last announcement; say why.")] = False,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """Publish the announcement of an approved case, made from it.

    Example: geo-registry cases announce 330702-2026-0001 --number 2026年第12号
    """
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases.service import follow_up

    told = {
        "on": on,
        "number": document,
        "title": title,
        "office": office_,
        "body": body,
        "channels": channels,
        "note": note,
    }
    step = CaseStep.CORRECT if corrects else CaseStep.ANNOUNCE
    office.take(Verb.FOLLOW_UP_CASE, follow_up, number, step, told, as_json=as_json)


@app.command("amend")
def amend_case(
    number: Number,
    step: Annotated[CaseStep, typer.Option(help="approve | file | filed | announce.")],
    why: Annotated[str, typer.Option(help="Why; it is kept.")],
    on: Annotated[str | None, typer.Option("--on", help="The date on the document; not of an approval.")] = None,
    document: Annotated[str | None, typer.Option("--number", help="The document's number.")] = None,
    as_json: AsJson = False,
) -> None:
    """Have a mistyped date or number of a document right; what was entered first stays written.

    Example: geo-registry cases amend 330702-2026-0001 --step approve --number 金政地名〔2026〕12号 --why 文号录错
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import Amending
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    actor = local_operator()
    amending = typed(Amending, CaseMalformed, step=step, on=on, number=document, why=why)
    with office.writing(Verb.SIGN_CASE) as session:
        case = service.find_case(session, number, actor=actor).id
        told = service.amend(session, case, amending, seen=WHICHEVER, actor=actor)
    office.show_told(told, as_json=as_json)


app.command("change")(case_contents.change_case)
app.command("add-names")(case_contents.add_names)
app.command("change-name")(case_contents.change_name)
app.command("strike")(case_contents.strike_name)
app.command("restore")(case_contents.restore_name)
app.command("paper")(case_papers.make_paper)
app.command("attach")(case_papers.attach_document)
app.command("documents")(case_papers.list_documents)
app.command("document")(case_papers.read_document)
app.command("withdraw-document")(case_papers.withdraw_document)
