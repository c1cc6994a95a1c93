"""`geo-registry cases change`, `add-names`, `change-name`, `strike`, `restore`: what a case that isn't decided on says."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_registry.cli import office
from geo_registry.cli.console import AsJson
from geo_registry.cli.office import Number
from geo_registry.vocabulary import Approver, LineState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name in the case.")]
Why = Annotated[str, typer.Option(help="Why; it is kept.")]


def change_case(
    number: Number,
    why: Why,
    title: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    applicant: Annotated[str | None, typer.Option(help="Who applies.")] = None,
    plan: Annotated[str | None, typer.Option(help="The plan (命名、更名方案), art. 11.")] = None,
    reasons: Annotated[str | None, typer.Option(help="The reasons, art. 11.")] = None,
    approver: Annotated[Approver | None, typer.Option(help="Who approves.")] = None,
    body: Annotated[str | None, typer.Option(help="The body that approves, by its name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change what a case says, as long as it isn't handled; what isn't given stays.

    Example: geo-registry cases change 330702-2026-0001 --plan 拟命名仙源湖路 --reasons 新建道路投入使用 --why 补齐
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import CaseChange
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    told = {
        "title": title,
        "applicant": applicant,
        "plan": plan,
        "reasons": reasons,
        "approver": approver,
        "approving_body": body,
    }
    change = typed(CaseChange, CaseMalformed, why=why, **_given(told))
    actor = local_operator()
    with office.writing(Verb.CHANGE_CASE) as session:
        case = service.find_case(session, number, actor=actor).id
        done = service.change_case(session, case, change, seen=WHICHEVER, actor=actor)
    office.show_told(done, as_json=as_json)


def add_names(
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="XLSX, CSV or GeoJSON, a row each; or JSON, a list.")],
    why: Annotated[str, typer.Option(help="Why; it is kept.")] = "",
    crs: Annotated[str, typer.Option(help="Of a table: auto, epsg:N, gcj02 or bd09.")] = "auto",
    skip: Annotated[bool, typer.Option("--skip", help="Leave out rows that can't be taken.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add names to a case that isn't handled; where a row can't be taken none is, exit 1.

    Example: geo-registry cases add-names 330702-2026-0001 道路名称.xlsx --why 补充
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import NewLines
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import CaseMalformed
    from geo_registry.exchange.service import add_names_from_file
    from geo_registry.validation import typed

    actor = local_operator()
    if file.suffix.lower() == office.JSON:
        new = typed(NewLines, CaseMalformed, names=office.names_of(file))
        with office.writing(Verb.CHANGE_CASE) as session:
            case = service.find_case(session, number, actor=actor).id
            told = service.add_names(session, case, new.names, seen=WHICHEVER, actor=actor, why=why)
        office.show_told(told, as_json=as_json)
        return
    content = office.content_of(file)
    with office.writing(Verb.CHANGE_CASE) as session:
        case = service.find_case(session, number, actor=actor).id
        taken = add_names_from_file(
            session, case, content, file.name, seen=WHICHEVER, actor=actor, crs=crs, skip=skip, why=why
        )
    office.show_read(taken.read, as_json=as_json and taken.case is None)
    if taken.case is None:
        raise typer.Exit(1)
    office.show_told(taken.case, as_json=as_json)


def change_name(
    number: Number,
    name: Name,
    why: Why,
    to: Annotated[str | None, typer.Option(help="Another name.")] = None,
    romanized: Annotated[str | None, typer.Option(help="Its spelling, with tones.")] = None,
    meaning: Annotated[str | None, typer.Option(help="What it means.")] = None,
    origin: Annotated[str | None, typer.Option(help="Where it comes from.")] = None,
    division: Annotated[str | None, typer.Option(help="The code of its division.")] = None,
    geometry: Annotated[
        Path | None, typer.Option(help="A file with its extent: a GeoJSON geometry or feature.")
    ] = None,
    detail: Annotated[
        list[str] | None, typer.Option(help="One of its details, as begins_at=李渔路; may be given several times.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a name of a case, or what bears it; what isn't given stays.

    Example: geo-registry cases change-name 330702-2026-0001 仙源湖路 --to 仙湖路 --detail length_m=1520 --why 避免重名
    """
    told = {
        "name": to,
        "romanized": romanized,
        "meaning": meaning,
        "origin": origin,
        "division": division,
        "geometry": _geometry(geometry) if geometry is not None else None,
        "detail": _details(detail) if detail else None,
    }
    _change(number, name, _given(told) | {"why": why}, as_json=as_json)


def strike_name(number: Number, name: Name, why: Why, as_json: AsJson = False) -> None:
    """Take a name out of a case, with the reason.

    Example: geo-registry cases strike 330702-2026-0001 仙源湖路 --why 待核实
    """
    _change(number, name, {"state": LineState.STRUCK, "why": why}, as_json=as_json)


def restore_name(number: Number, name: Name, why: Why, as_json: AsJson = False) -> None:
    """Have a name that was taken out of a case again.

    Example: geo-registry cases restore 330702-2026-0001 仙源湖路 --why 已核实
    """
    _change(number, name, {"state": LineState.OPEN, "why": why}, as_json=as_json)


def _change(number: str, name: str, told: "Mapping[str, object]", *, as_json: bool) -> None:
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import LineChange
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    change = typed(LineChange, CaseMalformed, **told)
    actor = local_operator()
    with office.writing(Verb.CHANGE_CASE) as session:
        case = service.find_case(session, number, actor=actor).id
        line = office.line_named(service.tell_case(session, case, actor=actor), name)
        done = service.change_name(session, case, line.id, change, seen=WHICHEVER, actor=actor)
    office.show_told(done, as_json=as_json)


def _given(told: "Mapping[str, object]") -> dict[str, object]:
    return {name: value for name, value in told.items() if value is not None}


def _details(said: "Sequence[str]") -> dict[str, object]:
    """Details as they are typed, KEY=VALUE: what is a number is one; an empty value takes a detail away."""
    details: dict[str, object] = {}
    for each in said:
        key, equals, value = each.partition("=")
        if not equals:
            raise typer.BadParameter(each, param_hint="--detail")
        details[key.strip()] = _number(value.strip()) if value.strip() else None
    return details


def _number(value: str) -> str | float:
    try:
        return float(value)
    except ValueError:
        return value


def _geometry(path: Path) -> object:
    """The geometry of a GeoJSON file.

    Raises
    ------
    FileUnreadable, CaseMalformed
        It can't be read, or isn't JSON.
    """
    from geo_registry.errors import CaseMalformed

    try:
        found = json.loads(office.content_of(path))
    except ValueError as error:
        raise CaseMalformed(
            problems_zh=f"{path.name}: 不是 GeoJSON", problems_en=f"{path.name}: no GeoJSON: {error}"
        ) from None
    return found["geometry"] if isinstance(found, dict) and found.get("type") == "Feature" else found
