"""Which steps there are, what a form of each asks for, and by which verbs it is taken. Values."""

from collections.abc import Mapping
from dataclasses import dataclass

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases.queries import CaseRow
from geo_registry.vocabulary import CaseState, CaseStep

ADDRESSES: Mapping[Verb, str] = {
    Verb.SUBMIT_CASE: "submit",
    Verb.HANDLE_CASE: "handle",
    Verb.SIGN_CASE: "sign",
    Verb.DECIDE_CASE: "decide",
    Verb.FOLLOW_UP_CASE: "follow-up",
}
"""Where the form of a verb is sent, below its case."""


@dataclass(frozen=True, slots=True)
class Asks:
    """What a step asks for.

    Attributes
    ----------
    verbs
        By which it can be taken; more than one where that depends on where the case stands.
    fields
        Of `inputs.Taking` and what is made of it.
    why
        Whether `note` is a reason, which has to be given.
    """

    verbs: tuple[Verb, ...]
    fields: tuple[str, ...] = ("on",)
    why: bool = False

    def verb(self, state: CaseState) -> Verb:
        """The verb that takes it where a case stands so."""
        return self.verbs[-1] if state is CaseState.SIGNED else self.verbs[0]


OFFERED: Mapping[CaseStep, Asks] = {
    CaseStep.SUBMIT: Asks((Verb.SUBMIT_CASE,)),
    CaseStep.WITHDRAW: Asks((Verb.SUBMIT_CASE,), ("on", "note"), why=True),
    CaseStep.CHECK: Asks((Verb.HANDLE_CASE,)),
    # Whoever approves may ask for more.
    CaseStep.RETURN: Asks((Verb.HANDLE_CASE, Verb.DECIDE_CASE), ("on", "note"), why=True),
    CaseStep.CONSULT: Asks((Verb.HANDLE_CASE,), ("kind", "on", "until", "title", "body")),
    CaseStep.CONCLUDE: Asks((Verb.HANDLE_CASE,)),
    CaseStep.HANDLE: Asks((Verb.HANDLE_CASE,), ("on", "note")),
    CaseStep.REVIEW: Asks((Verb.SIGN_CASE,), ("on", "note")),
    CaseStep.SEND_BACK: Asks((Verb.SIGN_CASE,), ("on", "note"), why=True),
    CaseStep.SIGN: Asks((Verb.SIGN_CASE,), ("on", "note")),
    CaseStep.APPROVE: Asks((Verb.DECIDE_CASE,), ("approving_body", "number", "on")),
    CaseStep.REJECT: Asks((Verb.DECIDE_CASE,), ("number", "on", "note"), why=True),
    CaseStep.FILE: Asks((Verb.FOLLOW_UP_CASE,), ("number", "on", "note")),
    CaseStep.FILED: Asks((Verb.FOLLOW_UP_CASE,), ("number", "on", "codes")),
    CaseStep.FILING_RETURNED: Asks((Verb.FOLLOW_UP_CASE,), ("on", "note"), why=True),
    CaseStep.ANNOUNCE: Asks((Verb.FOLLOW_UP_CASE,), ("number", "on", "office", "title", "body", "channels")),
    CaseStep.CORRECT: Asks(
        (Verb.FOLLOW_UP_CASE,), ("note", "number", "on", "office", "title", "body", "channels"), why=True
    ),
}
"""Every step, with its form."""

GRAVE = frozenset({CaseStep.WITHDRAW, CaseStep.REJECT, CaseStep.RETURN, CaseStep.SEND_BACK, CaseStep.FILING_RETURNED})
"""Steps back, and ends."""


EDITED = frozenset({CaseState.DRAFT, CaseState.RETURNED, CaseState.SUBMITTED, CaseState.CHECKED})
BEFORE_THE_OFFICE = frozenset({CaseState.DRAFT, CaseState.RETURNED})


def may_edit(row: CaseRow, actor: Actor) -> bool:
    """Whether somebody may change what a case says, where it stands: who applies until it is submitted, then who handles it."""
    verb = Verb.CHANGE_CASE if row.state in BEFORE_THE_OFFICE else Verb.HANDLE_CASE
    return row.state in EDITED and policy.refusal(actor, verb, division=row.division_code) is None


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step that can be taken now, as a form."""

    step: CaseStep
    asks: Asks
    verb: Verb
    address: str
    may: bool
    """Whether whoever looks may take it."""
    forbidden: str = ""
    """Why they may not, in their language."""

    @property
    def name(self) -> str:
        """What its form is called."""
        return f"step-{self.step.value}"

    @property
    def grave(self) -> bool:
        """Whether it is a step back, or an end."""
        return self.step in GRAVE


def step_form(step: CaseStep, state: CaseState, division: str, actor: Actor, locale: str) -> StepForm:
    """A step as a form, for whoever looks at a case of that division."""
    asks = OFFERED[step]
    verb = asks.verb(state)
    refused = policy.refusal(actor, verb, division=division)
    return StepForm(
        step,
        asks,
        verb,
        ADDRESSES[verb],
        refused is None,
        refused.hint(locale) if refused is not None else "",
    )
