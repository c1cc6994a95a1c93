"""What the navigation shows: what the person may do, as the policy's table has it, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.visitors import Visitor
from api.web.preferences import ELDER, Preferences
from api.web.translation import catalogue
from geo_registry.accounts.actors import anonymous
from geo_registry.accounts.policy import Verb, may_somewhere, refusal

HOME = "/"
ON_WIDE_PAGES = frozenset({"/consultations", "/docs", "/heritage"})
"""What a phone's bar has no room for: announcements and the home page lead there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that the navigation leads to, and whether it is the one at hand, or one above it."""

    address: str
    name: str
    here: bool
    wide: bool = False
    """Whether a phone's bar has no room for it: other pages lead there as well."""


SECTIONS: Mapping[str, Verb] = {
    "/admin/users": Verb.LIST_ACCOUNTS,
    "/admin/teams": Verb.LIST_TEAMS,
    "/admin/tokens": Verb.LIST_TOKENS,
    "/admin/jobs": Verb.LIST_JOBS,
    "/admin/audit": Verb.READ_AUDIT,
}
"""The pages of `/admin`, and what somebody has to be allowed to be shown one."""


NARROWED = frozenset({Verb.LIST_TOKENS})
"""Lists that show each what lies in their divisions: who may see some of it is shown the page."""


def pages(visitor: Visitor | None, wanted: Preferences, *, here: str) -> Sequence[Entry]:
    """The pages that everyone has, `/desk` for who works in an office, `/names` for who checks names, `/admin` for who may anything there; in large type what citizens come for."""
    _ = catalogue(wanted.locale).gettext
    shown = {
        HOME: _("首页"),
        "/announcements": _("公告"),
        "/consultations": _("公示"),
        "/facilities": _("设施"),
        "/heritage": _("地名文化遗产"),
        "/plan": _("服务缺口"),
    }
    if wanted.view != ELDER:
        shown["/docs"] = _("接口说明")
        actor = visitor.actor if visitor is not None else anonymous()
        if refusal(actor, Verb.LIST_CASES) is None:
            shown["/desk"] = _("工作台")
        if refusal(actor, Verb.CHECK_NAME) is None:
            shown["/names"] = _("地名审查")
        if sections(visitor, wanted, here=here):
            shown["/admin"] = _("管理")
    return _entries(shown, here)


def sections(visitor: Visitor | None, wanted: Preferences, *, here: str) -> Sequence[Entry]:
    """The pages of `/admin` for whoever asks."""
    _ = catalogue(wanted.locale).gettext
    actor = visitor.actor if visitor is not None else anonymous()
    names = {
        "/admin/users": _("账号"),
        "/admin/teams": _("团队"),
        "/admin/tokens": _("令牌"),
        "/admin/jobs": _("任务"),
        "/admin/audit": _("审计"),
    }
    allowed = {
        address
        for address, verb in SECTIONS.items()
        if (may_somewhere(actor, verb) if verb in NARROWED else refusal(actor, verb) is None)
    }
    return _entries({address: name for address, name in names.items() if address in allowed}, here)


def _entries(named: Mapping[str, str], here: str) -> Sequence[Entry]:
    return [
        Entry(
            address,
            name,
            here == address or (address != HOME and here.startswith(f"{address}/")),
            address in ON_WIDE_PAGES,
        )
        for address, name in named.items()
    ]
