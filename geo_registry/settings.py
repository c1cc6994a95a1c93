"""What can be set from outside, all under the prefix ``GEO_``; read once, never changed."""

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent.parent
"""The folder that the product runs from (ADR 0016)."""

SYNC_DRIVER = "postgresql+psycopg2"


def with_sync_driver(url: str) -> str:
    """Name the driver in a database URL.

    SQLAlchemy 2.1 reads a bare ``postgresql://`` as psycopg 3; this product speaks psycopg2 (ADR 0001).
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return f"{SYNC_DRIVER}://{rest}"
    return url


class Settings(BaseSettings):
    """Every setting with its default; ``GEO_DATA_DIR=… geo-registry …`` is another registry."""

    model_config = SettingsConfigDict(env_prefix="GEO_", frozen=True, extra="ignore")

    database_url: SecretStr | None = None
    """The server to use as `geo_app`; without it the product runs a private cluster in `data_dir`."""
    owner_database_url: SecretStr | None = None
    """The same database as `geo_owner`, who migrates it; without it, `database_url`."""
    read_database_url: SecretStr | None = None
    """A replica for reads; without it, `database_url`."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    data_dir: Path = CHECKOUT / ".data"
    """Everything that this registry keeps on disk: the cluster, compiled networks, results."""
    public_url: str = ""
    """The address that links are made from; empty means the one that was asked."""
    home_division: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$")] = "3307"
    locale: Literal["zh-CN", "en"] = "zh-CN"
    time_zone: str = "Asia/Shanghai"
    """The zone whose midnight begins a day: what "today" and "as of a date" mean."""
    statement_timeout_s: float = Field(default=10, gt=0)
    """The longest that a statement of the API may run, in seconds."""
    worker_jobs: int = Field(default=1, ge=1, le=64)
    """Jobs that the worker performs at once."""
    behind_container: bool = False
    """In a container whose port is published to the local machine only: then the service may listen on any address."""
    workers: int = Field(default=1, ge=1, le=64)
    """Processes that serve HTTP."""

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            msg = f"there is no time zone {name!r}; it is written as in Asia/Shanghai"
            raise ValueError(msg) from None
        return name

    @model_validator(mode="after")
    def _server_is_named_whole(self) -> Self:
        if self.database_url is None and (self.owner_database_url or self.read_database_url):
            msg = "GEO_OWNER_DATABASE_URL and GEO_READ_DATABASE_URL need GEO_DATABASE_URL beside them"
            raise ValueError(msg)
        return self

    @cached_property
    def data_path(self) -> Path:
        """`data_dir`, absolute; a relative one counts from the folder that the command was started in."""
        return self.data_dir.expanduser().absolute()

    @cached_property
    def zone(self) -> ZoneInfo:
        """`time_zone`, looked up."""
        return ZoneInfo(self.time_zone)

    @property
    def embedded(self) -> bool:
        """Whether the product runs its own private cluster."""
        return self.database_url is None


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
