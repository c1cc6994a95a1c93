"""One migrated database a test process, cloned from a template; every test is rolled back.

The cluster lies in the checkout, so checkouts don't meet; processes of one checkout, of one session or of several, take
a number each. Nothing here is kept by pytest's temporary folders, which several checkouts share.
"""

import fcntl
import inspect
import json
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from itertools import count
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from geo_registry.accounts.actors import local_operator
from geo_registry.db import migrate
from geo_registry.db.cluster import ensure_running
from geo_registry.db.cluster.installations import EXTENSIONS
from geo_registry.db.engine import make_engine
from geo_registry.db.failures import failures_said
from geo_registry.db.hot import make_hot_engine
from geo_registry.db.session import SIGN, Database, ReadSession, Signatory, WriteSession, sign
from geo_registry.demo import service
from geo_registry.settings import CHECKOUT

# A machine that others use too is no reason to fail: nothing here is a test of time.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
PATIENCE_S = 60.0
# What a client waits for where it doesn't say: its own five seconds are few on such a machine.
_patience = inspect.signature(httpx.get).parameters["timeout"].default
_patience.connect = _patience.read = _patience.write = _patience.pool = PATIENCE_S

TEST_CLUSTER = CHECKOUT / ".data" / "test"
SHARED_DATA = CHECKOUT.parent / "shared" / "data"
MIGRATIONS = CHECKOUT / "migrations"
TEMPLATE = "geo_registry_template"


def pytest_configure() -> None:
    """Take signals as a terminal's program does: `nohup` and shells in the background hand down that some are ignored,
    and the programs that tests start and interrupt would inherit it.
    """
    for inherited in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(inherited) is signal.SIG_IGN:
            signal.signal(inherited, signal.default_int_handler if inherited == signal.SIGINT else signal.SIG_DFL)


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


def template_name(migrations: Path = MIGRATIONS) -> str:
    """The template that a session clones: known by all that decides what is in it."""
    digest = sha256(version("procrastinate").encode())
    for source in (*sorted(migrations.rglob("*.py")), Path(__file__)):
        digest.update(f"\n{source.name}\n".encode() + source.read_bytes())
    return f"{TEMPLATE}_{digest.hexdigest()[:12]}"


OWN_TEMPLATE = template_name()
"""This session's, to its end, even if a migration is edited meanwhile."""


@contextmanager
def _locked(name: str, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold a file of the cluster's folder; a process that is killed lets go of it.

    Raises
    ------
    BlockingIOError
        `how` doesn't wait, and another holds it.
    """
    TEST_CLUSTER.mkdir(parents=True, exist_ok=True)
    with (TEST_CLUSTER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, how)
        yield


def ensure_template(urls: TestUrls, name: str) -> None:
    """Have a migrated template called `name`, which nobody else makes at the same time.

    It gets its name when it is whole; one that was left half is made anew.
    """
    postgres, half = _named(urls.superuser, "postgres"), f"{name}_half"
    if name in _databases(urls, TEMPLATE):
        return
    _run_as_superuser(
        postgres,
        f"DROP DATABASE IF EXISTS {half} WITH (FORCE)",
        f"CREATE DATABASE {half} OWNER geo_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'",
    )
    _run_as_superuser(
        _named(urls.superuser, half),
        *(f"CREATE EXTENSION {extension}" for extension in EXTENSIONS),
        "GRANT ALL ON SCHEMA public TO geo_owner",
    )
    migrate.upgrade(_named(urls.owner, half))
    _run_as_superuser(postgres, f"ALTER DATABASE {half} RENAME TO {name}")


def _databases(urls: TestUrls, prefix: str) -> list[str]:
    engine = create_engine(_named(urls.superuser, "postgres"))
    with engine.connect() as connection:
        found = connection.scalars(text(f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%'")).all()
    engine.dispose()
    return list(found)


def _drop_unused(urls: TestUrls, names: set[str]) -> None:
    """Drop what earlier sources left, except templates that a session still clones."""
    for other in names:
        with suppress(BlockingIOError), _locked(other, fcntl.LOCK_EX | fcntl.LOCK_NB):
            _run_as_superuser(_named(urls.superuser, "postgres"), f"DROP DATABASE IF EXISTS {other} WITH (FORCE)")


@pytest.fixture(scope="session")
def cluster_urls() -> Iterator[TestUrls]:
    """This checkout's own cluster of tests, running, with its migrated template."""
    name = OWN_TEMPLATE
    with _locked(name, fcntl.LOCK_SH):
        with _locked("template"):
            found = ensure_running(TEST_CLUSTER, durability=False)
            urls = TestUrls(owner=found.owner_url, app=found.app_url, superuser=found.superuser_url)
            ensure_template(urls, name)
            _drop_unused(urls, set(_databases(urls, TEMPLATE)) - {name})
        yield urls


@contextmanager
def session_number() -> Iterator[int]:
    """A number that no other test process of this checkout has now: of these, its databases bear it."""
    for number in count():
        with ExitStack() as held:
            try:
                held.enter_context(_locked(f"session-{number}", fcntl.LOCK_EX | fcntl.LOCK_NB))
            except BlockingIOError:
                continue
            yield number
            return


@pytest.fixture(scope="session")
def own_number() -> Iterator[int]:
    """This process's `session_number`, whether xdist started it or somebody by hand."""
    with session_number() as number:
        yield number


@contextmanager
def fresh_database(urls: TestUrls, name: str, *, template: str = OWN_TEMPLATE) -> Iterator[TestUrls]:
    """A database called `name`, dropped at the end; migrated and empty unless another template is named."""
    postgres = _named(urls.superuser, "postgres")
    with _locked("template"):
        # A template can't be cloned twice at the same moment.
        _run_as_superuser(
            postgres,
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} OWNER geo_owner TEMPLATE {template}",
        )
    try:
        yield TestUrls(
            owner=_named(urls.owner, name), app=_named(urls.app, name), superuser=_named(urls.superuser, name)
        )
    finally:
        _run_as_superuser(postgres, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


DEMO = "geo_registry_demo"


@dataclass(frozen=True, slots=True)
class DemoTemplate:
    """A database that holds the demonstration, to be cloned; and what loading it wrote, by kind of data."""

    name: str
    rows: Mapping[str, int]


def demo_name() -> str:
    """The template that has the demonstration: known by all sources that may decide what is in it."""
    digest = sha256(OWN_TEMPLATE.encode())
    package = CHECKOUT / "geo_registry"
    for source in sorted(package.rglob("*")):
        if source.suffix in {".py", ".csv"} and source.relative_to(package).parts[0] not in {"cli", "coverage"}:
            digest.update(f"\n{source.relative_to(package)}\n".encode() + source.read_bytes())
    return f"{DEMO}_{digest.hexdigest()[:12]}"


@pytest.fixture(scope="session")
def demo_template(cluster_urls: TestUrls) -> Iterator[DemoTemplate]:
    """The demonstration, loaded once for the sources as they are (half a minute), by whoever needs it first."""
    name = demo_name()
    account = TEST_CLUSTER / f"{name}.json"
    with _locked(name, fcntl.LOCK_SH):
        with _locked("demo"):
            there = _databases(cluster_urls, DEMO)
            if name not in there or not account.exists():
                account.write_text(json.dumps(_load_demo(cluster_urls, name)), encoding="utf-8")
            _drop_unused(cluster_urls, set(there) - {name})
        yield DemoTemplate(name, json.loads(account.read_text(encoding="utf-8")))


def _load_demo(urls: TestUrls, name: str) -> dict[str, int]:
    """Make a database called `name` that holds the demonstration; what was written."""
    half = f"{name}_half"
    postgres = _named(urls.superuser, "postgres")
    with _locked("template"):
        _run_as_superuser(
            postgres,
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"DROP DATABASE IF EXISTS {half} WITH (FORCE)",
            f"CREATE DATABASE {half} OWNER geo_owner TEMPLATE {OWN_TEMPLATE}",
        )
    database = Database.connect(_named(urls.app, half))
    loaded = service.load(database, actor=local_operator())
    database.dispose()
    assert not loaded.already
    _run_as_superuser(postgres, f"ALTER DATABASE {half} RENAME TO {name}")
    return dict(loaded.rows)


@pytest.fixture(scope="session")
def worker_urls(cluster_urls: TestUrls, own_number: int) -> Iterator[TestUrls]:
    """This worker's database; tests that use it through `database` leave nothing behind."""
    with fresh_database(cluster_urls, f"test_{own_number}") as urls:
        yield urls


@pytest.fixture(scope="session")
def worker_engine(worker_urls: TestUrls) -> Iterator[Engine]:
    """An engine on this worker's database, as the application's role."""
    engine = make_engine(worker_urls.app, pool_size=4)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def worker_hot_engine(worker_urls: TestUrls) -> Iterator[Engine]:
    """The short way to this worker's database; services warm it when they start."""
    engine = make_hot_engine(worker_urls.app)
    yield engine
    engine.dispose()


SIGNED = text(
    "SELECT "
    + ", ".join(
        f"coalesce(current_setting('geo.{name}', true), '') AS {name}"
        for name in ("actor", "why", "scope", "verb", "address", "way", "token", "today")
    )
)


@dataclass(frozen=True, slots=True)
class RolledBackDatabase(Database):
    """A `Database` whose units of work are savepoints of one transaction, which the test rolls back.

    What the product commits, later questions of the same test see; nothing else does. Who acts is set for the unit at
    hand alone, as if each were a transaction.
    """

    connection: Connection

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        opened = ReadSession(self.connection, join_transaction_mode="create_savepoint")
        with self._unsigned(), opened as session:
            yield session
        self.note_reads(session)

    @contextmanager
    def _unsigned(self) -> Iterator[None]:
        before = self.connection.execute(SIGNED).one()._asdict()
        self.connection.execute(SIGN, dict.fromkeys(before, ""))
        try:
            yield
        finally:
            self.connection.execute(SIGN, before)

    @contextmanager
    def hot(self) -> Iterator[ReadSession]:
        with failures_said(), self.read() as session:
            yield session

    @contextmanager
    def write(self, *, actor: Signatory | str, why: str = "", verb: str = "") -> Iterator[WriteSession]:
        opened = WriteSession(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        with failures_said(), self._unsigned(), opened as session:
            sign(session, actor=actor, why=why, verb=verb, way=self.way)
            yield session
            session.commit()


@pytest.fixture
def database(worker_engine: Engine, worker_hot_engine: Engine) -> Iterator[Database]:
    """The registry's database for one test; whatever the test writes is rolled back at its end."""
    with worker_engine.connect() as connection:
        transaction = connection.begin()
        yield RolledBackDatabase(
            engine=worker_engine, read_engine=worker_engine, hot_engine=worker_hot_engine, connection=connection
        )
        transaction.rollback()


@pytest.fixture
def session(database: Database) -> Iterator[WriteSession]:
    """A unit of work in the test's transaction."""
    with database.write(actor="test", why="a test") as opened:
        yield opened


@pytest.fixture
def committed(cluster_urls: TestUrls, own_number: int) -> Iterator[TestUrls]:
    """An empty database of the test's own, for what must really commit: jobs, kills, two connections."""
    with fresh_database(cluster_urls, f"own_{own_number}") as urls:
        yield urls


@pytest.fixture
def shared_data() -> Path:
    """The real data of the trials, where it is at hand."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the trial data isn't beside the checkout (README: where its authors publish it)")
    return SHARED_DATA
