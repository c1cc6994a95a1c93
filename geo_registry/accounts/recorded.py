"""What the audit calls things: the tables that it tells of, their columns, and what the product itself gives as a reason."""

from geo_registry.vocabulary import Word


class RecordedTable(Word):
    """A table whose rows the audit tells of; a test finds one that has no word."""

    ACCOUNT = "account", "账号", "accounts"
    ACCOUNT_IDENTITY = "account_identity", "单点登录身份", "identities at the single sign-on"
    ACCOUNT_PASSWORD = "account_password", "账号密码", "passwords of accounts"
    ACCOUNT_SESSION = "account_session", "登录会话", "sessions"
    API_TOKEN = "api_token", "令牌", "tokens"
    API_TOKEN_SECRET = "api_token_secret", "令牌密钥", "secrets of tokens"
    AUDIT_ENTRY = "audit_entry", "审计记录", "entries of the audit"
    BUILT_UP_AREA = "built_up_area", "城镇建成区", "built-up areas"
    COVERAGE_RUN = "coverage_run", "覆盖分析", "coverage runs"
    DATASET = "dataset", "数据集", "datasets"
    DEMAND_POINT = "demand_point", "人口点", "demand points"
    DIVISION = "division", "行政区划", "divisions"
    DIVISION_SUCCESSION = "division_succession", "区划沿革", "what became of divisions"
    FACILITY = "facility", "设施", "facilities"
    FACILITY_CONTACT = "facility_contact", "设施联系人", "contacts of facilities"
    FINDING_CLEARANCE = "finding_clearance", "审查意见的排除", "cleared findings"
    IMPORT_RUN = "import_run", "导入", "imports"
    JOB = "procrastinate_jobs", "任务", "jobs"
    PLACE = "place", "地名", "places"
    PLACE_EXTENT = "place_extent", "地名范围", "extents of places"
    PLACE_NAME = "place_name", "地名名称", "names of places"
    PLACE_RELATION = "place_relation", "地名关系", "relations of places"
    ROAD_BARRIER = "road_barrier", "道路障碍", "barriers on roads"
    ROAD_SEGMENT = "road_segment", "路段", "road segments"
    ROLE_GRANT = "role_grant", "授权", "grants"
    TEAM = "team", "团队", "teams"
    TEAM_MEMBER = "team_member", "团队成员", "members of teams"


class RecordedField(Word):
    """A column of these, whatever table it is of; likewise."""

    ACCOUNT_ID = "account_id", "账号", "account"
    ADDRESS = "address", "地址", "address"
    AFTER_ID = "after_id", "之后的区划", "division after it"
    AS_OF = "as_of", "数据日期", "as of"
    BARRIER = "barrier", "障碍类型", "kind of barrier"
    BASIS = "basis", "人口口径", "whom it counts"
    BEFORE_ID = "before_id", "之前的区划", "division before it"
    BEGUN_ON = "begun_on", "起始日期", "begun on"
    BY_GROUP = "by_group", "来自的用户组", "group that gave it"
    CAPACITY = "capacity", "规模", "capacity"
    CERTAINTY = "certainty", "可靠程度", "certainty"
    CHANGE = "change", "变更类型", "kind of change"
    CLASS = "class", "地名类别", "class of place"
    CLOSED_ON = "closed_on", "停办日期", "closed on"
    CODE = "code", "代码", "code"
    COLLIDES_WITH = "collides_with", "与之冲突的记录", "record that it collides with"
    CONFIRMED_BY = "confirmed_by", "核实人", "confirmed by"
    CONFIRMED_ON = "confirmed_on", "核实日期", "confirmed on"
    CONTENT_VERSION = "content_version", "内容版本", "version of its content"
    COUNTS = "counts", "人数", "people"
    DATASET_ID = "dataset_id", "数据集", "dataset"
    DEMO = "demo", "示例账号", "of the demonstration"
    DETAIL = "detail", "专项内容", "details"
    DIGEST_KEY = "digest_key", "摘要密钥", "key of the digest"
    DISPLAY_NAME = "display_name", "显示名", "name that is shown"
    DIVISION = "division", "区划", "division"
    DIVISION_ID = "division_id", "所在区划", "division that it lies in"
    ENDED_ON = "ended_on", "终止日期", "ended on"
    EVIDENCE = "evidence", "依据", "evidence"
    EXPIRES_AT = "expires_at", "有效期至", "expires at"
    FACILITY_ID = "facility_id", "设施", "facility"
    FID = "fid", "序号", "number"
    FOOT = "foot", "步行通行", "on foot"
    FOOT_BLOCKED = "foot_blocked", "阻断步行", "blocks walking"
    FROM_PRECISION = "from_precision", "起始日期精度", "precision of its beginning"
    GEOM = "geom", "位置", "position"
    HAPPENED_ON = "happened_on", "变更日期", "happened on"
    HIGHWAY = "highway", "道路等级", "class of road"
    ID = "id", "登记编号", "id"
    ISSUER = "issuer", "单点登录服务", "single sign-on"
    KEY = "key", "代号", "key"
    KIND = "kind", "类别", "kind"
    KINDS = "kinds", "设施类别", "kinds of facility"
    LANGUAGE = "language", "语种", "language"
    LEFT_AT = "left_at", "退出时间", "left at"
    LEVEL = "level", "级别", "level"
    LICENCE = "licence", "许可", "licence"
    LOGIN = "login", "登录名", "login name"
    MAXSPEED_KMH = "maxspeed_kmh", "限速（千米/时）", "speed limit (km/h)"
    MEANING = "meaning", "含义", "meaning"
    MOTOR = "motor", "机动车通行", "by motor vehicle"
    MOTOR_BLOCKED = "motor_blocked", "阻断机动车", "blocks motor vehicles"
    MUST_CHANGE = "must_change", "须改密码", "password must change"
    NAME = "name", "名称", "name"
    NAMING = "naming", "命名方式", "how it was named"
    NATIONAL_CODE = "national_code", "国家地名代码", "national code"
    ONEWAY = "oneway", "单行", "one-way"
    OPENED_ON = "opened_on", "开办日期", "opened on"
    ORIGIN = "origin", "来历", "origin"
    OTHER_ID = "other_id", "相关地名", "other place"
    PARENT_ID = "parent_id", "上级区划", "division above it"
    PERSON = "person", "姓名", "person"
    PHONE = "phone", "电话", "telephone"
    PLACE_ID = "place_id", "地名", "place"
    POINT = "point", "驻地位置", "position of its seat"
    POSITION_QUALITY = "position_quality", "位置精度", "quality of its position"
    POST = "post", "职务", "post"
    REASON = "reason", "理由", "reason"
    RECORDED_AT = "recorded_at", "登记时间", "recorded at"
    RECORDED_BY = "recorded_by", "登记人", "recorded by"
    RECORDED_WHY = "recorded_why", "登记缘由", "why it was recorded"
    REVOKED_AT = "revoked_at", "撤销时间", "revoked at"
    ROLE = "role", "角色", "role"
    ROMANIZED = "romanized", "罗马字母拼写", "romanised"
    ROMANIZED_BY = "romanized_by", "拼写来源", "who romanised it"
    ROMANIZED_WHY = "romanized_why", "拼写依据", "why it is spelt so"
    SCOPES = "scopes", "令牌范围", "scopes"
    SINCE = "since", "自", "since"
    SINCE_PRECISION = "since_precision", "起始精度", "precision of since"
    SOURCE = "source", "来源", "source"
    SOURCE_ID = "source_id", "来源编号", "id at the source"
    STANDARD_NAME = "standard_name", "标准名称", "standard name"
    STATE = "state", "状态", "state"
    STATUS = "status", "现状", "status"
    SUBJECT = "subject", "单点登录标识", "identity at the single sign-on"
    TEAM_ID = "team_id", "团队", "team"
    TITLE = "title", "标题", "title"
    TO_PRECISION = "to_precision", "终止日期精度", "precision of its end"
    VALID_FROM = "valid_from", "生效", "valid from"
    VALID_TO = "valid_to", "失效", "valid to"
    VALID_UNTIL = "valid_until", "截止", "valid until"
    VINTAGE = "vintage", "年份", "year of the list"
    WITHDRAWN = "withdrawn", "已撤回", "withdrawn"
    WITHHELD_AT = "withheld_at", "停止给予时间", "withheld at"


class GivenReason(Word):
    """What the product gives as a reason where nobody gave one; what somebody gave is told as it is.

    Some name what it is about besides, behind a colon.
    """

    ABANDONED = "abandoned by its worker", "工作进程已中断", "abandoned by its worker"
    AUDIT_SEAL = "audit seal", "审计封印", "sealing of the audit"
    BROKEN_OFF = "broken off by its worker", "工作进程已停止", "broken off by its worker"
    CONTACT = "contact", "联系人", "a contact"
    DEMO_LOAD = "demo load", "装入示例数据", "loading of the demonstration"
    DEMO_SIGN_INS = "demo sign-ins", "示例账号", "accounts of the demonstration"
    IMPORT_FACILITIES = "import facilities", "导入设施", "import of facilities"
    IMPORT_DIVISIONS = "import divisions", "导入区划", "import of divisions"
    IMPORT_PLACES = "import places", "导入地名", "import of places"
    IMPORT_POPULATION = "import population", "导入人口", "import of population"
    IMPORT_ROADS = "import roads", "导入道路", "import of roads"
    IMPORT_SUCCESSIONS = "import successions", "导入区划沿革", "import of what became of divisions"
    JOB_FAILED = "job failed", "任务失败", "a job failed"
    JOB_PROGRESS = "job progress", "任务进度", "progress of a job"
    JOBS_CANCEL = "jobs cancel", "取消任务", "a job is cancelled"
    JOBS_RETRY = "jobs retry", "重试任务", "a job is tried again"
    KILLED = "its process was killed", "进程被终止", "its process was killed"
    PASSWORD = "password", "修改密码", "change of a password"
    RESTORED = "a restored database has no workers", "恢复备份后没有工作进程", "a restored database has no workers"
    REVIEW = "places.review", "检查全部地名", "review of all names"
    RUN = "coverage run", "覆盖分析", "coverage run"
    RUN_CANCELLED = "coverage run cancelled", "覆盖分析已取消", "coverage run cancelled"
    RUN_FAILED = "coverage run failed", "覆盖分析失败", "coverage run failed"
    SEEN = "seen", "在线", "being there"
    SIGN_IN = "sign in", "登录", "signing in"
    SIGN_OUT = "sign out", "退出登录", "signing out"
    TOKENS_ISSUE = "tokens issue", "签发令牌", "a token is issued"
    TOKENS_REVOKE = "tokens revoke", "撤销令牌", "a token is revoked"
    USERS_ADD = "users add", "建立账号", "an account is added"
    USERS_DISABLE = "users disable", "停用账号", "an account is disabled"
    USERS_ENABLE = "users enable", "恢复账号", "an account is enabled"
    USERS_GRANT = "users grant", "授权变更", "a change of grants"
    USERS_PASSWORD = "users password", "重设密码", "another password"
    USERS_TEAM = "users team", "团队变更", "a change of a team"


def table_called(table: str, locale: str) -> str:
    """What readers call a table; its own name where it has no word."""
    return _called(RecordedTable, table, locale)


def field_called(column: str, locale: str) -> str:
    """What readers call a column; likewise."""
    return _called(RecordedField, column, locale)


def reason_called(why: str, locale: str) -> str:
    """A reason as readers are told it: in words where the product gave it, as it is where somebody did."""
    given, colon, about = why.partition(": ")
    return f"{_called(GivenReason, given, locale)}{colon}{about}"


def reason_beside(why: str | None, verb: str | None, locale: str) -> str:
    """What a reason tells beside a verb: nothing where it is the product's own and is about nothing in particular."""
    if why is None or (verb and why in {each.value for each in GivenReason}):
        return ""
    return reason_called(why, locale)


def _called(words: type[Word], key: str, locale: str) -> str:
    try:
        return words.of(key).label(locale)
    except ValueError:
        return key
