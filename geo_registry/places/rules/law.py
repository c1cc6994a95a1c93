"""The articles of 《地名管理条例》 that findings cite, word for word."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from geo_registry.places.rules.findings import LAW, Basis

TEXT = Path(__file__).with_name("law.toml")


@dataclass(frozen=True, slots=True)
class Article:
    """An article: what stands before its items, and its items."""

    lead: str
    items: Sequence[str]


def cited_text(basis: Basis) -> str:
    """What a finding cites, word for word: the item, or what stands before the items; empty where the text isn't at hand."""
    article = articles().get(basis.article or 0) if basis.law == LAW else None
    if article is None:
        return ""
    return article.items[basis.item - 1] if basis.item is not None else article.lead


@cache
def articles() -> Mapping[int, Article]:
    """The articles, by number."""
    rows = tomllib.loads(TEXT.read_text(encoding="utf-8"))["article"]
    return {row["number"]: Article(row["lead"], row["items"]) for row in rows}
