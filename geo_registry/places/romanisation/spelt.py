"""Which names are spelt by the rules where nobody spelt them: Chinese ones, as Mandarin reads them."""

from geo_registry.vocabulary import NameKind

CHINESE = "zh-Hans"
"""The language of names that nobody says another of (BCP 47)."""
SPELT_KINDS = frozenset(
    {NameKind.STANDARD, NameKind.FORMER, NameKind.ALIAS, NameKind.SHORT, NameKind.HISTORICAL, NameKind.MAP}
)
"""Not names in a dialect, in a minority's language or in letters already."""


def is_spelt(kind: NameKind, language: str) -> bool:
    """Whether a name of a kind, in a language, has its spelling by the rules."""
    return kind in SPELT_KINDS and language == CHINESE
