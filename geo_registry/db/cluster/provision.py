"""The roles, the database and its extensions: what only the superuser may make."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class by a function's name
from sqlalchemy.engine import make_url

from geo_registry.db.cluster.installations import EXTENSIONS, MIN_POSTGIS, install_line, version_numbers
from geo_registry.errors import DatabaseEncoding, PostgisTooOld

DATABASE = "geo_registry"
OWNER = "geo_owner"
"""Migrates; owns the schema."""
APP = "geo_app"
"""All else; owns nothing."""
PROVISIONING = "1"
"""Grows with every change to what this module makes, so that older clusters get it at their next start."""


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection whose statements take effect one by one.

    Parameters
    ----------
    url
        A database URL as SQLAlchemy writes it.
    """
    connection = psycopg2.connect(**connect_arguments(url))
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def connect_arguments(url: str) -> dict[str, str]:
    """A database URL as libpq's parameters."""
    parts = make_url(url)
    named = {
        "host": parts.host,
        "port": str(parts.port) if parts.port else None,
        "user": parts.username,
        "password": parts.password,
        "dbname": parts.database,
    }
    named |= {name: value if isinstance(value, str) else ",".join(value) for name, value in parts.query.items()}
    return {name: value for name, value in named.items() if value}


def in_database(url: str, database: str) -> str:
    """The same URL for another database of that server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def provision(superuser_url: str) -> None:
    """Make the roles and the registry's database where they are missing; safe to repeat.

    Parameters
    ----------
    superuser_url
        The server's `postgres` database as a superuser.
    """
    with connected(superuser_url) as server, server.cursor() as cursor:
        for role in (OWNER, APP):
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    create_database(superuser_url, DATABASE)


def create_database(superuser_url: str, name: str) -> None:
    """Make a database as a registry needs it: owner, UTF-8 with Chinese letters, extensions, grants; safe to repeat.

    Parameters
    ----------
    superuser_url
        A database of the server, as a superuser; the roles exist.
    name
        The database's name.
    """
    database, owner, app = sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(APP)
    with connected(superuser_url) as server, server.cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
        if cursor.fetchone() is None:
            # Sorting by code points is the same on every machine; the ctype knows which code points are letters.
            cursor.execute(
                sql.SQL(
                    "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
                ).format(database, owner)
            )
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        cursor.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, app))
    with connected(in_database(superuser_url, name)) as inside, inside.cursor() as cursor:
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(app))
        for extension in EXTENSIONS:
            cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        check_database(inside)


def check_database(connection: Connection) -> None:
    """Refuse a database in which Chinese names can't be searched or whose PostGIS is too old.

    Parameters
    ----------
    connection
        A psycopg2 connection to a database with PostGIS and pg_trgm.

    Raises
    ------
    DatabaseEncoding
        The encoding isn't UTF-8, or the ctype takes Chinese letters for punctuation, which makes no trigrams.
    PostgisTooOld
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_encoding'), datctype, cardinality(show_trgm('东阳')) > 0, postgis_lib_version()"
            " FROM pg_database WHERE datname = current_database()"
        )
        encoding, ctype, has_letters, postgis = cursor.fetchone()
    if encoding != "UTF8" or not has_letters:
        raise DatabaseEncoding(encoding=encoding, ctype=ctype)
    if version_numbers(postgis) < MIN_POSTGIS:
        raise PostgisTooOld(found=postgis, needed=".".join(map(str, MIN_POSTGIS)), install=install_line())
