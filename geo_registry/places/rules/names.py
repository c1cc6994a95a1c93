"""Everything that a name tells by itself."""

from collections.abc import Iterator

from geo_registry.places.rules.findings import Finding, Subject
from geo_registry.places.rules.generics import generic_findings
from geo_registry.places.rules.words import renowned_findings, word_findings


def findings_by_itself(subject: Subject) -> Iterator[Finding]:
    """What is found of a name without looking at any other (art. 9, items 1 to 7)."""
    yield from word_findings(subject)
    yield from generic_findings(subject)
    yield from renowned_findings(subject)
