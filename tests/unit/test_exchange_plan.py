import json
from pathlib import Path

import pytest

from geo_registry.errors import MappingColumn, MappingConstant, MappingField
from geo_registry.exchange.csv_files import CsvSource
from geo_registry.exchange.mapping import ColumnMapping, Positions
from geo_registry.exchange.plan import Plan, make_plan
from geo_registry.vocabulary import DatasetKind

DIVISIONS, FACILITIES, POPULATION, ROADS = (
    DatasetKind.DIVISIONS,
    DatasetKind.FACILITIES,
    DatasetKind.POPULATION,
    DatasetKind.ROADS,
)


def plan_of(folder: Path, kind: DatasetKind, header: str, *rows: str, mapping: ColumnMapping | None = None) -> Plan:
    path = folder / "rows.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return make_plan(kind, mapping or ColumnMapping(), CsvSource(path), {})


@pytest.mark.parametrize(
    ("header", "row", "code", "name"),
    [
        ("code,name", "330702000000,婺城区", "code", "name"),
        ("XZQDM,XZQMC,乡镇级", "330702001201,前田村,城东街道", "XZQDM", "XZQMC"),
        ("村代码,村名称,乡代码,乡名称", "330702001201,前田村,330702001,城东街道", "村代码", "村名称"),
        ("ZLDWDM,ZLDWMC", "330702001201,前田村", "ZLDWDM", "ZLDWMC"),
        ("CUNDM,CUNMC,XZQMC", "330702001201,前田村,婺城区", "CUNDM", "CUNMC"),
        ("xian,xian_name,sheng,sheng_name", "330702,婺城区,33,浙江省", "xian", "xian_name"),
        ("CUN,cun,XIANG,XIANG_MC", "330702001201,前田村,330702001,城东街道", "CUN", "cun"),
        ("区划代码,省,市,区县", "330702,浙江省,金华市,婺城区", "区划代码", "区县"),
        ("name,gb", "婺城区,156330702", "gb", "name"),
        ("township_code,name", "330702001,城东街道", "township_code", "name"),
    ],
)
def test_code_and_name_of_divisions_are_proposed_of_one_level(
    tmp_path: Path, header: str, row: str, code: str, name: str
) -> None:
    plan = plan_of(tmp_path, DIVISIONS, header, row)
    assert (plan.columns.get("code"), plan.columns.get("name")) == (code, name)
    assert {"code", "name"} <= plan.proposed


def test_villages_without_codes_get_no_code_of_their_township(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, DIVISIONS, "township_code,township,village", "330702001000,城东街道,前田村")
    assert "code" not in plan.columns


def test_column_whose_values_can_not_be_codes_is_not_proposed(tmp_path: Path) -> None:
    assert "code" not in plan_of(tmp_path, DIVISIONS, "code,name", "E08000009,Trafford").columns


@pytest.mark.parametrize("column", ["highway", "fclass", "道路等级", "type"])
@pytest.mark.parametrize("said", ["高速公路", "主干道", "步道", "residential"])
def test_column_of_road_classes_is_proposed_whatever_language_they_are_in(
    tmp_path: Path, column: str, said: str
) -> None:
    assert plan_of(tmp_path, ROADS, f"id,{column}", f"1,{said}", "2,省道").columns["highway"] == column


def test_column_that_holds_no_road_classes_is_not_proposed(tmp_path: Path) -> None:
    assert "highway" not in plan_of(tmp_path, ROADS, "id,type", "1,沥青", "2,混凝土").columns


def test_chinese_columns_of_facilities_are_proposed(tmp_path: Path) -> None:
    header = "编号,机构名称,机构类型,详细地址,运营状态,成立日期,床位数,护理型床位,经度,纬度"
    plan = plan_of(tmp_path, FACILITIES, header, "1,福利院,养老机构,人民路1号,运营,2015-01-01,120,60,119.6,29.1")
    assert plan.columns == {
        "source_id": "编号",
        "name": "机构名称",
        "kind": "机构类型",
        "address": "详细地址",
        "status": "运营状态",
        "opened_on": "成立日期",
        "beds": "床位数",
        "nursing_beds": "护理型床位",
    }
    assert (plan.positions, plan.lon, plan.lat) == (Positions.COLUMNS, "经度", "纬度")


def test_column_that_repeats_is_no_id(tmp_path: Path) -> None:
    assert "source_id" not in plan_of(tmp_path, FACILITIES, "id,name", "1,a", "1,b").columns


@pytest.mark.parametrize(
    ("column", "group"),
    [
        ("population", "all"),
        ("总人口", "all"),
        ("60岁及以上", "60+"),
        ("65plus", "65+"),
        ("aged_80_and_over", "80+"),
        ("pop_60+", "60+"),
    ],
)
def test_groups_of_population_are_proposed(tmp_path: Path, column: str, group: str) -> None:
    assert plan_of(tmp_path, POPULATION, f"id,{column}", "a,12").columns[f"population.{group}"] == column


def test_band_of_ages_is_no_group_of_all_older_people(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, POPULATION, "id,60到64岁,pct60", "a,12,3")
    assert plan.group("population") == ()


def test_what_the_mapping_says_is_not_proposed_over(tmp_path: Path) -> None:
    mapping = ColumnMapping(columns={"name": "b"}, constants={"kind": "cemetery"})
    plan = plan_of(tmp_path, FACILITIES, "name,kind,b", "x,公墓,y", mapping=mapping)
    assert plan.columns["name"] == "b"
    assert "kind" not in plan.columns
    assert plan.constants["kind"] == "cemetery"


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (FACILITIES, "nmae"),
        (DIVISIONS, "beds"),
        (POPULATION, "population"),
        (FACILITIES, "burial_places"),
        (ROADS, "kind"),
    ],
)
def test_field_that_is_none_is_refused_with_those_that_are(tmp_path: Path, kind: DatasetKind, field: str) -> None:
    with pytest.raises(MappingField) as refused:
        plan_of(tmp_path, kind, "a", "1", mapping=ColumnMapping(columns={field: "a"}))
    assert "secrecy" in refused.value.hint("en")


@pytest.mark.parametrize(
    "mapping",
    [ColumnMapping(columns={"name": "none"}), ColumnMapping(lon="none", lat="a"), ColumnMapping(lon="a", lat="none")],
)
def test_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, mapping: ColumnMapping) -> None:
    with pytest.raises(MappingColumn) as refused:
        plan_of(tmp_path, FACILITIES, "a,b", "1,2", mapping=mapping)
    assert "a, b" in refused.value.hint("en")


@pytest.mark.parametrize(
    ("kind", "constants"),
    [
        (FACILITIES, {"kind": "home"}),
        (POPULATION, {"basis": "everyone"}),
        (POPULATION, {"date": "yesterday"}),
        (FACILITIES, {"beds": "many"}),
        (ROADS, {"highway": "runway"}),
    ],
)
def test_constant_that_can_not_be_refuses_the_mapping(
    tmp_path: Path, kind: DatasetKind, constants: dict[str, str]
) -> None:
    with pytest.raises(MappingConstant):
        plan_of(tmp_path, kind, "a", "1", mapping=ColumnMapping(constants=constants))


def test_real_names_of_columns_say_code_and_name(shared_data: Path, tmp_path: Path) -> None:
    """Of the shapefiles whose columns say both the code and the name of villages, most need no mapping."""
    document = json.loads((shared_data / "messy" / "village_boundary_metadata.json").read_text(encoding="utf-8"))
    datasets = [one for province in document["provinces"].values() for one in province["datasets"]]
    codes = ("330702001201", "330702001")
    proposed = 0
    for dataset in datasets:
        names = [field["name"] for field in dataset["fields"]]
        texts = [
            codes[0] if _says(name, "dm", "代码", "code", "码", "bm") else "前田村" if field["type"] == "C" else "7"
            for name, field in zip(names, dataset["fields"], strict=True)
        ]
        plan = plan_of(tmp_path, DIVISIONS, ",".join(names), ",".join(texts))
        proposed += "name" in plan.columns
    assert proposed >= 0.8 * len(datasets)


def _says(name: str, *parts: str) -> bool:
    return any(part in name.lower() for part in parts)
