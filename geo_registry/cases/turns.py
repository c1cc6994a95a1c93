"""Whose turn it is: by which verb a case goes on, and where cases wait for somebody. Values in, values out."""

from collections.abc import Mapping

from geo_registry.accounts import policy
from geo_registry.accounts.actors import WHOLE_REGISTRY, Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases.queries import Turn
from geo_registry.vocabulary import CaseState

VERB_OF: Mapping[CaseState, Verb] = {
    CaseState.DRAFT: Verb.SUBMIT_CASE,
    CaseState.RETURNED: Verb.SUBMIT_CASE,
    CaseState.SUBMITTED: Verb.HANDLE_CASE,
    CaseState.CHECKED: Verb.HANDLE_CASE,
    CaseState.CONSULTING: Verb.HANDLE_CASE,
    CaseState.HANDLED: Verb.SIGN_CASE,
    CaseState.REVIEWED: Verb.SIGN_CASE,
    CaseState.SIGNED: Verb.DECIDE_CASE,
}
"""By which verb a case goes on from where it stands."""


def turn_of(actor: Actor) -> Mapping[str, Turn]:
    """Where cases wait for somebody, by the first digits of the divisions of their grants."""
    found: dict[str, Turn] = {}
    for division in {grant.division for grant in actor.in_force}:
        digits = "" if division == WHOLE_REGISTRY else division

        def may(verb: Verb, digits: str = digits) -> bool:
            return policy.refusal(actor, verb, division=digits or None) is None

        states = frozenset(state for state, verb in VERB_OF.items() if may(verb))
        found[digits] = Turn(states, may(Verb.FOLLOW_UP_CASE))
    return found
