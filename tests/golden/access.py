"""The tables of docs/access.md, as the code has them."""

import re
from collections.abc import Sequence

from geo_registry.accounts.policy import TABLE, Rule, Verb, Whose
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import Role

PAGE = CHECKOUT / "docs" / "access.md"
MARKS = {Whose.OWN: "●", Whose.ANY: "○"}


def written(text: str) -> str:
    """`docs/access.md` with its tables made anew."""
    for name, table in (("roles", _roles()), ("verbs", _verbs())):
        text = re.sub(rf"(<!-- {name} -->\n).*?(<!-- end -->)", rf"\1{table}\2", text, flags=re.DOTALL)
    return text


def _roles() -> str:
    rows = [(f"`{role.value}`", role.zh, role.en) for role in Role]
    return _table(("role", "zh", "en"), rows)


def _verbs() -> str:
    roles = [role for role in Role if any(role in rule.roles for rule in TABLE.values())]
    head = ("verb", "zh", "en", *(f"`{role.value}`" for role in roles), "oneself", "token")
    return _table(head, [_row(verb, rule, roles) for verb, rule in TABLE.items()])


def _row(verb: Verb, rule: Rule, roles: Sequence[Role]) -> Sequence[str]:
    marks = [MARKS[rule.roles[role]] if role in rule.roles else "" for role in roles]
    kinds = "（按类别）" if rule.by_kind else ""
    return (
        f"`{verb.value}`",
        f"{verb.zh}{kinds}",
        f"{verb.en}{', by kind' if rule.by_kind else ''}",
        *marks,
        "●" if rule.oneself else "",
        f"`{rule.scope.value}`" if rule.scope else "–",
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
