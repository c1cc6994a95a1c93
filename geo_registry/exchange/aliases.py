"""What files call the registry's fields: the names that proposals go by, zh and en, as real files have them.

The names for divisions come from 58 real shapefiles of village boundaries (313 field names, 34 for "village name"
alone; github.com/sehayi/china-village-boundaries, CC0), where DBF has cut many at ten bytes.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from geo_registry.facilities.kinds import DETAIL_FIELDS
from geo_registry.vocabulary import DivisionLevel

_MARKS = re.compile(r"[\s_\-.:()（）：、/]+")


def folded(name: str) -> str:
    """A column's name without what doesn't distinguish it: case, width, spaces and marks."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", name)).casefold()


@dataclass(frozen=True, slots=True)
class LevelColumns:
    """What files call the code and the name of a division of one level."""

    level: DivisionLevel
    codes: tuple[str, ...]
    names: tuple[str, ...]


GENERIC_CODES = (
    "code",
    "division_code",
    "区划代码",
    "行政区划代码",
    "统计用区划代码",
    "代码",
    "编码",
    "adcode",
    "gb",
    "XZQDM",
    "PAC",
    "AREA_CODE",
    "pcode",
    "区代码",
)
GENERIC_NAMES = (
    "name",
    "division_name",
    "区划名称",
    "行政区划名称",
    "名称",
    "XZQMC",
    "XZQM",
    "area_name",
    "NAME_TC",
    "CNAME",
    "adname",
    "地名",
)
"""Names that say no level: the code's digits do."""

LEVEL_COLUMNS = (
    LevelColumns(
        DivisionLevel.VILLAGE,
        (
            "village_code",
            "村代码",
            "村级码",
            "村级代码",
            "行政村代码",
            "社区代码",
            "CJDCQDM",
            "zldwdm",
            "sqbm",
            "CUNDM",
            "comid",
            "BLOCK_CODE",
            "BLOCK_CO_1",
            "BLOCK_ID",
            "DJZQDM",
            "XJDM",
            "XJDM1",
            "CZCUNDM",
            "SQCDM",
            "XZBM",
            "CUN",
        ),
        (
            "village_name",
            "village",
            "村名称",
            "村名",
            "村级名",
            "村级",
            "行政村",
            "社区名称",
            "居委会",
            "CJDCQMC",
            "zldwmc",
            "sqmc",
            "CUNMC",
            "CUN_MC",
            "cun_name",
            "comname",
            "BLOCK_NAME",
            "PNAME",
            "SNAME",
            "DJZQMC",
            "XJMC",
            "XJMC1",
            "CZCUNMC",
            "SQCMC",
            "CJGZQYMC",
            "cun",
        ),
    ),
    LevelColumns(
        DivisionLevel.TOWNSHIP,
        (
            "township_code",
            "town_code",
            "乡镇码",
            "乡镇代码",
            "乡镇代",
            "乡代码",
            "镇代码",
            "街道码",
            "街道代码",
            "XZXZQDM",
            "StreetID",
            "StreetCODE",
            "STREET_COD",
            "XZJDM",
            "XIANG",
        ),
        (
            "township_name",
            "township",
            "town_name",
            "乡镇名",
            "乡镇名称",
            "乡镇级",
            "乡镇",
            "乡名称",
            "街道名",
            "街道",
            "镇街",
            "XZXZQMC",
            "StreetName",
            "StreetNa_1",
            "XIANG_MC",
            "xiang_name",
            "XZJMC",
            "XZJGZQYMC",
        ),
    ),
    LevelColumns(
        DivisionLevel.COUNTY,
        (
            "county_code",
            "COUNTY_COD",
            "区县码",
            "区县代码",
            "县代码",
            "县区代码",
            "县区代",
            "QXDM",
            "XJXZQDM",
            "DistID",
            "DISTRICTID",
            "xian",
        ),
        (
            "county_name",
            "county",
            "COUNTY_NAM",
            "区县",
            "区县名",
            "区县级",
            "县名",
            "县名称",
            "县区名",
            "QXMC",
            "XJXZQMC",
            "DistName",
            "XIAN_MC",
            "xian_name",
        ),
    ),
    LevelColumns(
        DivisionLevel.CITY,
        ("city_code", "市代码", "地市码", "citycode", "DSDM", "SJXZQDM", "DQDM", "shi"),
        (
            "city_name",
            "city",
            "市名",
            "市名称",
            "市级",
            "地市名",
            "地市级",
            "SJXZQMC",
            "cityname",
            "DSName",
            "DQMC",
            "SHI_MC",
            "shi_name",
        ),
    ),
    LevelColumns(
        DivisionLevel.PROVINCE,
        ("province_code", "省代码", "省级码", "sheng"),
        ("province_name", "province", "省级", "省级名", "省名", "SHENG_MC", "sheng_name"),
    ),
)
"""From the most detailed level up: a file of villages names the township of each beside it."""

LONGITUDES = (
    "lon",
    "lng",
    "long",
    "longitude",
    "经度",
    "东经",
    "东经度",
    "中心经度",
    "wgs84_lon",
    "lon_wgs84",
    "x",
    "坐标x",
    "x坐标",
    "x中心点",
    "point_x",
)
LATITUDES = (
    "lat",
    "latitude",
    "纬度",
    "北纬",
    "北纬度",
    "中心纬度",
    "wgs84_lat",
    "lat_wgs84",
    "y",
    "坐标y",
    "y坐标",
    "y中心点",
    "point_y",
)

SOURCE_IDS = (
    "source_id",
    "id",
    "gid",
    "fid",
    "objectid",
    "uuid",
    "编号",
    "序号",
    "唯一标识",
    "osm_id",
    "globalid",
    "h3",
    "cell_id",
    "cqc_id",
)
FACILITY_NAMES = (
    "name",
    "facility_name",
    "名称",
    "机构名称",
    "设施名称",
    "单位名称",
    "公墓名称",
    "网点名称",
    "服务机构名称",
    "点位名称",
    "title",
)

ALIASES: Mapping[str, tuple[str, ...]] = {
    # divisions
    "level": ("level", "级别", "行政级别", "层级", "admin_level"),
    "parent_code": ("parent_code", "parent", "上级代码", "上级区划代码", "父级代码"),
    "vintage": ("vintage", "year", "年份", "年度", "nd"),
    # facilities
    "kind": ("kind", "facility_kind", "设施类型", "机构类型", "类型", "类别"),
    "division": ("division", "所属区划", "行政区划", "所属行政区划", *GENERIC_CODES[:5]),
    "address": ("address", "addr", "地址", "详细地址", "机构地址", "坐落", "住所"),
    "status": ("status", "状态", "运营状态", "营业状态", "经营状态"),
    "opened_on": (
        "opened_on",
        "opened",
        "开业日期",
        "成立日期",
        "成立时间",
        "启用日期",
        "建成时间",
        "登记日期",
        "设立日期",
    ),
    "closed_on": ("closed_on", "closed", "关闭日期", "停业日期", "注销日期"),
    "capacity": ("capacity", "容量", "核定容量", "服务能力"),
    "confirmed_on": ("confirmed_on", "核实日期", "确认日期", "更新日期"),
    # population
    "date": ("date", "日期", "统计日期", "数据日期", "period"),
    "basis": ("basis", "口径", "人口口径"),
    # roads
    "highway": ("highway", "fclass", "道路等级", "道路类型", "road_class", "roadclass", "class", "type"),
    "oneway": ("oneway", "one_way", "单向", "单行"),
    "maxspeed_kmh": ("maxspeed_kmh", "maxspeed", "限速", "speed_limit"),
    "foot": ("foot", "walk", "步行"),
    "motor": ("motor", "motor_vehicle", "drive", "机动车"),
    # all
    "secrecy": ("密级", "secrecy", "classification_level"),
    "source_id": SOURCE_IDS,
}
"""By field of ours; the first name that a file has is proposed."""

ROAD_NAMES = ("name", "road_name", "道路名称", "路名", "名称")

DETAIL_ALIASES: Mapping[str, tuple[str, ...]] = {
    "beds": ("床位数", "核定床位", "总床位", "养老床位数", "床位总数"),
    "nursing_beds": ("护理型床位数", "护理床位", "护理床位数"),
    "dementia_beds": ("认知症床位", "认知障碍床位数", "认知症照护床位"),
    "occupied": ("入住人数", "在住人数", "入住老人数"),
    "grade": ("星级", "机构等级", "评定等级"),
    "ownership": ("机构性质", "经营性质", "公墓性质", "运营方式"),
    "day_places": ("日间照料床位", "日托床位", "日托床位数"),
    "meals_a_day": ("日均供餐", "日供餐数"),
    "graves": ("墓穴数", "总墓穴数", "墓位数"),
    "used": ("已用墓穴", "已安葬", "已使用", "已用数"),
    "niches": ("格位数", "总格位数"),
    "area_m2": ("建筑面积", "面积", "场地面积"),
    "staff": ("工作人员数", "职工人数", "员工数"),
    "places": ("名额", "容纳人数", "收养床位数"),
}

POPULATION_OF_ALL = (
    "population",
    "pop",
    "pop_total",
    "total_population",
    "pop2020",
    "人口",
    "总人口",
    "人口数",
    "人口数合计",
    "人口总数",
    "常住人口",
    "户籍人口",
    "all_ages",
    "persons",
)
"""What files call the number of all people."""

_OLDER = re.compile(
    r"(?:population|pop|aged|age|over|人口)?(\d{2})(?:\+|plus|岁?及?以上|岁以上|andover|over|岁以上人口|岁及以上人口)(?:人口|人数|老人|pop)?"
)


def detail_aliases(key: str) -> tuple[str, ...]:
    """What files call a kind's own field."""
    field = DETAIL_FIELDS[key]
    return (key, field.zh, *DETAIL_ALIASES.get(key, ()))


def population_group(column: str) -> str | None:
    """The demand group that a column counts by its name: ``all``, ``60+``, ``65+``, …; None where it tells none."""
    name = folded(column)
    if name in {folded(alias) for alias in POPULATION_OF_ALL}:
        return "all"
    older = _OLDER.fullmatch(name)
    return f"{older.group(1)}+" if older else None


AREA_ALIASES: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "建成区名称", "建成区", "名称", "area_name", "MC", "JCQMC"),
    "source_id": ("source_id", "建成区编号", "编号", "area_id", "JCQBH"),
    "divisions": ("divisions", "组成区划", "组成区划代码", "所含区划", "包含区划", "所辖街道代码", "member_codes"),
    "division": ("division", "所属区划", "所属区划代码", "行政区划", "行政区划代码", "所属行政区划", "XZQDM"),
    "valid_from": ("valid_from", "起始", "起始日期", "启用日期", "划定日期", "划定时间", "自", "since"),
    "valid_to": ("valid_to", "终止", "终止日期", "止期", "撤销日期", "至", "until"),
    "source": ("source", "依据", "来源", "资料来源", "批准文号", "文号"),
    "geometry": ("geometry", "wkt", "几何", "范围"),
    "position_quality": ("position_quality", "位置精度"),
    "secrecy": ("secrecy", "密级"),
}
"""What files call the fields of built-up areas."""
