"""Every domain error: a stable code, a message and what to do about it, in zh and en; no HTTP.

A concrete error is a class with templates; its keyword arguments fill them and stay readable as ``details``.
"""

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
