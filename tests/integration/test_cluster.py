"""The embedded cluster against a real server: what it makes, what it survives, and what it says when it can't.

One cluster serves the module. What must not touch it works on a copy, which starts in half the time of a new one.
"""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
import pytest

from geo_registry.db import cluster
from geo_registry.db.cluster import DatabaseUrls, Notice, files, installations, os_user, postmaster, sockets
from geo_registry.db.cluster.provision import connect_arguments, connected, in_database
from geo_registry.errors import (
    BackupFailed,
    BackupUnusable,
    ClusterDiskFull,
    ClusterForbidden,
    ClusterForeign,
    ClusterInitFailed,
    ClusterOfOtherVersion,
    ClusterSocketPath,
    ClusterStartFailed,
    DatabaseEncoding,
    NotABackup,
    PostgresMissing,
    RestoreFailed,
    RestoreForbidden,
)
from geo_registry.settings import CHECKOUT

IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT, reason="only root becomes another user and mounts file systems")
FAST_S = 0.1


@dataclass
class Told:
    """Collects notices."""

    notices: list[Notice] = field(default_factory=list)

    def __call__(self, notice: Notice) -> None:
        self.notices.append(notice)

    def __contains__(self, words: str) -> bool:
        return any(words in notice.en for notice in self.notices)


def open_folder() -> Path:
    """A folder that every user can enter, as pytest's own can't be when root runs it."""
    folder = Path(tempfile.mkdtemp(prefix="geo-"))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def place() -> Iterator[Path]:
    folder = open_folder()
    yield folder
    for data_path in (folder, *(found for found in folder.iterdir() if found.is_dir())):
        if (data_path / "postgres" / files.SETTINGS).exists():
            cluster.remove(data_path)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def registry() -> Iterator[Path]:
    """The data path of the module's cluster; a test that stops it may leave it stopped."""
    folder = open_folder()
    cluster.ensure_running(folder, durability=False)
    yield folder
    cluster.remove(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def pristine(registry: Path) -> Iterator[Path]:
    """A stopped copy of the module's cluster, to copy from."""
    folder = open_folder()
    cluster.stop(registry)
    subprocess.run(["cp", "-a", registry / "postgres", folder / "postgres"], check=True)
    yield folder / "postgres"
    shutil.rmtree(folder)


@pytest.fixture
def copied(pristine: Path, place: Path) -> Path:
    """The data path of a cluster of this test's own, stopped."""
    subprocess.run(["cp", "-a", pristine, place / "postgres"], check=True)
    return place


def start(data_path: Path) -> cluster.ClusterUrls:
    return cluster.ensure_running(data_path, durability=False, tell=Told())


def ask(url: str, question: str) -> object:
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0] if cursor.description else None


def running(data_path: Path) -> postmaster.Postmaster:
    found = postmaster.running(cluster.cluster_directory(data_path))
    assert found is not None
    return found


def wait_for(what: Callable[[], object], seconds: float = 20) -> None:
    give_up = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < give_up, "it didn't happen"
        time.sleep(0.01)


@contextlib.contextmanager
def acting_as(name: str) -> Iterator[None]:
    """Let this process, which is root's, have another user's rights for a while."""
    entry, groups = pwd.getpwnam(name), os.getgroups()
    os.setgroups([])
    os.setegid(entry.pw_gid)
    os.seteuid(entry.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@contextlib.contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """A file system of its own in memory, with a size that can be reached."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting isn't allowed here")
    try:
        yield folder
    finally:
        cluster.stop(folder)
        subprocess.run(["umount", "--lazy", folder], check=True)


def kill(data_path: Path) -> None:
    """What the kernel does when memory runs out."""
    pid = running(data_path).pid
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not postmaster.is_server_of(pid, cluster.cluster_directory(data_path)))


def sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def connect_line(url: str) -> str:
    return f"psycopg2.connect(**{connect_arguments(url)!r})"


def script(data_path: Path, then: str = "") -> list[str]:
    """Another process that has the cluster up."""
    lines = [
        "from pathlib import Path",
        "from geo_registry.db import cluster",
        f"urls = cluster.ensure_running(Path({str(data_path)!r}), durability=False)",
        "print(urls.started, flush=True)",
        then,
    ]
    return [sys.executable, "-c", "\n".join(lines)]


# What it makes.


def test_a_running_server_is_found_in_milliseconds(registry: Path) -> None:
    start(registry)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        assert not start(registry).started
        took.append(time.perf_counter() - began)
    assert min(took) < FAST_S


def test_each_url_connects_as_its_role(registry: Path) -> None:
    urls = start(registry)
    who = "SELECT current_user || '@' || current_database()"
    assert ask(urls.owner_url, who) == "geo_owner@geo_registry"
    assert ask(urls.app_url, who) == "geo_app@geo_registry"
    assert ask(urls.superuser_url, who) == "postgres@geo_registry"


def test_the_application_may_use_tables_but_not_make_any(registry: Path) -> None:
    urls = start(registry)
    ask(urls.owner_url, "CREATE TABLE owners (x int); GRANT SELECT ON owners TO geo_app")
    assert ask(urls.app_url, "SELECT count(*) FROM owners") == 0
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(urls.app_url, "CREATE TABLE apps (x int)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(urls.app_url, "CREATE EXTENSION postgis_topology")


def test_only_the_unix_socket_is_listened_on_and_only_by_named_roles(registry: Path) -> None:
    urls = start(registry)
    assert ask(urls.superuser_url, "SHOW listen_addresses") == ""
    assert (
        ask(urls.superuser_url, "SELECT string_agg(DISTINCT type || auth_method, '') FROM pg_hba_file_rules")
        == "localpeer"
    )
    assert ask(urls.superuser_url, "SELECT count(error) FROM pg_ident_file_mappings") == 0
    assert stat.S_IMODE(running(registry).socket_folder.stat().st_mode) == 0o700


def test_chinese_is_letters_to_the_database_and_sorts_by_code_point(registry: Path) -> None:
    urls = start(registry)
    assert ask(urls.app_url, "SHOW server_encoding") == "UTF8"
    assert ask(urls.app_url, "SELECT cardinality(show_trgm('东阳'))") == 3
    assert (
        ask(urls.app_url, "SELECT datcollate || ' ' || datctype FROM pg_database WHERE datname = 'geo_registry'")
        == "C C.UTF-8"
    )


def test_postgis_knows_the_national_datum(registry: Path) -> None:
    urls = start(registry)
    assert ask(urls.app_url, "SELECT ST_SRID(ST_SetSRID(ST_MakePoint(120.2, 29.3), 4490))") == 4490


def test_the_server_has_our_settings_and_the_operators_win(copied: Path) -> None:
    (copied / "postgres" / files.LOCAL_SETTINGS).write_text("dynamic_shared_memory_type = 'sysv'\nwork_mem = '5MB'\n")
    urls = start(copied)
    assert ask(urls.app_url, "SHOW jit") == "off"
    assert ask(urls.app_url, "SHOW timezone") == "UTC"
    assert ask(urls.app_url, "SHOW work_mem") == "5MB"
    parallel = "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SELECT count(*) FROM generate_series(1, 1000)"
    assert ask(urls.app_url, parallel) == 1000


def test_settings_are_written_again_at_each_start(copied: Path) -> None:
    (copied / "postgres" / files.SETTINGS).write_text("jit = on\n")
    urls = cluster.ensure_running(copied, durability=True)
    assert ask(urls.app_url, "SHOW jit") == "off"
    assert ask(urls.app_url, "SHOW fsync") == "on"
    cluster.stop(copied)
    assert ask(start(copied).app_url, "SHOW fsync") == "off"


def test_the_log_lies_in_the_data_directory(registry: Path) -> None:
    urls = start(registry)
    with pytest.raises(psycopg2.errors.UndefinedTable):
        ask(urls.app_url, "SELECT * FROM nonsense_in_the_log")
    log_folder = cluster.status(registry).log_folder
    wait_for(lambda: any("nonsense_in_the_log" in path.read_text() for path in log_folder.glob("postgresql-*.log")))


def test_the_callers_environment_does_not_lead_it_elsewhere(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PGDATA": "/nowhere",
        "PGHOST": "elsewhere",
        "PGPORT": "1",
        "PGUSER": "x",
        "LC_ALL": "xx_YY",
    }.items():
        monkeypatch.setenv(name, value)
    urls = start(place)
    assert ask(urls.app_url, "SELECT cardinality(show_trgm('东阳'))") == 3


def test_a_database_with_a_plain_c_ctype_is_refused(registry: Path) -> None:
    urls = start(registry)
    maintenance = in_database(urls.superuser_url, "postgres")
    ask(maintenance, "CREATE DATABASE plain TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    ask(in_database(urls.superuser_url, "plain"), "CREATE EXTENSION postgis; CREATE EXTENSION pg_trgm")
    with connected(in_database(urls.superuser_url, "plain")) as connection, pytest.raises(DatabaseEncoding) as refused:
        cluster.check_database(connection)
    assert "LC_CTYPE C" in refused.value.message("en")


def test_an_interrupted_provisioning_is_completed(copied: Path) -> None:
    urls = start(copied)
    ask(urls.superuser_url, "DROP EXTENSION btree_gist; REVOKE CONNECT ON DATABASE geo_registry FROM geo_app")
    (copied / "postgres" / files.PROVISIONED).unlink()
    urls = start(copied)
    assert ask(urls.app_url, "SELECT count(*) FROM pg_extension WHERE extname = 'btree_gist'") == 1


def made(urls: DatabaseUrls) -> object:
    """What a database was made with, as far as the product cares."""
    return [
        ask(urls.owner_url, question)
        for question in (
            (
                "SELECT concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datctype, datdba::regrole, datacl)"
                " FROM pg_database WHERE datname = current_database()"
            ),
            "SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension",
            "SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'",
            (
                "SELECT string_agg(concat_ws(' ', rolname, rolcanlogin, rolsuper, rolcreatedb), ', ' ORDER BY rolname)"
                " FROM pg_roles WHERE rolname LIKE 'geo%'"
            ),
        )
    ]


def test_the_container_servers_script_makes_the_same_database(copied: Path) -> None:
    urls = start(copied)
    ours = made(urls)
    maintenance = in_database(urls.superuser_url, "postgres")
    ask(maintenance, "DROP DATABASE geo_registry")
    ask(maintenance, "DROP ROLE geo_app; DROP ROLE geo_owner")
    passwords = {"GEO_OWNER_PASSWORD": "it's", "GEO_APP_PASSWORD": "a;b"}
    subprocess.run(
        [CHECKOUT / "scripts/docker/20-registry.sh"],
        env={**os.environ, **passwords, "PGHOST": str(running(copied).socket_folder)},
        check=True,
        capture_output=True,
    )
    assert made(urls) == ours
    assert ask(maintenance, "SELECT count(rolpassword) FROM pg_authid WHERE rolname LIKE 'geo%'") == 2


# Starting and stopping.


def test_two_processes_at_once_get_one_server(place: Path) -> None:
    both = [subprocess.Popen(script(place), stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(process.communicate()[0].strip() for process in both)
    assert said == ["False", "True"]
    assert ask(start(place).app_url, "SELECT 1") == 1


def test_stopping_sends_clients_away_and_is_said_once(copied: Path) -> None:
    urls = start(copied)
    with connected(urls.app_url) as client:
        assert cluster.stop(copied)
        with pytest.raises(psycopg2.OperationalError):
            client.cursor().execute("SELECT 1")
    assert not cluster.stop(copied)
    assert not cluster.status(copied).running


def test_status_tells_without_starting_anything(place: Path, copied: Path) -> None:
    found = cluster.status(copied)
    assert found.major is not None
    assert not found.running
    nothing = cluster.status(place / "nowhere")
    assert nothing.major is None
    assert not (place / "nowhere").exists()


def test_the_server_outlives_its_starter_and_the_terminals_interrupt(copied: Path) -> None:
    with subprocess.Popen(
        script(copied, "import time; time.sleep(60)"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as starter:
        assert starter.stdout
        assert starter.stdout.readline().strip() == b"True"
        os.killpg(starter.pid, signal.SIGINT)
    assert cluster.status(copied).running
    assert not start(copied).started


def test_removing_leaves_nothing_of_it(copied: Path) -> None:
    start(copied)
    assert cluster.remove(copied)
    assert not (copied / "postgres").exists()
    assert not cluster.remove(copied)


# Accidents.


def test_a_killed_server_is_started_again_with_what_was_committed(copied: Path) -> None:
    urls = cluster.ensure_running(copied)
    ask(urls.owner_url, "CREATE TABLE kept AS SELECT 1 AS x")
    kill(copied)
    urls = cluster.ensure_running(copied)
    assert urls.started
    assert ask(urls.owner_url, "SELECT x FROM kept") == 1


def test_a_server_that_recovers_from_the_death_of_a_process_is_waited_for(copied: Path) -> None:
    urls = start(copied)
    with connected(urls.app_url) as client:
        os.kill(client.info.backend_pid, signal.SIGKILL)
        wait_for(lambda: not accepts(urls.app_url))
        assert ask(start(copied).app_url, "SELECT 1") == 1


def accepts(url: str) -> bool:
    try:
        return ask(url, "SELECT 1") == 1
    except psycopg2.OperationalError:
        return False


def test_a_server_that_has_no_connection_free_is_not_waited_for(copied: Path) -> None:
    (copied / "postgres" / files.LOCAL_SETTINGS).write_text("max_connections = 5\nsuperuser_reserved_connections = 0\n")
    urls = start(copied)
    with contextlib.ExitStack() as clients:
        while accepts(urls.app_url):
            # What asked may not be gone yet: then there is no room this time, and perhaps the next.
            with contextlib.suppress(psycopg2.OperationalError):
                clients.enter_context(connected(urls.app_url))
        assert not start(copied).started


def test_a_killed_servers_busy_process_does_not_keep_the_next_one_from_starting(copied: Path) -> None:
    urls = start(copied)
    work = "SELECT sum(i) FROM generate_series(1, 100000000000) i"
    with subprocess.Popen(
        [sys.executable, "-c", f"import psycopg2; {connect_line(urls.app_url)}.cursor().execute({work!r})"],
        stderr=subprocess.DEVNULL,
    ) as client:
        at_work = f"SELECT pid FROM pg_stat_activity WHERE query = {sql_text(work)} AND state = 'active'"
        wait_for(lambda: ask(urls.superuser_url, f"SELECT count(*) FROM ({at_work}) AS found"))
        kill(copied)
        try:
            assert start(copied).started
        finally:
            client.kill()


def test_a_pid_file_whose_number_another_process_has_now_is_stale(copied: Path) -> None:
    directory = copied / "postgres"
    start(copied)
    pid_file = (directory / "postmaster.pid").read_text()
    cluster.stop(copied)
    user = os_user.cluster_user(directory)
    with subprocess.Popen(["sleep", "60"], user=user.uid if IS_ROOT else None) as stranger:
        (directory / "postmaster.pid").write_text(pid_file.replace(pid_file.split("\n")[0], str(stranger.pid), 1))
        shutil.chown(directory / "postmaster.pid", user.uid)
        assert start(copied).started
        assert stranger.poll() is None
        stranger.kill()


def test_a_socket_that_was_cleared_away_comes_back(copied: Path) -> None:
    start(copied)
    running(copied).socket.unlink()
    urls = start(copied)
    assert urls.started
    assert ask(urls.app_url, "SELECT 1") == 1


def test_interrupting_the_making_leaves_nothing(place: Path) -> None:
    with subprocess.Popen(
        script(place), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as maker:
        wait_for(lambda: list(place.glob(".postgres-new-*/base")))
        os.killpg(maker.pid, signal.SIGINT)
    assert {path.name for path in place.iterdir()} == {"postgres.lock"}


def test_what_a_killed_making_left_is_cleared_away(place: Path) -> None:
    with subprocess.Popen(script(place), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as maker:
        wait_for(lambda: list(place.glob(".postgres-new-*/base")))
        maker.kill()
    assert list(place.glob(".postgres-new-*"))
    assert start(place).started
    assert not list(place.glob(".postgres-new-*"))


def test_a_setting_that_the_server_refuses_is_quoted_in_the_error(copied: Path) -> None:
    (copied / "postgres" / files.LOCAL_SETTINGS).write_text("max_connections = many\n")
    with pytest.raises(ClusterStartFailed) as refused:
        start(copied)
    assert 'invalid value for parameter "max_connections"' in refused.value.message("en")


# Folders and disks that won't do.


def test_a_folder_with_other_things_in_it_is_left_alone(place: Path) -> None:
    (place / "postgres").mkdir()
    (place / "postgres" / "holiday.jpg").write_text("x")
    with pytest.raises(ClusterForeign) as refused:
        start(place)
    assert "holiday.jpg" in refused.value.message("en")
    assert [path.name for path in (place / "postgres").iterdir()] == ["holiday.jpg"]


def test_somebody_elses_data_directory_is_left_alone(copied: Path) -> None:
    (copied / "postgres" / files.SETTINGS).unlink()
    with pytest.raises(ClusterForeign):
        start(copied)


def test_a_file_where_the_folder_should_be_is_left_alone(place: Path) -> None:
    (place / "postgres").write_text("x")
    with pytest.raises(ClusterForeign):
        start(place)
    (place / "postgres").unlink()


def test_an_empty_folder_will_do(place: Path) -> None:
    (place / "postgres").mkdir()
    assert start(place).started


def test_a_data_directory_of_a_newer_version_says_what_it_needs(copied: Path) -> None:
    version = copied / "postgres" / "PG_VERSION"
    made_by = version.read_text()
    version.write_text("99\n")
    with pytest.raises(ClusterOfOtherVersion) as refused:
        start(copied)
    assert "postgresql-99-postgis-3" in refused.value.hint("en")
    version.write_text(made_by)


def test_without_a_server_nothing_is_made(place: Path) -> None:
    with pytest.raises(PostgresMissing):
        cluster.ensure_running(place, installations=[])
    assert not (place / "postgres").exists()


def test_what_initdb_refuses_is_said_and_leaves_nothing(place: Path) -> None:
    real = installations.choose(installations.find())
    programs = place / "bin"
    programs.mkdir()
    (programs / "initdb").write_text("#!/bin/sh\necho 'initdb: error: no such locale' >&2; exit 1\n")
    (programs / "initdb").chmod(0o755)
    broken = installations.Installation(major=real.major, bin_folder=programs, extensions=real.extensions)
    with pytest.raises(ClusterInitFailed) as refused:
        cluster.ensure_running(place, installations=[broken], tell=Told())
    assert "no such locale" in refused.value.message("en")
    assert {path.name for path in place.iterdir()} == {"bin", "postgres.lock"}


@pytest.mark.parametrize("name", ["long", "longest", "too long", "with a, comma", "东阳 'quoted' %20"])
def test_any_path_will_do(pristine: Path, place: Path, name: str) -> None:
    longest = sockets.MAX_SOCKET_BYTES - len(os.fsencode(postmaster.socket_in(place / "x" / "socket"))) + 1
    data_path = place / {"long": "x" * 100, "longest": "x" * longest, "too long": "x" * (longest + 1)}.get(name, name)
    data_path.mkdir()
    subprocess.run(["cp", "-a", pristine, data_path / "postgres"], check=True)
    urls = start(data_path)
    assert ask(urls.app_url, "SELECT 1") == 1
    folder = running(data_path).socket_folder
    assert folder.is_relative_to(data_path) == (name in {"longest", "东阳 'quoted' %20"})
    assert len(os.fsencode(postmaster.socket_in(folder))) <= sockets.MAX_SOCKET_BYTES
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_short_folder_for_the_socket_is_an_error_that_says_what_was_tried(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    user = os_user.cluster_user(place / "postgres")
    with pytest.raises(ClusterSocketPath) as refused:
        sockets.choose(place / ("x" * 100) / "postgres", user, short=place / "missing")
    assert "bytes" in refused.value.message("en")
    assert str(place / "missing") in refused.value.message("en")


@as_root
def test_a_socket_folder_that_someone_else_laid_out_first_is_not_used(place: Path) -> None:
    user = os_user.cluster_user(place / "postgres")
    trap = place / f"geo-registry-{user.uid}"
    trap.mkdir(0o777)
    with pytest.raises(ClusterSocketPath) as refused:
        sockets.choose(place / ("x" * 100) / "postgres", user, short=place)
    assert "someone else" in refused.value.message("en")


@as_root
def test_root_never_runs_the_server_itself(registry: Path) -> None:
    start(registry)
    uid = Path(f"/proc/{running(registry).pid}").stat().st_uid
    assert uid != 0
    assert (registry / "postgres").stat().st_uid == uid


@as_root
def test_a_folder_that_only_root_enters_keeps_its_cluster_elsewhere_and_says_so_once(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(0o700)
    told = Told()
    try:
        urls = cluster.ensure_running(closed, durability=False, tell=told)
        assert urls.directory == cluster.cluster_directory(closed)
        assert not urls.directory.is_relative_to(closed)
        assert "can't enter" in told
        assert ask(urls.app_url, "SELECT 1") == 1
        shutil.rmtree(closed)
        assert cluster.stop(closed)
        again = Told()
        assert cluster.ensure_running(closed, durability=False, tell=again).directory == urls.directory
        assert "can't enter" not in again
        # Opened later, it still finds what it has.
        closed.chmod(0o755)
        assert cluster.cluster_directory(closed) == urls.directory
    finally:
        cluster.remove(closed)
    assert not urls.directory.parent.exists()


@as_root
def test_another_users_cluster_is_refused_and_its_owner_named(copied: Path) -> None:
    start(copied)
    with acting_as("nobody"), pytest.raises(ClusterForbidden) as refused:
        start(copied)
    owner = os_user.name_of((copied / "postgres").stat().st_uid)
    assert refused.value.details["owner"] == owner
    assert refused.value.details["user"] == "nobody"


@as_root
def test_a_folder_that_may_not_be_written_is_refused(place: Path) -> None:
    with acting_as("nobody"), pytest.raises(ClusterForbidden) as refused:
        start(place / "new")
    assert refused.value.details["owner"] == "root"


@as_root
def test_a_folder_that_may_not_be_looked_into_is_refused(place: Path) -> None:
    place.chmod(0o700)
    with acting_as("nobody"), pytest.raises(ClusterForbidden):
        cluster.status(place / "inside")


@as_root
def test_roots_call_uses_the_cluster_that_an_ordinary_user_made(pristine: Path, place: Path) -> None:
    subprocess.run(["cp", "-a", pristine, place / "postgres"], check=True)
    subprocess.run(["chown", "-R", "nobody", place / "postgres"], check=True)
    urls = start(place)
    assert ask(urls.app_url, "SELECT 1") == 1
    assert Path(f"/proc/{running(place).pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid


@as_root
def test_a_disk_without_room_is_refused_before_anything_is_written(place: Path) -> None:
    with small_disk(place, "size=60m,mode=755") as disk:
        with pytest.raises(ClusterDiskFull) as refused:
            start(disk)
        assert refused.value.details["free_mb"] == 59 or refused.value.details["free_mb"] == 60
        assert {path.name for path in disk.iterdir()} == {"postgres.lock"}


@as_root
def test_a_disk_that_fills_up_meanwhile_leaves_nothing_half_made(place: Path) -> None:
    with small_disk(place, "size=300m,nr_inodes=400,mode=755") as disk:
        with pytest.raises(ClusterDiskFull):
            start(disk)
        assert {path.name for path in disk.iterdir()} == {"postgres.lock"}
        subprocess.run(["mount", "-o", "remount,nr_inodes=0", disk], check=True)
        assert start(disk).started


@as_root
def test_a_cluster_on_a_full_disk_says_so_and_starts_when_there_is_room(pristine: Path, place: Path) -> None:
    with small_disk(place, "size=200m,mode=755") as disk:
        subprocess.run(["cp", "-a", pristine, disk / "postgres"], check=True)
        ballast = disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as handle:
            while True:
                handle.write(bytes(4096))
        with pytest.raises(ClusterDiskFull):
            start(disk)
        ballast.unlink()
        assert start(disk).started


@as_root
@pytest.mark.parametrize("files_left", [1, 2, 3])
def test_a_disk_that_fills_up_while_the_server_starts_says_so(pristine: Path, place: Path, files_left: int) -> None:
    with small_disk(place, "size=200m,mode=755") as disk:
        subprocess.run(["cp", "-a", pristine, disk / "postgres"], check=True)
        used = os.statvfs(disk).f_files - os.statvfs(disk).f_ffree
        subprocess.run(["mount", "-o", f"remount,nr_inodes={used + files_left}", disk], check=True)
        with pytest.raises(ClusterDiskFull):
            start(disk)


# Backup and restore.


@pytest.fixture
def filled(registry: Path) -> cluster.ClusterUrls:
    """The module's database with a table of its own, as a migrated registry would have."""
    urls = start(registry)
    ask(urls.owner_url, "CREATE TABLE IF NOT EXISTS alembic_version (version_num text)")
    ask(
        urls.owner_url,
        "DROP TABLE IF EXISTS names; CREATE TABLE names AS SELECT '东阳' AS name; GRANT SELECT ON names TO geo_app",
    )
    return urls


def databases(urls: DatabaseUrls) -> object:
    return ask(
        in_database(urls.superuser_url or urls.owner_url, "postgres"),
        "SELECT array_agg(datname::text ORDER BY datname) FROM pg_database WHERE datname LIKE 'geo%'",
    )


def test_a_backup_brings_back_data_owners_and_grants(filled: cluster.ClusterUrls, tmp_path: Path) -> None:
    file = tmp_path / "东阳.backup"
    seen: list[cluster.Progress] = []
    size = cluster.backup(filled, file, report=seen.append)
    assert file.stat().st_size == size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert seen[-1].done == seen[-1].total
    ask(filled.owner_url, "UPDATE names SET name = 'wrong'; CREATE TABLE later (x int)")
    steps: list[cluster.Progress] = []
    with connected(filled.app_url) as client:  # a service that is still at work doesn't keep it from happening
        cluster.restore(filled, file, report=steps.append)
        with pytest.raises(psycopg2.OperationalError):
            client.cursor().execute("SELECT 1")
    assert steps
    assert ask(filled.app_url, "SELECT name FROM names") == "东阳"
    assert ask(filled.app_url, "SELECT to_regclass('later')") is None
    assert ask(filled.app_url, "SELECT tableowner FROM pg_tables WHERE tablename = 'names'") == "geo_owner"
    assert databases(filled) == ["geo_registry"]


def test_a_restored_database_can_be_prepared_before_it_takes_its_place(
    filled: cluster.ClusterUrls, tmp_path: Path
) -> None:
    cluster.backup(filled, tmp_path / "b")

    def prepare(restored: DatabaseUrls) -> None:
        ask(restored.owner_url, "UPDATE names SET name = '义乌'")
        assert ask(filled.app_url, "SELECT name FROM names") == "东阳"

    cluster.restore(filled, tmp_path / "b", prepare=prepare)
    assert ask(filled.app_url, "SELECT name FROM names") == "义乌"


def test_a_restore_that_fails_leaves_the_database(filled: cluster.ClusterUrls, tmp_path: Path) -> None:
    ask(filled.superuser_url, "CREATE ROLE passing; GRANT SELECT ON names TO passing")
    cluster.backup(filled, tmp_path / "b")
    ask(filled.superuser_url, "REVOKE SELECT ON names FROM passing; DROP ROLE passing; UPDATE names SET name = '后来'")
    with pytest.raises(RestoreFailed) as refused:
        cluster.restore(filled, tmp_path / "b")
    assert 'role "passing" does not exist' in refused.value.message("en")
    assert ask(filled.app_url, "SELECT name FROM names") == "后来"
    assert databases(filled) == ["geo_registry"]


def test_a_restore_that_was_killed_leaves_nothing_for_the_next_one(filled: cluster.ClusterUrls, tmp_path: Path) -> None:
    cluster.backup(filled, tmp_path / "b")
    ask(in_database(filled.superuser_url, "postgres"), "CREATE DATABASE geo_registry_restore_20260101000000")
    cluster.restore(filled, tmp_path / "b")
    assert databases(filled) == ["geo_registry"]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda file: file.write_bytes(file.read_bytes()[:-2000]), "could not read from input file"),
        (lambda file: file.write_text("name,class\n"), "archive"),
        (lambda file: file.unlink(), "not found"),
    ],
    ids=["cut off", "something else", "missing"],
)
def test_a_damaged_file_is_refused(
    filled: cluster.ClusterUrls, tmp_path: Path, damage: Callable[[Path], object], reason: str
) -> None:
    cluster.backup(filled, tmp_path / "b")
    damage(tmp_path / "b")
    with pytest.raises(NotABackup) as refused:
        cluster.restore(filled, tmp_path / "b")
    assert reason in refused.value.message("en")
    assert databases(filled) == ["geo_registry"]


def test_another_programs_backup_is_refused(filled: cluster.ClusterUrls, tmp_path: Path) -> None:
    ask(filled.owner_url, "DROP TABLE alembic_version")
    cluster.backup(filled, tmp_path / "b")
    with pytest.raises(NotABackup) as refused:
        cluster.restore(filled, tmp_path / "b")
    assert "alembic_version" in refused.value.message("en")


def test_a_backup_that_fails_leaves_the_older_one(filled: cluster.ClusterUrls, tmp_path: Path) -> None:
    file = tmp_path / "b"
    cluster.backup(filled, file)
    older = file.read_bytes()
    ask(filled.superuser_url, "CREATE TABLE secret (x int)")
    reader = DatabaseUrls(owner_url=filled.owner_url, app_url=filled.app_url, superuser_url=None)
    with pytest.raises(BackupFailed) as refused:
        cluster.backup(reader, file)
    assert "permission denied for table secret" in refused.value.message("en")
    assert file.read_bytes() == older
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    ask(filled.superuser_url, "DROP TABLE secret")


@pytest.mark.parametrize(
    ("target", "reason"),
    [(".", "is a folder"), ("missing/b", "no such folder"), ("map.html", "not a backup")],
)
def test_a_backup_to_where_none_can_be_is_refused(
    filled: cluster.ClusterUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "map.html").write_text("<html>")
    with pytest.raises(BackupUnusable) as refused:
        cluster.backup(filled, Path(target))
    assert reason in refused.value.message("en")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("map.html", "<html>")]


def test_a_server_elsewhere_needs_a_role_that_may_create_databases(filled: cluster.ClusterUrls, tmp_path: Path) -> None:
    elsewhere = DatabaseUrls(owner_url=filled.owner_url, app_url=filled.app_url, superuser_url=None)
    cluster.backup(elsewhere, tmp_path / "b")
    with pytest.raises(RestoreForbidden) as refused:
        cluster.restore(elsewhere, tmp_path / "b")
    assert "geo_owner" in refused.value.message("en")
    assert ask(filled.app_url, "SELECT name FROM names") == "东阳"
