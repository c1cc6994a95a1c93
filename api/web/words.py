"""Words and marks that several pages share."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.languages import ZH
from geo_registry.vocabulary import FacilityKind, FacilityStatus, RunState, Word
from tiles.style import MARKS

RUN_TONES: Mapping[str, str] = {
    RunState.QUEUED.value: "plain",
    RunState.RUNNING.value: "plain",
    RunState.DONE.value: "good",
    RunState.FAILED.value: "bad",
    RunState.CANCELLED.value: "plain",
}
"""How a run's state is marked: a tone of `components.html`'s badge."""

STATUS_TONES: Mapping[str, str] = {
    FacilityStatus.PLANNED.value: "plain",
    FacilityStatus.BUILDING.value: "plain",
    FacilityStatus.OPEN.value: "good",
    FacilityStatus.SUSPENDED.value: "warn",
    FacilityStatus.CLOSED.value: "bad",
}
"""The same for a facility's."""


@dataclass(frozen=True, slots=True)
class MarkedKind:
    """A kind of facility as pages and maps mark it: a letter on the colour of its family."""

    kind: FacilityKind
    family: str
    zh: str
    en: str

    def letter(self, locale: str) -> str:
        """The letter in the language of `locale`."""
        return self.zh if locale == ZH else self.en


KINDS_ON_MAPS: Mapping[str, MarkedKind] = {
    kind.value: MarkedKind(kind=kind, family=mark.family.value, zh=mark.zh, en=mark.en) for kind, mark in MARKS.items()
}
"""Every kind, by its key."""


def said(words: type[Word], locale: str) -> Mapping[str, str]:
    """Every word of a vocabulary by its key, for scripts."""
    return {word.value: word.label(locale) for word in words}
