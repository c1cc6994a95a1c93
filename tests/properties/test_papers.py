"""Papers by property: any text at all survives the round trip, or is left out where no document can hold it."""

import io

import docx
import openpyxl
import pypdf
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_registry.cases.announced import Announced, AnnouncedName, FormerName, missing_of
from geo_registry.cases.papers import annex_xlsx, announcement_docx, announcement_json, announcement_pdf
from geo_registry.cases.wording import lead, sentence
from geo_registry.papers.blocks import Body, Paper, Table
from geo_registry.papers.document import Column, printable
from geo_registry.papers.pdf import pdf_of
from geo_registry.papers.typefaces import typefaces
from geo_registry.papers.word import docx_of
from geo_registry.papers.workbook import Sheet, xlsx_of
from geo_registry.vocabulary import NameAction, PartFate, PlaceClass

texts = st.text(max_size=60)
numbers = st.integers(-10, 10**7) | st.floats(allow_nan=True, allow_infinity=True)
details = st.fixed_dictionaries(
    {},
    optional={
        "length_m": numbers,
        "width_m": numbers,
        "area_m2": numbers,
        "built_from": texts,
        "built_to": st.sampled_from(["2021", "2021-05", "1950s", "清末"]) | texts,
        "begins_at": texts,
        "ends_at": texts,
        "direction": texts,
        "surface": texts,
        "unknown": texts | numbers,
    },
)
names = st.builds(
    AnnouncedName,
    name=texts,
    place_class=st.sampled_from(list(PlaceClass)),
    action=st.sampled_from(list(NameAction)),
    romanized=texts,
    former=st.lists(st.builds(FormerName, texts, st.sampled_from(list(PartFate)), texts), max_size=3),
    division=texts,
    position=texts,
    sides=st.none() | st.tuples(texts, texts),
    detail=details,
    meaning=texts,
    reason=texts,
)
notices = st.builds(
    Announced,
    title=texts,
    office=texts,
    names=st.lists(names, max_size=4),
    number=texts,
    announced_on=st.none() | st.dates(),
    approving_body=texts,
    approved_on=st.none() | st.dates(),
    approval_number=texts,
    paragraphs=st.lists(texts, max_size=2),
    synthetic=st.booleans(),
    corrects=st.none() | texts,
    reason=texts,
)


def lines(text: str) -> str:
    """As every format tells lines apart."""
    return printable(text).replace("\r\n", "\n").replace("\r", "\n")


@given(st.lists(texts, min_size=1, max_size=4))
def test_any_text_is_read_back_from_a_docx(cells: list[str]) -> None:
    columns = [Column("项", 20)] * len(cells)
    made = docx_of(Paper("文", "局", "zh", (*map(Body, cells), Table(columns, [cells]))))
    document = docx.Document(io.BytesIO(made))
    # python-docx tells a tab and a line's end of its own in paragraphs; cells hold the same characters.
    assert [cell.text for cell in document.tables[0].rows[1].cells] == [lines(text) for text in cells]
    assert [each.text for each in document.paragraphs[: len(cells)]] == [lines(text) for text in cells]


@given(st.lists(texts, min_size=1, max_size=4))
def test_any_text_is_read_back_from_a_workbook(cells: list[str]) -> None:
    made = xlsx_of([Sheet("表", [("列", 10.0)] * len(cells), [cells], header="".join(cells))], title="文", author="局")
    page = openpyxl.load_workbook(io.BytesIO(made)).active
    assert page is not None
    assert [cell.value or "" for cell in page[2]] == [lines(text) for text in cells]
    assert all(cell.data_type != "f" for cell in page[2])


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(codec="gb18030", categories=("L", "N")), max_size=60), min_size=1, max_size=3))
def test_whatever_letters_a_face_has_are_read_back_from_a_pdf(said: list[str]) -> None:
    faces = typefaces()
    shown = ["".join(each for each in text if not faces.lacks(each)) for text in said]
    read = pypdf.PdfReader(io.BytesIO(pdf_of(Paper("文", "局", "zh", [*map(Body, shown)]))))
    found = "".join(page.extract_text() for page in read.pages)
    assert set("".join(shown)) <= set(found)


@settings(max_examples=40)
@given(notices, st.sampled_from(["zh", "en"]))
def test_any_announcement_can_be_written_read_and_checked(notice: Announced, locale: str) -> None:
    assert lead(notice, locale)
    assert all(sentence(name, locale) for name in notice.names)
    assert all(flaw.message(locale) for flaw in missing_of(notice))
    docx.Document(io.BytesIO(announcement_docx(notice, locale)))
    openpyxl.load_workbook(io.BytesIO(annex_xlsx(notice, locale)))
    assert len(pypdf.PdfReader(io.BytesIO(announcement_pdf(notice, locale))).pages) >= 1
    assert len(announcement_json(notice)["names"]) == len(notice.names)  # type: ignore[arg-type]
