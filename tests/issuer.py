"""A single sign-on of the tests' own: speaks HTTP, signs tokens, and lies where a test wants it to."""

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "geo-registry", "between-the-two-of-us"


def new_key(kid: str) -> RSAKey:
    """A key that tokens are signed with."""
    return RSAKey.generate_key(2048, parameters={"kid": kid, "use": "sig", "alg": "RS256"})


KEY = new_key("one")
"""Making one takes a while."""


@dataclass
class Issuer:
    """Who signs in there next, and what is wrong with what it says of them."""

    url: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "1001",
            "preferred_username": "Li.Ming@jinhua.example",
            "name": "李明",
            "groups": ["planning"],
        }
    )
    claims: dict[str, Any] = field(default_factory=dict)
    """Claims in the place of those that would be right; None leaves one out."""
    said: dict[str, Any] = field(default_factory=dict)
    """The same of what it says of itself."""
    signed_with: RSAKey | OctKey | None = None
    algorithm: str = "RS256"
    denies: bool = False
    key: RSAKey = field(default_factory=lambda: KEY)
    shown: list[RSAKey] = field(default_factory=list)
    """The keys that it shows; its own where none is named."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """What browsers were sent with."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def discovery(self) -> Mapping[str, Any]:
        """What it says of itself."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/leave",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | self.said

    def keys(self) -> Mapping[str, Any]:
        """The public halves of its keys."""
        return {"keys": [key.as_dict(private=False) for key in self.shown or [self.key]]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to: whoever comes is taken for `person`."""
        self.asked.append(asked)
        back = {"state": asked["state"], "iss": self.url}
        if self.denies:
            return f"{asked['redirect_uri']}?{urlencode({**back, 'error': 'access_denied'})}"
        code = token_urlsafe()
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({**back, 'code': code})}"

    def token(self, sent: Mapping[str, str], authorization: str) -> tuple[int, Mapping[str, Any]]:
        """What a code is good for: once, with its verifier, from the client that it was given to."""
        asked = self.codes.pop(sent.get("code", ""), None)
        verifier = sent.get("code_verifier", "")
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        client = b64decode(authorization.removeprefix("Basic ")).decode()
        if (
            asked is None
            or challenge != asked["code_challenge"]
            or sent.get("redirect_uri") != asked["redirect_uri"]
            or client != f"{CLIENT}:{SECRET}"
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": token_urlsafe(), "token_type": "Bearer", "id_token": self._id_token(asked)}

    def _id_token(self, asked: Mapping[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= self.person | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        key = self.signed_with or self.key
        header = {"alg": self.algorithm} | ({"kid": key.kid} if key.kid else {})
        return jwt.encode(header, kept, key, algorithms=[self.algorithm])


@contextmanager
def running() -> Iterator[Issuer]:
    """An issuer on a free port of this machine."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            match asked.path:
                case "/.well-known/openid-configuration":
                    self._answer(200, issuer.discovery())
                case "/keys":
                    self._answer(200, issuer.keys())
                case "/authorize":
                    query = {name: values[0] for name, values in parse_qs(asked.query).items()}
                    self.send_response(302)
                    self.send_header("Location", issuer.authorize(query))
                    self.end_headers()
                case _:
                    self._answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*issuer.token(sent, self.headers.get("Authorization", "")))

        def _answer(self, status: int, body: Mapping[str, Any]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield issuer
    server.shutdown()
    server.server_close()
    thread.join()
