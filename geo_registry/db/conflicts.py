"""Constraint violations as domain errors, by the constraint's name."""

import psycopg2

from geo_registry.errors import AlreadyExists, DomainError, RuleViolated, StillReferenced

UNIQUE_VIOLATION = "23505"
FOREIGN_KEY_VIOLATION = "23503"


def as_domain_error(error: psycopg2.IntegrityError) -> DomainError:
    """What the schema refused, as the error that the product raises for it.

    PostgreSQL names the constraint; `detail` quotes the values, in the words of the table's columns.
    """
    diagnostics = getattr(error, "diag", None)
    constraint = getattr(diagnostics, "constraint_name", None) or "unknown"
    detail = getattr(diagnostics, "message_detail", None) or str(error).strip()
    code = getattr(error, "pgcode", None)
    if code == UNIQUE_VIOLATION:
        return AlreadyExists(constraint=constraint, detail=detail)
    if code == FOREIGN_KEY_VIOLATION:
        return StillReferenced(constraint=constraint, detail=detail)
    return RuleViolated(constraint=constraint, detail=detail)
