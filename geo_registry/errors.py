"""Every domain error: a stable code, a message and what to do about it, in zh and en; no HTTP.

A concrete error is a class with templates; its keyword arguments fill them and stay readable as ``details``.
"""

import errno
from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """What the product refuses or can't do, said so that a person can act on it."""

    code: ClassVar[str] = "error"
    zh: ClassVar[str] = ""
    en: ClassVar[str] = ""
    hint_zh: ClassVar[str] = ""
    hint_en: ClassVar[str] = ""

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.message("en"))

    def message(self, locale: str) -> str:
        """What is wrong, in the language of `locale` (``en…``, anything else is zh)."""
        return (self.en if locale.startswith("en") else self.zh).format(**self.details)

    def hint(self, locale: str) -> str:
        """What to do about it, in the language of `locale`."""
        return (self.hint_en if locale.startswith("en") else self.hint_zh).format(**self.details)


SYSTEM_REASONS: Mapping[int, tuple[str, str]] = {
    errno.EACCES: ("没有权限", "permission denied"),
    errno.EISDIR: ("这是一个目录", "it is a folder"),
    errno.ENAMETOOLONG: ("名称太长", "its name is too long"),
    errno.ENOENT: ("没有这个文件或目录", "there is no such file or folder"),
    errno.ENOSPC: ("磁盘已满", "the disk is full"),
    errno.ENOTDIR: ("路径中有一段不是目录", "a part of the path is not a folder"),
    errno.EDQUOT: ("超出磁盘配额", "the disk quota is used up"),
    errno.EROFS: ("文件系统是只读的", "the file system is read-only"),
}
"""What the system says of a file, in zh and en; what isn't here is told in its own words."""


def reasons(error: OSError) -> dict[str, str]:
    """Why the system refused, as the details `reason_zh` and `reason_en` of an error."""
    own = error.strerror or str(error)
    zh, en = SYSTEM_REASONS.get(error.errno or 0, (own, own))
    return {"reason_zh": zh, "reason_en": en}


class BadQuery(DomainError):
    """A question that can't be asked so."""


class BadInput(DomainError):
    """Something that was handed in (a body, a row, a file) is wrong."""


class NotFound(DomainError):
    """There is no such thing."""


class Conflict(DomainError):
    """It doesn't go with what is already there."""


class Unavailable(DomainError):
    """The product can't do it now: something that it stands on is missing or down."""


class Unauthenticated(DomainError):
    """Whoever asks must say who they are first."""


class Forbidden(DomainError):
    """Whoever asks is known, and may not."""


class TooManyTries(DomainError):
    """It was tried too often: wait."""


# Who may.


class SignInNeeded(Unauthenticated):
    """It isn't for everyone, and nobody is signed in."""

    code = "sign-in-needed"
    zh = "“{verb_zh}”须先登录"
    en = "to {verb_en}, sign in first"
    hint_zh = "请登录，或在请求头 Authorization 中给出令牌；需要的授权：{needed_zh}。"
    hint_en = "Sign in, or send a token in the header Authorization. A grant that would do: {needed_en}."


class PasswordMustChange(Forbidden):
    """Somebody else knows the account's password; until it is changed nothing else is allowed."""

    code = "password-must-change"
    zh = "“{verb_zh}”之前须先修改密码"
    en = "to {verb_en}, change the password first"
    hint_zh = "密码由他人设置，请在 /me 修改。"
    hint_en = "It was set by somebody else: change it at /me."


class ScopeLacking(Forbidden):
    """The token isn't for this."""

    code = "scope-lacking"
    zh = "令牌的范围不包括“{verb_zh}”"
    en = "the token isn't for this: to {verb_en}"
    hint_zh = "需要的范围：{scope_zh}。"
    hint_en = "Scope that it needs: {scope_en}."


class NotYourRole(Forbidden):
    """The actor has no role that may do it."""

    code = "not-your-role"
    zh = "没有“{verb_zh}”的权限"
    en = "you have no role that may {verb_en}"
    hint_zh = "需要的授权：{needed_zh}。请向管理员申请。"
    hint_en = "A grant that would do: {needed_en}. Ask an administrator for it."


class GrantNotInForce(Forbidden):
    """The actor's grant is over, or hasn't begun."""

    code = "grant-not-in-force"
    zh = "“{verb_zh}”的授权不在有效期内"
    en = "your grant to {verb_en} is over or hasn't begun"
    hint_zh = "需要的授权：{needed_zh}。请向管理员申请延期。"
    hint_en = "A grant that would do: {needed_en}. Ask an administrator to renew it."


class NotYourDivision(Forbidden):
    """The actor may do it, elsewhere."""

    code = "not-your-division"
    zh = "“{verb_zh}”的授权只限于 {yours_zh}"
    en = "your grant to {verb_en} is for {yours_en} only"
    hint_zh = "需要的授权：{needed_zh}。请换成本辖区，或向管理员申请。"
    hint_en = "A grant that would do: {needed_en}. Choose a division of your own, or ask an administrator for it."


class NotYourKind(Forbidden):
    """The actor may do it, with other kinds of facility."""

    code = "not-your-kind"
    zh = "“{verb_zh}”的授权只限于：{yours_zh}"
    en = "your grant to {verb_en} is for these kinds only: {yours_en}"
    hint_zh = "需要的授权：{needed_zh}。请向管理员申请。"
    hint_en = "A grant that would do: {needed_en}. Ask an administrator for it."


# Accounts.


class SignInRefused(Unauthenticated):
    """No such account, or another password, or the account is disabled: which of them isn't said."""

    code = "sign-in-refused"
    zh = "登录名或密码不对"
    en = "the login name or the password is wrong"
    hint_zh = "请检查大小写后重试；忘记密码请联系管理员。"
    hint_en = "Check capitals and try again; an administrator can set a new password."


class SignInBlocked(TooManyTries):
    """Too many attempts failed, of this name or from this address."""

    code = "sign-in-blocked"
    zh = "密码错误次数过多，请在 {wait_s} 秒后重试"
    en = "too many attempts with a password failed: try again in {wait_s} seconds"
    hint_zh = "等待时间随失败次数加长；忘记密码请联系管理员。"
    hint_en = "Each failure makes the wait longer; an administrator can set a new password."


class TokenRefused(Unauthenticated):
    """No such token, or it is over, revoked, or its account is disabled."""

    code = "token-refused"
    zh = "令牌无效、已过期或已撤销"
    en = "the token is unknown, over or revoked"
    hint_zh = "用 `geo-registry tokens list` 查看，`geo-registry tokens issue` 签发新的。"
    hint_en = "Look with `geo-registry tokens list`; `geo-registry tokens issue` makes a new one."


class SingleSignOnOff(NotFound):
    """The registry has no single sign-on."""

    code = "single-sign-on-off"
    zh = "本系统没有接入统一登录"
    en = "this registry has no single sign-on"
    hint_zh = "请用登录名和密码登录；接入方法见 docs/operator.md（GEO_OIDC_ISSUER）。"
    hint_en = "Sign in by login name and password; docs/operator.md has how to set one up (GEO_OIDC_ISSUER)."


class SingleSignOnAway(Unavailable):
    """The single sign-on doesn't answer, or not as one."""

    code = "single-sign-on-away"
    zh = "统一登录 {issuer} 没有响应，或设置有误"
    en = "the single sign-on {issuer} doesn't answer, or isn't set up for this"
    hint_zh = "请稍后重试，或用密码登录；日志中有原因。"
    hint_en = "Try again later, or sign in by password; the log has the reason."


class SingleSignOnOver(Unauthenticated):
    """Somebody comes back from the single sign-on who didn't set out from here, or too late, or twice."""

    code = "single-sign-on-over"
    zh = "这次统一登录已失效：超过十分钟、已经用过，或不是从本浏览器开始的"
    en = "this sign-in is over: it took more than ten minutes, was used already, or didn't begin in this browser"
    hint_zh = "请重新登录。"
    hint_en = "Sign in anew."


class SingleSignOnRefused(Unauthenticated):
    """The single sign-on didn't say who somebody is, or not so that it can be believed."""

    code = "single-sign-on-refused"
    zh = "统一登录没有成功：{reason_zh}"
    en = "signing in by the single sign-on failed: {reason_en}"
    hint_zh = "请重新登录；仍不成功请告诉管理员，日志中有原因。"
    hint_en = "Sign in anew; if it fails again tell an administrator: the log has the reason."


class SingleSignOnLoginTaken(Conflict):
    """Somebody whom the single sign-on sends is called as an account that it doesn't speak for."""

    code = "single-sign-on-login-taken"
    zh = "登录名“{login}”已有本系统的账号，统一登录不能使用它"
    en = "an account of this registry is called {login!r} already: the single sign-on may not use it"
    hint_zh = "请用该账号的密码登录，或请管理员处理。"
    hint_en = "Sign in by that account's password, or ask an administrator."


class SingleSignOnLoginUnfit(Forbidden):
    """What the single sign-on calls somebody is no login name."""

    code = "single-sign-on-login-unfit"
    zh = "统一登录给出的 {claim}“{login}”不能作登录名"
    en = "{login!r}, which the single sign-on gives as {claim}, is no login name"
    hint_zh = "请管理员检查 GEO_OIDC_LOGIN_CLAIM：应为 2 至 40 个小写字母、数字或 . _ -。"
    hint_en = "Ask an administrator to look at GEO_OIDC_LOGIN_CLAIM: it must give 2 to 40 of a–z, 0–9, '.', '_', '-'."


class PasswordWrong(Forbidden):
    """The present password, which has to be said before it is changed, is another."""

    code = "password-wrong"
    zh = "当前密码不对"
    en = "the present password is another"
    hint_zh = "请重新输入当前密码；忘记密码请联系管理员。"
    hint_en = "Type the present one again; an administrator can set a new one."


class PasswordTooWeak(BadInput):
    """The password is short, or easily guessed, or the one that is to be replaced."""

    code = "password-too-weak"
    zh = "密码太弱：{reason_zh}"
    en = "the password is too weak: {reason_en}"
    hint_zh = "请换一个：至少 {least} 个字符，几个不相干的词就很好。"
    hint_en = (
        "Choose another: at least {least} characters; a few words that have nothing to do with each other are good."
    )


class LoginInvalid(BadInput):
    """Nobody can be called so."""

    code = "login-invalid"
    zh = "登录名“{login}”不可用"
    en = "{login!r} can't be a login name"
    hint_zh = "用 2 到 40 个小写字母、数字、点、横线或下划线，以字母或数字开头；系统自用的名称除外。"
    hint_en = "2 to 40 small letters, digits, dots, hyphens and underscores, a letter or digit first; not a name that the product itself goes by."


class OwnAccount(Conflict):
    """Somebody would disable their own account, and couldn't take that back."""

    code = "own-account"
    zh = "不能停用自己的账号"
    en = "nobody disables their own account"
    hint_zh = "请由另一位管理员停用；或在本机运行 geo-registry users disable。"
    hint_en = "Have another administrator do it, or run geo-registry users disable at the machine."


class LoginTaken(Conflict):
    """Another account has the login name; names are never used twice, since history says them."""

    code = "login-taken"
    zh = "登录名“{login}”已有人使用"
    en = "the login name {login} is taken"
    hint_zh = "请换一个；停用的账号也保留登录名。"
    hint_en = "Choose another; disabled accounts keep theirs."


class DisplayNameInvalid(BadInput):
    """The name that is shown is missing, too long, or not plain text."""

    code = "display-name-invalid"
    zh = "显示名应为 1 到 {most} 个字，不含控制字符"
    en = "the name that is shown needs 1 to {most} characters of plain text"
    hint_zh = "例如：李明（婺城区民政局）。"
    hint_en = "For instance: Li Ming, Wucheng."


class AccountUnknown(NotFound):
    """There is no such account."""

    code = "account-unknown"
    zh = "没有账号“{login}”"
    en = "there is no account {login}"
    hint_zh = "用 `geo-registry users list` 查看。"
    hint_en = "`geo-registry users list` has them."


class TeamKeyTaken(Conflict):
    """There is a team of that key already, which is called otherwise."""

    code = "team-key-taken"
    zh = "已有代号为“{key}”的团队"
    en = "there is a team {key} already"
    hint_zh = "请换一个代号，或打开已有的团队修改。"
    hint_en = "Choose another key, or open the team that is there to change it."


class TeamUnknown(NotFound):
    """There is no such team."""

    code = "team-unknown"
    zh = "没有团队“{key}”"
    en = "there is no team {key}"
    hint_zh = "用 `geo-registry users team {key} --name …` 建立。"
    hint_en = "`geo-registry users team {key} --name …` makes it."


class GrantUnknown(NotFound):
    """The holder has no such grant."""

    code = "grant-unknown"
    zh = "{holder} 没有这项授权：{role}，区划 {division}"
    en = "{holder} has no such grant: {role} for {division}"
    hint_zh = "用 `geo-registry users list` 查看授权。"
    hint_en = "`geo-registry users list` shows grants."


class GrantInvalid(BadInput):
    """A grant that would allow nothing, or to everyone."""

    code = "grant-invalid"
    zh = "这项授权无效：{reason_zh}"
    en = "this grant would be void: {reason_en}"
    hint_zh = "角色见 docs/access.md；结束时间应在将来。"
    hint_en = "docs/access.md has the roles; its end must lie in the future."


class FacilityKindUnknown(BadInput):
    """There is no such kind of facility."""

    code = "facility-kind-unknown"
    zh = "没有设施类别“{kind}”"
    en = "there is no kind of facility {kind!r}"
    hint_zh = "类别有：{known}。都不选为全部类别。"
    hint_en = "The kinds are: {known}. None of them chosen means all."


class TokenUnknown(NotFound):
    """There is no such token."""

    code = "token-unknown"
    zh = "没有令牌 {token}"
    en = "there is no token {token}"
    hint_zh = "用 `geo-registry tokens list` 查看。"
    hint_en = "`geo-registry tokens list` has them."


class AuditEntryUnknown(NotFound):
    """There is no entry of the audit with that number."""

    code = "audit-entry-unknown"
    zh = "没有编号为 {entry} 的审计记录"
    en = "the audit has no entry {entry}"
    hint_zh = "用 `geo-registry audit list` 或 /admin/audit 查看。"
    hint_en = "Look with `geo-registry audit list` or at /admin/audit."


class HeadInvalid(BadQuery):
    """What is given as a head of the audit's chain is none."""

    code = "head-invalid"
    zh = "“{text}”不是审计链头"
    en = "{text!r} is no head of the audit's chain"
    hint_zh = "链头形如 123:64 位十六进制数字，由 `geo-registry audit verify` 打印。"
    hint_en = "It is like 123: and 64 hexadecimal digits; `geo-registry audit verify` prints it."


class AuditBroken(Conflict):
    """The audit isn't as it was written."""

    code = "audit-broken"
    zh = "审计记录与写入时不符：{count} 处"
    en = "the audit isn't as it was written: {count} findings"
    hint_zh = "已逐条列出；请保留现场（先备份），查明谁能以 geo_owner 或系统管理员身份登录数据库。"
    hint_en = "Each is listed. Keep everything as it is (a backup first), and find out who can act as geo_owner or as the server's administrator."


class SuccessionUnknown(NotFound):
    """No such succession of divisions is recorded."""

    code = "succession-unknown"
    zh = "没有编号为 {succession} 的区划沿革"
    en = "there is no succession of divisions {succession}"
    hint_zh = "请查 /api/v1/divisions/区划代码/successions。"
    hint_en = "See /api/v1/divisions/CODE/successions."


class VintageUnknown(NotFound):
    """Nothing is registered of a year's list."""

    code = "vintage-unknown"
    zh = "没有登记 {vintage} 年版的区划（范围：{within}）"
    en = "no divisions of the vintage {vintage} are registered (within: {within})"
    hint_zh = "请先导入该年版：geo-registry import divisions 文件 --vintage 年份。"
    hint_en = "Import that list first: geo-registry import divisions FILE --vintage YEAR."


class SuccessionUnsound(BadInput):
    """What is said of two divisions can't be so."""

    code = "succession-unsound"
    zh = "这条区划沿革不成立：{reason_zh}"
    en = "such a succession can't be: {reason_en}"
    hint_zh = "请核对两端的代码、年版、变更方式和日期。"
    hint_en = "Check the codes and vintages at both ends, the change and its date."


class SuccessionMalformed(BadInput):
    """What was typed of a succession isn't what its fields hold."""

    code = "succession-malformed"
    zh = "填写的区划沿革有误：{problems_zh}"
    en = "what was typed of the succession is malformed: {problems_en}"
    hint_zh = "请改正所列各项；依据和理由不能为空。"
    hint_en = "Correct what is listed; evidence and reasons can't be empty."


class SuccessionRecorded(Conflict):
    """Something else is recorded of the same two divisions."""

    code = "succession-recorded"
    zh = "{before}（{before_vintage}）到 {after}（{after_vintage}）的沿革已登记，内容不同：{recorded}"
    en = "something else is recorded from {before} ({before_vintage}) to {after} ({after_vintage}): {recorded}"
    hint_zh = "请先撤回已登记的一条，再登记新的。"
    hint_en = "Withdraw what is recorded, then record anew."


class SuccessionWithdrawn(Conflict):
    """The succession was withdrawn: it says nothing any more."""

    code = "succession-withdrawn"
    zh = "{before}（{before_vintage}）到 {after}（{after_vintage}）的沿革已经撤回"
    en = "what was recorded from {before} ({before_vintage}) to {after} ({after_vintage}) was withdrawn"
    hint_zh = "若确有依据，请逐条登记：在区划页面，或 POST /api/v1/successions。"
    hint_en = "If there is evidence for it, record it by itself: on the division's page, or POST /api/v1/successions."


class ColumnsMissing(BadInput):
    """A file lacks columns that every row of its kind needs."""

    code = "columns-missing"
    zh = "文件 {path} 缺少列：{missing}"
    en = "{path} lacks the columns {missing}"
    hint_zh = "表头应为：{expected}"
    hint_en = "Its header is: {expected}"


class ContactUnknown(NotFound):
    """The facility has no such contact."""

    code = "contact-unknown"
    zh = "该设施没有编号为 {contact} 的联系人"
    en = "the facility has no contact {contact}"
    hint_zh = "联系人列表见 /api/v1/facilities/…/contacts；已清除的不能恢复。"
    hint_en = "Its contacts are at /api/v1/facilities/…/contacts; one that was erased is gone."


class ContactInvalid(BadInput):
    """A contact can't be kept so."""

    code = "contact-invalid"
    zh = "联系人有误：{reason_zh}"
    en = "the contact is wrong: {reason_en}"
    hint_zh = "姓名和职务各不超过 {most} 个字；电话为 3 到 25 位数字、空格和短横，可以 + 开头。"
    hint_en = "A name and a post of at most {most} characters; a phone number of 3 to 25 digits, spaces and hyphens, which may begin with +."


class TokenInvalid(BadInput):
    """A token without a name, without scopes, or that would last too long."""

    code = "token-invalid"
    zh = "不能签发这样的令牌：{reason_zh}"
    en = "no such token can be issued: {reason_en}"
    hint_zh = "令牌要有名称、至少一个范围，有效期 1 到 {most} 天。"
    hint_en = "A token has a name, at least one scope, and lasts 1 to {most} days."


# What the database says.


class DatabaseUnavailable(Unavailable):
    """The server can't be reached, or went away in the middle."""

    code = "database-unavailable"
    zh = "连不上数据库：{reason}"
    en = "the database can't be reached: {reason}"
    hint_zh = "用 `geo-registry db status` 查看；内置数据库用 `geo-registry db start` 启动，未完成的写入已全部撤销，可以重试。"
    hint_en = "Look with `geo-registry db status`; `geo-registry db start` starts the embedded one. Unfinished writes were rolled back: try again."


class DatabaseNewer(Unavailable):
    """The database was migrated by a newer version of the product."""

    code = "database-newer"
    zh = "数据库的版本（{found}）比本程序所知的（{known}）新"
    en = "the database is at revision {found}, newer than this program knows ({known})"
    hint_zh = "请更新程序后再试；数据没有改动。"
    hint_en = "Update the program and try again; nothing was changed."


class AlreadyExists(Conflict):
    """A row with the same key is there already."""

    code = "already-exists"
    zh = "已有相同的记录（{constraint}）：{detail}"
    en = "there is such a record already ({constraint}): {detail}"
    hint_zh = "请修改已有的记录，或换一个编号。"
    hint_en = "Change the record that is there, or use another key."


class StillReferenced(Conflict):
    """The row points to something that isn't there, or something points to it."""

    code = "reference-broken"
    zh = "关联的记录不存在或仍被引用（{constraint}）：{detail}"
    en = "a record that this refers to is missing, or is still referred to ({constraint}): {detail}"
    hint_zh = "请先登记被引用的记录。"
    hint_en = "Register the record that is referred to first."


class RuleViolated(Conflict):
    """A row breaks a rule of the schema."""

    code = "rule-violated"
    zh = "不符合登记规则（{constraint}）：{detail}"
    en = "it breaks a rule of the registry ({constraint}): {detail}"
    hint_zh = "请按规则名修正数值后重试。"
    hint_en = "Correct the value that the rule names and try again."


# The embedded database: what keeps it from being made, started, saved or brought back.


class PostgresMissing(Unavailable):
    """No PostgreSQL server is installed where the product looks."""

    code = "postgres-missing"
    zh = "没有找到 PostgreSQL 服务器程序（需要 {needed} 或更新的版本）"
    en = "no PostgreSQL server is installed (version {needed} or newer is needed)"
    hint_zh = "请安装：{install}；或用 GEO_DATABASE_URL 指定已有的服务器。"
    hint_en = "Install it: {install}; or name a server with GEO_DATABASE_URL."


class PostgresTooOld(Unavailable):
    """Every PostgreSQL that is installed is older than the product needs."""

    code = "postgres-too-old"
    zh = "PostgreSQL {found} 太旧，需要 {needed} 或更新的版本"
    en = "PostgreSQL {found} is too old: version {needed} or newer is needed"
    hint_zh = "请安装较新的版本：{install}；或用 GEO_DATABASE_URL 指定已有的服务器。"
    hint_en = "Install a newer one: {install}; or name a server with GEO_DATABASE_URL."


class PostgresExtensionMissing(Unavailable):
    """PostgreSQL is there, an extension that the registry stands on is not."""

    code = "postgres-extension-missing"
    zh = "PostgreSQL {major} 没有安装扩展 {extension}"
    en = "PostgreSQL {major} lacks the extension {extension}"
    hint_zh = "请安装：{install}"
    hint_en = "Install it: {install}"


class PostgisTooOld(Unavailable):
    """PostGIS lacks functions that the registry calls."""

    code = "postgis-too-old"
    zh = "PostGIS {found} 太旧，需要 {needed} 或更新的版本"
    en = "PostGIS {found} is too old: version {needed} or newer is needed"
    hint_zh = "请安装较新的 PostGIS：{install}"
    hint_en = "Install a newer PostGIS: {install}"


class ClusterOfOtherVersion(Unavailable):
    """The data directory was made by a PostgreSQL that isn't installed."""

    code = "cluster-other-version"
    zh = "数据目录 {directory} 属于 PostgreSQL {major}，而本机只有 {installed}"
    en = "the data directory {directory} belongs to PostgreSQL {major}; installed here: {installed}"
    hint_zh = (
        "请安装：{install}。升级：用原版本 `geo-registry db backup`，换一个 GEO_DATA_DIR 后 `geo-registry db restore`。"
    )
    hint_en = "Install it: {install}. To upgrade: `geo-registry db backup` with the old version, then `geo-registry db restore` in another GEO_DATA_DIR."


class ClusterForeign(Unavailable):
    """The folder of the database holds something that this product did not make."""

    code = "cluster-foreign"
    zh = "{directory} 不是空的，也不是本程序建立的数据目录：{found}"
    en = "{directory} is not empty and not a data directory of this product: {found}"
    hint_zh = "没有改动其中任何内容。请移走它，或换一个 GEO_DATA_DIR。"
    hint_en = "Nothing in it was touched. Move it away, or choose another GEO_DATA_DIR."


class ClusterForbidden(Unavailable):
    """A folder that the database needs can't be entered or written to."""

    code = "cluster-forbidden"
    zh = "系统用户 {user} 无权使用 {path}（{reason}）"
    en = "the system user {user} may not use {path} ({reason})"
    hint_zh = "它属于 {owner}：请以该用户或 root 运行，修正权限，或换一个 GEO_DATA_DIR。"
    hint_en = (
        "It belongs to {owner}: run as that user or as root, correct the permissions, or choose another GEO_DATA_DIR."
    )


class ClusterUserMissing(Unavailable):
    """There is no system user that the server could run as."""

    code = "cluster-user-missing"
    zh = "没有可以运行数据库的系统用户：{reason}"
    en = "there is no system user to run the database as: {reason}"
    hint_zh = "PostgreSQL 不能以 root 运行。请建立普通用户（例如 postgres），或以普通用户运行。"
    hint_en = "PostgreSQL refuses to run as root. Create an ordinary user (postgres, say), or run as one."


class ClusterDiskFull(Unavailable):
    """The disk has no room for what the database has to write."""

    code = "cluster-disk-full"
    zh = "磁盘已满：{path} 所在的分区剩余 {free_mb} MB，至少需要 {needed_mb} MB"
    en = "the disk is full: {free_mb} MB are free where {path} lies, at least {needed_mb} MB are needed"
    hint_zh = "请腾出空间后重试；已有的数据没有损坏。"
    hint_en = "Free some space and try again; the data that is there is not harmed."


class ClusterSocketPath(Unavailable):
    """No folder is short and private enough for the server's socket."""

    code = "cluster-socket-path"
    zh = "找不到可以放数据库套接字的目录：{tried}"
    en = "no folder can hold the database's socket: {tried}"
    hint_zh = "套接字路径最长 107 字节。请换一个较短的 GEO_DATA_DIR，或检查 /tmp 的权限。"
    hint_en = (
        "A socket's path has at most 107 bytes. Choose a shorter GEO_DATA_DIR, or look at the permissions of /tmp."
    )


class ClusterBusy(Unavailable):
    """Another process has been starting or stopping the database for too long."""

    code = "cluster-busy"
    zh = "另一个进程正在启动或停止数据库，已等待 {waited_s} 秒（{lock}）"
    en = "another process has been starting or stopping the database for {waited_s} s ({lock})"
    hint_zh = "请等它完成，或结束该进程后重试。"
    hint_en = "Wait until it is done, or end that process, and try again."


class ClusterInitFailed(Unavailable):
    """`initdb` refused; nothing of it was left behind."""

    code = "cluster-init-failed"
    zh = "无法在 {directory} 建立数据库：{reason}"
    en = "the database could not be made in {directory}: {reason}"
    hint_zh = "没有留下半成品。按上面的原因处理后重试。"
    hint_en = "Nothing half-made was left. Mend the reason above and try again."


class ClusterStartFailed(Unavailable):
    """The server did not start, or did not accept connections in time."""

    code = "cluster-start-failed"
    zh = "数据库没有启动：{reason}"
    en = "the database did not start: {reason}"
    hint_zh = "日志在 {log}"
    hint_en = "Its log is {log}"


class ClusterOrphans(Unavailable):
    """Processes of a killed server still hold the data directory."""

    code = "cluster-orphans"
    zh = "上一个数据库服务器的进程还占用着 {directory}（{pids}）"
    en = "processes of a killed database server still hold {directory} ({pids})"
    hint_zh = "请等它们结束，或结束这些进程后重试。"
    hint_en = "Wait for them to end, or end them, and try again."


class ClusterStopFailed(Unavailable):
    """The server is still running after it was told to stop."""

    code = "cluster-stop-failed"
    zh = "数据库（进程 {pid}）在 {waited_s} 秒内没有停止"
    en = "the database (process {pid}) did not stop within {waited_s} s"
    hint_zh = "它可能还在写盘。日志在 {log}"
    hint_en = "It may still be writing. Its log is {log}"


class DatabaseEncoding(Unavailable):
    """The database can't tell Chinese letters from punctuation, or doesn't speak UTF-8."""

    code = "database-encoding"
    zh = "数据库的字符集不对（编码 {encoding}，LC_CTYPE {ctype}）：中文地名无法检索"
    en = (
        "the database's character set is wrong (encoding {encoding}, LC_CTYPE {ctype}): Chinese names can't be searched"
    )
    hint_zh = "请用 ENCODING 'UTF8' LC_CTYPE 'C.UTF-8' TEMPLATE template0 重新建库。"
    hint_en = "Create the database again with ENCODING 'UTF8' LC_CTYPE 'C.UTF-8' TEMPLATE template0."


class PostgresToolMissing(Unavailable):
    """A client program of PostgreSQL, new enough for the server, is not installed."""

    code = "postgres-tool-missing"
    zh = "没有找到适用于 PostgreSQL {major} 的 {tool}"
    en = "{tool} for PostgreSQL {major} is not installed"
    hint_zh = "请安装：{install}"
    hint_en = "Install it: {install}"


class BackupFailed(Unavailable):
    """The database could not be written to a file; no file was left, an older one is as it was."""

    code = "backup-failed"
    zh = "备份到 {file} 失败：{reason}"
    en = "the backup to {file} failed: {reason}"
    hint_zh = "没有留下不完整的文件；原有的同名备份没有改动。"
    hint_en = "No incomplete file was left; an older backup of that name is as it was."


class BackupUnusable(BadQuery):
    """The database can't be written to that path."""

    code = "backup-unusable"
    zh = "备份不能写到 {file}：{reason_zh}"
    en = "the backup can't be written to {file}: {reason_en}"
    hint_zh = "请另指一个文件，例如 `geo-registry db backup registry.dump`；没有任何文件被改动。"
    hint_en = "Name another file, such as `geo-registry db backup registry.dump`; no file was changed."


class NotABackup(BadInput):
    """The file is not there, is cut off, or was not made by `db backup`."""

    code = "not-a-backup"
    zh = "{file} 不是完整的备份文件：{reason}"
    en = "{file} is not a whole backup: {reason}"
    hint_zh = "请用 `geo-registry db backup` 生成的文件；现有的数据库没有改动。"
    hint_en = "Use a file that `geo-registry db backup` wrote; the database is as it was."


class RestoreFailed(Unavailable):
    """A backup could not be brought back; the database is as it was."""

    code = "restore-failed"
    zh = "从 {file} 恢复失败：{reason}"
    en = "restoring {file} failed: {reason}"
    hint_zh = "现有的数据库没有改动。"
    hint_en = "The database is as it was."


class RestoreUnconfirmed(BadQuery):
    """A restore that nobody can be asked about."""

    code = "restore-unconfirmed"
    zh = "恢复会替换登记系统现有的全部数据，而这里无人可以确认"
    en = "restoring replaces all that the registry holds, and there is nobody here to ask"
    hint_zh = "确定要替换，请加上 `--yes`；现有的数据没有改动。"
    hint_en = "Add `--yes` if that is what you want; nothing was changed."


class ClearUnconfirmed(BadQuery):
    """The demonstration is to be cleared, and nobody can be asked about it."""

    code = "clear-unconfirmed"
    zh = "清除示例数据会删除其历史和分析结果，而这里无人可以确认"
    en = "clearing the demonstration deletes its history and its runs, and there is nobody here to ask"
    hint_zh = "确定要清除，请加上 `--yes`；没有改动任何数据。"
    hint_en = "Add `--yes` if that is what you want; nothing was changed."


class RestoreForbidden(Unavailable):
    """The role that was given may not create databases on that server."""

    code = "restore-forbidden"
    zh = "角色 {role} 不能在该服务器上建库和安装扩展，无法恢复"
    en = "the role {role} may not create databases and extensions on that server, so it can't restore"
    hint_zh = "请在 GEO_OWNER_DATABASE_URL 中临时使用管理员角色；现有的数据库没有改动。"
    hint_en = "Name an administrator's role in GEO_OWNER_DATABASE_URL for this command; the database is as it was."


# Vector tiles.


class TileOutOfRange(BadQuery):
    """The grid of tiles has no tile of that address."""

    code = "tile-out-of-range"
    zh = "没有瓦片 {z}/{x}/{y}：应有 {most}"
    en = "there is no tile {z}/{x}/{y}: {most}"
    hint_zh = "地址为 缩放级别/列/行，列从西、行从北数起，均从 0 到 2^z − 1。"
    hint_en = (
        "The address is zoom/column/row; columns count from the west, rows from the north, both from 0 to 2^z − 1."
    )


class TileLayerUnknown(NotFound):
    """There is no layer of vector tiles called so."""

    code = "tile-layer-unknown"
    zh = "没有图层“{layer}”。现有：{known}"
    en = "there is no layer {layer!r}; there are: {known}"
    hint_zh = "几个图层用逗号连接，每个只写一次。"
    hint_en = "Join several layers with commas, each of them once."


class TileParameterMisplaced(BadQuery):
    """A parameter was given that none of the layers takes."""

    code = "tile-parameter-misplaced"
    zh = "图层 {layers} 不用参数 {name}"
    en = "the parameter {name} says nothing to the layers {layers}"
    hint_zh = "去掉它，或加上使用它的图层：{takers}"
    hint_en = "Leave it out, or add a layer that takes it: {takers}"


class TileParameterMissing(BadQuery):
    """A layer can't be drawn without a parameter."""

    code = "tile-parameter-missing"
    zh = "图层 {layer} 需要参数 {name}"
    en = "the layer {layer} needs the parameter {name}"
    hint_zh = "例如 /tiles/coverage.json?run=编号；GET /api/v1/coverage/runs 列出已有的分析。"
    hint_en = "As in /tiles/coverage.json?run=ID; GET /api/v1/coverage/runs lists the runs."


# Files that are handed in, and service standards.


class FileUnreadable(BadInput):
    """A file isn't there, isn't readable, or isn't what its name says."""

    code = "file-unreadable"
    zh = "读不了文件 {path}：{reason_zh}"
    en = "the file {path} can't be read: {reason_en}"
    hint_zh = "请检查路径、权限和格式；没有任何数据被改动。"
    hint_en = "Check the path, the rights and the format; nothing was changed."


class StandardUnreadable(BadInput):
    """The file of a service standard isn't there, can't be read, or isn't text in UTF-8."""

    code = "standard-unreadable"
    zh = "读不了服务指标的文件 {path}：{reason_zh}"
    en = "the file of a service standard, {path}, can't be read: {reason_en}"
    hint_zh = "请给出一个 UTF-8 编码的 TOML 文件，或 `geo-registry coverage standards` 列出的代号。"
    hint_en = "Give a TOML file in UTF-8, or a key that `geo-registry coverage standards` lists."


class StandardNotToml(BadInput):
    """The file of a service standard breaks TOML's syntax."""

    code = "standard-not-toml"
    zh = "服务指标的文件 {path} 第 {line} 行第 {column} 列不合 TOML 的写法：{text}"
    en = "the file of a service standard, {path}, is not TOML at line {line}, column {column}: {text}"
    hint_zh = '请改正这一行：每行一个 字段 = 值，文字加双引号（key = "trial"），数字不加，列表用 ["…", "…"]，每个字段只写一次；引号和括号要成对。'
    hint_en = 'Correct that line: one field = value a line, texts in double quotes (key = "trial"), numbers without, lists as ["…", "…"], each field once; close every quote and bracket.'


class StandardInvalid(BadInput):
    """A service standard has a field that is missing, unknown or out of range."""

    code = "standard-invalid"
    zh = "服务指标 {origin} 有误：{problems_zh}"
    en = "the service standard {origin} is not valid: {problems_en}"
    hint_zh = "请按字段名修正；字段说明见规划指南（docs/planner.md），例子见 `geo-registry coverage standards --json`。"
    hint_en = "Correct the fields named; docs/planner.md describes each, `geo-registry coverage standards --json` shows examples."


class StandardUnknown(NotFound):
    """The catalogue has no standard of that key."""

    code = "standard-unknown"
    zh = "目录中没有服务指标“{key}”。现有：{known}"
    en = "the catalogue has no service standard {key!r}; it has: {known}"
    hint_zh = "用 `geo-registry coverage standards` 查看，或给出一个 TOML 文件的路径。"
    hint_en = "See `geo-registry coverage standards`, or give the path of a TOML file."


class StandardsOnUnknown(BadQuery):
    """The setting that switches standards on names some that the catalogue doesn't have."""

    code = "standards-on-unknown"
    zh = "GEO_STANDARDS_ON 要启用的服务指标不在目录中：{unknown}"
    en = "GEO_STANDARDS_ON switches on service standards that the catalogue doesn't have: {unknown}"
    hint_zh = "请改正或去掉；目录中有：{known}"
    hint_en = "Correct or remove them; the catalogue has: {known}"


class DatasetUnknown(NotFound):
    """No dataset of that kind has that key, or there is none at all."""

    code = "dataset-unknown"
    zh = "没有可用的{kind_zh}数据集“{key}”。现有：{known}"
    en = "there is no {kind} dataset {key!r}; there are: {known}"
    hint_zh = "用 `geo-registry import {kind} 文件` 导入，或改用已有的数据集。"
    hint_en = "Import one with `geo-registry import {kind} FILE`, or name one that is there."


class BasisMismatch(Conflict):
    """The population counts other people than the standard is about."""

    code = "basis-mismatch"
    zh = "口径不一致：服务指标要求“{wanted_zh}”，人口数据集“{key}”是“{found_zh}”"
    en = "the standard is about the {wanted_en}, the dataset {key!r} counts the {found_en}"
    hint_zh = "请换用同一口径的人口数据集，或修改服务指标的 basis；两种口径不能放进同一个比率。"
    hint_en = (
        "Name a population dataset of that basis, or change the standard's basis; two bases never meet in one ratio."
    )


class GroupUnknown(BadInput):
    """The population has no such demand group."""

    code = "group-unknown"
    zh = "人口数据集“{key}”没有人群“{group}”。现有：{known}"
    en = "the population dataset {key!r} has no group {group!r}; it has: {known}"
    hint_zh = "请改用现有的人群（服务指标的 demand，图块的 group），或导入含该人群的数据（映射 population.{group}）。"
    hint_en = "Name a group that is there (a standard's demand, a tile's group), or import data with that group (map population.{group})."


class NobodyAsked(BadInput):
    """No demand point lies in the zone that was asked for."""

    code = "nobody-asked"
    zh = "区划 {zone} 内没有人口点（数据集“{key}”）"
    en = "no demand point of {key!r} lies in division {zone}"
    hint_zh = "请检查代码，并确认人口数据已带区划（导入区划边界后重新导入人口即可按位置归属）。"
    hint_en = "Check the code, and that the population has divisions: import the boundaries, then the population again, and it is placed by location."


class RunUnknown(NotFound):
    """There is no coverage run of that id."""

    code = "run-unknown"
    zh = "没有编号为 {run} 的覆盖分析"
    en = "there is no coverage run {run}"
    hint_zh = "用 GET /api/v1/coverage/runs 查看已有的分析。"
    hint_en = "GET /api/v1/coverage/runs lists those that there are."


class RunNotDone(Conflict):
    """The run has no result yet, or will have none."""

    code = "run-not-done"
    zh = "覆盖分析 {run} 尚无结果，状态：{state}"
    en = "coverage run {run} has no result: it is {state}"
    hint_zh = "请等它完成；失败的分析会在 error 里说明原因，失败或已取消的不会再有结果，需要时可重新提交。"
    hint_en = "Wait until it is done; a failed run says why in its error. One that failed or was cancelled will have none: order it again if it is still wanted."


class RunFinished(Conflict):
    """The run came to its end, well or not: there is nothing left to cancel."""

    code = "run-finished"
    zh = "覆盖分析 {run} 已经结束（{state}），不能取消"
    en = "coverage run {run} has come to its end ({state}) and can't be cancelled"
    hint_zh = "只有排队或进行中的分析可以取消；已完成的结果保留不变。"
    hint_en = "Only a run that is queued or running can be cancelled; the result of one that is done stays."


class RunCancelled(Conflict):
    """Somebody cancelled the run while it was being performed."""

    code = "run-cancelled"
    zh = "覆盖分析 {run} 已被取消"
    en = "coverage run {run} was cancelled"
    hint_zh = "没有留下半份结果；需要时可重新提交。"
    hint_en = "No half result was left; order it again if it is still wanted."


class RunOutdated(Conflict):
    """The run's data have changed since it was made."""

    code = "run-outdated"
    zh = "覆盖分析 {run} 之后，人口、道路或设施数据已有变化"
    en = "the population, roads or facilities have changed since coverage run {run}"
    hint_zh = "请重新运行分析，再编辑方案。"
    hint_en = "Run the analysis again, then go on with the scenario."


class FacilityNotInRun(BadInput):
    """An edit names a facility that the run didn't count."""

    code = "facility-not-in-run"
    zh = "设施 {fid} 不在这次覆盖分析之内"
    en = "facility {fid} is not one of the run's"
    hint_zh = "请用分析结果中设施的 fid；新设施用 add。"
    hint_en = "Use the fid of a facility of the run's result; a new one is added with add."


class PointNotInRun(BadInput):
    """A question names a demand point that the run didn't ask about."""

    code = "point-not-in-run"
    zh = "人口点 {fid} 不在这次覆盖分析之内"
    en = "demand point {fid} is not one of the run's"
    hint_zh = "请用分析结果中人口点的 fid。"
    hint_en = "Use the fid of a demand point of the run's result."


class EditedTwice(BadInput):
    """Two edits name the same facility."""

    code = "edited-twice"
    zh = "设施 {fid} 在方案中出现了两次"
    en = "facility {fid} is edited twice"
    hint_zh = "一处设施只保留一个改动：移动或关闭。"
    hint_en = "Keep one edit for each facility: move it or close it."


class RunBrokenOff(Unavailable):
    """The process that performed a run was interrupted or killed."""

    code = "run-broken-off"
    zh = "覆盖分析没有做完：执行它的进程中断了"
    en = "the coverage run was not finished: the process that performed it was interrupted"
    hint_zh = "没有留下半份结果；重新运行即可。"
    hint_en = "No half result was left; run it again."


class OutputUnknown(BadQuery):
    """No result is written in that format."""

    code = "output-unknown"
    zh = "不能写成“{name}”"
    en = "no result can be written as {name!r}"
    hint_zh = "可用的扩展名：.docx（报告）、.png（地图）、.geojson、.csv、.xlsx、.html"
    hint_en = "Use one of .docx (the report), .png (its map), .geojson, .csv, .xlsx, .html"


class OutputUnusable(BadQuery):
    """A result can't be written to that path; nothing was computed."""

    code = "output-unusable"
    zh = "结果不能写到 {path}：{reason_zh}"
    en = "the result can't be written to {path}: {reason_en}"
    hint_zh = "请先建立目录，或用 -o 另指一个文件；分析没有开始。"
    hint_en = "Make the folder first, or name another file with -o; the run was not begun."


class OutputFailed(Unavailable):
    """A finished run's result could not be written to a file; nothing half-written was left."""

    code = "output-failed"
    zh = "分析已完成并存入登记系统（编号 {run}），但结果没有写到 {path}：{reason_zh}"
    en = "the run is done and stored ({run}), but its result was not written to {path}: {reason_en}"
    hint_zh = "不必重新分析：处理后运行 `geo-registry up`，从 GET /api/v1/coverage/runs/{run}/result{extension} 取得。"
    hint_en = "There is no need to run it again: mend the cause, then `geo-registry up` and GET /api/v1/coverage/runs/{run}/result{extension}."


class FontMissing(Unavailable):
    """No installed face has Chinese characters; a picture of empty boxes helps nobody."""

    code = "font-missing"
    zh = "这台机器上没有中文字体，地图上的名称和图例无法绘制"
    en = "this machine has no font with Chinese characters, so a map's names and legend can't be drawn"
    hint_zh = "请安装一种中文字体后重试，如：apt-get install {package}（`make up` 会自动安装）。其他格式不受影响。"
    hint_en = (
        "Install one and try again: apt-get install {package} (`make up` does so itself). Other formats need none."
    )


class PaperFontMissing(Unavailable):
    """No installed face with Chinese characters can be carried in a PDF."""

    code = "paper-font-missing"
    zh = "这台机器上没有可嵌入 PDF 的中文字体（TrueType 轮廓），无法生成 PDF"
    en = "this machine has no Chinese font that a PDF can carry (one with TrueType outlines), so no PDF can be made"
    hint_zh = "请安装一种后重试，如：apt-get install {package}（`make up` 会自动安装）。DOCX 等其他格式不受影响。"
    hint_en = "Install one and try again: apt-get install {package} (`make up` does so itself). DOCX and the other formats need none."


# Long work: the job queue and its worker.


class JobUnknown(NotFound):
    """The queue has no such job."""

    code = "job-unknown"
    zh = "没有编号为 {job} 的任务"
    en = "there is no job {job}"
    hint_zh = "请检查编号。"
    hint_en = "Check the number."


class JobFinished(Conflict):
    """A job that has ended was to be cancelled."""

    code = "job-finished"
    zh = "任务 {job} 已结束（{state}），不能取消"
    en = "job {job} has ended ({state}): it can't be cancelled"
    hint_zh = "无需处理；失败的任务可以重试。"
    hint_en = "There is nothing to do; one that failed can be tried again."


class JobNotFailed(Conflict):
    """A job that hasn't failed was to be tried again."""

    code = "job-not-failed"
    zh = "任务 {job} 没有失败（{state}），不能重试"
    en = "job {job} hasn't failed ({state}): it can't be tried again"
    hint_zh = "已取消或已完成的工作，请重新提交。"
    hint_en = "What was cancelled or is done is ordered anew."


class JobCancelled(Conflict):
    """Somebody took the job back while it ran."""

    code = "job-cancelled"
    zh = "任务已被取消"
    en = "the job was cancelled"
    hint_zh = "没有留下未完成的结果；需要时可重新提交。"
    hint_en = "Nothing half-done was left; order it again if it is still wanted."


class WorkerDied(Unavailable):
    """The job's worker was killed or lost, as often as the job may be tried."""

    code = "worker-died"
    zh = "后台进程在执行任务时中断，已尝试 {attempts} 次"
    en = "the worker died while it performed the job; it was tried {attempts} times"
    hint_zh = "没有留下未完成的结果。请查看后台进程的日志（常见原因：内存不足），处理后重新提交。"
    hint_en = "Nothing half-done was left. Look at the worker's log (often: out of memory), mend the cause and order it again."


class TaskCrashed(Unavailable):
    """The program failed where it should not; the log has the details under the reference."""

    code = "task-crashed"
    zh = "程序在执行任务 {task} 时出错（日志编号 {reference}）"
    en = "the program failed while it performed {task} (log reference {reference})"
    hint_zh = "没有留下未完成的结果。请把编号和后台进程的日志交给维护人员。"
    hint_en = "Nothing half-done was left. Give the reference and the worker's log to whoever maintains the program."


# Conditions on rows (CQL2), coordinates, and what divisions and facilities are asked for.


class FilterSyntax(BadQuery):
    """A condition that isn't CQL2."""

    code = "filter-syntax"
    zh = "条件“{text}”不是有效的 CQL2：{reason}"
    en = "the condition {text!r} is not CQL2: {reason}"
    hint_zh = "示例：healthcare > 0 AND name LIKE '%卫生院'；文字用单引号，带空格或符号的字段名用双引号。"
    hint_en = "For example: healthcare > 0 AND name LIKE 'St %'; texts in single quotes, field names with spaces or signs in double ones."


class FilterProperty(BadQuery):
    """A condition names a field that the rows don't have."""

    code = "filter-property"
    zh = "条件中的字段“{name}”不存在"
    en = "the condition names {name!r}, which is not a field here"
    hint_zh = "可用的字段：{known}"
    hint_en = "Fields: {known}"


class FilterMistyped(BadQuery):
    """A condition compares what can't be compared."""

    code = "filter-mistyped"
    zh = "条件“{text}”把 {left} 与 {right} 相比较，类型不符"
    en = "the condition {text!r} puts {left} beside {right}: their types differ"
    hint_zh = "数字不加引号，文字加单引号，日期写 DATE('2020-11-01')。"
    hint_en = "Write numbers without quotes, texts in single quotes, dates as DATE('2020-11-01')."


class FilterUnsupported(BadQuery):
    """A condition uses what the registry doesn't evaluate."""

    code = "filter-unsupported"
    zh = "条件中的“{what}”不受支持"
    en = "{what!r} is not supported in conditions"
    hint_zh = "支持：= <> < <= > >=，AND OR NOT，IN，BETWEEN，IS NULL，LIKE，+ - * / % div，DATE('…')，TIMESTAMP('…')。"
    hint_en = (
        "Supported: = <> < <= > >=, AND OR NOT, IN, BETWEEN, IS NULL, LIKE, + - * / % div, DATE('…'), TIMESTAMP('…')."
    )


class FilterFailed(BadQuery):
    """A condition can't be computed for the rows that are there (a number out of range)."""

    code = "filter-failed"
    zh = "条件“{text}”无法计算：{reason}"
    en = "the condition {text!r} can't be computed: {reason}"
    hint_zh = "请检查条件中的数值范围。"
    hint_en = "Look at the ranges of the numbers in the condition."


class BBoxInvalid(BadQuery):
    """A bounding box that isn't one."""

    code = "bbox-invalid"
    zh = "范围“{text}”无效：{reason}"
    en = "the box {text!r} is not valid: {reason}"
    hint_zh = "写作 最小经度,最小纬度,最大经度,最大纬度（度），例如 119.2,28.5,120.8,29.7；跨 180° 经线时最小经度大于最大经度。"
    hint_en = "Write west,south,east,north in degrees, as 119.2,28.5,120.8,29.7; across the 180° meridian west is greater than east."


class CrsUnknown(BadQuery):
    """A coordinate reference system that isn't known by that name."""

    code = "crs-unknown"
    zh = "不认识坐标系“{text}”"
    en = "{text!r} is not a coordinate reference system that is known here"
    hint_zh = "可用：auto、epsg:编号（如 epsg:4490、epsg:4549）、gcj02、bd09。"
    hint_en = "Use auto, epsg:N (epsg:4490, epsg:4549, …), gcj02 or bd09."


class DivisionCodeInvalid(BadInput):
    """A division code that can't be read as one."""

    code = "division-code-invalid"
    zh = "“{text}”不是区划代码"
    en = "{text!r} is not a division code"
    hint_zh = "区划代码为 12 位数字，或其前 2、4、6、9 位，例如 330702、330702001。"
    hint_en = "A division code has 12 digits, or is its first 2, 4, 6 or 9, as 330702 or 330702001."


class DivisionUnknown(NotFound):
    """No division of that code, or of that name, is registered."""

    code = "division-unknown"
    zh = "没有登记区划“{text}”"
    en = "no division {text!r} is registered"
    hint_zh = "请核对名称或代码；没有登记的区划请管理人员先导入（geo-registry import divisions）。"
    hint_en = "Check the name or the code; whoever runs the registry brings more by `geo-registry import divisions`."


class DivisionAmbiguous(Conflict):
    """Several divisions bear that name."""

    code = "division-ambiguous"
    zh = "有多个区划名为“{text}”：{candidates}"
    en = "several divisions are called {text!r}: {candidates}"
    hint_zh = "请改用 12 位区划代码。"
    hint_en = "Use the 12-digit code instead."


class FacilityUnknown(NotFound):
    """There is no facility of that id."""

    code = "facility-unknown"
    zh = "没有编号为 {facility} 的设施"
    en = "there is no facility {facility}"
    hint_zh = "请在首页按名称搜索；接口 GET /api/v1/facilities 列出已登记的设施。"
    hint_en = "Search for its name on the first page; GET /api/v1/facilities lists those that are registered."


class FindingUnknown(NotFound):
    """The last review found no such thing."""

    code = "finding-unknown"
    zh = "最近一次全面检查没有 {record} 的审查意见 {code}"
    en = "the last review found no {code} of {record}"
    hint_zh = "请在 /names 或用 `geo-registry names review` 查看最近一次检查的审查意见。"
    hint_en = "Look at /names, or run `geo-registry names review`, for what was found last."


class ClearanceUnknown(NotFound):
    """No finding was cleared under that id."""

    code = "clearance-unknown"
    zh = "没有编号为 {clearance} 的排除记录"
    en = "there is no clearance {clearance}"
    hint_zh = "请在 /names 查看已排除的审查意见。"
    hint_en = "Findings that are cleared are listed on /names."


class ClearanceReasonInvalid(BadInput):
    """Nobody says why a name may stand."""

    code = "clearance-reason-invalid"
    zh = "没有写明排除审查意见的理由，或理由太长"
    en = "there is no reason for clearing the finding, or too long a one"
    hint_zh = "请用 1 至 {limit} 个字写明名称可以使用的理由，理由会留存。"
    hint_en = "Say in 1 to {limit} characters why the name may stand: the reason is kept."


class NameQuestionEmpty(BadQuery):
    """There is no name to check, or one that is longer than names are."""

    code = "name-question-empty"
    zh = "没有给出要检查的名称，或名称太长"
    en = "there is no name to check, or it is too long"
    hint_zh = "请给出 1 至 {limit} 个字的名称。"
    hint_en = "Give a name of 1 to {limit} characters."


class FacilityIdInvalid(BadQuery):
    """What stands in the address of a facility's page isn't an id."""

    code = "facility-id-invalid"
    zh = "“{text}”不是设施的编号"
    en = "{text!r} is not the id of a facility"
    hint_zh = "编号有 32 位，如 0f8fad5b-d9cb-469f-a165-70867728950e；请检查地址是否完整，或在首页按名称搜索。"
    hint_en = "An id has 32 digits, as 0f8fad5b-d9cb-469f-a165-70867728950e: see whether the address is whole, or search for the name on the first page."


class NameNotRomanised(BadQuery):
    """The name holds something that has no spelling in letters."""

    code = "name-not-romanised"
    zh = "“{name}”不能拼写：{reason_zh}"
    en = "{name!r} can't be romanised: {reason_en}"
    hint_zh = "请只写地名本身：汉字、字母、数字，不带括号和标点；生僻字请由登记人员给出拼写。"
    hint_en = "Write the name alone: characters, letters and figures, no brackets or marks; a registrar spells what is in no dictionary."


class SpellingInvalid(BadInput):
    """A spelling that somebody decided on can't be one of the name."""

    code = "spelling-invalid"
    zh = "“{word}”不能作为“{name}”的拼写"
    en = "{word!r} can't stand in a spelling of {name!r}"
    hint_zh = "每词首字母大写、每字一个标调的音节（须是该字的一种读音）、隔音符号不缺（如 Jīnhuá Shì、Xī'ān Lù）；音译转写的少数民族语地名不标调，须另行说明（--transcribed；接口 transcribed）。"
    hint_en = "Begin each word with a capital, give each character a syllable with its tone, one that it is read as, leave no apostrophe out (Jīnhuá Shì, Xī'ān Lù); a name transcribed from a minority language has no tones and must be said to be one (--transcribed; transcribed in the API)."


class SearchEmpty(BadQuery):
    """There is nothing in the question that could be searched for."""

    code = "search-empty"
    zh = "没有可以搜索的文字"
    en = "there is nothing to search for"
    hint_zh = "请输入名称中的至少一个汉字、字母或数字；标点和空格不算。"
    hint_en = "Type at least one character, letter or figure of a name; punctuation and spaces don't count."


class SearchTooLong(BadQuery):
    """The question is longer than names are."""

    code = "search-too-long"
    zh = "搜索的文字有 {length} 个字，超过上限 {limit} 个"
    en = "the text to search for has {length} characters, more than {limit}"
    hint_zh = "请只输入名称，或名称的一部分。"
    hint_en = "Type a name, or a part of one."


class NearInvalid(BadQuery):
    """The position that hits should be near isn't one."""

    code = "near-invalid"
    zh = "位置“{text}”无效"
    en = "the position {text!r} is not valid"
    hint_zh = "写作 经度,纬度（度），例如 119.65,29.08。"
    hint_en = "Write longitude,latitude in degrees, as 119.65,29.08."


class PageLibrariesMissing(Unavailable):
    """The JavaScript libraries of pages and maps haven't been copied into place."""

    code = "page-libraries-missing"
    zh = "缺少网页地图所需的程序库：{path}"
    en = "the libraries that pages and maps need are missing: {path}"
    hint_zh = "请运行 `make up` 或 `scripts/setup`，它会按锁定的版本安装。"
    hint_en = "Run `make up` or `scripts/setup`: it installs them at their locked versions."


# The road network.


class RoadUnusable(BadInput):
    """A road that no graph can be made with."""

    code = "road-unusable"
    zh = "道路 {road} 不能用于路网：{reason_zh}"
    en = "road {road} can't be used in a network: {reason_en}"
    hint_zh = "请改正该道路的几何后重新导入。"
    hint_en = "Correct the road's geometry and import it again."


class NetworkNotKept(Unavailable):
    """A compiled network could not be written to disk; nothing half was left."""

    code = "network-not-kept"
    zh = "路网无法写入 {folder}：{reason}"
    en = "the network can't be written to {folder}: {reason}"
    hint_zh = "没有留下不完整的文件；请检查磁盘空间和目录权限后重试。"
    hint_en = "No incomplete file was left; check the disk's free space and the folder's permissions, then try again."


class QuestionInvalid(BadQuery):
    """What a run was asked besides its standard doesn't look as it should."""

    code = "question-invalid"
    zh = "参数有误：{problems_zh}"
    en = "the question is not valid: {problems_en}"
    hint_zh = "区划代码是 2 到 12 位数字，日期写作 2020-11-01。"
    hint_en = "A division's code has 2 to 12 digits, a date is written 2020-11-01."


class ServerElsewhere(BadQuery):
    """A command for the embedded cluster, while the registry uses a server of its own."""

    code = "server-elsewhere"
    zh = "数据库在别处的服务器上（GEO_DATABASE_URL），不能用 `db {verb}` 管理"
    en = "the database is on a server elsewhere (GEO_DATABASE_URL): `db {verb}` is for the embedded one"
    hint_zh = "请在那台服务器上操作，或去掉 GEO_DATABASE_URL。"
    hint_en = "Work on that server, or unset GEO_DATABASE_URL."


class NoRoads(BadInput):
    """A travel mode may use none of a dataset's roads."""

    code = "no-roads"
    zh = "道路数据集“{key}”中没有可供{mode_zh}使用的道路"
    en = "the road dataset {key!r} has no road that may be used {mode_en}"
    hint_zh = "请检查映射中的 highway、foot、motor 列；docs/planner.md 列出了各类道路可用的出行方式。"
    hint_en = (
        "Check the columns highway, foot and motor of the mapping; docs/planner.md lists which mode may use which road."
    )


# The service: questions over HTTP, and the processes that answer them.


class CursorInvalid(BadQuery):
    """The continuation of a list wasn't made by the list."""

    code = "cursor-invalid"
    zh = "翻页标记 after 无效：{text}"
    en = "the continuation `after` is not valid: {text}"
    hint_zh = "请原样使用上一页 next 给出的地址；第一页不带 after。"
    hint_en = "Follow the address that the page before gives as `next`; the first page has no `after`."


class ParameterUnknown(BadQuery):
    """A query parameter that the operation doesn't have; ignoring it would answer another question."""

    code = "parameter-unknown"
    zh = "没有查询参数 {names}。可用：{known}"
    en = "there is no query parameter {names}; there are: {known}"
    hint_zh = "请检查拼写；各操作的参数见 /docs。"
    hint_en = "Check the spelling; /docs lists the parameters of each operation."


class QueryMalformed(BadQuery):
    """Query parameters are missing, or not of their type or range."""

    code = "query-malformed"
    zh = "查询参数有误：{problems_zh}"
    en = "the query is malformed: {problems_en}"
    hint_zh = "请修正 errors 中列出的参数；说明见 /docs。"
    hint_en = "Correct the parameters that `errors` lists; /docs describes them."


class BodyMalformed(BadInput):
    """A request's body isn't JSON, or its fields are missing, unknown, or not of their type or range."""

    code = "body-malformed"
    zh = "请求内容有误：{problems_zh}"
    en = "the request's body is malformed: {problems_en}"
    hint_zh = "请修正 errors 中列出的字段；说明见 /docs。"
    hint_en = "Correct the fields that `errors` lists; /docs describes them."


class StatementTooSlow(Unavailable):
    """The question takes longer than the service gives one question."""

    code = "statement-too-slow"
    zh = "查询超过了时限，已中止"
    en = "the question took longer than it may and was broken off"
    hint_zh = "请缩小范围（bbox、division、limit），或请管理员调整 GEO_STATEMENT_TIMEOUT_S。"
    hint_en = "Ask for less (bbox, division, limit), or have the operator raise GEO_STATEMENT_TIMEOUT_S."


class AskerLeft(Unavailable):
    """Whoever asked went away; the question was broken off."""

    code = "asker-left"
    zh = "请求方已断开，查询已中止"
    en = "whoever asked went away; the question was broken off"
    hint_zh = "需要时可重新请求。"
    hint_en = "Ask again if the answer is still wanted."


class RecordBusy(Unavailable):
    """Somebody else holds the record for longer than it is worth waiting."""

    code = "record-busy"
    zh = "记录正被其他操作占用"
    en = "another operation holds the record"
    hint_zh = "请稍后重试；没有改动任何数据。"
    hint_en = "Try again in a moment; nothing was changed."


class NotReady(Unavailable):
    """Something that the service stands on is missing."""

    code = "not-ready"
    zh = "服务尚未就绪：{missing}"
    en = "the service isn't ready: {missing}"
    hint_zh = "checks 中列出了每一项；`geo-registry up` 会启动全部。"
    hint_en = "`checks` lists every part; `geo-registry up` starts them all."


class HostUnknown(BadQuery):
    """The request was meant for another host: perhaps a foreign page that leads to this machine."""

    code = "host-unknown"
    zh = "本服务不叫“{host}”"
    en = "this service is not called {host!r}"
    hint_zh = "请用启动时给出的地址访问；经代理访问时设置 GEO_PUBLIC_URL。"
    hint_en = "Use the address that was printed at the start; behind a proxy set GEO_PUBLIC_URL."


class HostNotLocal(BadQuery):
    """There are no accounts yet, so only this machine may ask."""

    code = "host-not-local"
    zh = "尚无账户功能，只能监听本机地址，不能监听 {host}"
    en = "there are no accounts yet, so the service listens on this machine only, not on {host}"
    hint_zh = "用 GEO_HOST=127.0.0.1。在容器内且端口只发布到本机时，设置 GEO_BEHIND_CONTAINER=1。"
    hint_en = "Use GEO_HOST=127.0.0.1. In a container whose port is published to the local machine only, set GEO_BEHIND_CONTAINER=1."


class PortTaken(Conflict):
    """Another program listens on the port."""

    code = "port-taken"
    zh = "{address} 已被占用（{holder}）"
    en = "{address} is taken ({holder})"
    hint_zh = "请停止它，或换一个端口：`--port`、GEO_PORT，或 `make up PORT=…`。"
    hint_en = "Stop it, or choose another port: `--port`, GEO_PORT, or `make up PORT=…`."


class AlreadyUp(Conflict):
    """The registry is being served from here already."""

    code = "already-up"
    zh = "这个登记系统已经在运行：{address}（进程 {pid}，数据目录 {directory}）"
    en = "this registry is up already: {address} (process {pid}, data in {directory})"
    hint_zh = "直接打开该地址；要另起一个，请用另一个 GEO_DATA_DIR。"
    hint_en = "Open that address; for another registry use another GEO_DATA_DIR."


class PartKeepsFailing(Unavailable):
    """The server or the worker ends again and again; everything was stopped."""

    code = "part-keeps-failing"
    zh = "{part} 反复退出（最后的退出码 {status}），已全部停止"
    en = "the {part} ended again and again (last with status {status}); everything was stopped"
    hint_zh = "原因见上面的输出。"
    hint_en = "The reason stands in the output above."


class NotUpInTime(Unavailable):
    """The service did not get ready; everything was stopped."""

    code = "not-up-in-time"
    zh = "{waited_s:g} 秒后仍缺 {missing}，其中 {still_s:g} 秒没有任何进展，已全部停止"
    en = "after {waited_s:g} s there is still no {missing}, and nothing moved for {still_s:g} s: everything was stopped"
    hint_zh = "请再运行一次：已装入的数据留着，不会重来。仍不行时，`geo-registry serve` 和 `geo-registry worker` 分别运行可见各自的报错。"
    hint_en = (
        "Run it again: what was loaded stays. If it fails again, `geo-registry serve` and `geo-registry worker`, each by itself, "
        "show what keeps them."
    )


class SettingsInvalid(BadQuery):
    """Environment variables set the product to what can't be."""

    code = "settings-invalid"
    zh = "设置有误：{problems_zh}"
    en = "the settings are not valid: {problems_en}"
    hint_zh = "请改正或去掉这些环境变量；docs/operator.md 列出了全部设置。"
    hint_en = "Correct or unset these environment variables; docs/operator.md lists every setting."


class CommandMisused(BadQuery):
    """A command was called with options or arguments that it doesn't have."""

    code = "command-misused"
    zh = "命令用法有误：{problem_zh}"
    en = "the command was misused: {problem_en}"
    hint_zh = "用 `{command} --help` 查看用法和例子。"
    hint_en = "`{command} --help` lists its options and has an example."


class CommandCrashed(DomainError):
    """A command met something that nobody foresaw."""

    code = "command-crashed"
    zh = "命令意外中断（{what}）；未提交的改动已全部撤销"
    en = "the command broke down ({what}); what was not committed was undone"
    hint_zh = "详情已写入 {log}，请随问题一起报告。"
    hint_en = "The details are in {log}: please report it with them."


# Imports: what refuses a file as a whole. What refuses a row is a problem of the report (exchange/problems.py).


class FileEmpty(BadInput):
    """A file or a layer without rows."""

    code = "file-empty"
    zh = "{path} 里没有数据"
    en = "{path} has no rows"
    hint_zh = "请检查文件；没有任何数据被改动。"
    hint_en = "Look at the file; nothing was changed."


class FileCutOff(BadInput):
    """A file that ends in the middle of a row, of a quoted text or of a character."""

    code = "file-cut-off"
    zh = "{path} 在第 {where} 行处中断：{reason}"
    en = "{path} is cut off at row {where}: {reason}"
    hint_zh = "文件不完整，没有导入任何一行。请重新下载或导出。"
    hint_en = "The file isn't whole and nothing of it was imported. Download or export it again."


class FileBroken(BadInput):
    """A file that its reader can't make sense of."""

    code = "file-broken"
    zh = "{path} 已损坏或不完整：{reason}"
    en = "{path} is broken or not whole: {reason}"
    hint_zh = "没有导入任何一行。请重新下载或导出。"
    hint_en = "Nothing of it was imported. Download or export it again."


class FileUnsupported(BadInput):
    """A file of a kind that this import doesn't read."""

    code = "file-unsupported"
    zh = "{path} 是 {found}，这里读不了"
    en = "{path} is {found}, which isn't read here"
    hint_zh = "可用：.csv、.geojson、.gpkg、.shp、.fgb 等矢量图层；道路另可用 .osm.pbf。电子表格请另存为 CSV（UTF-8）。"
    hint_en = "Use .csv, .geojson, .gpkg, .shp, .fgb or another vector layer; for roads also .osm.pbf. Save a workbook as CSV (UTF-8)."


class SentFileUnsupported(BadInput):
    """A file that was sent in is of a kind that isn't taken so."""

    code = "sent-file-unsupported"
    zh = "{name} 不是可以上传的表格"
    en = "{name} is no table that can be sent in"
    hint_zh = "请上传 XLSX、CSV（UTF-8 或 GBK）或 GeoJSON；其他图层请用命令行导入。"
    hint_en = "Send XLSX, CSV (UTF-8 or GBK) or GeoJSON; other layers are for the command line."


class FileIsFolder(BadInput):
    """A folder was named where a file is read."""

    code = "file-is-folder"
    zh = "{path} 是目录，不是文件"
    en = "{path} is a folder, not a file"
    hint_zh = "请指明其中的一个文件；只有文件地理数据库（.gdb）本身是目录。没有任何数据被改动。"
    hint_en = "Name one of the files in it; only a file geodatabase (.gdb) is a folder itself. Nothing was changed."


class OptionUnfit(BadQuery):
    """An option says of a file what its format has settled; ignoring it would hide a mistake."""

    code = "option-unfit"
    zh = "{path} 不能用 {option}：{reason_zh}"
    en = "{option} is not for {path}: {reason_en}"
    hint_zh = "请去掉这个选项，或检查文件是否拿错；没有任何数据被改动。"
    hint_en = "Leave the option out, or see whether it is the right file; nothing was changed."


class EncodingUnknown(BadQuery):
    """There is no such encoding."""

    code = "encoding-unknown"
    zh = "不认识编码“{name}”"
    en = "there is no encoding {name!r}"
    hint_zh = "例如 auto、utf-8、gb18030、big5。"
    hint_en = "Use auto, utf-8, gb18030, big5, …"


class EncodingMismatch(BadInput):
    """A file's texts are not in the encoding that was tried."""

    code = "encoding-mismatch"
    zh = "{path} 的文字编码不对，已试：{tried}"
    en = "the texts of {path} are in another encoding; tried: {tried}"
    hint_zh = "用 --encoding 指明编码（如 gb18030、big5、latin-1）。"
    hint_en = "Name the encoding with --encoding (gb18030, big5, latin-1, …)."


class LayerChoice(BadQuery):
    """A file has several layers and none was named."""

    code = "layer-choice"
    zh = "{path} 有多个图层：{known}"
    en = "{path} has several layers: {known}"
    hint_zh = "用 --layer 指明一个。"
    hint_en = "Name one with --layer."


class LayerUnknown(BadQuery):
    """A file has no layer of that name."""

    code = "layer-unknown"
    zh = "{path} 没有图层“{layer}”。现有：{known}"
    en = "{path} has no layer {layer!r}; it has: {known}"
    hint_zh = "请改用现有的图层名。"
    hint_en = "Name one of those."


class MappingInvalid(BadInput):
    """A mapping file with keys or values that mean nothing."""

    code = "mapping-invalid"
    zh = "映射文件 {path} 有误：{problem}"
    en = "the mapping {path} is not valid: {problem}"
    hint_zh = '写法：where = "…"、[columns] 我方字段 = "对方列名"、[constants]、[geometry] lon/lat 或 geometry = "centroid"；例子见 docs/examples。'
    hint_en = 'It has where = "…", [columns] our field = "their column", [constants], [geometry] lon/lat or geometry = "centroid"; see docs/examples.'


class MappingNotToml(BadInput):
    """A mapping file breaks TOML's syntax."""

    code = "mapping-not-toml"
    zh = "映射文件 {path} 第 {line} 行不合 TOML 的写法：{text}"
    en = "the mapping {path} is not TOML at line {line}: {text}"
    hint_zh = (
        '请改正这一行（或上一行）：每行一个 字段 = "列名"，文字加双引号，每个字段和小节只写一次，引号和括号要成对。'
    )
    hint_en = 'Correct that line, or the one above: one field = "column" a line, texts in double quotes, each field and section once, every quote and bracket closed.'


class MappingField(BadInput):
    """A mapping fills a field that this kind of import doesn't have."""

    code = "mapping-field"
    zh = "映射中的字段“{field}”不存在"
    en = "the mapping fills {field!r}, which is not a field here"
    hint_zh = "可用的字段：{known}"
    hint_en = "Fields: {known}"


class MappingColumn(BadInput):
    """A mapping names a column that the file doesn't have."""

    code = "mapping-column"
    zh = "文件里没有列“{column}”（映射到 {field}）"
    en = "the file has no column {column!r} (mapped to {field})"
    hint_zh = "文件里的列：{known}"
    hint_en = "Its columns: {known}"


class MappingIncomplete(BadInput):
    """A field that every row needs is filled by no column, and none could be proposed."""

    code = "mapping-incomplete"
    zh = "不知道哪一列是 {field}"
    en = "no column is known to be {field}"
    hint_zh = '请在映射文件（--map）里写明：[columns] {field} = "列名" 或 [constants] {field} = …。文件里的列：{known}'
    hint_en = (
        'Say so in a mapping (--map): [columns] {field} = "column", or [constants] {field} = …. Its columns: {known}'
    )


class PositionsUnmapped(BadInput):
    """Rows that may lie anywhere: no column is known to hold positions, and none to name divisions."""

    code = "positions-unmapped"
    zh = "不知道哪两列是经度和纬度，也没有哪一列是所属区划"
    en = "no columns are known to be longitude and latitude, and none to be the division"
    hint_zh = '请在映射文件（--map）里写明：[geometry] lon = "列名"、lat = "列名"，或 [columns] division = "列名"（区划代码或名称）。文件里的列：{known}'
    hint_en = 'Say so in a mapping (--map): [geometry] lon = "column", lat = "column", or [columns] division = "column" (codes or names of divisions). Its columns: {known}'


class LinesMissing(BadInput):
    """Roads from a file without geometries, or whose mapping makes points of them."""

    code = "lines-missing"
    zh = "道路须取自线图层的几何"
    en = "roads are taken from the geometries of a layer of lines"
    hint_zh = "请用 .geojson、.gpkg、.shp 等线图层，或 .osm.pbf；映射文件里不要写 geometry。"
    hint_en = "Use a layer of lines (.geojson, .gpkg, .shp, …) or .osm.pbf; leave geometry out of the mapping."


class CrsContradicted(BadInput):
    """A layer claims a CRS in metres and holds degrees."""

    code = "crs-contradicted"
    zh = "{path} 声明的坐标系是 {declared}（米），坐标却像经纬度：{found}"
    en = "{path} declares {declared}, in metres, but its coordinates look like degrees: {found}"
    hint_zh = "若确为经纬度，请加 --crs epsg:4490（或 gcj02、bd09）。没有任何数据被改动。"
    hint_en = "If they are degrees, add --crs epsg:4490 (or gcj02, bd09). Nothing was changed."


class CrsMisfit(BadInput):
    """Most positions can't be read in the CRS that was declared, given or assumed."""

    code = "crs-misfit"
    zh = "坐标不符合{assumed_zh} {used}：例如第 {row} 行 {found}"
    en = "the coordinates don't fit {used}{assumed_en}: row {row}, for example, has {found}"
    hint_zh = "{hint_zh}没有任何数据被改动。"
    hint_en = "{hint_en} Nothing was changed."


class VintageMissing(BadInput):
    """Divisions without the year of their list."""

    code = "vintage-missing"
    zh = "不知道这份区划是哪一年的"
    en = "the divisions' vintage (the year of the list) isn't known"
    hint_zh = "用 --vintage 2023，或在映射文件里写 [constants] vintage = 2023，或映射年份列。"
    hint_en = "Use --vintage 2023, or [constants] vintage = 2023 in a mapping, or map the column of years."


class PopulationUndated(BadInput):
    """Population whose date or basis isn't said, or isn't the same for all rows."""

    code = "population-undated"
    zh = "人口数据须注明{missing_zh}"
    en = "population must say its {missing_en}"
    hint_zh = '在映射文件里写 [constants] date = "2020-11-01"、basis = "resident"（常住）、"registered"（户籍）或 "service-list"（名册），或用 --date、--basis。一个数据集只有一个日期和口径，可用 where 拆分。'
    hint_en = 'Write [constants] date = "2020-11-01" and basis = "resident", "registered" or "service-list" in a mapping, or use --date and --basis. A dataset has one of each: split the file with where.'


class DatasetKeyInvalid(BadQuery):
    """A dataset can't be called so."""

    code = "dataset-key-invalid"
    zh = "数据集不能叫 {key!r}"
    en = "a dataset can't be called {key!r}"
    hint_zh = "请用 --dataset 取一个名称：1 至 {longest} 个字符，不含换行等控制字符。"
    hint_en = "Name it with --dataset: 1 to {longest} characters, no line breaks or other control characters."


class DatasetContradicted(Conflict):
    """A dataset of that key is there with another date or basis."""

    code = "dataset-contradicted"
    zh = "数据集“{key}”已登记为 {there}，与这次的 {here} 不一致"
    en = "the dataset {key!r} is there as {there}, this import says {here}"
    hint_zh = "请用 --dataset 另取一个名称，两份数据可并存。"
    hint_en = "Give it another name with --dataset: several live side by side."


class NothingMatched(BadInput):
    """No row of the file fulfils the mapping's condition."""

    code = "nothing-matched"
    zh = "{read} 行中没有一行符合条件“{where}”"
    en = "none of the {read} rows fulfils the condition {where!r}"
    hint_zh = "请检查映射文件里的 where。"
    hint_en = "Look at the mapping's where."


class FilterColumnMixed(BadInput):
    """A condition compares as numbers a column in which some text stands."""

    code = "filter-column-mixed"
    zh = "列“{column}”不全是数字（第 {row} 行是“{value}”），不能按数字比较"
    en = "the column {column!r} isn't all numbers (row {row} has {value!r}), so it can't be compared as one"
    hint_zh = "请修正该值，或改按文字比较（加单引号）。"
    hint_en = "Correct that value, or compare it as text, in single quotes."


class StorageFull(Unavailable):
    """The disk of the database, or of temporary files, is full."""

    code = "storage-full"
    zh = "磁盘已满：{reason}"
    en = "the disk is full: {reason}"
    hint_zh = "本次写入已全部撤销，已有的数据没有损坏。请腾出空间后重试。"
    hint_en = "This write was rolled back whole; what was there is not harmed. Free some space and try again."


class AddressUnusable(Conflict):
    """The service may not listen at the address, or the machine doesn't have it."""

    code = "address-unusable"
    zh = "不能监听 {address}：{reason}"
    en = "the service can't listen on {address}: {reason}"
    hint_zh = "小于 1024 的端口需要特权；请换一个端口或地址：`--port`、`--host`。"
    hint_en = "Ports below 1024 need privileges; choose another port or address: `--port`, `--host`."


class DataFolderUnusable(Unavailable):
    """The registry's folder can't be made or written to."""

    code = "data-folder-unusable"
    zh = "数据目录 {path} 不可用：{reason}"
    en = "the data folder {path} can't be used: {reason}"
    hint_zh = "请修正权限，或换一个 GEO_DATA_DIR。"
    hint_en = "Correct the permissions, or choose another GEO_DATA_DIR."


class ReportUnusable(BadQuery):
    """The file that an import's problems are to be written to can't be, or it is the import's own input."""

    code = "report-unusable"
    zh = "问题清单不能写到 {path}：{reason_zh}"
    en = "the report can't be written to {path}: {reason_en}"
    hint_zh = "请用 --report 另指一个文件；没有任何数据或文件被改动。"
    hint_en = "Name another file with --report; no data and no file was changed."


class MappingConstant(BadInput):
    """A constant of a mapping can't be what its field holds."""

    code = "mapping-constant"
    zh = "映射中的常量 {field} 有误：{reason_zh}"
    en = "the mapping's constant {field} is wrong: {reason_en}"
    hint_zh = "请修正映射文件的 [constants]。"
    hint_en = "Correct [constants] in the mapping."


# The demonstration.


class RegistryNotEmpty(Conflict):
    """The demonstration was to be loaded into a registry that holds other data."""

    code = "registry-not-empty"
    zh = "登记库中已有其他数据，不能装入示例数据"
    en = "the registry holds other data: the demonstration isn't loaded among them"
    hint_zh = "请另指一个数据目录再装入：GEO_DATA_DIR=… geo-registry demo load；没有任何数据被改动。"
    hint_en = "Load it into a registry of its own: GEO_DATA_DIR=… geo-registry demo load. Nothing was changed."


class DemoIncomplete(Conflict):
    """An import refused rows of the demonstration: this version of the product can't load what it generates."""

    code = "demo-incomplete"
    zh = "示例数据（{kind}）有 {refused} 行未能导入"
    en = "{refused} rows of the demonstration ({kind}) were refused"
    hint_zh = "用 `geo-registry import list --json` 查看原因，用 `geo-registry demo clear` 清除后报告此问题。"
    hint_en = (
        "See why with `geo-registry import list --json`; clear it with `geo-registry demo clear`, and report this."
    )


class OwnerNeeded(Unavailable):
    """What is asked takes the database's owner, and only the application's role is known."""

    code = "owner-needed"
    zh = "清除示例数据需要数据库所有者的角色；应用的角色不能删除记录"
    en = "clearing the demonstration takes the role that owns the database: the application's can't delete records"
    hint_zh = "请用 GEO_OWNER_DATABASE_URL 指定所有者的连接，再试一次；没有任何数据被改动。"
    hint_en = "Name the owner's connection in GEO_OWNER_DATABASE_URL and try again; nothing was changed."


# Records as they are written: versions, revisions, creates that are sent twice.


class RecordChanged(Conflict):
    """The record isn't any more what whoever changes it has seen."""

    code = "record-changed"
    zh = "记录在此期间已被改动"
    en = "the record was changed meanwhile"
    hint_zh = "请看现在的内容，核对后再改一次（接口：用现在的 ETag {version}）；没有改动任何数据。"
    hint_en = (
        "Look at what it is now, and change it again (by the API: with its ETag, {version} now); nothing was changed."
    )


class VersionNeeded(BadQuery):
    """A record is to be changed, and nothing says which version of it was seen."""

    code = "version-needed"
    zh = "缺少请求头 If-Match：修改记录须说明所依据的版本"
    en = "the header If-Match is missing: it says which version of the record is changed"
    hint_zh = "先读取记录，把响应头 ETag 的值放进 If-Match；If-Match: * 表示不论版本。"
    hint_en = "Read the record and send its ETag as If-Match; `If-Match: *` means whatever version it is."


class TagMalformed(BadQuery):
    """The header If-Match holds no tags."""

    code = "tag-malformed"
    zh = "请求头 If-Match 格式不对：{text}"
    en = "the header If-Match can't be read: {text}"
    hint_zh = "请原样使用响应头 ETag 的值，含双引号；多个用逗号隔开；或用 *。"
    hint_en = "Send the value of ETag as it is, with its double quotes; several are separated by commas; or send *."


class IdempotencyKeyInvalid(BadQuery):
    """The header Idempotency-Key holds no key."""

    code = "idempotency-key-invalid"
    zh = "请求头 Idempotency-Key 格式不对：应为 1 至 {most} 个可见的 ASCII 字符"
    en = "the header Idempotency-Key can't be read: it takes 1 to {most} visible ASCII characters"
    hint_zh = "每次新建用一个新的 UUID，重试时用同一个。"
    hint_en = "Use a new UUID for everything that is made, and the same one to try again."


class IdempotencyKeyReused(BadInput):
    """The key was used before, for something else."""

    code = "idempotency-key-reused"
    zh = "这个 Idempotency-Key 已用于另一个请求"
    en = "this Idempotency-Key was used for another request"
    hint_zh = "重试时请求须与第一次完全相同；新的请求请换一个键。"
    hint_en = "To try again, send the very same request; something new takes a new key."


class IdempotencyKeyInUse(Conflict):
    """A request with this key is still being answered."""

    code = "idempotency-key-in-use"
    zh = "带这个 Idempotency-Key 的请求仍在处理"
    en = "a request with this Idempotency-Key is still being answered"
    hint_zh = "请稍后用同一个键重试，会得到同一个答复。"
    hint_en = "Try again in a moment with the same key: the answer will be the same."


class MomentInvalid(BadQuery):
    """A moment that can't be read as one."""

    code = "moment-invalid"
    zh = "“{text}”不是日期或时刻"
    en = "{text!r} is neither a date nor a moment"
    hint_zh = "日期如 2020-11-01（到当天结束）；时刻须带时区，如 2020-11-01T08:30:00+08:00（RFC 3339）。"
    hint_en = "A date is as 2020-11-01 (to its end); a moment has its zone, as 2020-11-01T08:30:00+08:00 (RFC 3339)."


class NotRecordedThen(NotFound):
    """The registry held no such record at that moment."""

    code = "not-recorded-then"
    zh = "{moment} 时登记系统中没有这条记录"
    en = "the registry didn't hold this record at {moment}"
    hint_zh = "登记的时间见 …/revisions；不带 datetime 则读取现状。"
    hint_en = "…/revisions says since when it does; without `datetime` it is read as it stands now."


class NotThereThen(NotFound):
    """The place wasn't there yet on that day, or no more."""

    code = "not-there-then"
    zh = "{day} 这个地点还不存在，或已不存在"
    en = "the place wasn't there yet on {day}, or no more"
    hint_zh = "起止日期见 begun_on、ended_on；不带 datetime 则读取现状。"
    hint_en = "`begun_on` and `ended_on` say when it was; without `datetime` it is read as it stands now."


class RevisionUnknown(NotFound):
    """The record has no revision of that number."""

    code = "revision-unknown"
    zh = "这条记录没有第 {number} 次修订"
    en = "the record has no revision {number}"
    hint_zh = "…/revisions 列出所有修订。"
    hint_en = "…/revisions lists those that there are."


class FacilityUnsound(BadInput):
    """What a facility would be breaks a rule of facilities."""

    code = "facility-unsound"
    zh = "不符合设施的规则：{problems_zh}"
    en = "it breaks the rules of facilities: {problems_en}"
    hint_zh = "请修正所列的字段；没有改动任何数据。"
    hint_en = "Correct the fields that are named; nothing was changed."


class DateUnclear(BadInput):
    """A date of the past that nobody can tell."""

    code = "date-unclear"
    zh = "看不懂的日期：“{text}”"
    en = "{text!r} is no date that can be told"
    hint_zh = "可写 2015-06-01、2015-06、2015、1950年代、19世纪，或朝代、年号（明、康熙、民国）。"
    hint_en = "Write 2015-06-01, 2015-06, 2015, 1950s, 19th century or a dynasty or reign (明, 康熙, 民国)."


class PlaceUnknown(NotFound):
    """There is no place of that id."""

    code = "place-unknown"
    zh = "没有编号为 {place} 的地名"
    en = "there is no place {place}"
    hint_zh = "请在首页按名称搜索；接口 GET /api/v1/places 列出已登记的地名。"
    hint_en = "Search for its name on the first page; GET /api/v1/places lists those that are registered."


class PlaceIdInvalid(BadQuery):
    """What stands in the address of a place's page isn't an id."""

    code = "place-id-invalid"
    zh = "“{text}”不是地名的编号"
    en = "{text!r} is not the id of a place"
    hint_zh = "编号有 32 位，如 0f8fad5b-d9cb-469f-a165-70867728950e；请检查地址是否完整，或在首页按名称搜索。"
    hint_en = "An id has 32 digits, as 0f8fad5b-d9cb-469f-a165-70867728950e: see whether the address is whole, or search for the name on the first page."


class PlaceNameUnknown(NotFound):
    """A place has no name of that id."""

    code = "place-name-unknown"
    zh = "该地名没有编号为 {name} 的名称"
    en = "the place has no name {name}"
    hint_zh = "请读取该地名：它列出全部名称及其编号。"
    hint_en = "Read the place: it lists all its names with their ids."


class PlaceRelationUnknown(NotFound):
    """Nothing of that id is said of a place."""

    code = "place-relation-unknown"
    zh = "该地名没有编号为 {relation} 的关系"
    en = "nothing of the id {relation} is said of the place"
    hint_zh = "请读取该地名；关系只能在记录它的一方撤回。"
    hint_en = "Read the place; a relation is withdrawn on the side that it was written from."


class PlaceExtentUnknown(NotFound):
    """A place has no extent of that id, or it is withdrawn already, or isn't."""

    code = "place-extent-unknown"
    zh = "该地名没有编号为 {extent} 的范围，或已经撤回（恢复）"
    en = "the place has no extent {extent}, or it is withdrawn, or had again, already"
    hint_zh = "请读取该地名：它列出各时期的范围及其编号。"
    hint_en = "Read the place: it lists how far it reached in each period, with ids."


class PlaceUnsound(BadInput):
    """What a place would be breaks a rule of places."""

    code = "place-unsound"
    zh = "不符合地名的规则：{problems_zh}"
    en = "it breaks the rules of places: {problems_en}"
    hint_zh = "请修正所列的字段；没有改动任何数据。"
    hint_en = "Correct the fields that are named; nothing was changed."


class ByCaseAlone(Conflict):
    """What was decided on is to be different, which a case alone does."""

    code = "by-case-alone"
    zh = "“{name}”的{what_zh}不能直接更正：由{case_zh}办理"
    en = "the {what_en} of {name} isn't corrected: a case decides on it ({case_en})"
    hint_zh = "在地名页面新建事项；以前已经批准的，登记既往批准。没有改动任何数据。"
    hint_en = "Open a case from the place's page; what was approved before is taken over. Nothing was changed."


class ReasonReserved(BadInput):
    """A reason begins as those that imports leave, by which they know their own rows."""

    code = "reason-reserved"
    zh = "理由不能以“import …: ”开头：“{why}”"
    en = "a reason can't begin with 'import …: ', as {why!r} does"
    hint_zh = "这是文件导入留下的理由，导入据此识别自己写入的记录；请换一种说法。"
    hint_en = "So begin the reasons that imports leave, by which they know their own rows: word it otherwise."


class BuiltUpAreaUnknown(NotFound):
    """There is no built-up area of that id."""

    code = "built-up-area-not-found"
    zh = "没有编号为 {area} 的建成区"
    en = "there is no built-up area {area}"
    hint_zh = "/built-up-areas 和接口 GET /api/v1/built-up-areas 列出已登记的建成区。"
    hint_en = "/built-up-areas and GET /api/v1/built-up-areas list those that are registered."


class BuiltUpAreaUnsound(BadInput):
    """What a built-up area would be can't be."""

    code = "built-up-area-unsound"
    zh = "建成区不能这样登记：{problems_zh}"
    en = "a built-up area can't be so: {problems_en}"
    hint_zh = "请修正所列内容；没有改动任何数据。"
    hint_en = "Correct what is named; nothing was changed."


class HeritageUnknown(NotFound):
    """No listed name is of that id, or it isn't listed and whoever asks may not see it."""

    code = "heritage-not-found"
    zh = "没有编号为 {heritage} 的地名文化遗产"
    en = "there is no heritage name {heritage}"
    hint_zh = "/heritage 和接口 GET /api/v1/heritage 列出已列入保护名录的地名。"
    hint_en = "/heritage and GET /api/v1/heritage list the names that are protected."


class HeritagePartUnknown(NotFound):
    """A heritage name has no such evidence, story, picture or measure."""

    code = "heritage-part-not-found"
    zh = "该地名文化遗产没有编号为 {part} 的内容"
    en = "nothing of that heritage name has the id {part}"
    hint_zh = "接口 GET /api/v1/heritage/编号 列出其依据、故事、图片和保护措施；已撤回的不再列出。"
    hint_en = (
        "GET /api/v1/heritage/ID has its evidence, stories, pictures and measures; what was withdrawn isn't shown."
    )


class HeritageUnsound(BadInput):
    """What is told of a heritage name can't be."""

    code = "heritage-unsound"
    zh = "地名文化遗产不能这样登记：{problems_zh}"
    en = "a heritage name can't be so: {problems_en}"
    hint_zh = "请修正所列内容；没有改动任何数据。"
    hint_en = "Correct what is named; nothing was changed."


class LaneUnknown(NotFound):
    """There is no road without a name of that id."""

    code = "lane-not-found"
    zh = "没有编号为 {lane} 的无名道路"
    en = "there is no road without a name {lane}"
    hint_zh = "/names/unnamed 和接口 GET /api/v1/unnamed/lanes 列出查得的无名道路。"
    hint_en = "/names/unnamed and GET /api/v1/unnamed/lanes list those that were found."


class LaneSettled(Conflict):
    """What is decided of a lane can't be changed here any more."""

    code = "lane-settled"
    zh = "该道路{status_zh}，不能再改"
    en = "this road is {status_en}: it can't be changed here"
    hint_zh = "已报批的在事项中处理；已命名的请改用更名。"
    hint_en = "What is filed is dealt with in its case; what has a name is renamed."


class LaneUnsound(BadInput):
    """What is told of a road without a name can't be."""

    code = "lane-unsound"
    zh = "无名道路不能这样登记：{problems_zh}"
    en = "a road without a name can't be so: {problems_en}"
    hint_zh = "请修正所列内容；没有改动任何数据。"
    hint_en = "Correct what is named; nothing was changed."


class HeritageStands(Conflict):
    """A name can't be listed, or taken off the list, as it stands."""

    code = "heritage-stands"
    zh = "“{name}”{state_zh}，不能再“{verb_zh}”"
    en = "{name} is {state_en} and can't be {verb_en}"
    hint_zh = "请刷新后核对其现状。"
    hint_en = "Reload it and look at how it stands."


class HeritageUnprotected(Conflict):
    """A listed name would be changed or abolished, and its protective measures aren't recorded (地名管理条例 art. 25)."""

    code = "heritage-unprotected"
    zh = "“{name}”已列入地名保护名录（{lists_zh}），尚未登记更名前的保护措施（《地名管理条例》第二十五条）"
    en = "{name} is on a protection list ({lists_en}) and no measures before a renaming are recorded (地名管理条例, art. 25)"
    hint_zh = "请先由所在地县级以上地方人民政府制定保护措施，在 {address} 登记（用途：更名前的保护措施），再继续。"
    hint_en = (
        "The local government from the county up has to set out protective measures first: record them at {address} "
        "(purpose: before a renaming), then go on."
    )


class PictureRefused(BadInput):
    """A file isn't a picture that the registry keeps."""

    code = "picture-refused"
    zh = "图片不能登记：{reason_zh}"
    en = "the picture can't be kept: {reason_en}"
    hint_zh = "请另存为不超过 {most_mb} MB 的 JPEG、PNG 或 WebP 图片后重试。"
    hint_en = "Save it as a JPEG, PNG or WebP file of at most {most_mb} MB and try again."


class LanesNotWritten(BadQuery):
    """Lanes were found and kept, but not written to a file."""

    code = "lanes-not-written"
    zh = "无名道路已存入清单，但没有写到 {path}：{reason_zh}"
    en = "the roads without a name are kept, but were not written to {path}: {reason_en}"
    hint_zh = "请先建立目录，或用 -o 另指一个文件后重新运行：已作的决定不变。"
    hint_en = "Make the folder first, or name another file with -o, and run it again: decisions stay."


class LanesWithoutBorders(BadInput):
    """Lanes are found by village, and no division there has a boundary."""

    code = "lanes-without-borders"
    zh = "{division} 范围内没有带边界的区划，无法按村查找无名道路"
    en = "no division in {division} has a boundary: lanes can't be found by village"
    hint_zh = "请先导入带边界的村级、乡级或县级区划：geo-registry import divisions。"
    hint_en = "Import villages, townships or counties with their boundaries first: geo-registry import divisions."


class NameNotInForce(Conflict):
    """A name can't be the standard one from that day on."""

    code = "name-not-in-force"
    zh = "名称不能自 {day} 起作为标准名称：{reason_zh}"
    en = "it can't be the standard name from {day} on: {reason_en}"
    hint_zh = "请核对批准日期和该地名现有的名称及其起止日期。"
    hint_en = "Check the date of approval, and the names of the place with their periods."


class CaseStepNotOpen(Conflict):
    """A step can't be taken where the case stands."""

    code = "case-step-not-open"
    zh = "事项处于“{state_zh}”，不能“{step_zh}”。"
    en = "the case is {state_en}: it isn't open to the step “{step_en}”"
    hint_zh = "现在可以：{open_zh}。"
    hint_en = "Open now: {open_en}."


class CaseDatesOutOfOrder(Conflict):
    """A document would be older than the one that it follows."""

    code = "case-dates-out-of-order"
    zh = "“{step_zh}”的日期 {day} 早于其依据文件的日期 {earlier}。"
    en = "the step “{step_en}” of {day} would be older than what it follows, of {earlier}"
    hint_zh = "请填写文件上的日期（不是录入日期），并核对前一步的日期。"
    hint_en = "Give the date on the document, not that of its entry, and check the date of the step before."


class CaseMalformed(BadInput):
    """What was typed of a case, or of a step of it, isn't what its fields hold."""

    code = "case-malformed"
    zh = "填写的事项有误：{problems_zh}"
    en = "what was typed of the case is malformed: {problems_en}"
    hint_zh = "请改正所列各项；退回、撤回等须写明理由。"
    hint_en = "Correct what is listed; steps back need a reason."


class CaseUnknown(NotFound):
    """There is no such case, or it isn't to be seen."""

    code = "case-unknown"
    zh = "没有事项 {case}，或您无权查看"
    en = "there is no case {case}, or you may not see it"
    hint_zh = "在工作台 /desk 查看您辖区的事项；须先登录。"
    hint_en = "/desk lists the cases of your divisions; sign in first."


class CaseLineUnknown(NotFound):
    """A case has no such line."""

    code = "case-line-unknown"
    zh = "本事项没有名称 {line}"
    en = "the case has no name {line}"
    hint_zh = "名称的编号见事项的名称表。"
    hint_en = "The case lists its names with their ids."


class CaseDocumentUnknown(NotFound):
    """A case has no such paper."""

    code = "case-document-unknown"
    zh = "本事项没有材料 {document}，或已撤回"
    en = "the case has no document {document}, or it was withdrawn"
    hint_zh = "材料清单见事项页面。"
    hint_en = "The case lists its documents."


class ConsultationUnknown(NotFound):
    """There is no such consultation."""

    code = "consultation-unknown"
    zh = "没有公示或征集 {consultation}"
    en = "there is no consultation {consultation}"
    hint_zh = "公示与征集见 /consultations。"
    hint_en = "/consultations lists them."


class ConsultationOver(Conflict):
    """A consultation takes no opinions, not yet or no more."""

    code = "consultation-over"
    zh = "该公示不在受理意见的期限内（{opened_on} 至 {closes_on}）"
    en = "the consultation takes opinions from {opened_on} to {closes_on} only"
    hint_zh = "您可以直接联系民政部门反映。"
    hint_en = "You can tell the civil-affairs office directly."


class CommentUnknown(NotFound):
    """Nothing of that number, or id, was said."""

    code = "comment-unknown"
    zh = "没有编号为 {comment} 的意见"
    en = "there is no comment {comment}"
    hint_zh = "编号在提交意见后显示，请核对。"
    hint_en = "The number was shown when it was sent: check it."


class AnnouncementUnknown(NotFound):
    """There is no such announcement."""

    code = "announcement-unknown"
    zh = "没有公告 {announcement}"
    en = "there is no announcement {announcement}"
    hint_zh = "公告见 /announcements。"
    hint_en = "/announcements lists them."


class CasePlacePending(Conflict):
    """Another case is open about a place."""

    code = "case-place-pending"
    zh = "“{name}”另有未办结的事项 {number}"
    en = "another case is open about {name}: {number}"
    hint_zh = "请先办结或撤回该事项，或把两者并入一个事项办理。"
    hint_en = "Finish or withdraw that case first, or decide on both in one."


class CasePlaceTwice(Conflict):
    """One case would decide two things on a place."""

    code = "case-place-twice"
    zh = "“{name}”在本事项中已列入，一个地名在一个事项中只作一种办理"
    en = "{name} is in the case already: one thing is decided on a place"
    hint_zh = "请修改已有的一行，或先把它去掉。拆分的原地名可列在几行的“析出自”中。"
    hint_en = "Change the line that there is, or strike it out first. What is split may be in several lines' splits."


class CasePlaceAbolished(Conflict):
    """A case would decide on a place that is abolished."""

    code = "case-place-abolished"
    zh = "“{name}”已销名，不能再列入事项"
    en = "{name} is abolished: no case can be about it"
    hint_zh = "如需启用原名，请作为新地名办理命名。"
    hint_en = "To have its name again, name a new place."


class CaseElsewhere(Conflict):
    """A name of a case, or what bears it, lies outside the case's division."""

    code = "case-elsewhere"
    zh = "“{name}”位于 {other}，不在本事项的区划 {division} 内"
    en = "{name} lies in {other}, outside the case's division {division}"
    hint_zh = "请由所在地办理；跨界的由共同的上一级开立事项。"
    hint_en = "Let the division that it lies in decide; what crosses a border is for the division above both."


class CaseNotOpen(Conflict):
    """What is told of a case can't be changed where it stands."""

    code = "case-not-open"
    zh = "事项处于“{state_zh}”，内容不能再改"
    en = "the case is {state_en}: what it says can't be changed any more"
    hint_zh = "可退回后修改；已批准的名称另立事项，其含义、描述等用“更正”。"
    hint_en = (
        "Send it back to change it; what is approved needs another case, and meanings or descriptions are corrected."
    )


class CaseIncomplete(Conflict):
    """A step needs something that the case hasn't got."""

    code = "case-incomplete"
    zh = "还不能“{step_zh}”：{missing_zh}"
    en = "the step “{step_en}” has to wait: {missing_en}"
    hint_zh = "方案和理由在事项的“申请内容”中修改，名称在“名称”中添加或修改；补齐后再办这一步。"
    hint_en = "The plan and the reasons are changed under what the case says, names under its names; then take the step again."


class CaseFindingsOpen(Conflict):
    """Findings about names of a case are settled by nobody."""

    code = "case-findings-open"
    zh = "还有 {count} 条审查意见未处理（{names}）"
    en = "{count} findings are not settled ({names})"
    hint_zh = "请修改名称、从事项中去掉该名称，或写明理由后排除该意见。"
    hint_en = "Change the name, strike it out, or let it stand with a reason."


class CaseFindingsWeigh(Conflict):
    """Findings that break a rule would be settled all at once."""

    code = "case-findings-weigh"
    zh = "“{finding_zh}”中有违反条例的，不能一并排除"
    en = "some of the findings of {finding_en} break a rule: they aren't settled all at once"
    hint_zh = "请逐条写明理由，或修改名称。"
    hint_en = "Settle them one by one, or change the names."


class NothingOfTheReview(Conflict):
    """No name of those that a review found something about can go into a case."""

    code = "nothing-of-the-review"
    zh = "没有可以开立事项的地名：{reasons_zh}"
    en = "no name goes into a case: {reasons_en}"
    hint_zh = "请选择其他审查意见，或先办结已有的事项。"
    hint_en = "Choose other findings, or finish the cases that there are."


class PaperNotWritten(BadQuery):
    """A paper was made, but not written to a file."""

    code = "paper-not-written"
    zh = "文书没有写到 {path}：{reason_zh}"
    en = "the paper was not written to {path}: {reason_en}"
    hint_zh = "请先建立目录，或用 -o 另指一个文件。"
    hint_en = "Make the folder first, or name another file with -o."


class CaseRowsRefused(BadInput):
    """Rows of a table can't be names of a case; `errors` has each."""

    code = "case-rows-refused"
    zh = "表格共 {read} 行，{refused} 行不能采用；没有写入任何内容"
    en = "of {read} rows {refused} can't be taken; nothing was written"
    hint_zh = "请按各行的说明修改表格后重新上传，或选择略去不能采用的行。"
    hint_en = "Mend the table as is said of each row and send it again, or have such rows left out."


class CaseTableEmpty(BadInput):
    """A table holds no name."""

    code = "case-table-empty"
    zh = "表格中没有名称"
    en = "the table holds no name"
    hint_zh = "第一行是列名，其下每行一个名称；可用模板填写。"
    hint_en = "The first row names the columns, each below is a name; there is a template."


class CaseApproverNeeded(BadInput):
    """The law leaves to other rules who approves names of a class, and nobody said who does."""

    code = "case-approver-needed"
    zh = "未说明由谁批准：条例第十二条对“{class_zh}”另有规定（{rule_zh}）"
    en = "nobody says who approves: article 12 leaves that of a {class_en} to other rules ({rule_en})"
    hint_zh = "请在“由谁批准”中选择批准机关的级别（接口 approver，命令 --approver）。"
    hint_en = "Choose who approves (`approver` of the API, --approver of the command)."


class CaseDateAhead(BadInput):
    """A document would be of a day that hasn't come."""

    code = "case-date-ahead"
    zh = "文件日期 {day} 晚于今天 {today}"
    en = "the document's date {day} is after today, {today}"
    hint_zh = "请填写文件上的日期。"
    hint_en = "Give the date on the document."


class CaseUnsound(BadInput):
    """What somebody typed into a form of a case isn't what its fields hold."""

    code = "case-unsound"
    zh = "填写的内容有误：{problems_zh}"
    en = "what was filled in can't be so: {problems_en}"
    hint_zh = "请按提示修改后再提交；已填写的内容仍在。"
    hint_en = "Mend what is named and send it again; what was filled in is still there."


class CaseTooLarge(BadInput):
    """A case would hold more names than one can."""

    code = "case-too-large"
    zh = "一个事项最多 {most} 个名称"
    en = "a case holds at most {most} names"
    hint_zh = "请分成几个事项。"
    hint_en = "Make several cases of it."


class DocumentRefused(BadInput):
    """A paper can't be kept."""

    code = "document-refused"
    zh = "材料不能保存：{reason_zh}"
    en = "the document can't be kept: {reason_en}"
    hint_zh = "可用 PDF、DOCX、XLSX、ZIP、JPEG、PNG 或 OFD，不超过 {most_mb} MB。"
    hint_en = "PDF, DOCX, XLSX, ZIP, JPEG, PNG or OFD are taken, up to {most_mb} MB."


class PaperNotMadeSo(BadQuery):
    """A paper isn't made in that format, or the case isn't there yet."""

    code = "paper-not-made-so"
    zh = "“{paper_zh}”不能生成 {format}：{reason_zh}"
    en = "the {paper_en} isn't made as {format}: {reason_en}"
    hint_zh = "可用的格式：{formats}。"
    hint_en = "Formats of it: {formats}."


class CaseFindingUnknown(NotFound):
    """A line of a case has no such finding."""

    code = "case-finding-unknown"
    zh = "“{name}”没有这条审查意见：{finding}"
    en = "{name} has no such finding: {finding}"
    hint_zh = "审查意见随名称和登记情况变化，请重新查看。"
    hint_en = "Findings change with the name and the registry: look again."


class CaseSignedByItsAuthor(Conflict):
    """Whoever handled a case, or reviewed it, would take a step that the office keeps apart from that."""

    code = "case-signed-by-its-author"
    zh = "{name} 已办理本事项的“{before_zh}”，不能同时“{step_zh}”。"
    en = "{name} took the step “{before_en}” of this case and can't take the step “{step_en}” too"
    hint_zh = "请由另一位有权限的人员办理；哪些环节须由不同人员办理，由设置 GEO_CASE_APART 决定。"
    hint_en = "Have somebody else do it who may; the setting GEO_CASE_APART says which steps are kept apart."


class CaseNothingToAmend(Conflict):
    """A step would be amended that was never taken, or that was taken back."""

    code = "case-nothing-to-amend"
    zh = "没有“{step_zh}”的登记可更正"
    en = "no step “{step_en}” is entered that could be amended"
    hint_zh = "只能更正已登记的批准、报送备案、备案回执和公告的日期、编号；编号须与原登记不同。"
    hint_en = (
        "Of an approval, a filing, a receipt and an announcement that are entered, date and number can be amended."
    )


class CaseEffectFixed(Conflict):
    """The day of an approval would be amended, from which its names hold."""

    code = "case-effect-fixed"
    zh = "批准日期 {day} 是名称生效之日，不能在此更正"
    en = "the approval's date {day} is the day from which the names hold: it isn't amended here"
    hint_zh = "可更正批准文号；日期有误的，请在地名页逐个更正名称的起始日期，并写明理由。"
    hint_en = (
        "Its number can be amended; where the date is wrong, correct the beginning of each name on its place's page."
    )


class PeriodsOverlap(Conflict):
    """A place would have two standard names, or two extents, on one day."""

    code = "periods-overlap"
    zh = "同一时期已有“{other}”（{since} 至 {until}）"
    en = "there is {other} already in that time ({since} to {until})"
    hint_zh = "请先更正其中一个的起止日期：同一天只能有一个标准名称、一个范围。"
    hint_en = "Correct the period of one of them first: on any day there is one standard name and one extent."
