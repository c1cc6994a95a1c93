"""The PostgreSQL servers that are installed, and which of them can carry a registry.

Distributions let several major versions stand side by side; a data directory belongs to the major that made it.
"""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo_registry.db.cluster.os_user import run
from geo_registry.errors import (
    ClusterOfOtherVersion,
    PostgisTooOld,
    PostgresExtensionMissing,
    PostgresMissing,
    PostgresToolMissing,
    PostgresTooOld,
)

MIN_POSTGRES = 15
"""`CREATE` on schema public is no longer everybody's, and `C.UTF-8` needs no ICU; Debian 12's version."""
MIN_POSTGIS = (3, 3)
"""Debian 12's version; the tests run on it."""
EXTENSIONS = ("postgis", "pg_trgm", "btree_gist")
"""What every registry's database has; the last one lets exclusion constraints mix a key with a period."""
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
"""Where Debian's, PGDG's rpm and Homebrew's packages put their servers, out of the way of PATH."""


@dataclass(frozen=True)
class Installation:
    """One installed PostgreSQL server."""

    major: int
    bin_folder: Path
    extensions: tuple[tuple[str, str], ...]
    """(name, default version) of those in `EXTENSIONS` that are installed for it."""

    @property
    def missing(self) -> str | None:
        """The first extension that it lacks."""
        installed = dict(self.extensions)
        return next((name for name in EXTENSIONS if name not in installed), None)

    @property
    def postgis(self) -> tuple[int, ...]:
        """The version of its PostGIS, (0,) without one."""
        return version_numbers(dict(self.extensions).get("postgis", "0"))

    def program(self, name: str) -> Path:
        """The path of one of its programs."""
        return self.bin_folder / name


def version_numbers(version: str) -> tuple[int, ...]:
    """``'3.3.2dev'`` as (3, 3, 2)."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def find(folders: Sequence[str] = FOLDERS, *, on_path: bool = True) -> tuple[Installation, ...]:
    """Every installed server, the newest first.

    Parameters
    ----------
    folders
        Absolute patterns of folders that hold `postgres`.
    on_path
        Whether to look along PATH as well.
    """
    candidates = {path.resolve() for pattern in folders for path in Path("/").glob(pattern.lstrip("/"))}
    if on_path and (server := shutil.which("postgres")):
        candidates.add(Path(server).resolve().parent)
    found = [installation for folder in candidates if (installation := _look_at(folder))]
    return tuple(sorted(found, key=lambda one: (one.major, one.bin_folder), reverse=True))


def _look_at(folder: Path) -> Installation | None:
    if not all((folder / program).is_file() for program in ("postgres", "initdb", "pg_ctl")):
        return None
    major = _major(folder / "postgres")
    if major is None:
        return None
    for share in _share_folders(folder, major):
        if (share / "extension").is_dir():
            return Installation(major=major, bin_folder=folder, extensions=_extensions(share / "extension"))
    return Installation(major=major, bin_folder=folder, extensions=())


def _major(program: Path) -> int | None:
    """The major version that a program says it is of."""
    try:
        said = run([program, "--version"]).output
    except OSError:  # not for this machine, or not executable
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(match[1]) if match else None


def _share_folders(bin_folder: Path, major: int) -> list[Path]:
    """Where its shared files may lie, the likeliest first; Debian's server packages lack `pg_config` on some releases."""
    lib = bin_folder.parent.parent.parent
    folders = [lib.parent / "share" / "postgresql" / str(major), bin_folder.parent / "share" / "postgresql"]
    folders.append(bin_folder.parent / "share")
    tool = bin_folder / "pg_config"
    if tool.is_file():
        folders.insert(0, Path(run([tool, "--sharedir"]).output.strip()))
    return folders


def _extensions(folder: Path) -> tuple[tuple[str, str], ...]:
    found = []
    for name in EXTENSIONS:
        control = folder / f"{name}.control"
        if control.is_file():
            match = re.search(r"^\s*default_version\s*=\s*'([^']+)'", control.read_text(), re.MULTILINE)
            found.append((name, match[1] if match else "0"))
    return tuple(found)


def choose(installed: Sequence[Installation]) -> Installation:
    """The server for a new cluster: the newest that has everything.

    Raises
    ------
    PostgresMissing, PostgresTooOld, PostgresExtensionMissing, PostgisTooOld
        What is missing, with the line that installs it.
    """
    if not installed:
        raise PostgresMissing(needed=MIN_POSTGRES, install=install_line())
    new_enough = [one for one in installed if one.major >= MIN_POSTGRES]
    if not new_enough:
        found = ", ".join(str(one.major) for one in installed)
        raise PostgresTooOld(found=found, needed=MIN_POSTGRES, install=install_line())
    whole = [one for one in new_enough if one.missing is None and one.postgis >= MIN_POSTGIS]
    if not whole:
        raise _lack(new_enough[0])
    return whole[0]


def for_major(installed: Sequence[Installation], major: int, directory: Path) -> Installation:
    """The server for a data directory that `major` made.

    Raises
    ------
    ClusterOfOtherVersion
        No server of that major version is installed.
    PostgresExtensionMissing, PostgisTooOld
        It is, without what the registry needs.
    """
    fitting = [one for one in installed if one.major == major]
    if not fitting:
        here = ", ".join(f"PostgreSQL {one.major}" for one in installed) or "—"
        raise ClusterOfOtherVersion(directory=directory, major=major, installed=here, install=install_line(major))
    whole = [one for one in fitting if one.missing is None and one.postgis >= MIN_POSTGIS]
    if not whole:
        raise _lack(fitting[0])
    return whole[0]


def with_tool(installed: Sequence[Installation], tool: str, server_major: int) -> Path:
    """A client program that understands a server of that major version: the closest one not older.

    Raises
    ------
    PostgresToolMissing
        There is none.
    """
    fitting = [one for one in installed if one.major >= server_major and one.program(tool).is_file()]
    if fitting:
        return fitting[-1].program(tool)
    on_path = shutil.which(tool)
    if on_path and (_major(Path(on_path)) or 0) >= server_major:
        return Path(on_path)
    raise PostgresToolMissing(
        tool=tool, major=server_major, install=f"sudo apt-get install postgresql-client-{server_major}"
    )


def _lack(one: Installation) -> PostgresExtensionMissing | PostgisTooOld:
    if one.missing is not None:
        return PostgresExtensionMissing(major=one.major, extension=one.missing, install=install_line(one.major))
    found = ".".join(map(str, one.postgis))
    needed = ".".join(map(str, MIN_POSTGIS))
    return PostgisTooOld(found=found, needed=needed, install=install_line(one.major))


def install_line(major: int | None = None) -> str:
    """The command that installs a server with PostGIS: the distribution's default major version, or a given one."""
    packages = "postgresql postgresql-postgis" if major is None else f"postgresql-{major} postgresql-{major}-postgis-3"
    return f"sudo apt-get install --no-install-recommends {packages}"
