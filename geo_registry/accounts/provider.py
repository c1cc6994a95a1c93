"""A city's single sign-on, as it is spoken to: OpenID Connect, the code flow with PKCE; no database (ADR 0050)."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from geo_registry.errors import SingleSignOnAway, SingleSignOnRefused
from geo_registry.settings import LOCAL_NAMES, Settings

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures that a provider alone can make: none of a secret that we hold as well, and never `none`."""

WITHIN_S = 5.0
"""How long the provider may take to answer, each time."""
KEPT_S = 3600.0
"""How long what it says of itself is believed; its keys are asked for anew when one is met that isn't known."""
KEYS_AGAIN_S = 30.0
"""And that no more often: anybody can send a token with a key's name made up."""
LEEWAY_S = 60
"""By how much its clock may differ from ours."""

WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one way to the provider and back is held together by, all made of one secret of the browser."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who the provider says that somebody is: what it calls them for good, and what else it tells."""

    subject: str
    claims: Mapping[str, Any]


class Provider:
    """One issuer, as the settings name it."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str | None, scopes: str) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = scopes
        self._lock = Lock()
        self._about: Mapping[str, Any] = {}
        self._about_at = -KEPT_S
        self._keys: KeySet | None = None
        self._keys_at = -KEYS_AGAIN_S

    def address(self, secrets: Secrets, *, redirect_uri: str) -> str:
        """Where the browser is sent to sign in there.

        Raises
        ------
        SingleSignOnAway
            The provider doesn't answer, or not as one.
        """
        address, _ = self._client(redirect_uri).create_authorization_url(
            self._endpoint("authorization_endpoint"),
            state=secrets.state,
            nonce=secrets.nonce,
            code_verifier=secrets.verifier,
        )
        return str(address)

    def leaving(self, *, back_to: str) -> str | None:
        """Where the browser is sent to sign out there too; None where there is no such place.

        Raises
        ------
        SingleSignOnAway
            The provider doesn't answer, or not as one.
        """
        if not self._said().get("end_session_endpoint"):
            return None
        asked = urlencode({"client_id": self._client_id, "post_logout_redirect_uri": back_to})
        return f"{self._endpoint('end_session_endpoint')}?{asked}"

    def person(self, code: str, secrets: Secrets, *, redirect_uri: str) -> Person:
        """Who a code stands for: it is exchanged, and the token that comes of it is checked (OIDC Core, 3.1.3.7).

        Raises
        ------
        SingleSignOnRefused
            The provider doesn't take the code, or the token isn't of it, for us, and of this very attempt.
        SingleSignOnAway
            The provider doesn't answer, or not as one.
        """
        endpoint = self._endpoint("token_endpoint")
        try:
            answer = self._client(redirect_uri).fetch_token(
                endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=secrets.verifier,
                timeout=WITHIN_S,
                allow_redirects=False,
            )
        except AuthlibBaseError as error:
            logger.warning("the single sign-on refused a code: %s", error)
            raise SingleSignOnRefused(reason_zh="登录码无效", reason_en="the code isn't good") from None
        except (requests.RequestException, ValueError) as error:
            raise self._away(error) from None
        return self._checked(answer, nonce=secrets.nonce)

    def _checked(self, answer: Mapping[str, Any], *, nonce: str) -> Person:
        try:
            token = self._decoded(str(answer.get("id_token", "")))
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self._client_id},
                    "sub": {"essential": True},
                },
                {"nonce": nonce, "client_id": self._client_id, "access_token": answer.get("access_token")},
            )
            claims.validate(leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError) as error:
            logger.warning("a token of the single sign-on isn't good: %s", error)
            raise SingleSignOnRefused(
                reason_zh="身份令牌未通过校验", reason_en="the token doesn't pass its checks"
            ) from None
        return Person(subject=str(claims["sub"]), claims=dict(claims))

    def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return jwt.decode(token, self._key_set(anew=True), algorithms=ALGORITHMS)

    def _key_set(self, *, anew: bool = False) -> KeySet:
        with self._lock:
            age_s = monotonic() - self._keys_at
            known = self._keys
        if known is not None and age_s < (KEYS_AGAIN_S if anew else KEPT_S):
            return known
        found = KeySet.import_key_set(self._asked(self._endpoint("jwks_uri")))  # type: ignore[arg-type]
        with self._lock:
            self._keys, self._keys_at = found, monotonic()
        return found

    def _endpoint(self, name: str) -> str:
        address = str(self._said().get(name, ""))
        parts = urlsplit(address)
        # A secret, and who somebody is, go over encrypted connections alone.
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL_NAMES):
            raise self._away(f"{name} is {address!r}")
        return address

    def _said(self) -> Mapping[str, Any]:
        """What the provider says of itself (OIDC Discovery)."""
        with self._lock:
            if monotonic() - self._about_at < KEPT_S:
                return self._about
        said = self._asked(self.issuer.rstrip("/") + WELL_KNOWN)
        if said.get("issuer") != self.issuer:
            raise self._away(f"it says that it is {said.get('issuer')!r}")
        with self._lock:
            self._about, self._about_at = said, monotonic()
        return said

    def _asked(self, address: str) -> Mapping[str, Any]:
        try:
            answer = requests.get(address, timeout=WITHIN_S, allow_redirects=False)
            answer.raise_for_status()
            said = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise self._away(error) from None
        if not isinstance(said, dict):
            raise self._away(f"{address} isn't an object")
        return said

    def _away(self, reason: object) -> SingleSignOnAway:
        logger.warning("the single sign-on %s can't be used: %s", self.issuer, reason)
        return SingleSignOnAway(issuer=self.issuer)

    def _client(self, redirect_uri: str) -> OAuth2Session:
        return OAuth2Session(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method="client_secret_basic" if self._client_secret else "none",
            scope=self._scopes,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )


@lru_cache(maxsize=4)
def _provider(issuer: str, client_id: str, client_secret: str | None, scopes: str) -> Provider:
    return Provider(issuer=issuer, client_id=client_id, client_secret=client_secret, scopes=scopes)


def provider_for(settings: Settings) -> Provider | None:
    """The provider of the settings, one for the process; None where there is none."""
    if not settings.oidc_issuer:
        return None
    secret = settings.oidc_client_secret
    return _provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret.get_secret_value() if secret is not None else None,
        settings.oidc_scopes,
    )
