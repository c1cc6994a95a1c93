"""What a report is made from: a run's answer, its zones, its map, and who reads it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from geo_registry.coverage.inputs import Question, Standard
from geo_registry.coverage.picture import CLASSES, Paper
from geo_registry.coverage.wording import Zone, county_code
from geo_registry.figures import whole
from geo_registry.vocabulary import DivisionLevel


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Which run it was, by whom (None: it isn't told) and when; moments in the registry's time zone."""

    id: str
    author: str | None
    recorded_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportInput:
    """What the report says.

    `totals` and `inputs` are those of the run; `class_people` is everybody by `picture.CLASSES`; `lost_facilities` are
    the names of those that no road reaches. `draw` makes the map on a paper, on A4 where it is None, and `sheet` is
    that A4. `annexes` are the files or addresses that come with the report.
    """

    locale: str
    run: RunFacts
    standard: Standard
    question: Question
    totals: Mapping[str, object]
    inputs: Mapping[str, object]
    zones: Sequence[Zone]
    class_people: Sequence[float]
    lost_facilities: Sequence[str]
    has_borders: bool
    approval: str
    annexes: Sequence[str]
    version: str
    sheet: Paper
    draw: Callable[[Paper | None], bytes]

    def say(self, zh: str, en: str) -> str:
        """The words in the report's language."""
        return en if self.locale.startswith("en") else zh

    def number(self, key: str) -> float:
        """A number of the totals."""
        value = self.totals[key]
        assert isinstance(value, int | float)
        return value

    def source(self, kind: str) -> Mapping[str, object]:
        """Which data of a kind answered."""
        found = self.inputs[kind]
        assert isinstance(found, Mapping)
        return found

    @property
    def made(self) -> datetime:
        """When the answer was found, in the registry's time zone."""
        return self.run.finished_at or self.run.recorded_at

    @property
    def synthetic(self) -> bool:
        """Whether any of the data is example data."""
        return bool(self.totals["synthetic"])

    @property
    def synthetic_notice(self) -> str:
        """What nobody should miss where there is example data."""
        return self.say(
            "示例数据：输入中含有合成的示例数据，本报告的数字不反映真实情况，不能作为依据。",
            "Synthetic example data is among the inputs: the figures describe no real place.",
        )

    @property
    def map_in_words(self) -> str:
        """The map for who can't see it."""
        parts = [
            f"{self.say(each.zh, each.en)} {whole(count)}"
            for each, count in zip(CLASSES, self.class_people, strict=True)
            if count > 0
        ]
        first = self.say(
            "地图：人口点按到最近设施的时间着色。", "Map: demand points coloured by minutes to the nearest facility. "
        )
        return first + self.say("；", "; ").join(parts)

    def full_name(self, zone: Zone) -> str:
        """With the county's name before a township's, since townships share names."""
        if zone.level not in {DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE}:
            return zone.name
        code = county_code(zone.code)
        county = next((each.name for each in self.zones if each.code == code), "")
        return self.say(f"{county}{zone.name}", f"{county} {zone.name}".strip())
