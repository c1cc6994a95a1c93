"""How the service stands, over the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

PRODUCT = "geo-registry"


class Alive(BaseModel):
    """The process answers; nothing else was looked at."""

    status: Literal["alive"] = "alive"
    product: Literal["geo-registry"] = "geo-registry"
    version: str


class DatabaseCheck(BaseModel):
    """Whether the database answers."""

    ok: bool
    reason: str | None = None


class MigrationCheck(BaseModel):
    """Whether the schema is the one that this program wants."""

    ok: bool
    revision: str | None
    wanted: str


class WorkerCheck(BaseModel):
    """Whether a worker performs jobs."""

    ok: bool
    silent_s: Annotated[float | None, Field(description="Since a worker was heard of last; null: there is none")]


class ExtensionCheck(BaseModel):
    """Whether the database has what the registry stands on."""

    ok: bool
    versions: dict[str, str]


class WallCheck(BaseModel):
    """Whether row security binds the application in every table: the second wall behind the rules of who may what."""

    ok: bool
    open: Annotated[list[str], Field(description="Tables in which it doesn't, as for their owner")]


class Checks(BaseModel):
    """Every part that the service stands on; parts that couldn't be looked at are null."""

    database: DatabaseCheck
    migrations: MigrationCheck | None = None
    extensions: ExtensionCheck | None = None
    worker: WorkerCheck | None = None
    walls: WallCheck | None = None


class Ready(BaseModel):
    """Everything that the service stands on is there."""

    status: Literal["ready"] = "ready"
    checks: Checks
