"""Alembic's entry: compares the model with the database and runs revisions on the connection it is given."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, text

from geo_registry import model
from geo_registry.db.engine import make_engine
from geo_registry.settings import get_settings

LOCK_TIMEOUT = "5s"
"""A migration that can't get its lock gives up, so that it never stands in everyone's way."""


def belongs_to_the_model(name: str | None, kind: str, parent_names: object) -> bool:
    """Leave out the schemas `history` (twins, made by `install_history`) and `jobs` (procrastinate's)."""
    del parent_names
    return kind != "schema" or name is None


def is_ours(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave out what PostGIS made; spatial indexes are declared by the model like any other."""
    del thing, reflected, compare_to
    return not (kind == "table" and name == "spatial_ref_sys")


def run(connection: Connection) -> None:
    """Run what alembic was asked for."""
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'; SET search_path = public"))
    context.configure(
        connection=connection,
        target_metadata=model.Division.metadata,
        include_name=belongs_to_the_model,
        include_object=is_ours,
        render_item=alembic_helpers.render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    settings = get_settings()
    url = settings.owner_database_url or settings.database_url
    if url is None:
        msg = "set GEO_OWNER_DATABASE_URL, or run `geo-registry migrate`, which knows the embedded database"
        raise SystemExit(msg)
    with make_engine(url.get_secret_value(), pool_size=1).connect() as own:
        run(own)
        own.commit()
