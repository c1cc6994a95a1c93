"""`geo-registry up`, `serve` and `worker`: the processes of a running registry."""

import contextlib
import errno
import fcntl
import http.client
import ipaddress
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.cli.lifeline import PARENT_VARIABLE, hold_on
from geo_registry.errors import (
    AddressUnusable,
    AlreadyUp,
    DataFolderUnusable,
    HostNotLocal,
    PortTaken,
)
from geo_registry.settings import Settings, get_settings
from geo_registry.vocabulary import Way

if TYPE_CHECKING:
    from geo_registry.demo.sign_ins import SignIn

HostOption = Annotated[str | None, typer.Option(help="Address to listen on; else GEO_HOST.")]
PortOption = Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on; else GEO_PORT.")]

READY_WITHIN_S = 120.0
"""How long server and worker may stand still before they are ready; a slow machine that works takes as long as it takes."""
ANSWER_WITHIN_S = 5.0
INTRODUCE_WITHIN_S = 1.0
"""How long whoever has the port gets to say whether it is one of us."""
DRAIN_S = 10
"""How long the server lets answers finish that are under way when it is told to stop, in seconds."""
BACKLOG = 512

WAYS_OUT = "Ctrl-C"

ROOMS_WITH_JOBS = ("cases", "coverage", "places", "search", "unnamed")


def up(
    host: HostOption = None,
    port: PortOption = None,
    worker: Annotated[bool, typer.Option(help="With the worker that performs queued jobs.")] = True,
    demo: Annotated[bool, typer.Option(help="Load the demonstration first where the registry is empty.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve the registry: database, server and worker, until Ctrl-C; what this command started stops with it.

    Example: geo-registry up --port 8080
    """
    from geo_registry.cli.supervisor import Part, Supervisor
    from geo_registry.db import cluster, migrate
    from geo_registry.db.startup import database_urls

    _log_to_stderr()
    _let_signals_interrupt()
    settings = get_settings()
    host, port = host or settings.host, port or settings.port
    _refuse_foreign(host, settings)
    _refuse_unknown_standards()
    address = _address(host, port)
    with _alone(settings.data_path, address), _listening(host, port) as listener:
        stops_database = settings.embedded and not cluster.status(settings.data_path).running
        try:
            urls = database_urls(settings, tell=console.tell)
            migrate.upgrade(urls.owner_url)
            sign_ins = _load_demo(urls.app_url, settings) if demo else ()
            listen_on = str(listener.fileno())
            parts = [Part("server", _command("serve", "--fd", listen_on), keep_fds=(listener.fileno(),))]
            if worker:
                parts.append(Part("worker", _command("worker")))
            Supervisor(parts, also=_mend_database(settings)).run(
                missing=lambda: _missing(host, port, with_worker=worker),
                on_ready=lambda: _announce(address, settings.data_path, sign_ins, as_json=as_json),
                ready_within_s=READY_WITHIN_S,
                waiting=_tell_waiting,
            )
        finally:
            if stops_database:
                cluster.stop(settings.data_path, tell=console.tell)
    console.say("已全部停止", "everything was stopped")


def serve(
    host: HostOption = None,
    port: PortOption = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Server processes; else GEO_WORKERS.")] = None,
    fd: Annotated[int | None, typer.Option(hidden=True, help="A socket that is listened on already.")] = None,
    as_json: AsJson = False,
) -> None:
    """Serve HTTP alone, without the worker.

    Example: geo-registry serve --port 8080 --workers 4
    """
    hold_on()
    _log_to_stderr()
    settings = get_settings()
    host, port = host or settings.host, port or settings.port
    _refuse_foreign(host, settings)
    _refuse_unknown_standards()
    with _listening(host, port) if fd is None else socket.socket(fileno=fd) as listener:
        if fd is None:
            _say_where(_address(host, port), as_json=as_json)
        _serve(listener, settings, workers or settings.workers)


def worker(
    jobs: Annotated[int | None, typer.Option(min=1, max=64, help="Jobs at once; else GEO_WORKER_JOBS.")] = None,
    as_json: AsJson = False,
) -> None:
    """Perform queued jobs until told to stop; a job that can't be finished by then goes back into the queue.

    Example: geo-registry worker --jobs 2
    """
    hold_on()
    _log_to_stderr()
    from geo_registry.accounts.sealing import Heads, sealing
    from geo_registry.cases.reminding import reminding
    from geo_registry.coverage.service import fail_forsaken
    from geo_registry.db.session import Database
    from geo_registry.db.startup import database_urls, open_database
    from geo_registry.jobs.registry import tasks
    from geo_registry.jobs.worker import WorkerOptions, run_worker
    from geo_registry.places.turning import turning
    from geo_registry.search import keeping
    from geo_registry.unnamed import standing

    declare_tasks()
    keeping.install()
    standing.install()
    settings = get_settings()
    options = WorkerOptions(concurrency=jobs or settings.worker_jobs)
    database: Database = open_database(settings, tell=console.tell, way=Way.WORKER)
    try:
        fail_forsaken(database)
        if as_json:
            _print_json_now({"jobs": options.concurrency, "tasks": sorted(tasks()), "pid": os.getpid()})
        with sealing(database, Heads.of(settings.data_path)), turning(database), reminding(database):
            run_worker(database_urls(settings).app_url, database, options)
    finally:
        database.dispose()


def declare_tasks() -> None:
    """Import every room's jobs: what isn't imported, the worker can't perform."""
    for room in ROOMS_WITH_JOBS:
        import_module(f"geo_registry.{room}.jobs")


def application() -> Callable[..., object]:
    """The ASGI application, for server processes of `serve --workers N`, which end with the process that made them."""
    hold_on()
    from api.main import create_app

    return create_app()


def _serve(listener: socket.socket, settings: Settings, workers: int) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from api.main import create_app
    from geo_registry.db.startup import open_database

    # Opened here even where each process opens its own: what is wrong with it is said once, and well.
    database = open_database(settings, statement_timeout_s=settings.statement_timeout_s, tell=console.tell, way=Way.API)
    several = workers > 1
    config = uvicorn.Config(
        "geo_registry.cli.serving:application" if several else create_app(settings, database),
        factory=several,
        workers=workers,
        log_config=None,
        access_log=False,
        # Links come from GEO_PUBLIC_URL; nothing is believed of what a client says about itself.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_S,
    )
    with contextlib.suppress(KeyboardInterrupt):
        if several:
            database.dispose()
            os.environ[PARENT_VARIABLE] = str(os.getpid())
            Multiprocess(config, sockets=[listener]).run()
        else:
            uvicorn.Server(config).run(sockets=[listener])
    database.dispose()


def _load_demo(app_url: str, settings: Settings) -> Sequence["SignIn"]:
    """Load the demonstration into a registry that is empty and that nobody cleared of it; its accounts, where it is there.

    They are for the machine itself: where the registry has a public address there are none.
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.passwords import passwords_for
    from geo_registry.db.session import Database
    from geo_registry.demo import queries, sign_ins
    from geo_registry.search import keeping
    from geo_registry.unnamed import standing

    keeping.install()
    standing.install()
    database = Database.connect(app_url, way=Way.COMMAND)
    try:
        with database.read() as session:
            wanted = queries.wanted(session)
        if wanted:
            # What generates it is imported for it alone: other starts are quick.
            from geo_registry.cli.demo import tell_loaded
            from geo_registry.demo import service

            console.say(
                "登记库是空的，正在装入示例数据（约半分钟）",
                "the registry is empty: loading the demonstration (about half a minute)",
            )
            with console.progress_bar() as progress:
                done = service.load(database, actor=local_operator(), progress=progress)
            tell_loaded(done)
        if not settings.is_local:
            return ()
        return sign_ins.open_all(database, passwords=passwords_for(settings), actor=local_operator())
    finally:
        database.dispose()


def _command(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "geo_registry.cli", *arguments)


def _refuse_foreign(host: str, settings: Settings) -> None:
    """Until accounts exist only this machine may ask (ADR 0015).

    Raises
    ------
    HostNotLocal
        `host` can be reached from elsewhere.
    """
    if settings.behind_container or host == "localhost":
        return
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise HostNotLocal(host=host)


def _refuse_unknown_standards() -> None:
    """Refuse to serve a catalogue that every question would be refused about.

    Raises
    ------
    StandardsOnUnknown
        ``GEO_STANDARDS_ON`` names a standard that isn't there.
    """
    from geo_registry.coverage import catalogue

    catalogue.standards()


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there; who connects before the server is up waits for it.

    Raises
    ------
    PortTaken, AddressUnusable
        It can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named: asyncio sends at once only on sockets that say they are TCP's. Otherwise the body of an
    # answer waits 40 ms for the client's acknowledgement of its head, on every connection that is kept.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(BACKLOG)
        except OSError as error:
            address = _address(host, port)
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(address=address, holder=_who_answers(host, port)) from error
            raise AddressUnusable(address=address, reason=error.strerror or error) from error
        yield listener


def _who_answers(host: str, port: int) -> str:
    _, body = _get(host, port, "/healthz", within_s=INTRODUCE_WITHIN_S)
    if isinstance(body, dict) and body.get("product") == "geo-registry":
        return f"geo-registry {body.get('version', '')}".strip()
    return "其他程序 another program"


def _tell_waiting(lacking: str, waited_s: float) -> None:
    console.say(f"还没有就绪（{waited_s:.0f} 秒）：{lacking}", f"not ready yet ({waited_s:.0f} s): {lacking}")


def _missing(host: str, port: int, *, with_worker: bool) -> str:
    """What `/readyz` says is still missing; the worker doesn't count where none was asked for."""
    status, body = _get(host, port, "/readyz")
    if status == http.client.OK:
        return ""
    if not isinstance(body, dict) or "checks" not in body:
        return "server（没有应答 it doesn't answer）"
    lacking = [(name, check) for name, check in body["checks"].items() if check is None or not check["ok"]]
    return ", ".join(_lacking(name, check) for name, check in lacking if with_worker or name != "worker")


def _lacking(name: str, check: Mapping[str, object] | None) -> str:
    """What isn't there, and why as far as that is known; what wasn't looked at because of another is only named."""
    reason = (check or {}).get("reason")
    if name == "worker" and check is not None:
        reason = "还没有报到 it hasn't reported yet"
    return f"{name}（{reason}）" if reason else name


def _get(host: str, port: int, path: str, *, within_s: float = ANSWER_WITHIN_S) -> tuple[int | None, object]:
    """The status and the JSON of an answer; None and None where there is none."""
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asked of, not listened on
    connection = http.client.HTTPConnection(asked, port, timeout=within_s)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        answer = connection.getresponse()
        return answer.status, json.load(answer)
    except (OSError, http.client.HTTPException, ValueError):
        return None, None
    finally:
        connection.close()


@contextmanager
def _alone(data_path: Path, address: str) -> Iterator[None]:
    """Hold the registry's folder, so that it is served once.

    Raises
    ------
    AlreadyUp
        Another `up` holds it; the error says where it serves.
    DataFolderUnusable
        The folder can't be written to.
    """
    path = data_path / "up.json"
    try:
        data_path.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise DataFolderUnusable(path=data_path, reason=error.strerror or error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyUp(**_holder(file), directory=data_path) from error
        file.truncate(0)
        json.dump({"address": address, "pid": os.getpid()}, file)
        file.flush()
        yield


def _holder(file: TextIO) -> dict[str, object]:
    file.seek(0)
    try:
        said = json.load(file)
        return {"address": said["address"], "pid": said["pid"]}
    except (ValueError, KeyError):
        # It has only just begun.
        return {"address": "–", "pid": "–"}


def _let_signals_interrupt() -> None:
    """While things are being started, SIGTERM and SIGHUP undo them as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, interrupt)


def _mend_database(settings: Settings) -> Callable[[], None]:
    """Bring the embedded database back after a crash; one that was stopped on purpose stays stopped."""
    from geo_registry.db import cluster

    def mend() -> None:
        if not settings.embedded:
            return
        found = cluster.status(settings.data_path)
        # A server that is stopped takes this file with it; one that is killed leaves it behind.
        if not found.running and (found.directory / "postmaster.pid").exists():
            console.say("数据库意外退出，正在恢复", "the database died: bringing it back")
            cluster.ensure_running(settings.data_path, tell=console.tell)

    return mend


def _say_where(address: str, *, as_json: bool) -> None:
    if as_json:
        _print_json_now({"address": address, "docs": f"{address}/docs", "pid": os.getpid()})
    else:
        console.say(f"服务地址 {address}", f"serving on {address}")


def _print_json_now(result: object) -> None:
    """Whoever started a command that doesn't end reads its result while it runs."""
    console.print_json(result)
    sys.stdout.flush()


def _announce(address: str, data_path: Path, sign_ins: Sequence["SignIn"], *, as_json: bool) -> None:
    from geo_registry.demo.sign_ins import PASSWORD

    if as_json:
        shown = [{"login": each.login, "password": PASSWORD, "role": each.role.value} for each in sign_ins]
        about = {"address": address, "docs": f"{address}/docs", "data": str(data_path), "pid": os.getpid()}
        _print_json_now({**about, "sign_ins": shown})
        return
    console.say("已就绪", "ready")
    english = get_settings().locale == "en"
    lines = (
        (f"{address}/", "页面", "the registry"),
        (f"{address}/docs", "接口说明", "the API's documentation"),
        (str(data_path), "数据目录", "its data"),
        ("geo-registry status", "登记系统的状态", "how it stands"),
        ("geo-registry --help", "所有命令", "every command"),
        (WAYS_OUT, "停止", "stops everything"),
    )
    for what, zh, en in lines:
        console.output.print(f"  {what}  {en if english else zh}", markup=False)
    if sign_ins:
        console.say(
            f"示例账号，密码都是 {PASSWORD}（只在本机有效）：",
            f"accounts to try it with, their password {PASSWORD} (good at this machine only):",
        )
        for each in sign_ins:
            console.output.print(f"  {each.login}  {each.role.en if english else each.role.zh}", markup=False)
    sys.stdout.flush()


def _log_to_stderr() -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for ours in ("geo_registry", "api"):
        logging.getLogger(ours).setLevel(logging.INFO)
