"""Every article that guides, pages and translations cite is one of the law's, and says the term that stands beside it.

The law's articles are those that the product carries (`places/rules/law.toml`); that they stand so in the law is tested
where its text is at hand (`test_name_rules.py`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from geo_registry.places.rules import law
from geo_registry.places.rules.findings import LAW, in_words, rules
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import FindingCode

SHOWN = (
    *sorted(CHECKOUT.glob("*.md")),
    *sorted((CHECKOUT / "docs").rglob("*.md")),
    *sorted((CHECKOUT / "api" / "web" / "templates").rglob("*.html")),
    *sorted((CHECKOUT / "api" / "web" / "translations").glob("*.po")),
    *sorted((CHECKOUT / "api").rglob("*.py")),
)
NUMBERS = {in_words(number): number for number in range(1, 100)}
IN_CHINESE = re.compile("第([一二三四五六七八九十百]+)条(?:第[（(]?([一二三四五六七八九十]+)[）)]?项)?")
IN_ENGLISH = re.compile(r"\bart(?:icle|\.)\s(\d+)(?:,?\s(?:item\s)?\(?(\d+)\)?)?")
OTHER_LAWS = re.compile("《(?!地名管理条例》)[^》]+》(?:[（(][^）)]*[）)])?第[一二三四五六七八九十百0-9]+条")

SAYS: Mapping[tuple[int, int | None], Mapping[str, tuple[str, ...]]] = {
    (9, None): {"地名的命名应当遵循下列规定": ("names", "名称", "name", "命名")},
    (9, 7): {"县级以上行政区划名称": ("县级以上行政区划", "divisions from the county up")},
    (9, 8): {
        "同一个建成区内的街路巷名称": ("街路巷", "streets", "built-up area"),
        "同一个省级行政区域内的乡、镇名称": ("乡镇",),
        "村民委员会、居民委员会所在地名称": ("委员会所在地",),
        "住宅区、楼宇名称": ("住宅区和楼宇",),
    },
    (11, None): {"申请地名命名、更名应当提交申请书": ("plan", "方案")},
    (12, None): {"批准": ("approv", "批准", "类别", "class", "highways")},
    (13, None): {"报送备案": ("fil", "Fil", "备案")},
    (14, None): {"由同级人民政府地名行政主管部门向社会公告": ("announce", "公告")},
    (25, None): {
        "列入保护名录的地名确需更名的": ("更名", "renam", "chang"),
        "制定保护名录": ("名录", "protection list"),
        "收集、记录、统计": ("依据", "evidence"),
    },
}
"""What an article, or an item of it, says, word for word, and how that is called where it is cited."""
EXAMPLES = dict.fromkeys(("api/schemas/cases.py", "api/schemas/names.py"), "how a citation looks")
OF_OTHERS = {"docs/adr/0056-the-class-comes-first.md": "the rules of spelling of 1984"}
"""Where an article is another text's."""


@dataclass(frozen=True)
class Citation:
    """An article as it is cited: where, in which line, and with what beside it."""

    path: str
    line: int
    beside: str
    article: int
    item: int | None


def citations() -> Iterator[Citation]:
    """Every article that is cited; a paragraph of a translation is one line."""
    for path in SHOWN:
        name = str(path.relative_to(CHECKOUT))
        for number, line in enumerate(_lines(path), 1):
            for met in IN_CHINESE.finditer(line):
                yield Citation(name, number, line, NUMBERS[met[1]], NUMBERS[met[2]] if met[2] else None)
            for met in IN_ENGLISH.finditer(line):
                yield Citation(name, number, line, int(met[1]), int(met[2]) if met[2] else None)


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return (text.replace('"\n"', "") if path.suffix == ".po" else text).splitlines()


def says(citation: Citation) -> bool:
    """Whether the article says a term that stands beside the citation."""
    told = SAYS.get((citation.article, citation.item), {})
    return any(called in citation.beside for calls in told.values() for called in calls)


CITED = [each for each in citations() if each.path not in OF_OTHERS]
BY_ROW = re.compile(r"^\| `([a-z-]+)` \|")
"""A row of the guide's table of findings."""


def test_articles_are_cited() -> None:
    assert {"docs/registrar.md", "api/web/templates/names.html", "api/web/translations/en.po"} <= {
        each.path for each in CITED
    }


@pytest.mark.parametrize("citation", CITED, ids=lambda each: f"{each.path}:{each.line}:{each.article}:{each.item}")
def test_an_article_that_is_shown_is_the_laws_and_says_what_stands_beside_it(citation: Citation) -> None:
    article = law.articles()[citation.article]
    assert citation.item is None or 1 <= citation.item <= len(article.items)
    row = BY_ROW.match(citation.beside)
    if row is not None:
        # A finding's row: its rule's own citation, which is held against the law with its phrase.
        basis = rules()[FindingCode.of(row[1])].basis
        assert (basis.law, basis.article, basis.item) == (LAW, citation.article, citation.item)
    elif citation.path not in EXAMPLES:
        assert says(citation), citation.beside


def test_the_terms_stand_so_in_the_articles() -> None:
    for (number, item), told in SAYS.items():
        article = law.articles()[number]
        text = article.lead if item is None else article.items[item - 1]
        assert all(term in text for term in told), (number, item)


def test_of_laws_that_were_not_read_no_article_is_shown() -> None:
    found = [(str(path), met[0]) for path in SHOWN for met in OTHER_LAWS.finditer(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    ("line", "article", "item"),
    [
        ("街路巷重名（《地名管理条例》第九条第（七）项）", 9, 7),
        ("streets of one town (art. 9 (1))", 9, 1),
        ("名称（《地名管理条例》第四十五条）", 45, None),
    ],
)
def test_a_wrong_number_would_be_seen(line: str, article: int, item: int | None) -> None:
    assert not says(Citation("x", 1, line, article, item))
