"""One migrated database a worker, cloned from a template; every test is rolled back."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import IntegrityError

from geo_registry.db import migrate
from geo_registry.db.cluster import ensure_running
from geo_registry.db.conflicts import as_domain_error
from geo_registry.db.engine import make_engine
from geo_registry.db.session import Database, ReadSession, WriteSession, sign
from geo_registry.settings import CHECKOUT

TEST_CLUSTER = CHECKOUT / ".data" / "test"
SHARED_DATA = CHECKOUT.parent / "shared" / "data"
TEMPLATE = "geo_registry_template"


@dataclass(frozen=True, slots=True)
class TestUrls:
    """A database of this worker's own, as its three roles."""

    __test__ = False

    owner: str
    app: str
    superuser: str


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _run_as_superuser(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _make_template(superuser_url: str, owner_url: str) -> None:
    """A migrated template, once for all workers; made anew when a migration was added or changed."""
    _run_as_superuser(
        _named(superuser_url, "postgres"),
        f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)",
        f"CREATE DATABASE {TEMPLATE} OWNER geo_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'",
    )
    _run_as_superuser(
        _named(superuser_url, TEMPLATE),
        "CREATE EXTENSION postgis",
        "CREATE EXTENSION pg_trgm",
        "GRANT ALL ON SCHEMA public TO geo_owner",
    )
    migrate.upgrade(_named(owner_url, TEMPLATE))


@pytest.fixture(scope="session")
def cluster_urls(tmp_path_factory: pytest.TempPathFactory) -> TestUrls:
    """The tests' own cluster, running, with its migrated template."""
    shared = tmp_path_factory.getbasetemp().parent
    with (shared / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        urls = ensure_running(TEST_CLUSTER, durability=False)
        made = shared / "template-made"
        if not made.exists():
            _make_template(urls.superuser_url, urls.owner_url)
            made.touch()
    return TestUrls(owner=urls.owner_url, app=urls.app_url, superuser=urls.superuser_url)


@contextmanager
def fresh_database(urls: TestUrls, name: str) -> Iterator[TestUrls]:
    """A migrated, empty database called `name`, dropped at the end."""
    postgres = _named(urls.superuser, "postgres")
    lock_path = TEST_CLUSTER / "template.lock"
    with lock_path.open("w") as lock:
        # A template can't be cloned twice at the same moment.
        fcntl.flock(lock, fcntl.LOCK_EX)
        _run_as_superuser(
            postgres,
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} OWNER geo_owner TEMPLATE {TEMPLATE}",
        )
    try:
        yield TestUrls(
            owner=_named(urls.owner, name), app=_named(urls.app, name), superuser=_named(urls.superuser, name)
        )
    finally:
        _run_as_superuser(postgres, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def worker_urls(cluster_urls: TestUrls, worker_id: str) -> Iterator[TestUrls]:
    """This worker's database; tests that use it through `database` leave nothing behind."""
    with fresh_database(cluster_urls, f"test_{worker_id}") as urls:
        yield urls


@pytest.fixture(scope="session")
def worker_engine(worker_urls: TestUrls) -> Iterator[Engine]:
    """An engine on this worker's database, as the application's role."""
    engine = make_engine(worker_urls.app, pool_size=4)
    yield engine
    engine.dispose()


@dataclass(frozen=True, slots=True)
class RolledBackDatabase(Database):
    """A `Database` whose units of work are savepoints of one transaction, which the test rolls back.

    What the product commits, later questions of the same test see; nothing else does.
    """

    connection: Connection

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        with ReadSession(self.connection, join_transaction_mode="create_savepoint") as session:
            yield session

    @contextmanager
    def write(self, *, actor: str, why: str = "") -> Iterator[WriteSession]:
        with WriteSession(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            sign(session, actor=actor, why=why)
            try:
                yield session
                session.commit()
            except IntegrityError as error:
                session.rollback()
                raise as_domain_error(error) from error


@pytest.fixture
def database(worker_engine: Engine) -> Iterator[Database]:
    """The registry's database for one test; whatever the test writes is rolled back at its end."""
    with worker_engine.connect() as connection:
        transaction = connection.begin()
        yield RolledBackDatabase(engine=worker_engine, read_engine=worker_engine, connection=connection)
        transaction.rollback()


@pytest.fixture
def session(database: Database) -> Iterator[WriteSession]:
    """A unit of work in the test's transaction."""
    with database.write(actor="test", why="a test") as opened:
        yield opened


@pytest.fixture
def committed(cluster_urls: TestUrls, worker_id: str) -> Iterator[TestUrls]:
    """An empty database of the test's own, for what must really commit: jobs, kills, two connections."""
    with fresh_database(cluster_urls, f"own_{worker_id}") as urls:
        yield urls


@pytest.fixture
def shared_data() -> Path:
    """The real data of the trials, where it is at hand."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the trial data isn't beside the checkout (README: where its authors publish it)")
    return SHARED_DATA
