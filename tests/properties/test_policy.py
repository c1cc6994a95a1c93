"""Who may: a grant holds in its division and below, for its kinds, for its time, and nowhere else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo_registry.accounts.actors import DIGITS_OF_LEVELS, WHOLE_REGISTRY, Actor, Grant, Known, significant
from geo_registry.accounts.policy import LONG_AGO, TABLE, Verb, Whose, latest_end, refusal, require
from geo_registry.divisions.rules import CHINA_ISO, prefix_of
from geo_registry.errors import (
    Forbidden,
    GrantNotInForce,
    NotYourDivision,
    NotYourKind,
    NotYourRole,
    ScopeLacking,
    SignInNeeded,
    Unauthenticated,
)
from geo_registry.vocabulary import FacilityKind, Role, TokenScope

NOW = datetime(2026, 11, 26, tzinfo=UTC)
COUNTIES = ("330702", "330703", "330723", "330726", "330727", "330781", "330782", "330783", "330784")
"""The nine of Jinhua."""

# What a person may do with their own account alone is told in tests/integration/test_accounts.py.
PAIRS = [(verb, role) for verb, rule in TABLE.items() for role in rule.roles if role is not Role.PUBLIC]
OWN = [(verb, role) for verb, role in PAIRS if TABLE[verb].roles[role] is Whose.OWN]

pairs = st.sampled_from(PAIRS)
own_pairs = st.sampled_from(OWN)
codes = (
    st.sampled_from(DIGITS_OF_LEVELS)
    .flatmap(lambda digits: st.text("0123456789", min_size=digits, max_size=digits))
    .filter(lambda code: not code.startswith(("00", CHINA_ISO)))
)
kinds = st.frozensets(st.sampled_from(list(FacilityKind)), min_size=1)


def somebody(*grants: Grant, **over: object) -> Actor:
    values: dict[str, object] = {"name": "li", "known": Known.BY_SESSION, "grants": grants, "at": NOW} | over
    return Actor(**values)  # type: ignore[arg-type]


def allowed(actor: Actor, verb: Verb, division: str | None = None, kind: FacilityKind | None = None) -> bool:
    return refusal(actor, verb, division=division, kind=kind) is None


@given(codes, codes, own_pairs)
def test_a_grant_holds_where_the_codes_first_digits_are_its_own(
    granted: str, asked: str, pair: tuple[Verb, Role]
) -> None:
    verb, role = pair
    grant = Grant(role, prefix_of(granted))
    within = prefix_of(asked).startswith(prefix_of(granted))
    assert allowed(somebody(grant), verb, asked.ljust(12, "0")) is within
    assert allowed(somebody(grant), verb, prefix_of(asked)) is within


@given(codes)
def test_a_code_means_here_what_it_means_to_divisions(code: str) -> None:
    assert significant(code) == significant(code.ljust(12, "0")) == prefix_of(code)


@given(own_pairs, st.sampled_from(COUNTIES), st.sampled_from(COUNTIES), st.text("0123456789", min_size=6, max_size=6))
def test_a_countys_grant_never_allows_anything_in_another(
    pair: tuple[Verb, Role], granted: str, asked: str, below: str
) -> None:
    verb, role = pair
    assume(granted != asked)
    actor = somebody(Grant(role, granted))
    for division in (asked, asked + below, asked + "000000"):
        with pytest.raises(NotYourDivision):
            require(actor, verb, division=division)
    assert allowed(actor, verb, granted + below)


@given(own_pairs)
def test_the_city_may_in_all_nine_and_no_county_in_all_of_the_city(pair: tuple[Verb, Role]) -> None:
    verb, role = pair
    city = somebody(Grant(role, "3307"))
    assert all(allowed(city, verb, county + "000000") for county in COUNTIES)
    for county in COUNTIES:
        assert not allowed(somebody(Grant(role, county)), verb, "330700000000")


@given(own_pairs, codes)
def test_what_concerns_the_whole_registry_needs_a_grant_for_it(pair: tuple[Verb, Role], code: str) -> None:
    verb, role = pair
    assert not allowed(somebody(Grant(role, prefix_of(code))), verb, None)
    assert allowed(somebody(Grant(role, WHOLE_REGISTRY)), verb, None)


@given(pairs, st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_a_grant_holds_from_its_beginning_up_to_its_end(pair: tuple[Verb, Role], begins_h: int, ends_h: int) -> None:
    verb, role = pair
    begins, ends = NOW + timedelta(hours=begins_h), NOW + timedelta(hours=ends_h)
    found = refusal(somebody(Grant(role, valid_from=begins, valid_until=ends)), verb)
    if begins_h <= 0 < ends_h:
        assert found is None
    else:
        assert isinstance(found, GrantNotInForce)


@given(own_pairs, kinds, st.sampled_from(list(FacilityKind)))
def test_a_grant_for_kinds_holds_for_these_where_kinds_matter(
    pair: tuple[Verb, Role], granted: frozenset[FacilityKind], asked: FacilityKind
) -> None:
    verb, role = pair
    actor = somebody(Grant(role, kinds=granted))
    if TABLE[verb].by_kind:
        assert allowed(actor, verb, kind=asked) is (asked in granted)
        assert isinstance(refusal(actor, verb), NotYourKind)
    else:
        assert allowed(actor, verb, kind=asked)


@given(st.sampled_from(list(Verb)), st.sampled_from(list(Role)))
def test_a_role_that_the_table_doesnt_name_may_not(verb: Verb, role: Role) -> None:
    assume(not {role, Role.PUBLIC} & set(TABLE[verb].roles))
    with pytest.raises(NotYourRole):
        require(somebody(Grant(role)), verb)


@given(own_pairs, st.lists(st.tuples(st.sampled_from(list(Role)), codes), max_size=5), codes)
def test_more_grants_never_allow_less(pair: tuple[Verb, Role], others: list[tuple[Role, str]], division: str) -> None:
    verb, role = pair
    more = tuple(Grant(each, prefix_of(code)) for each, code in others)
    assert allowed(somebody(*more, Grant(role, prefix_of(division))), verb, division)


@given(pairs, st.frozensets(st.sampled_from(list(TokenScope))))
def test_a_token_allows_no_more_than_it_is_for(pair: tuple[Verb, Role], scopes: frozenset[TokenScope]) -> None:
    verb, role = pair
    found = refusal(somebody(Grant(role), known=Known.BY_TOKEN, scopes=scopes), verb)
    assert (found is None) is (TABLE[verb].scope in scopes)
    assert found is None or isinstance(found, ScopeLacking)


@given(pairs, codes, st.sampled_from([None, *FacilityKind]))
def test_every_refusal_says_in_both_languages_which_grant_would_do(
    pair: tuple[Verb, Role], code: str, kind: FacilityKind | None
) -> None:
    verb, role = pair
    for actor in (somebody(), somebody(Grant(role, "99")), Actor(name="anonymous", known=Known.NOT)):
        found = refusal(actor, verb, division=prefix_of(code), kind=kind)
        if found is None:
            continue
        assert isinstance(found, Forbidden | Unauthenticated)
        assert role.zh in found.hint("zh-CN")
        assert role.en in found.hint("en")
        assert TABLE[verb].roles[role] is Whose.ANY or prefix_of(code) in found.hint("en")


def test_nobody_in_particular_is_asked_to_sign_in() -> None:
    with pytest.raises(SignInNeeded):
        require(Actor(name="anonymous", known=Known.NOT, grants=(Grant(Role.ADMIN),)), Verb.LOAD_DEMO)


@given(st.sampled_from(["33070", "330702000", "3307020", "x", "330702000000", " 3307"]))
def test_a_grant_is_for_a_division_and_nothing_else(division: str) -> None:
    with pytest.raises(ValueError, match="no division"):
        Grant(Role.ADMIN, division)


ends = st.none() | st.integers(1, 400).map(lambda hours: NOW + timedelta(hours=hours))
held = st.builds(
    Grant,
    role=st.sampled_from([Role.ADMIN, Role.REGISTRAR]),
    division=st.sampled_from(["", "3307", "330702", "330703"]),
    kinds=st.none() | kinds,
    valid_until=ends,
)


@given(st.lists(held, max_size=5), st.sampled_from([None, "3307", "330702"]), st.none() | kinds)
def test_up_to_the_latest_end_all_is_still_allowed_and_then_no_longer(
    grants: list[Grant], division: str | None, asked: frozenset[FacilityKind] | None
) -> None:
    """What is given until then, whoever gives it could still give at its last moment; nobody's grant lasts longer."""

    def all_allowed(at: datetime) -> bool:
        actor = somebody(*grants, at=at)
        return all(allowed(actor, Verb.GRANT_ROLE, division, kind) for kind in asked or (None,))

    latest = latest_end(somebody(*grants), Verb.GRANT_ROLE, division=division, kinds=asked)
    assert (latest == LONG_AGO) is not all_allowed(NOW)
    if latest is None:
        assert all_allowed(NOW + timedelta(days=1000))
    elif latest != LONG_AGO:
        assert all_allowed(latest - timedelta(seconds=1))
        assert not all_allowed(latest)
