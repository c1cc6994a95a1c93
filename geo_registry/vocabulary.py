"""Every controlled word: the key that data and API use, and how it is said in zh and en."""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A controlled word; its value is the key, ``zh`` and ``en`` are what a person reads."""

    zh: str
    en: str

    def __new__(cls, key: str, zh: str, en: str) -> Self:
        """One word with its two labels."""
        word = str.__new__(cls, key)
        word._value_ = key
        word.zh = zh
        word.en = en
        return word

    @classmethod
    def of(cls, key: str) -> Self:
        """The word whose key it is; ValueError where there is none."""
        for word in cls:
            if word.value == key:
                return word
        msg = f"{key!r} is no {cls.__name__}"
        raise ValueError(msg)

    def label(self, locale: str) -> str:
        """The word in the language of `locale` (``en…``, anything else is zh)."""
        return self.en if locale.startswith("en") else self.zh


class DivisionLevel(Word):
    """The five levels of the statistical division code (GB/T 2260, GB/T 10114), from the top."""

    PROVINCE = "province", "省级", "province"
    CITY = "city", "地级", "city"
    COUNTY = "county", "县级", "county"
    TOWNSHIP = "township", "乡级", "township"
    VILLAGE = "village", "村级", "village"


class Holding(Word):
    """What a registry holds and says how much of, by its table."""

    DIVISION = "division", "行政区划", "divisions"
    PLACE = "place", "地名", "places"
    FACILITY = "facility", "设施", "facilities"
    DEMAND_POINT = "demand_point", "人口点", "demand points"
    ROAD_SEGMENT = "road_segment", "路段", "road segments"
    DATASET = "dataset", "数据集", "datasets"
    COVERAGE_RUN = "coverage_run", "覆盖分析", "coverage runs"


class Named(Word):
    """What bears a name that can be searched for, by its table."""

    DIVISION = "division", "行政区划", "division"
    FACILITY = "facility", "设施", "facility"
    PLACE = "place", "地名", "place"


class Match(Word):
    """How a name was found, from the best to the least."""

    CODE = "code", "代码", "by its code"
    EXACT = "exact", "同名", "the same name"
    PREFIX = "prefix", "开头相同", "begins so"
    PINYIN = "pinyin", "拼音", "by its reading"
    INITIALS = "initials", "拼音首字母", "by its initials"
    CONTAINED = "contained", "包含", "holds it"


class PlaceClass(Word):
    """What kind of thing a place name names."""

    DIVISION = "division", "行政区划", "administrative division"
    COMMITTEE_SEAT = "committee-seat", "村(居)民委员会所在地", "seat of a village or residents' committee"
    VILLAGE = "village", "自然村", "natural village"
    STREET = "street", "街路巷", "street or lane"
    RESIDENTIAL_AREA = "residential-area", "住宅区", "residential area"
    BUILDING = "building", "楼宇", "building"
    BRIDGE = "bridge", "桥梁", "bridge"
    TUNNEL = "tunnel", "隧道", "tunnel"
    STATION = "station", "车站", "station"
    ROAD = "road", "公路", "highway"
    RAILWAY = "railway", "铁路", "railway"
    PORT = "port", "港口", "port"
    AIRPORT = "airport", "机场", "airport"
    PARK = "park", "公园", "park"
    RESERVE = "reserve", "自然保护区", "nature reserve"
    SCENIC_AREA = "scenic-area", "风景名胜区", "scenic area"
    MONUMENT = "monument", "纪念地", "monument"
    TEMPLE = "temple", "寺庙", "temple"
    MOUNTAIN = "mountain", "山", "mountain"
    PLATEAU = "plateau", "高原", "plateau"
    PLAIN = "plain", "平原", "plain"
    VALLEY = "valley", "谷地", "valley"
    ISLAND = "island", "岛", "island"
    ISLANDS = "islands", "群岛", "islands"
    PENINSULA = "peninsula", "半岛", "peninsula"
    BAY = "bay", "海湾", "bay"
    STRAIT = "strait", "海峡", "strait"
    SEA = "sea", "海", "sea"
    RIVER = "river", "河流", "river"
    LAKE = "lake", "湖泊", "lake"
    SPRING = "spring", "泉", "spring"
    WATERFALL = "waterfall", "瀑布", "waterfall"
    CANAL = "canal", "渠道", "canal"
    RESERVOIR = "reservoir", "水库", "reservoir"
    DYKE = "dyke", "堤坝", "dyke"
    POWER = "power", "电力设施", "power installation"
    TELECOM = "telecom", "通信设施", "telecommunications installation"
    WEATHER = "weather", "气象设施", "weather station"
    INSTITUTION = "institution", "单位", "institution"
    OTHER = "other", "其他", "other"


class PlaceState(Word):
    """Where a place stands in its life."""

    PLANNED = "planned", "规划", "planned"
    IN_USE = "in-use", "在用", "in use"
    ABOLISHED = "abolished", "已销名", "abolished"


class NameKind(Word):
    """What a name is to its place."""

    STANDARD = "standard", "标准名称", "standard name"
    """Given by whoever may approve names; in one period, or still."""
    FORMER = "former", "曾用名", "former name"
    """Used before, whether or not anybody had approved it."""
    ALIAS = "alias", "别名", "alias"
    SHORT = "short", "简称", "short name"
    MAP = "map", "图上名称", "name on maps"
    DIALECT = "dialect", "方言名", "name in the dialect"
    HISTORICAL = "historical", "历史名称", "historical name"
    """Known from writings alone."""
    MINORITY = "minority", "少数民族语名称", "name in a minority language"
    ROMANIZED = "romanized", "罗马字母旧拼写", "older spelling in Latin letters"
    """As others spelt it: Wade-Giles, postal maps."""


class SpellingStatus(Word):
    """What a spelling is worth; the decision that it came of has a state of its own."""

    PROPOSED = "proposed", "拟用", "proposed"
    APPROVED = "approved", "已批准", "approved"
    RECORDED = "recorded", "沿用（未审定）", "in use, not decided on"
    HISTORICAL = "historical", "历史", "historical"
    REJECTED = "rejected", "不予采用", "rejected"


class NamingState(Word):
    """Where the decision on a name stands."""

    TAKEN_OVER = "taken-over", "存量接收", "taken over"
    """It came with an existing register; how it was decided isn't known here."""
    RAISED = "raised", "已提出", "raised"
    DECIDED = "decided", "已决定", "decided"
    WITHDRAWN = "withdrawn", "已撤回", "withdrawn"


class Precision(Word):
    """How exactly a date is known."""

    DAY = "day", "日", "to the day"
    MONTH = "month", "月", "to the month"
    YEAR = "year", "年", "to the year"
    DECADE = "decade", "年代", "to the decade"
    CENTURY = "century", "世纪", "to the century"
    ERA = "era", "朝代", "to the dynasty"


class RomanizedBy(Word):
    """Who gave a romanised form."""

    RULES = "rules", "规则", "the rules"
    REGISTRAR = "registrar", "登记人员", "a registrar"
    """It wins over the rules."""
    SOURCE = "source", "来源数据", "its source"


class PlaceRelationKind(Word):
    """What a place is to another: the later to the earlier, the part to the whole."""

    REPLACES = "replaces", "取代", "replaces"
    MERGED_FROM = "merged-from", "由其并入而成", "was merged from"
    SPLIT_FROM = "split-from", "由其析出", "was split from"
    PART_OF = "part-of", "属于", "is part of"
    NAMED_AFTER = "named-after", "因其得名", "is named after"


class DivisionChange(Word):
    """How a division of one vintage became that of a later one."""

    SAME = "same", "延续", "goes on"
    RENAMED = "renamed", "更名", "was renamed"
    RECODED = "recoded", "代码变更", "has another code"
    MERGED = "merged", "并入", "was merged into"
    SPLIT = "split", "析置", "was split into"


class Certainty(Word):
    """How sure a statement is."""

    CERTAIN = "certain", "确定", "certain"
    PROBABLE = "probable", "很可能", "probable"
    POSSIBLE = "possible", "存疑", "possible"


class NamePart(Word):
    """What a part of a place name does in it."""

    SPECIFIC = "specific", "专名", "specific"
    GENERIC = "generic", "通名", "generic"
    MODIFIER = "modifier", "修饰成分", "modifier"
    NUMERAL = "numeral", "数词", "numeral"
    CODE = "code", "代码", "code"
    """Letters and figures that the name itself is written with."""


class ReadingSource(Word):
    """What a reading or a spelling was decided by, from the most certain to the least."""

    OVERRIDE = "override", "审定", "decided by a person"
    FIGURE = "figure", "数字代码", "figures or letters as written"
    TRANSCRIBED = "transcribed", "音译转写", "transcribed from its language"
    GENERIC = "generic", "通名表", "table of generics"
    TABLE = "table", "地名读音表", "table of place readings"
    DICTIONARY = "dictionary", "词典", "dictionary"
    CHARACTER = "character", "单字", "the character alone"


class Fate(Word):
    """What is recorded of the way from a division to the present ones."""

    PRESENT = "present", "现行区划", "is a present division"
    KNOWN = "known", "去向已查明", "what became of it is certain"
    SUPPOSED = "supposed", "去向为推定", "what became of it is only supposed"
    SEVERAL = "several", "去向不止一处", "it leads to several"
    UNKNOWN = "unknown", "去向未登记", "what became of it is not recorded"


class FacilityKind(Word):
    """The kinds of civil-affairs facility that the registry keeps."""

    CARE_INSTITUTION = "care-institution", "养老机构", "care institution"
    HOME_CARE_CENTRE = "home-care-centre", "居家养老服务中心", "home-care centre"
    MEAL_POINT = "meal-point", "助餐点", "meal point"
    CEMETERY = "cemetery", "公墓", "cemetery"
    COLUMBARIUM = "columbarium", "骨灰堂", "columbarium"
    FUNERAL_HOME = "funeral-home", "殡仪馆", "funeral home"
    MARRIAGE_HALL = "marriage-hall", "婚姻登记机关", "marriage hall"
    CHILD_WELFARE_HOME = "child-welfare-home", "儿童福利院", "child welfare home"
    CHILD_PROTECTION_CENTRE = "child-protection-centre", "未成年人救助保护中心", "child-protection centre"
    CHILD_PROTECTION_STATION = "child-protection-station", "未成年人保护工作站", "child-protection station"
    RESCUE_STATION = "rescue-station", "救助管理站", "rescue station"
    ASSISTANCE_STATION = "assistance-station", "社会救助联合体", "social assistance station"
    REHABILITATION_POINT = "rehabilitation-point", "精康融合点、残疾人之家", "rehabilitation point"
    CHARITY_SHOP = "charity-shop", "慈善超市", "charity shop"
    INCUBATOR = "incubator", "社会组织孵化基地", "incubator of social organisations"
    SOCIAL_WORK_STATION = "social-work-station", "社工站", "social-work station"


class FacilityStatus(Word):
    """Where a facility stands in its life; only an open one serves."""

    PLANNED = "planned", "规划", "planned"
    BUILDING = "building", "在建", "being built"
    OPEN = "open", "运营", "open"
    SUSPENDED = "suspended", "暂停", "suspended"
    CLOSED = "closed", "关闭", "closed"


class PositionQuality(Word):
    """How far a position can be trusted."""

    SURVEYED = "surveyed", "实测", "surveyed"
    SOURCE = "source", "来源数据", "as its source gives it"
    APPROXIMATE = "approximate", "近似", "approximate"
    SYNTHETIC = "synthetic", "示例数据", "synthetic example data"


class PopulationBasis(Word):
    """Whom a population source counts; two bases never meet in one ratio."""

    REGISTERED = "registered", "户籍", "registered population"
    RESIDENT = "resident", "常住", "resident population"
    SERVICE_LIST = "service-list", "服务对象名册", "people on a service list"


class DatasetKind(Word):
    """What a dataset holds."""

    DIVISIONS = "divisions", "行政区划", "divisions"
    PLACES = "places", "地名", "places"
    BUILT_UP_AREAS = "built-up-areas", "建成区", "built-up areas"
    FACILITIES = "facilities", "设施", "facilities"
    POPULATION = "population", "人口", "population"
    ROADS = "roads", "道路", "roads"


class AreaConcern(Word):
    """What a person looks at of a built-up area."""

    OVERLAP = "overlap", "与其他建成区重叠", "it lies over another built-up area"
    OUTSIDE_DIVISION = "outside-division", "超出所属区划", "it reaches beyond its division"


class StandardFamily(Word):
    """How a service standard measures; each has its own evaluation."""

    REACH = "reach", "可达", "reach"
    SUPPLY = "supply", "供给", "supply"
    PRESENCE = "presence", "有无", "presence"
    RESERVE = "reserve", "余量", "reserve"
    SIGNS = "signs", "标志", "signs"


class Compass(Word):
    """The eight directions, anticlockwise from the east."""

    EAST = "e", "东", "east"
    NORTH_EAST = "ne", "东北", "north-east"
    NORTH = "n", "北", "north"
    NORTH_WEST = "nw", "西北", "north-west"
    WEST = "w", "西", "west"
    SOUTH_WEST = "sw", "西南", "south-west"
    SOUTH = "s", "南", "south"
    SOUTH_EAST = "se", "东南", "south-east"


class CourseShape(Word):
    """How a line runs, whatever way it faces."""

    STRAIGHT = "straight", "直线", "straight"
    SLIGHT = "slight", "略有弯曲", "bending slightly"
    ARC = "arc", "呈弧形", "in an arc"
    BEND = "bend", "转折", "with a bend"
    HORSESHOE = "horseshoe", "呈U形", "in a horseshoe"
    DOUBLE = "double", "呈S形", "in an S"
    WINDING = "winding", "蜿蜒曲折", "winding"
    LOOP = "loop", "环形", "a loop"


class LaneEnd(Word):
    """What a lane begins or ends at."""

    ROAD = "road", "道路", "a road"
    FEATURE = "feature", "地物附近", "near a feature"
    UNNAMED = "unnamed", "无名道路", "a road without a name"
    BORDER = "border", "村界", "the village's border"
    NOWHERE = "nowhere", "尽头", "a dead end"
    UNKNOWN = "unknown", "不详", "not known"


class LaneOrigin(Word):
    """Where a lane without a name comes from."""

    NETWORK = "network", "路网中查得", "found in the network"
    DRAWN = "drawn", "图上绘制", "drawn on the map"
    IMPORTED = "imported", "文件导入", "imported"


class LaneStatus(Word):
    """How far a lane without a name has come."""

    FOUND = "found", "待拟名", "found"
    PROPOSED = "proposed", "已拟名", "proposed"
    DROPPED = "dropped", "不命名", "dropped"
    FILED = "filed", "已报批", "filed"
    NAMED = "named", "已命名", "named"
    GONE = "gone", "路网中已无", "gone from the network"


class NamedAfter(Word):
    """What a proposed name comes from."""

    FEATURE = "feature", "邻近地物", "a feature near by"
    VILLAGE = "village", "所在村", "the village"
    WISH = "wish", "群众意愿", "a wish"
    PERSON = "person", "人工拟定", "a person"


class TravelMode(Word):
    """How people travel to a facility."""

    WALK = "walk", "步行", "on foot"
    DRIVE = "drive", "驾车", "by car"


class PointState(Word):
    """What became of one demand point in a coverage run; every point is in exactly one state."""

    COVERED = "covered", "覆盖", "within reach"
    BEYOND = "beyond", "超出", "farther than the threshold"
    UNREACHABLE = "unreachable", "不可达", "no way to any facility"
    UNSNAPPED = "unsnapped", "未入网", "no road within the snapping limit"


class RunState(Word):
    """Where a coverage run or an import stands."""

    QUEUED = "queued", "排队", "queued"
    RUNNING = "running", "进行中", "running"
    DONE = "done", "完成", "done"
    FAILED = "failed", "失败", "failed"
    CANCELLED = "cancelled", "已取消", "cancelled"


class JobState(Word):
    """Where a job stands."""

    QUEUED = "queued", "排队", "queued"
    RUNNING = "running", "进行中", "running"
    DONE = "done", "完成", "done"
    FAILED = "failed", "失败", "failed"
    CANCELLED = "cancelled", "已取消", "cancelled"


class CareOwnership(Word):
    """Who owns and who runs a care institution."""

    PUBLIC = "public", "公办", "public"
    PRIVATE = "private", "民办", "private"
    PUBLIC_PRIVATELY_RUN = "public-privately-run", "公建民营", "public, privately run"


class CemeteryOwnership(Word):
    """What a cemetery is run for (殡葬管理条例: 经营性, 公益性)."""

    COMMERCIAL = "commercial", "经营性", "commercial"
    PUBLIC_BENEFIT = "public-benefit", "公益性", "public-benefit"
    VILLAGE = "village", "村级公益性", "village"


class AccountState(Word):
    """Whether an account may be used."""

    ACTIVE = "active", "启用", "active"
    DISABLED = "disabled", "停用", "disabled"


class Severity(Word):
    """How much a finding weighs."""

    ERROR = "error", "错误", "error"
    """The law says no."""
    WARNING = "warning", "警告", "warning"
    """As a rule no: a person decides, and says why."""
    NOTE = "note", "提示", "note"
    """To be known."""


class NamePool(Word):
    """What is told apart by its names: within a scope no two of a pool are called alike."""

    FEATURES = "features", "自然地理实体", "natural features"
    DIVISIONS = "divisions", "县级以上行政区划", "divisions from the county up"
    TOWNSHIPS = "townships", "乡镇街道", "townships and sub-districts"
    SEATS = "seats", "村(居)民委员会所在地", "seats of committees"
    VILLAGES = "villages", "自然村", "natural villages"
    STREETS = "streets", "街路巷", "streets"
    ESTATES = "estates", "住宅区和楼宇", "residential areas and buildings"


class NameScope(Word):
    """Where names of a pool are told apart."""

    NATION = "nation", "全国", "the nation"
    PROVINCE = "province", "同一省级行政区域", "one province"
    COUNTY = "county", "同一县级行政区域", "one county"
    TOWNSHIP = "township", "同一乡镇（街道）", "one township"
    BUILT_UP_AREA = "built-up-area", "同一建成区", "one built-up area"


class FindingCode(Word):
    """What a check of a name found; severity, article and words are those of ``places/rules/rules.toml``."""

    DUPLICATE = "duplicate", "重名", "same name"
    DUPLICATE_FOLDED = "duplicate-folded", "异形重名", "same name, written otherwise"
    HOMOPHONE = "homophone", "同音", "sounds the same"
    NEAR_HOMOPHONE = "near-homophone", "近音", "sounds nearly the same"
    RENOWNED = "renowned-feature", "与著名自然地理实体重名", "called like a nationally known feature"
    RENOWNED_HOMOPHONE = "renowned-homophone", "与著名自然地理实体同音", "sounds like a nationally known feature"
    SPECIFIC_MISSING = "specific-missing", "缺专名", "no specific part"
    GENERIC_MISSING = "generic-missing", "缺通名", "no generic part"
    GENERIC_UNFIT = "generic-unfit", "通名与类别不符", "generic part of another class"
    GENERIC_SIZE = "generic-size", "通名与规模不符", "generic part against the size"
    GRANDIOSE = "grandiose", "刻意夸大", "more than it is"
    MEANING = "meaning", "含义不当", "meaning to be looked at"
    SCRIPT = "script", "非国家通用文字", "not in the common script"
    FIGURES = "figures", "使用阿拉伯数字", "figures"
    CHARACTER_UNCOMMON = "character-uncommon", "生僻字", "rare character"
    CHARACTER_UNLISTED = "character-unlisted", "表外字", "character outside the table"
    LEADER = "leader-name", "国家领导人名字", "a state leader's name"
    PERSON = "personal-name", "人名", "a personal name"
    FOREIGN = "foreign-name", "外国人名、地名", "a foreign name"
    BRAND = "brand-name", "企业名称或商标", "a company's name or trade mark"
    ELSEWHERE = "name-elsewhere", "区划或街路名称用于其外", "a division's or street's name, used outside it"
    FROM_FEATURE = "division-from-feature", "专名取自实体名称", "a division called after a feature"
    DISAGREES = "facility-disagrees", "与所在地地名不一致", "a facility that disagrees with its place"
    OVERLAP = "extent-overlap", "范围重叠", "extent over another's"
    GAP = "extent-gap", "起止不符", "extent short of its ends"
    SERIES = "series-gap", "序数缺号", "a number missing in a series"
    DATES = "dates-order", "日期先后不符", "dates out of order"
    OUTSIDE = "outside-division", "位置不在所属区划", "outside its division"
    AREA_UNKNOWN = "built-up-area-unknown", "建成区未划定", "no built-up area"
    DIALECT = "dialect-unchecked", "方言同音未检查", "dialect not checked"
    NOT_COMPARED = "not-compared", "未能比对", "not compared"
    APPROVER = "approver-unfit", "批准机关与类别不符", "another body approves names of the class"
    CHANGED = "changed-since-consulted", "公示后变更", "changed since the consultation"


class Role(Word):
    """What a grant makes of somebody, in the division that it is for."""

    PUBLIC = "public", "公众", "the public"
    """Everyone, signed in or not; it is never granted."""
    VIEWER = "viewer", "查阅", "viewer"
    """Reads all of the division: those in charge (领导)."""
    TOWNSHIP = "township", "乡镇（街道）", "township"
    """Applies for names and fills in facilities; approves nothing."""
    STEWARD = "steward", "设施管理", "steward"
    """Keeps facilities of certain kinds true (科室、机构)."""
    FIELD = "field", "外业", "field worker"
    """Surveys, and works on orders outdoors."""
    CONTRACTOR = "contractor", "承包单位", "contractor"
    """Sees the orders of its own batches and nothing else."""
    SUPERVISOR = "supervisor", "工单主管", "supervisor"
    """Triages, assigns and verifies work orders."""
    REGISTRAR = "registrar", "地名登记", "registrar"
    """Keeps place names: cases, filing, announcement."""
    SIGNER = "signer", "审核签发", "signer"
    """Reviews and signs what others drew up."""
    PLANNER = "planner", "规划", "planner"
    """Asks who is within reach of what, and tries scenarios."""
    ADMIN = "admin", "管理员", "administrator"
    """Accounts, imports, jobs, audit."""


class CaseKind(Word):
    """What a case is to decide."""

    NAMING = "naming", "命名", "naming"
    RENAMING = "renaming", "更名", "renaming"
    ADJUSTMENT = "adjustment", "地名要素调整", "adjustment of what is named"
    """It is made longer or shorter, merged or split; the name stays."""
    STANDARDISING = "standardising", "标准化", "standardising"
    """One of the names in use becomes the standard one."""
    ABOLITION = "abolition", "销名", "abolition"
    HERITAGE = "heritage", "列入地名文化遗产", "listing as heritage"


class LineState(Word):
    """Where a line of a case stands."""

    OPEN = "open", "待定", "open"
    IN_FORCE = "in-force", "已生效", "in force"
    STRUCK = "struck", "不予采用", "struck out"


class CaseOrigin(Word):
    """How a case came to the office."""

    APPLICATION = "application", "申请", "applied for"
    TAKEN_OVER = "taken-over", "存量接收", "taken over from an existing register"
    """It raises no due dates: what was decided on before was filed and announced before, or never."""


class DocumentKind(Word):
    """What paper of a case a document is (地名管理条例 art. 11, 实施办法, 备案公告管理办法)."""

    APPLICATION = "application", "申请书", "application"
    PLAN = "plan", "命名更名方案", "plan"
    ASSESSMENT = "assessment", "综合评估报告", "assessment"
    EXPERTS = "experts", "专家论证报告", "experts' report"
    OPINIONS = "opinions", "征求意见报告", "report on opinions"
    HEARING = "hearing", "听证材料", "hearing"
    APPROVAL = "approval", "批准文件", "approval"
    FILING_REPORT = "filing-report", "备案报告", "filing report"
    FILING_FORM = "filing-form", "地名备案表", "filing form"
    RECEIPT = "receipt", "备案回执", "receipt of the filing"
    ANNOUNCEMENT = "announcement", "公告文本", "announcement"
    EVIDENCE = "evidence", "历史地名资料", "evidence"
    OTHER = "other", "其他材料", "other"


class CasePaper(Word):
    """A paper that is made from a case, so that nothing is typed twice."""

    APPLICATION = "application", "申请书", "application"
    OPINIONS = "opinions", "征求意见报告", "report on opinions"
    FILING_FORM = "filing-form", "地名备案表", "filing form"
    FILING_REPORT = "filing-report", "备案报告", "filing report"
    ANNOUNCEMENT = "announcement", "公告", "announcement"


class PaperFormat(Word):
    """In what format a paper is made."""

    DOCX = "docx", "DOCX（Word、WPS）", "DOCX"
    PDF = "pdf", "PDF", "PDF"
    XLSX = "xlsx", "XLSX（表格）", "XLSX"


class ConsultationKind(Word):
    """What the public is asked for."""

    NOTICE = "notice", "公示", "public notice"
    CALL = "call", "征集", "call for names"


class CommentOutcome(Word):
    """What became of what somebody said."""

    RECEIVED = "received", "待处理", "not dealt with"
    ADOPTED = "adopted", "采纳", "adopted"
    PARTLY = "partly", "部分采纳", "partly adopted"
    NOT_ADOPTED = "not-adopted", "未采纳", "not adopted"


class NameAction(Word):
    """What a decision does to one name; the names of one case may have different ones."""

    NAME = "name", "命名", "naming"
    RENAME = "rename", "更名", "renaming"
    ADJUST = "adjust", "范围调整", "adjustment of its extent"
    STANDARDISE = "standardise", "标准化", "standardising"
    ABOLISH = "abolish", "销名", "abolition"
    LIST = "list", "列入地名文化遗产", "listing as heritage"


class PartFate(Word):
    """What became of a former name, or of a part of what bore it, by a decision on another name."""

    REPLACED = "replaced", "更名", "replaced"
    ABSORBED = "absorbed", "并入", "absorbed"
    SPLIT = "split", "析出", "split off"


class FlawCode(Word):
    """What an announcement lacks, or holds that can't be so."""

    NAMES_MISSING = "names-missing", "没有地名", "no names"
    NAME_MISSING = "name-missing", "缺标准名称", "no standard name"
    ROMANIZED_MISSING = "romanized-missing", "缺罗马字母拼写", "no romanised form"
    DIVISION_MISSING = "division-missing", "缺所在行政区划", "no division"
    POSITION_MISSING = "position-missing", "缺位置", "no position"
    APPROVER_MISSING = "approver-missing", "缺批准机关", "no approving body"
    APPROVED_ON_MISSING = "approved-on-missing", "缺批准日期", "no date of approval"
    APPROVAL_NUMBER_MISSING = "approval-number-missing", "批准文号不详", "the approval's number isn't known"
    REASON_MISSING = "reason-missing", "更正未说明原因", "a correction without a reason"
    FORMER_MISSING = "former-missing", "更名未列原名", "a renaming without the former name"
    REPEATED = "repeated", "同一公告中重复出现", "more than once in the same announcement"
    NOT_POSITIVE = "not-positive", "应大于 0", "must be more than 0"
    WIDE = "wide", "宽度大于长度", "wider than it is long"
    DATE_UNCLEAR = "date-unclear", "日期无法识别，未核对先后", "a date that can't be read, so its order wasn't checked"
    BUILT_BEFORE_BEGUN = "built-before-begun", "建成早于始建", "built before building began"
    BUILT_LATER = "built-later", "建成日期晚于公告", "built later than the announcement"
    ANNOUNCED_EARLY = "announced-early", "公告早于批准", "announced before its approval"
    BASIS_UNVERIFIED = "basis-unverified", "依据未核实", "a basis that wasn't verified"


class CaseState(Word):
    """Where the decision on a case stands; what has to be done after it (`Duty`) has states of its own."""

    DRAFT = "draft", "草稿", "draft"
    SUBMITTED = "submitted", "已申请", "submitted"
    RETURNED = "returned", "退回补正", "returned"
    CHECKED = "checked", "已受理", "taken on"
    CONSULTING = "consulting", "公示征求意见", "in consultation"
    HANDLED = "handled", "承办完成，待审核", "handled"
    REVIEWED = "reviewed", "审核完成，待签发", "reviewed"
    SIGNED = "signed", "已签发，待批准", "signed"
    APPROVED = "approved", "已批准", "approved"
    REJECTED = "rejected", "不予批准", "rejected"
    WITHDRAWN = "withdrawn", "已撤回", "withdrawn"


class CaseStep(Word):
    """What can be done to a case."""

    SUBMIT = "submit", "提交申请", "submit"
    CHECK = "check", "受理", "take on"
    RETURN = "return", "退回补正", "return"
    WITHDRAW = "withdraw", "撤回", "withdraw"
    CONSULT = "consult", "发布公示", "open a consultation"
    CONCLUDE = "conclude", "结束公示", "conclude the consultation"
    HANDLE = "handle", "承办", "handle"
    REVIEW = "review", "审核", "review"
    SEND_BACK = "send-back", "退回承办", "send back"
    SIGN = "sign", "签发", "sign"
    APPROVE = "approve", "登记批准文件", "enter the approval"
    REJECT = "reject", "登记不予批准", "enter the refusal"
    FILE = "file", "报送备案", "send for filing"
    FILED = "filed", "登记备案回执", "enter the receipt"
    FILING_RETURNED = "filing-returned", "登记备案退回", "enter that the filing was returned"
    ANNOUNCE = "announce", "发布公告", "announce"
    CORRECT = "correct", "更正公告", "correct the announcement"


class Approver(Word):
    """Who approves a name, as far as filing and announcement ask (arts. 13 and 14)."""

    STATE_DEPARTMENT = "state-department", "国务院有关部门", "a department of the State Council"
    GOVERNMENT = "government", "县级以上地方人民政府", "a local government"
    CIVIL_AFFAIRS = "civil-affairs", "地名行政主管部门", "the civil-affairs department"
    DEPARTMENT = "department", "其他有关部门", "another department"


class Duty(Word):
    """What has to be done once a name is approved, beside one another."""

    FILING = "filing", "备案", "filing"
    ANNOUNCEMENT = "announcement", "公告", "announcement"


class DutyState(Word):
    """Where a duty stands."""

    DUE = "due", "待办", "due"
    SENT = "sent", "已报送", "sent"
    RETURNED = "returned", "被退回", "returned"
    DONE = "done", "已完成", "done"
    CORRECTED = "corrected", "已更正", "corrected"


class TermStart(Word):
    """From the date of which document a term runs."""

    APPROVAL = "approval", "批准之日", "approval"
    FILING = "filing", "报送备案之日", "sending for filing"


class DayCount(Word):
    """Which days a term counts."""

    PLAIN = "plain", "自然日", "days"
    WORKING = "working", "工作日", "working days"


class HeritageLevel(Word):
    """Whose protection list (地名保护名录) a name stands on."""

    NATION = "nation", "国家级", "national"
    PROVINCE = "province", "省级", "of the province"
    CITY = "city", "市级", "of the city"
    COUNTY = "county", "县级", "of the county"


class HeritageKind(Word):
    """What sort of heritage a name is; the criteria of each are those of ``heritage/criteria.toml``."""

    ANCIENT_COUNTY = "ancient-county", "千年古县", "county of a thousand years"
    ANCIENT_TOWN = "ancient-town", "千年古镇", "town of a thousand years"
    ANCIENT_VILLAGE = "ancient-village", "千年古村落", "village of a thousand years"
    OLD_STREET = "old-street", "老街巷", "old street"
    FEATURE = "feature", "山川名胜", "mountains, waters and sights"
    MODERN = "modern", "近现代重要地名", "name of recent history"
    OTHER = "other", "其他历史地名", "other historical name"


class HeritageStatus(Word):
    """Where the listing of a name stands."""

    PROPOSED = "proposed", "拟列入", "proposed"
    LISTED = "listed", "已列入", "listed"
    DELISTED = "delisted", "已移出", "taken off the list"


class HeritagePart(Word):
    """What is told of a listed name, each in rows of its own."""

    EVIDENCE = "evidence", "依据", "evidence"
    STORIES = "stories", "故事", "stories"
    PICTURES = "pictures", "图片", "pictures"
    MEASURES = "measures", "保护措施", "protective measures"


class MeasurePurpose(Word):
    """What a protective measure is for."""

    KEEPING = "keeping", "日常保护", "keeping it"
    RENAMING = "renaming", "更名前的保护措施", "before a renaming"
    """What article 25 of 地名管理条例 wants beforehand."""


class CriterionState(Word):
    """Whether a listed name meets a criterion."""

    MET = "met", "符合", "met"
    NOT_MET = "not-met", "不符合", "not met"
    UNTOLD = "untold", "尚不能判断", "can't be told"


class Nameless(Word):
    """Who acts without an account, as history calls them; no account may be called so."""

    LOCAL_OPERATOR = "local-operator", "本机操作员", "operator at the machine"
    ANONYMOUS = "anonymous", "访客", "anonymous visitor"


class TokenScope(Word):
    """What a token may be used for, within what its account may do."""

    READ = "read", "读取", "read"
    PLAN = "plan", "分析", "analyse"
    EDIT = "edit", "登记", "change records"
    ADMIN = "admin", "管理", "administer"


class Way(Word):
    """By which way of the product something was done or read."""

    PAGE = "page", "网页", "page"
    API = "api", "接口", "API"
    COMMAND = "cli", "命令行", "command"
    WORKER = "worker", "后台任务", "worker"
    NOTEBOOK = "notebook", "笔记本或程序", "notebook or program"


class Operation(Word):
    """What was done to rows, as audit calls it; or that somebody was refused, signing in or by the password that they said."""

    INSERT = "insert", "新增", "added"
    UPDATE = "update", "修改", "changed"
    DELETE = "delete", "删除", "deleted"
    READ = "read", "查看", "read"
    REFUSE = "refuse", "拒绝", "refused"
