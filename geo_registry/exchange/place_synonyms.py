"""Words that files write for classes, states and kinds of names of places."""

from collections.abc import Mapping

from geo_registry.vocabulary import NameAction, NameKind, PlaceClass, PlaceState, SpellingStatus, Word

PLACE_SYNONYMS: Mapping[type[Word], Mapping[str, str]] = {
    PlaceClass: {
        **dict.fromkeys(
            ("村民委员会", "居民委员会", "村委会", "居委会", "群众自治组织", "社区居委会"), "committee-seat"
        ),
        **dict.fromkeys(
            ("村庄", "村落", "居民点", "农村居民点", "片村", "自然村落", "settlement", "hamlet"), "village"
        ),
        **dict.fromkeys(
            (
                "道路",
                "城市道路",
                "城镇道路",
                "街巷",
                "街道路",
                "路",
                "街",
                "巷",
                "弄",
                "大道",
                "主干路",
                "次干路",
                "支路",
                "城镇街巷",
                "道路、街巷",
                "道路街巷",
                "lane",
                "avenue",
            ),
            "street",
        ),
        **dict.fromkeys(
            ("小区", "住宅小区", "居民小区", "居住区", "居民区", "城镇居民点", "estate"), "residential-area"
        ),
        **dict.fromkeys(("大厦", "大楼", "建筑物", "房屋", "高层建筑", "写字楼", "商厦"), "building"),
        **dict.fromkeys(("桥", "大桥", "公路桥", "立交桥", "天桥", "廊桥"), "bridge"),
        **dict.fromkeys(("隧洞", "公路隧道", "铁路隧道"), "tunnel"),
        **dict.fromkeys(("火车站", "汽车站", "公交站", "地铁站", "长途汽车站", "站"), "station"),
        **dict.fromkeys(("高速公路", "国道", "省道", "县道", "乡道"), "road"),
        **dict.fromkeys(("码头", "渡口", "港"), "port"),
        **dict.fromkeys(("机场", "飞机场"), "airport"),
        **dict.fromkeys(("城市公园", "公园、广场", "广场"), "park"),
        **dict.fromkeys(("保护区",), "reserve"),
        **dict.fromkeys(("景区", "风景区", "旅游景区", "风景名胜"), "scenic-area"),
        **dict.fromkeys(("纪念碑", "遗址", "古迹", "文物古迹", "故居", "古遗址", "墓"), "monument"),
        **dict.fromkeys(("寺", "庙", "庵", "观", "教堂", "宗教场所", "祠"), "temple"),
        **dict.fromkeys(("山峰", "山体", "山脉", "峰", "岭", "丘陵", "山岭"), "mountain"),
        **dict.fromkeys(("山谷", "峡谷", "谷", "坑", "峡"), "valley"),
        **dict.fromkeys(("岛屿", "沙洲", "洲"), "island"),
        **dict.fromkeys(("河", "江", "溪", "河道", "溪流", "河、溪"), "river"),
        **dict.fromkeys(("湖", "塘", "池", "池塘"), "lake"),
        **dict.fromkeys(("泉水", "井泉"), "spring"),
        **dict.fromkeys(("渠", "运河", "水渠", "灌渠"), "canal"),
        **dict.fromkeys(("山塘", "水库、山塘"), "reservoir"),
        **dict.fromkeys(("堤", "坝", "海塘", "水坝", "堰"), "dyke"),
        **dict.fromkeys(("电站", "水电站", "变电站", "发电站"), "power"),
        **dict.fromkeys(("企业", "事业单位", "学校", "医院", "党政机关"), "institution"),
    },
    PlaceState: {
        **dict.fromkeys(("使用中", "正在使用", "现行", "现存", "正常", "现状地名", "现势", "active"), "in-use"),
        **dict.fromkeys(("拟建", "在建", "规划地名", "建设中"), "planned"),
        **dict.fromkeys(("废止", "已废止", "消失", "已消失", "注销", "撤销", "历史", "历史地名", "销名"), "abolished"),
    },
    NameKind: {
        **dict.fromkeys(("标准名", "标准地名", "正名", "现用名", "官方名称", "official"), "standard"),
        **dict.fromkeys(("原名", "旧名", "旧称", "曾用", "曾名", "old name"), "former"),
        **dict.fromkeys(("别称", "俗称", "又名", "又称", "小名", "俗名", "alternative name"), "alias"),
        **dict.fromkeys(("缩写", "略称", "abbreviation"), "short"),
        **dict.fromkeys(("图名", "地图名称", "图上名"), "map"),
        **dict.fromkeys(("方言", "方言称呼", "方言称谓", "土名", "土语名"), "dialect"),
        **dict.fromkeys(("古名", "古称", "历史名", "历史地名"), "historical"),
        **dict.fromkeys(("民族语名称", "少数民族语", "民族语", "少数民族文字名称"), "minority"),
        **dict.fromkeys(("威妥玛", "邮政式拼音", "旧拼写", "wade-giles", "postal", "旧罗马字拼写"), "romanized"),
    },
    NameAction: {
        **dict.fromkeys(("新命名", "新建", "新增", "命名申请"), "name"),
        **dict.fromkeys(("改名", "重命名", "变更名称", "名称变更"), "rename"),
        **dict.fromkeys(("调整", "延长", "延伸", "起止点调整", "范围变更", "走向调整", "adjustment"), "adjust"),
        **dict.fromkeys(("规范", "规范化", "标准化处理", "standardize"), "standardise"),
        **dict.fromkeys(("注销", "废止", "撤销", "取消", "abolishing"), "abolish"),
    },
    SpellingStatus: {
        **dict.fromkeys(("批准", "已审定", "已命名", "标准"), "approved"),
        **dict.fromkeys(("沿用", "未审定", "在用", "约定俗成"), "recorded"),
    },
}
"""Words of the trade for what the vocabulary of place names has keys for."""
