"""Wrong use of a command in both languages: what Typer says in English, said in Chinese too."""

import re
from collections.abc import Sequence

from pydantic import ValidationError
from typer._click.exceptions import UsageError  # Typer carries its own click and gives the class no public name

from geo_registry.errors import CommandMisused
from geo_registry.validation import WORDS, finding

PROGRAM = "geo-registry"

SENTENCES: Sequence[tuple[str, str]] = (
    (r"Missing argument '(.+)'\.", "缺少参数 {0}"),
    (r"Missing option '(.+)'\.", "缺少选项 {0}"),
    (r"Missing command\.", "缺少子命令"),
    (r"No such option: (.+) \(Possible options: (.+)\)", "没有选项 {0}；相近的有 {1}"),
    (r"No such option: (.+)", "没有选项 {0}"),
    (r"No such command '(.+)'\. Did you mean (.+)\?", "没有命令 {0}；相近的有 {1}"),
    (r"No such command '(.+)'\.", "没有命令 {0}"),
    (r"Option '(.+)' requires an argument\.", "选项 {0} 后面缺少值"),
    (r"Option '(.+)' does not take a value\.", "选项 {0} 不带值"),
    (r"Got unexpected extra argument\(s\) \((.*)\)", "多余的参数：{0}"),
    (r"Invalid value for '(.+?)': '(.+)' is not one of (.+)\.", "{0} 的值“{1}”无效，应为以下之一：{2}"),
    (
        r"Invalid value for '(.+?)': '(.+)' does not match the formats '%Y-%m-%d'\.",
        "{0} 的值“{1}”无效，应为日期，如 2020-11-01",
    ),
    (r"Invalid value for '(.+?)': (.+)", "{0} 的值无效：{1}"),
)
"""What Typer says of a wrong use, and the Chinese of it; the first that fits. What fits none stays English."""


def misused(error: UsageError) -> CommandMisused:
    """A wrong use as a refusal: what is wrong in both languages, and whose help says how it goes."""
    said = error.format_message().replace("Value error, ", "")
    return CommandMisused(
        problem_zh=_chinese(said.replace(*_reason(error))),
        problem_en=said.removesuffix("."),
        command=error.ctx.command_path if error.ctx else PROGRAM,
    )


def _chinese(said: str) -> str:
    for pattern, zh in SENTENCES:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            return zh.format(*(group.replace("'", "") for group in found.groups()))
    return said


def _reason(error: UsageError) -> tuple[str, str]:
    """Pydantic's words for why a value won't do, and ours in Chinese."""
    if not isinstance(error.__cause__, ValidationError):
        return "", ""
    first = error.__cause__.errors()[0]
    return first["msg"], finding(first).zh if first["type"] in WORDS else first["msg"]
