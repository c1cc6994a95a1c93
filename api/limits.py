"""How often one may ask: by address, and by token; stricter for signing in and for what takes the machine's time.

Kept in the process: with several (`GEO_WORKERS`) each allows as much (ADR 0051).
"""

import ipaddress
import math
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from time import monotonic

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import AskedTooOften, problem_response
from geo_registry.accounts.identity import is_loopback, network_of
from geo_registry.settings import Settings
from geo_registry.vocabulary import Word

PER_S = 60.0
"""Settings say how often within a minute."""

MOST_KEPT = 100_000
"""Who asked lately, in one process; beyond it those who asked longest ago are forgotten. Some 20 MB."""

ROUNDING = 1e-6
"""Of a request: sums of fractions of a second aren't exact."""


class Share(Word):
    """What is counted together."""

    SIGN_IN = "sign-in", "登录", "signing in"
    HEAVY = "heavy", "大量计算", "what takes the machine's time"
    SAYING = "saying", "提交意见", "what anybody may say"
    ANY = "any", "全部请求", "all that is asked"


SHARES: Mapping[Share, re.Pattern[str]] = {
    Share.SIGN_IN: re.compile(r"(POST /sign-in|GET /sign-in/oidc(/.*)?|POST /me/password)"),
    # Beside what is said, the number that leads to an answer is tried here.
    Share.SAYING: re.compile(
        r"POST (/api/v1)?/consultations/[^/]+/(comments|answer)|GET /api/v1/consultations/comments/.*"
    ),
    Share.HEAVY: re.compile(r"(POST /api/v1/coverage/runs|GET /api/v1/coverage/runs/[^/]+/(result\..*|columns))"),
}
"""Requests by method and path; each of them counts as one of all as well."""


@dataclass(slots=True)
class Bucket:
    """As many requests at once as a minute allows, and then one for each that the time makes good.

    Kept as the moment at which nothing is owed any more (GCRA: the generic cell rate algorithm, ITU-T I.371).
    """

    per_minute: int
    _free_at: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, key: str, now: float) -> float:
        """Seconds to wait, 0 where the request is counted and may go on; `now` in seconds of any clock that only rises."""
        step = PER_S / self.per_minute
        with self._lock:
            free_at = max(self._free_at.get(key, now), now) + step
            wait_s = free_at - PER_S - now
            if wait_s > step * ROUNDING:
                return wait_s
            self._free_at[key] = free_at
            self._free_at.move_to_end(key)
            if len(self._free_at) > MOST_KEPT:
                self._free_at.popitem(last=False)
            return 0.0


class RateLimits:
    """Refuse who asks too often, and say when they may ask again."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        asked = {
            Share.SIGN_IN: settings.sign_ins_per_minute,
            Share.HEAVY: settings.heavy_per_minute,
            Share.SAYING: settings.comments_per_minute,
            Share.ANY: settings.requests_per_minute,
        }
        self.buckets = {share: Bucket(per_minute) for share, per_minute in asked.items() if per_minute}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what isn't too much."""
        if scope["type"] == "http":
            wait_s = self._wait_s(scope, monotonic())
            if wait_s:
                refused = AskedTooOften(wait_s=math.ceil(wait_s))
                await problem_response(Request(scope), refused)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _wait_s(self, scope: Scope, now: float) -> float:
        address = address_of(scope, self.settings)
        if self.settings.is_local and not self.settings.behind_container and is_loopback(address):
            return 0.0
        keys = (network_of(address), *_token(scope))
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        request = f"{method} {scope['path']}"
        for share, bucket in self.buckets.items():
            if share is not Share.ANY and not SHARES[share].fullmatch(request):
                continue
            for key in keys:
                wait_s = bucket.take(key, now)
                if wait_s:
                    return wait_s
        return 0.0


def _token(scope: Scope) -> Sequence[str]:
    """The token that a request comes with, unread: beside the address, or tokens that are made up would each go free."""
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    return (sha256(token.encode("utf-8", "replace")).hexdigest(),) if scheme.lower() == "bearer" and token else ()


def address_of(scope: Scope, settings: Settings) -> str:
    """From which address it is asked: of the connection, or, where a proxy of our own is set, as that one says.

    Of `X-Forwarded-For` the last address alone counts: it is what the proxy itself added. What stands before it, anybody
    can write.
    """
    client = scope.get("client")
    peer: str = client[0] if client else ""
    if settings.behind_proxy and is_loopback(peer):
        forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).rpartition(",")[2].strip()
        try:
            return str(ipaddress.ip_address(forwarded))
        except ValueError:
            return peer
    return peer
