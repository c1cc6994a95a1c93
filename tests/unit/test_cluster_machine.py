"""What a cluster makes of the machine: which server it takes, how much memory it shares out."""

from pathlib import Path

import pytest

from geo_registry.db.cluster import installations, tuning
from geo_registry.db.cluster.installations import Installation
from geo_registry.db.cluster.tuning import GB, MB, Machine
from geo_registry.errors import (
    ClusterOfOtherVersion,
    PostgisTooOld,
    PostgresExtensionMissing,
    PostgresMissing,
    PostgresToolMissing,
    PostgresTooOld,
)

WHOLE = (("postgis", "3.5.2"), ("pg_trgm", "1.6"), ("btree_gist", "1.7"))


def installed(major: int, extensions: tuple[tuple[str, str], ...] = WHOLE) -> Installation:
    return Installation(major=major, bin_folder=Path(f"/usr/lib/postgresql/{major}/bin"), extensions=extensions)


def lay_out(root: Path, major: int, *, postgis: str | None = "3.5.2") -> None:
    """Programs and extensions in the folders that Debian's packages use."""
    programs = root / "lib/postgresql" / str(major) / "bin"
    programs.mkdir(parents=True)
    for name in ("postgres", "initdb", "pg_ctl"):
        (programs / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {major}.1 (Debian)'\n")
        (programs / name).chmod(0o755)
    extensions = root / "share/postgresql" / str(major) / "extension"
    extensions.mkdir(parents=True)
    for name, version in WHOLE:
        if name != "postgis":
            (extensions / f"{name}.control").write_text(f"default_version = '{version}'\n")
    if postgis:
        (extensions / "postgis.control").write_text(f"comment = 'x'\ndefault_version = '{postgis}'\n")


def found_in(root: Path) -> tuple[Installation, ...]:
    return installations.find([f"{root}/lib/postgresql/*/bin"], on_path=False)


def test_servers_side_by_side_are_found_the_newest_first(tmp_path: Path) -> None:
    lay_out(tmp_path, 15, postgis="3.3.2")
    lay_out(tmp_path, 17)
    lay_out(tmp_path, 9)
    found = found_in(tmp_path)
    assert [one.major for one in found] == [17, 15, 9]
    assert found[1].postgis == (3, 3, 2)


def test_a_folder_without_a_working_server_is_passed_over(tmp_path: Path) -> None:
    lay_out(tmp_path, 17)
    server = tmp_path / "lib/postgresql/17/bin/postgres"
    server.write_bytes(b"\x7fELF for another machine")
    assert found_in(tmp_path) == ()


def test_a_new_cluster_takes_the_newest_server_that_has_everything(tmp_path: Path) -> None:
    lay_out(tmp_path, 15, postgis="3.3.2")
    lay_out(tmp_path, 17, postgis=None)
    assert installations.choose(found_in(tmp_path)).major == 15


def test_without_postgresql_the_error_says_how_to_install_it() -> None:
    with pytest.raises(PostgresMissing) as refused:
        installations.choose([])
    assert "sudo apt-get install --no-install-recommends postgresql postgresql-postgis" in refused.value.hint("en")
    assert "sudo apt-get install" in refused.value.hint("zh-CN")


def test_an_old_postgresql_is_named() -> None:
    with pytest.raises(PostgresTooOld) as refused:
        installations.choose([installed(14), installed(13)])
    assert "14, 13" in refused.value.message("en")


def test_without_postgis_the_error_names_the_package_for_that_server() -> None:
    with pytest.raises(PostgresExtensionMissing) as refused:
        installations.choose([installed(15, WHOLE[1:])])
    assert refused.value.details["extension"] == "postgis"
    assert "postgresql-15-postgis-3" in refused.value.hint("en")


def test_an_old_postgis_is_named() -> None:
    with pytest.raises(PostgisTooOld) as refused:
        installations.choose([installed(15, (("postgis", "3.2.0"), *WHOLE[1:]))])
    assert "3.2.0" in refused.value.message("en")


def test_a_data_directory_gets_the_server_that_made_it_though_a_newer_one_is_there() -> None:
    servers = [installed(17), installed(15)]
    assert installations.for_major(servers, 15, Path("/d")).major == 15


def test_a_data_directory_of_a_missing_version_says_which_programs_it_needs() -> None:
    with pytest.raises(ClusterOfOtherVersion) as refused:
        installations.for_major([installed(15)], 18, Path("/d"))
    assert "PostgreSQL 18" in refused.value.message("en")
    assert "postgresql-18 postgresql-18-postgis-3" in refused.value.hint("en")


def test_a_client_program_is_never_older_than_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for major in (15, 16, 17):
        lay_out(tmp_path, major)
        tool = tmp_path / f"lib/postgresql/{major}/bin/pg_dump"
        tool.write_text("#!/bin/sh\n")
    servers = found_in(tmp_path)
    assert installations.with_tool(servers, "pg_dump", 16).parent.parent.name == "16"
    with pytest.raises(PostgresToolMissing) as refused:
        installations.with_tool(servers, "pg_dump", 18)
    assert "postgresql-client-18" in refused.value.hint("en")


def machine_files(root: Path, files: dict[str, str]) -> Path:
    for name, text in {"proc/meminfo": "MemTotal:       16384000 kB\n", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_memory_is_the_machines_where_no_group_limits_it(tmp_path: Path) -> None:
    root = machine_files(
        tmp_path, {"proc/self/cgroup": "0::/user.slice\n", "sys/fs/cgroup/user.slice/memory.max": "max\n"}
    )
    assert tuning.memory_limit(root) == 16384000 * 1024


def test_a_group_above_ours_limits_memory(tmp_path: Path) -> None:
    root = machine_files(
        tmp_path,
        {
            "proc/self/cgroup": "0::/pod/container\n",
            "sys/fs/cgroup/pod/container/memory.max": "max\n",
            "sys/fs/cgroup/pod/memory.max": f"{2 * GB}\n",
        },
    )
    assert tuning.memory_limit(root) == 2 * GB


def test_a_group_of_the_first_version_limits_memory(tmp_path: Path) -> None:
    root = machine_files(
        tmp_path,
        {
            "proc/self/cgroup": "9:cpu,cpuacct:/x\n4:memory:/job\n0::/\n",
            "sys/fs/cgroup/memory/job/memory.limit_in_bytes": f"{512 * MB}\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{2**63 - 4096}\n",
        },
    )
    assert tuning.memory_limit(root) == 512 * MB


@pytest.mark.parametrize("memory", [256 * MB, 2 * GB, 24 * GB, 1024 * GB])
def test_what_is_shared_out_fits_into_memory(memory: int) -> None:
    settings = tuning.settings(Machine(memory=memory, disk=100 * GB, shm=GB), durability=True)
    shared, work = (int(settings[name].removesuffix("MB")) * MB for name in ("shared_buffers", "work_mem"))
    assert shared <= memory // 4
    assert shared + work * 20 <= memory


def test_a_container_with_little_shared_memory_uses_another_kind() -> None:
    small = tuning.settings(Machine(memory=GB, disk=GB, shm=64 * MB), durability=True)
    large = tuning.settings(Machine(memory=GB, disk=GB, shm=2 * GB), durability=True)
    assert small["dynamic_shared_memory_type"] == "sysv"
    assert large["dynamic_shared_memory_type"] == "posix"


def test_only_a_cluster_that_may_be_lost_goes_without_fsync() -> None:
    machine = Machine(memory=GB, disk=GB, shm=GB)
    assert "fsync" not in tuning.settings(machine, durability=True)
    assert tuning.settings(machine, durability=False)["fsync"] == "off"
