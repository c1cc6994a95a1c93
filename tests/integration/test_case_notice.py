"""A notice of the size and the trouble of real ones, entered whole as one case out of a table, up to its announcement."""

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from geo_registry.cases import service, writing
from geo_registry.cases.announced import missing_of
from geo_registry.cases.inputs import Announcing, NewCase
from geo_registry.cases.service import CaseTold
from geo_registry.cases.wording import lead, sentence
from geo_registry.db.session import Database, WriteSession
from geo_registry.exchange.case_names import NamesCommand
from geo_registry.exchange.service import open_case_from_file
from geo_registry.places import service as places
from geo_registry.vocabulary import (
    CaseStep,
    DivisionLevel,
    FindingCode,
    FlawCode,
    LineState,
    PlaceRelationKind,
    PlaceState,
    Severity,
)
from tests.factories import make_division
from tests.integration.test_cases import Office

TODAY = date(2026, 11, 25)
APPROVED = date(2026, 11, 18)
CITY, COUNTY = "330700000000", "330702000000"

# Names and places of an example; the columns are those of offices' tables.
NOTICE = """\
序号,标准名称,办理方式,现名,类别,道路等级,走向,起点,止点,长度（米）,宽度（米）,路面,开工时间,建成时间,含义,命名理由,并入,析自,几何
1,仙源湖路,命名,,道路,主干路,由西向东,李渔路,双龙南街,1947,36,沥青,2022年,2024年9月,路临仙源湖，故名,,北一弄,,"LINESTRING(119.600 29.060,119.620 29.060)"
2,环湖东路,命名,,道路,次干路,由南向北,仙源湖路,金带街,1108,24,沥青,2021年,2023年,位于仙源湖东侧，故名,,,环湖路,"LINESTRING(119.620 29.060,119.620 29.070)"
3,环湖西路,命名,,道路,次干路,由南向北,仙源湖路,金带街,1108,24,沥青,2021年,2023年,位于仙源湖西侧，故名,,,环湖路,"LINESTRING(119.600 29.060,119.600 29.070)"
4,,调整,双溪西路,,,由西向东,李渔路,玉带街,3893,,,,,,道路向东延伸后调整,,,"LINESTRING(119.600 29.080,119.640 29.080)"
5,金带街,更名,创业路,,次干路,由西向东,环湖西路,环湖东路,1947,20,沥青,,2019年,取“金带围腰”之意,与城区他路重名,,,
6,玉带街,命名,,道路,支路,由南向北,双溪西路,栖霞街,1108,16,沥青,,2025年,与金带街相对成名,,,,"LINESTRING(119.640 29.080,119.640 29.090)"
7,工业四路,命名,,道路,支路,由西向东,园区西门,园区东门,973,18,水泥混凝土,,2024年,按工业区道路序数命名,,,,"LINESTRING(119.650 29.100,119.660 29.100)"
8,栖霞街,命名,,道路,次干路,由西向东,玉带街,园区南门,1362,24,沥青,2024年,2027年3月,取栖霞满山之意,,,,"LINESTRING(119.640 29.090,119.654 29.090)"
9,明月街,命名,,道路,支路,由南向北,青枫路,紫藤路,554,14,沥青,,2024年,取明月入怀之意,,,,"LINESTRING(119.670 29.110,119.670 29.115)"
10,青枫路,命名,,道路,支路,由西向东,明月街,石榴路,1168,14,沥青,,2024年,以植物名命名,,,,"LINESTRING(119.670 29.110,119.682 29.110)"
11,紫藤路,命名,,道路,支路,由西向东,明月街,石榴路,1168,14,沥青,,2024年,以植物名命名,,,,"LINESTRING(119.670 29.115,119.682 29.115)"
12,石榴路,命名,,道路,支路,由南向北,青枫路,紫藤路,554,14,沥青,,2024年,以植物名命名,,,,"LINESTRING(119.682 29.110,119.682 29.115)"
13,樟林巷,命名,,道路,巷弄,由南向北,紫藤路,,222,6,石板,,,巷内有古樟，故名,,,,"LINESTRING(119.676 29.115,119.676 29.117)"
14,竹园巷,命名,,道路,巷弄,由南向北,青枫路,,222,6,石板,,,旧有竹园，故名,,,,"LINESTRING(119.674 29.108,119.674 29.110)"
15,樵家弄,命名,,道路,巷弄,由南向北,青枫路,,222,5,水泥,,,旧为樵夫聚居处，故名,,,,"LINESTRING(119.678 29.108,119.678 29.110)"
"""


def line(*points: tuple[float, float]) -> dict[str, object]:
    return {"type": "LineString", "coordinates": points}


class Notice:
    """The office with the case that was made of the table."""

    def __init__(self, office: Office, database: Database, folder: Path) -> None:
        self.office = office
        self.lane = office.street("北一弄", geometry=line((119.610, 29.060), (119.612, 29.060)))
        self.round = office.street("环湖路", geometry=line((119.600, 29.070), (119.600, 29.060), (119.620, 29.060), (119.620, 29.070)))  # fmt: skip
        self.longer = office.street(
            "双溪西路",
            geometry=line((119.600, 29.080), (119.620, 29.080)),
            detail={"grade": "主干路", "length_m": 1947, "width_m": 40, "surface": "沥青"},
        )
        self.renamed = office.street("创业路", geometry=line((119.600, 29.070), (119.620, 29.070)))
        for number, lat in (("一", 29.104), ("二", 29.102)):
            office.street(f"工业{number}路", geometry=line((119.650, lat), (119.660, lat)))
        path = folder / "命名公告.csv"
        path.write_text(NOTICE, encoding="gb18030")
        new = NewCase.model_validate(
            {
                "kind": "naming",
                "title": "关于仙源湖片区道路命名、更名的请示",
                "division": COUNTY,
                "applicant": "某街道办事处",
                "plan": "拟命名道路十三条，更名一条，调整一条",
                "reasons": "仙源湖片区道路建成",
                "approver": "government",
            }
        )
        taken = open_case_from_file(database, NamesCommand(path=path), new, actor=office.registrar)
        assert [each.message("zh") for each in taken.read.problems] == []
        assert taken.case is not None
        self.opened: CaseTold = taken.case
        self.case: UUID = taken.case.case.id

    def findings(self) -> dict[str, set[FindingCode]]:
        """What was found that tells of the notice itself, by name."""
        found = service.check_case(self.office.session, self.case, actor=self.office.registrar)
        return {
            each.name: {one.finding.code for one in found[each.id]} - {FindingCode.AREA_UNKNOWN, FindingCode.DIALECT}
            for each in self.opened.lines
        }


@pytest.fixture
def notice(database: Database, session: WriteSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Notice:
    monkeypatch.setattr(writing, "today", lambda: TODAY)
    city = make_division(session, CITY, name="金华市", level=DivisionLevel.CITY, box=(119.4, 28.9, 120.2, 29.4))
    make_division(session, COUNTY, name="婺城区", box=(119.5, 29.0, 119.8, 29.2), parent=city)
    return Notice(Office(session), database, tmp_path)


def test_it_is_one_case_of_fifteen_names(notice: Notice) -> None:
    assert len(notice.opened.lines) == 15
    by_name = {each.name: each for each in notice.opened.lines}
    assert [part.name for part in by_name["仙源湖路"].absorbs] == ["北一弄"]
    assert {name for name, each in by_name.items() if [part.name for part in each.splits] == ["环湖路"]} == {
        "环湖东路",
        "环湖西路",
    }
    assert (by_name["双溪西路"].place, by_name["金带街"].place) == (notice.longer, notice.renamed)


def test_its_troubles_are_caught_and_nothing_else(notice: Notice) -> None:
    """A number that is missing in a series, and a street that is built after its name's notice."""
    found = {name: codes for name, codes in notice.findings().items() if codes}
    assert found == {"工业四路": {FindingCode.SERIES}, "栖霞街": {FindingCode.DATES}}


def test_what_is_approved_is_in_force_on_its_day(notice: Notice) -> None:
    office = notice.office
    office.approved(notice.case, on=APPROVED, number="金政发〔2026〕31号")
    told = service.tell_case(office.session, notice.case, actor=office.registrar)
    assert {each.state for each in told.lines} == {LineState.IN_FORCE}
    for ended in (notice.lane, notice.round):
        place = places.get_place(office.session, ended)
        assert (place.state, str(place.ended_on)) == (PlaceState.ABOLISHED.value, str(APPROVED))
    assert {each.name for each in places.present_heirs_of(office.session, notice.round)} == {"环湖东路", "环湖西路"}
    came_of_it = places.tell_place(office.session, notice.round).relations
    assert {(each.kind, each.inverse) for each in came_of_it} == {(PlaceRelationKind.SPLIT_FROM.value, True)}
    longer = places.tell_place(office.session, notice.longer)
    assert (longer.place.name, longer.place.detail["length_m"], longer.place.detail["width_m"]) == (
        "双溪西路",
        3893,
        40,
    )
    assert [str(each.valid_from) for each in longer.extents if each.valid_to is None] == [str(APPROVED)]


def test_before_and_after_the_approval_it_says_the_same_of_what_was(notice: Notice) -> None:
    office = notice.office
    drafted, _ = service.draft_announcement(office.session, notice.case, actor=office.registrar)
    office.approved(notice.case, on=APPROVED)
    approved, _ = service.draft_announcement(office.session, notice.case, actor=office.registrar)
    assert [name.former for name in approved.names] == [name.former for name in drafted.names]


def test_its_announcement_reads_like_a_real_one(notice: Notice) -> None:
    office = notice.office
    office.approved(notice.case, on=APPROVED, number="金政发〔2026〕31号")
    told = office.step(notice.case, CaseStep.ANNOUNCE, Announcing(on=TODAY, number="金民告〔2026〕5号"))
    _, said = service.get_announcement(office.session, told.announcements[0].id)
    assert said.title == "金华市民政局关于仙源湖路等15条道路命名、更名、范围调整的公告"
    assert lead(said, "zh") == (
        "根据《地名管理条例》有关规定，经金华市人民政府于2026年11月18日批准（金政发〔2026〕31号），"
        "决定对下列13条道路予以命名、1条道路予以更名、1条道路调整范围，现予公告："
    )
    words = [sentence(name, "zh") for name in said.names]
    assert len(words) == 15
    assert [words[at] for at in (0, 1, 3, 4, 6, 14)] == [
        (
            "仙源湖路（Xiānyuánhú Lù）：主干路，位于婺城区，原“北一弄”并入，西起李渔路，东至双龙南街，长1947米，宽36米，"
            "沥青路面，2022年—2024年9月建成。含义：路临仙源湖，故名。"
        ),
        (
            "环湖东路（Huánhú Dōnglù）：次干路，位于婺城区，由“环湖路”析出，南起仙源湖路，北至金带街，长1108米，宽24米，"
            "沥青路面，2021年—2023年建成。含义：位于仙源湖东侧，故名。"
        ),
        # What the table leaves out of a street that stays is as it was.
        (
            "双溪西路（Shuāngxī Xīlù）：主干路，位于婺城区，名称不变，范围调整，西起李渔路，东至玉带街，长3893米，宽40米，"
            "沥青路面。理由：道路向东延伸后调整。"
        ),
        (
            "金带街（Jīndài Jiē）：次干路，位于婺城区，由“创业路”更名，西起环湖西路，东至环湖东路，长1947米，宽20米，"
            "沥青路面，2019年建成。含义：取“金带围腰”之意。更名理由：与城区他路重名。"
        ),
        (
            "工业四路（Gōngyè 4 Lù）：支路，位于婺城区，西起园区西门，东至园区东门，长973米，宽18米，水泥混凝土路面，"
            "2024年建成。含义：按工业区道路序数命名。"
        ),
        "樵家弄（Qiáojiā Lòng）：巷弄，位于婺城区，南起青枫路，长222米，宽5米，水泥路面。含义：旧为樵夫聚居处，故名。",
    ]
    assert {(flaw.code, flaw.severity, flaw.name) for flaw in missing_of(said)} == {
        (FlawCode.BUILT_LATER, Severity.WARNING, "栖霞街"),
        # Of what is adjusted the regulations say nothing.
        (FlawCode.BASIS_UNVERIFIED, Severity.NOTE, ""),
    }
