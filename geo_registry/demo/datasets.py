"""What the demonstration's datasets are called, and whom each credits."""

from collections.abc import Mapping

from geo_registry.vocabulary import DatasetKind

KEY = "demo-jinhua"
"""How each of the demonstration's datasets is called."""

_MADE_UP = "示例数据 synthetic example data"
_CODES = "代码与名称 codes and names: china-division 2.7.0, 2.5.0, 2.2.0 (MIT), 国家统计局 2023, 2021, 2018"
_TOWNS = "城镇位置 town positions: GeoNames (CC BY 4.0)"
_CENSUS = "县级合计 county totals: 第七次全国人口普查 2020 census (leiii/census, MIT)"
LICENCES: Mapping[DatasetKind, str] = {
    DatasetKind.DIVISIONS: f"{_MADE_UP}：边界 boundaries; {_CODES}; {_TOWNS}",
    DatasetKind.ROADS: f"{_MADE_UP}：道路 roads; {_TOWNS}",
    DatasetKind.PLACES: f"{_MADE_UP}：地名 places; 通行地名 well-known names; {_CODES}; {_TOWNS}",
    DatasetKind.FACILITIES: f"{_MADE_UP}：设施 facilities; {_CODES}; {_TOWNS}",
    DatasetKind.POPULATION: f"{_MADE_UP}：县以下分布 distribution within counties; {_CENSUS}; {_TOWNS}",
}
