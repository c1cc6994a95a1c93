"""`geo-registry cases paper`, `attach`, `documents`, `document`, `withdraw-document`: the papers of a case."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from geo_registry.cli import console, office
from geo_registry.cli.console import AsJson
from geo_registry.cli.office import Number
from geo_registry.vocabulary import CasePaper, DocumentKind, PaperFormat

Document = Annotated[
    UUID, typer.Argument(metavar="DOCUMENT", help="The document's id, as `cases documents` prints it.")
]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file that is written.")]


def make_paper(
    number: Number,
    paper: Annotated[CasePaper, typer.Argument(metavar="PAPER", help=" | ".join(each.value for each in CasePaper))],
    output: Output,
    wanted: Annotated[PaperFormat, typer.Option("--format", help="In what format.")] = PaperFormat.DOCX,
    as_json: AsJson = False,
) -> None:
    """Make a paper from a case as it stands: the application, the filing form, the announcement and the others.

    Example: geo-registry cases paper 330702-2026-0001 filing-form --format xlsx -o 备案表.xlsx
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cases import service

    actor = local_operator()
    with console.registry() as database, database.read() as session:
        case = service.find_case(session, number, actor=actor).id
        made = service.draft_paper(session, case, paper, wanted, actor=actor, locale=console.locale())
    office.write(output, made.content, as_json=as_json)


def attach_document(
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="PDF, DOCX, XLSX, OFD, ZIP, JPEG or PNG.")],
    kind: Annotated[DocumentKind, typer.Option(help="What paper it is.")] = DocumentKind.OTHER,
    title: Annotated[str, typer.Option(help="Else what its kind is called.")] = "",
    as_json: AsJson = False,
) -> None:
    """Keep a paper with a case.

    Example: geo-registry cases attach 330702-2026-0001 论证报告.pdf --kind experts
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.papers_kept import NewDocument

    content = office.content_of(file)
    actor = local_operator()
    with office.writing(Verb.ATTACH_DOCUMENT) as session:
        case = service.find_case(session, number, actor=actor).id
        kept = service.attach(session, case, NewDocument(kind, file.name, content, title), actor=actor)
    if as_json:
        console.print_json({"id": kept.id, "title": kept.title, "bytes": kept.bytes, "sha256": kept.sha256})
    else:
        console.say(f"已保存：{kept.title}（{kept.file_name}）", f"kept: {kept.title} ({kept.file_name})")


def list_documents(number: Number, as_json: AsJson = False) -> None:
    """List the papers that are kept with a case.

    Example: geo-registry cases documents 330702-2026-0001
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cases import service

    actor = local_operator()
    with console.registry() as database, database.read() as session:
        rows = service.tell_case(session, service.find_case(session, number, actor=actor).id, actor=actor).documents
    if as_json:
        console.print_json(
            [
                {
                    "id": row.id,
                    "kind": row.kind.value,
                    "title": row.title,
                    "file_name": row.file_name,
                    "bytes": row.bytes,
                    "sha256": row.sha256,
                    "by": row.by,
                    "at": row.at,
                }
                for row in rows
            ]
        )
        return
    locale = console.locale()
    console.show((str(row.id), f"{row.title} · {row.kind.label(locale)} · {row.file_name}") for row in rows)


def read_document(number: Number, document: Document, output: Output, as_json: AsJson = False) -> None:
    """Write a paper of a case to a file.

    Example: geo-registry cases document 330702-2026-0001 0f8fad5b-d9cb-469f-a165-70867728950e -o 论证报告.pdf
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cases import service

    actor = local_operator()
    with console.registry() as database, database.read() as session:
        case = service.find_case(session, number, actor=actor).id
        _, content = service.read_document(session, case, document, actor=actor)
    office.write(output, content, as_json=as_json)


def withdraw_document(
    number: Number,
    document: Document,
    why: Annotated[str, typer.Option(help="Why; it is kept.")],
    as_json: AsJson = False,
) -> None:
    """Take a paper out of a case that isn't decided on; that it was there stays in the history.

    Example: geo-registry cases withdraw-document 330702-2026-0001 0f8fad5b-d9cb-469f-a165-70867728950e --why 重复
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service

    actor = local_operator()
    with office.writing(Verb.ATTACH_DOCUMENT) as session:
        case = service.find_case(session, number, actor=actor).id
        service.withdraw_document(session, case, document, why, actor=actor)
    if as_json:
        console.print_json({"id": document, "withdrawn": True})
    else:
        console.say(f"已撤回：{document}", f"taken out: {document}")
