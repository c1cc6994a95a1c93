"""Until there are accounts whoever is at the machine may everything, and nobody else anything, whatever host they name."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings

ELSEWHERE = "203.0.113.7"
AT_THE_MACHINE = "at-the-machine"


@pytest.fixture
def known(database: Database, tmp_path: Path) -> "Known":
    return Known(database, tmp_path)


class Known:
    """Who the service takes somebody for that asks it by a name of this machine's."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def __call__(self, peer: str, *, host: str = "127.0.0.1", **settings: Any) -> str:
        """By the address that the connection comes from."""
        return str(self._ask(peer, "GET", "/api/v1/me", host, settings).json()["known"])

    def makes_an_account(self, peer: str, **settings: Any) -> int:
        """The status of the answer to whoever adds one."""
        return self._ask(peer, "POST", "/api/v1/users", "127.0.0.1", settings).status_code

    def page(self, peer: str, path: str, **settings: Any) -> str:
        """What a page says to whoever asks for it."""
        return self._ask(peer, "GET", path, "127.0.0.1", settings).text

    def _ask(self, peer: str, method: str, path: str, host: str, settings: dict[str, Any]) -> httpx.Response:
        made = Settings(data_dir=self._folder, password_memory_mb=8, password_passes=1, **settings)
        transport = httpx.ASGITransport(app=create_app(made, self._database), client=(peer, 40_000))
        body = {"login": "li.ming", "name": "李明"} if method == "POST" else None

        async def answer() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}:8000") as client:
                return await client.request(method, path, json=body)

        # A thread of its own: a browser of an earlier test keeps a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(answer())).result()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_name_of_this_machine_makes_nobody_at_it(known: Known, host: str) -> None:
    assert known("127.0.0.1", host=host) == AT_THE_MACHINE
    assert known(ELSEWHERE, host=host) != AT_THE_MACHINE


GATEWAYS = ("172.17.0.1", "172.18.0.1", "192.168.65.1", "10.0.2.2", "10.0.2.100", "127.0.0.1", "::1", "")
"""Addresses that Docker, Docker Desktop and rootless set-ups forward a published port from, in everybody's stead."""


@pytest.mark.parametrize("peer", [*GATEWAYS, ELSEWHERE])
def test_in_a_container_no_address_is_the_machine(known: Known, peer: str) -> None:
    assert known(peer, behind_container=True) != AT_THE_MACHINE
    assert known.makes_an_account(peer, behind_container=True) == 401


def test_in_a_container_the_page_of_signing_in_says_how_the_first_account_is_made(known: Known) -> None:
    inside = known.page("172.17.0.1", "/sign-in", behind_container=True)
    assert "docker compose exec api geo-registry users add LOGIN" in inside
    assert 'href="/admin/users"' not in inside
    assert "docker" not in known.page("127.0.0.1", "/sign-in")


def test_who_forges_a_name_makes_no_account(known: Known) -> None:
    assert known.makes_an_account(ELSEWHERE) == 401
    assert known.makes_an_account("127.0.0.1") == 201


@pytest.mark.parametrize(
    "settings", [{"public_url": "https://names.example"}, {"public_url": "http://127.0.0.1", "behind_proxy": True}]
)
def test_where_a_proxy_asks_for_everybody_nobody_is(known: Known, settings: dict[str, Any]) -> None:
    for peer in ("127.0.0.1", ELSEWHERE):
        assert known(peer, **settings) != AT_THE_MACHINE
