"""What can be set from outside, all under the prefix ``GEO_``; read once, never changed."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, StringConstraints, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo_registry.errors import SettingsInvalid
from geo_registry.vocabulary import FacilityKind, Role

CHECKOUT = Path(__file__).resolve().parent.parent
"""The folder that the product runs from (ADR 0016)."""

SYNC_DRIVER = "postgresql+psycopg2"

POSTGRESQL_URL = re.compile(
    rf"{re.escape(SYNC_DRIVER)}://([^:/]*(:[^@]*)?@)?(\[[^\]]*\]|[^/:?]*)(:[0-9]*)?([/?].*)?", re.DOTALL
)
"""As SQLAlchemy reads one: ``driver://role:password@host:port/database?options``, of which all may be left out."""

A_GRANT = re.compile(r"(?P<role>[a-z-]+)(@(?P<division>([0-9]{2}){1,3}|[0-9]{9}|[0-9]{12}))?(/(?P<kinds>[a-z+-]+))?")
"""A grant in a table of groups."""

LONGEST_STATEMENT_S = 86_400
"""A day: nobody waits longer for an answer, and PostgreSQL's own limit lies a little higher."""


def with_sync_driver(url: str) -> str:
    """Name the driver in a database URL.

    SQLAlchemy 2.1 reads a bare ``postgresql://`` as psycopg 3; this product speaks psycopg2 (ADR 0001).
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return f"{SYNC_DRIVER}://{rest}"
    return url


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a setting may be, as whoever gave it another value is told."""

    zh: str
    en: str


LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""What this machine calls itself."""

URL = "postgresql://role:password@host:port/database"


class Settings(BaseSettings):
    """Every setting with its default; ``GEO_DATA_DIR=… geo-registry …`` is another registry."""

    model_config = SettingsConfigDict(env_prefix="GEO_", frozen=True, extra="ignore")

    database_url: Annotated[SecretStr | None, Allowed(f" {URL}", URL)] = None
    """The server to use as `geo_app`; without it the product runs a private cluster in `data_dir`."""
    owner_database_url: Annotated[
        SecretStr | None, Allowed(f" {URL}，与 GEO_DATABASE_URL 一起设置", f"{URL}, beside GEO_DATABASE_URL")
    ] = None
    """The same database as `geo_owner`, who migrates it; without it, `database_url`."""
    read_database_url: Annotated[
        SecretStr | None, Allowed(f" {URL}，与 GEO_DATABASE_URL 一起设置", f"{URL}, beside GEO_DATABASE_URL")
    ] = None
    """A replica for reads; without it, `database_url`."""
    host: Annotated[str, Allowed("地址或主机名", "an address or the name of a host")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535), Allowed(" 1 到 65535 的整数", "a whole number from 1 to 65535")] = 8000
    data_dir: Annotated[Path, Allowed("目录，或可以建立目录的路径", "a folder, or a path where one can be made")] = (
        CHECKOUT / ".data"
    )
    """Everything that this registry keeps on disk: the cluster, compiled networks, results."""
    public_url: Annotated[
        str, Allowed("以 http:// 或 https:// 开头的地址", "an address that begins with http:// or https://")
    ] = ""
    """The address that links are made from; empty means the one that was asked."""
    home_division: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{2,12}$"),
        Allowed(" 2 到 12 位数字的区划代码", "a division's code of 2 to 12 digits"),
    ] = "3307"
    map_approval_number: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$"),
        Allowed("不超过 60 个字的审图号，如 浙S(2026)00号", "a map approval number of at most 60 characters"),
    ] = ""
    """审图号: printed on every map that is made to be handed on; empty where the map has none."""
    locale: Annotated[Literal["zh-CN", "en"], Allowed(" zh-CN 或 en", "zh-CN or en")] = "zh-CN"
    standards_on: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z0-9, -]*$"),
        Allowed("以逗号分隔的服务指标代号", "keys of service standards, separated by commas"),
    ] = ""
    """Standards of the catalogue that ship switched off and that this registry uses."""
    time_zone: Annotated[str, Allowed("时区名，如 Asia/Shanghai", "the name of a time zone, as Asia/Shanghai")] = (
        "Asia/Shanghai"
    )
    """The zone whose midnight begins a day: what "today" and "as of a date" mean."""
    statement_timeout_s: Annotated[
        float,
        Field(gt=0, le=LONGEST_STATEMENT_S),
        Allowed(
            f"秒数，大于 0，不超过 {LONGEST_STATEMENT_S}", f"a number of seconds above 0, at most {LONGEST_STATEMENT_S}"
        ),
    ] = 10
    """The longest that a statement of the API may run, in seconds."""
    worker_jobs: Annotated[int, Field(ge=1, le=64), Allowed(" 1 到 64 的整数", "a whole number from 1 to 64")] = 1
    """Jobs that the worker performs at once."""
    behind_container: Annotated[bool, Allowed(" 1（是）或 0（否）", "1 (yes) or 0 (no)")] = False
    """In a container whose port is published to the local machine only: then the service may listen on any address.

    Addresses tell nothing there (ADR 0065): nobody is at the machine over HTTP, the first account is made by a command.
    """
    workers: Annotated[int, Field(ge=1, le=64), Allowed(" 1 到 64 的整数", "a whole number from 1 to 64")] = 1
    """Processes that serve HTTP."""

    case_apart: Annotated[
        str,
        StringConstraints(pattern=r"^((handle-review|handle-sign|review-sign)(, *|$))*$"),
        Allowed(
            "handle-review（承办与审核）、handle-sign（承办与签发）、review-sign（审核与签发），以逗号分隔，可为空",
            "handle-review, handle-sign, review-sign, separated by commas; or nothing",
        ),
    ] = "handle-sign"
    """Which of handling, reviewing and signing a case aren't the same person's."""
    password_memory_mb: Annotated[
        int, Field(ge=8, le=4096), Allowed(" 8 到 4096 的整数（MB）", "a whole number of MB from 8 to 4096")
    ] = 64
    """What guessing one password costs in memory (argon2id); passwords that cost less are hashed anew at sign-in."""
    password_passes: Annotated[int, Field(ge=1, le=50), Allowed(" 1 到 50 的整数", "a whole number from 1 to 50")] = 3
    """And how many times over that memory."""
    session_idle_min: Annotated[
        int, Field(ge=1, le=43_200), Allowed(" 1 到 43200 的整数（分钟）", "a whole number of minutes from 1 to 43200")
    ] = 120
    """After so many minutes without a request, whoever signed in has to do so again."""
    session_hours: Annotated[
        int, Field(ge=1, le=720), Allowed(" 1 到 720 的整数（小时）", "a whole number of hours from 1 to 720")
    ] = 12
    """After so many hours in any case."""

    behind_proxy: Annotated[
        bool,
        Allowed(
            " 1（是，须同时以 GEO_PUBLIC_URL 给出代理的地址）或 0（否）",
            "1 (yes, beside GEO_PUBLIC_URL, the address that the proxy is reached by) or 0 (no)",
        ),
    ] = False
    """Behind a proxy on this machine that adds who asked to `X-Forwarded-For`; else nothing of that is believed."""
    requests_per_minute: Annotated[
        int,
        Field(ge=0, le=1_000_000),
        Allowed(" 0（不限）到 1000000 的整数", "a whole number from 0 (no limit) to 1000000"),
    ] = 1_200
    """What an address, or a token, may ask within a minute; a map that is moved asks for some fifty tiles."""
    heavy_per_minute: Annotated[
        int,
        Field(ge=0, le=1_000_000),
        Allowed(" 0（不限）到 1000000 的整数", "a whole number from 0 (no limit) to 1000000"),
    ] = 60
    """The same of what takes the machine's time: runs that are ordered, results that are written."""
    sign_ins_per_minute: Annotated[
        int,
        Field(ge=0, le=1_000_000),
        Allowed(" 0（不限）到 1000000 的整数", "a whole number from 0 (no limit) to 1000000"),
    ] = 20
    """The same of signing in; those that failed make the next one wait besides."""
    comments_per_minute: Annotated[
        int,
        Field(ge=0, le=1_000_000),
        Allowed(" 0（不限）到 1000000 的整数", "a whole number from 0 (no limit) to 1000000"),
    ] = 10
    """The same of what anybody says in a consultation, and of asking for an answer by its number."""

    oidc_issuer: Annotated[
        str,
        Allowed(
            "以 https:// 开头的地址（本机可用 http://）",
            "an address that begins with https:// (http:// at this machine)",
        ),
    ] = ""
    """A city's single sign-on: the issuer of its OpenID Connect, as it calls itself; empty for none."""
    oidc_client_id: Annotated[str, Allowed("在统一登录处登记的代号", "what the single sign-on calls this service")] = ""
    oidc_client_secret: Annotated[
        SecretStr | None, Allowed("统一登录给的密钥", "the secret that the single sign-on gave")
    ] = None
    """Without it this service is a public client, which PKCE alone vouches for."""
    oidc_name: Annotated[str, Allowed("登录页上的名称", "a name for the page of signing in")] = "统一登录"
    oidc_scopes: Annotated[str, Allowed("以空格分隔的范围", "scopes separated by spaces")] = "openid profile"
    oidc_login_claim: Annotated[str, Allowed("身份令牌中的字段名", "the name of a claim of the token")] = (
        "preferred_username"
    )
    """What the account is called; of an address the part before the @."""
    oidc_groups_claim: Annotated[str, Allowed("身份令牌中的字段名", "the name of a claim of the token")] = "groups"
    oidc_grants: Annotated[
        str,
        Allowed(
            """ JSON，如 {"规划科": ["planner"], "婺城": ["registrar@330702"]}""",
            """JSON as {"planning": ["planner"], "wucheng": ["registrar@330702"]}""",
        ),
    ] = "{}"
    """What the groups of the single sign-on give: ``role``, ``role@division`` or ``role@division/kind+kind``."""

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, OSError) as error:
            raise ValueError from error
        return name

    @field_validator("database_url", "owner_database_url", "read_database_url")
    @classmethod
    def _is_of_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not POSTGRESQL_URL.fullmatch(with_sync_driver(url.get_secret_value())):
            raise ValueError
        return url

    @field_validator("owner_database_url", "read_database_url")
    @classmethod
    def _is_beside_another(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if url is not None and info.data.get("database_url", url) is None:
            raise ValueError
        return url

    @field_validator("data_dir")
    @classmethod
    def _can_be_a_folder(cls, path: Path) -> Path:
        try:
            whole = path.expanduser().absolute()
        except RuntimeError as error:  # ~somebody, who isn't there
            raise ValueError from error
        # The first of its ancestors that is there decides; a link into nothing is there, and is no folder.
        if not next(one for one in (whole, *whole.parents) if os.path.lexists(one)).is_dir():
            raise ValueError
        return path

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and not (parts.scheme in {"http", "https"} and parts.hostname):
            raise ValueError
        return url

    @field_validator("behind_proxy")
    @classmethod
    def _has_an_address(cls, behind: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - as pydantic calls it
        # Without it whatever the proxy says that it was asked for would have to be believed.
        if behind and info.data.get("public_url") == "":
            raise ValueError
        return behind

    @field_validator("oidc_issuer")
    @classmethod
    def _is_an_issuer(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and not (
            parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_NAMES))
        ):
            raise ValueError
        return url

    @field_validator("oidc_grants")
    @classmethod
    def _is_a_table_of_grants(cls, written: str) -> str:
        table = json.loads(written)
        if not isinstance(table, dict):
            raise ValueError  # noqa: TRY004 - what pydantic takes for a wrong value
        for grants in table.values():
            if not isinstance(grants, list):
                raise ValueError  # noqa: TRY004
            for grant in grants:
                _refuse_no_grant(grant)
        return written

    @cached_property
    def oidc_grants_table(self) -> Mapping[str, Sequence[str]]:
        """`oidc_grants`, group by group."""
        table: dict[str, list[str]] = json.loads(self.oidc_grants)
        return table

    @cached_property
    def data_path(self) -> Path:
        """`data_dir`, absolute; a relative one counts from the folder that the command was started in."""
        return self.data_dir.expanduser().absolute()

    @cached_property
    def zone(self) -> ZoneInfo:
        """`time_zone`, looked up."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def standards_enabled(self) -> frozenset[str]:
        """`standards_on`, key by key."""
        return frozenset(key.strip() for key in self.standards_on.split(",") if key.strip())

    @property
    def is_local(self) -> bool:
        """Whether this registry is for who sits at its machine: no other address of it was given out, no proxy asks for others."""
        return not self.behind_proxy and (urlsplit(self.public_url).hostname or "localhost") in LOCAL_NAMES

    @property
    def embedded(self) -> bool:
        """Whether the product runs its own private cluster."""
        return self.database_url is None


def _refuse_no_grant(written: object) -> None:
    """ValueError unless it is ``role``, ``role@division`` or ``role@division/kind+kind``."""
    found = A_GRANT.fullmatch(written) if isinstance(written, str) else None
    if found is None or Role.of(found["role"]) is Role.PUBLIC:
        raise ValueError
    for kind in found["kinds"].split("+") if found["kinds"] else ():
        FacilityKind.of(kind)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process.

    Raises
    ------
    SettingsInvalid
        Some can't be what they were set to; the error names them all, and shows no password.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = [_problem(finding) for finding in error.errors()]
    # Not while pydantic's error is handled: a traceback would show that too, and it shows passwords.
    raise SettingsInvalid(
        problems_zh="；".join(zh for zh, _ in problems), problems_en="; ".join(en for _, en in problems)
    )


def _problem(finding: Mapping[str, Any]) -> tuple[str, str]:
    name = str(finding["loc"][0])
    field = Settings.model_fields[name]
    (allowed,) = (one for one in field.metadata if isinstance(one, Allowed))
    variable = f"{Settings.model_config['env_prefix']}{name}".upper()
    # An address may hold a password wherever somebody put it.
    hidden = field.annotation == SecretStr | None or "@" in str(finding["input"])
    shown = ("（值不显示）", " (not shown here)") if hidden else (f"={finding['input']}",) * 2
    return f"{variable}{shown[0]}，应为{allowed.zh}", f"{variable}{shown[1]}, which must be {allowed.en}"
