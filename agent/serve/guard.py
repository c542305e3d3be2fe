"""Who may ask: checked before any route sees a request, and the headers that every answer carries.

- Host: a name that leads here and that no stranger can give us. A page whose name was rebound to our address
  (DNS rebinding) still sends its own name. A literal address cannot be rebound.
- Origin and Sec-Fetch-Site: a browser says by them that another site's script, form or image asks.
- A token, as `Authorization: Bearer`, or as a cookie that `/?token=...` sets; where there is one it is needed.
- The body: of JSON, which no other site's form can send unasked, of bounded size, and there in bounded time.

Not covered: other users of this machine, who may ask a server on a loopback address that has no token.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse

from agent.serve.errors import Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "alphasolve_token"
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_EXTENSIONS = ("chrome-extension", "moz-extension", "safari-web-extension")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_BODY_SECONDS = 30.0
_HOST = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::[0-9]{1,5})?")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can reach what listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask."""

    host: str = "127.0.0.1"
    """The address that is listened on."""
    token: str | None = None
    """What every request must show; None where none is needed."""
    body_bytes: int = 4 << 20
    """A request's body, at most."""
    extension_paths: Collection[str] = field(default_factory=frozenset)
    """Paths that extensions of a browser may ask, too."""

    def knows(self, host: str) -> bool:
        """Whether the Host header `host` is a name of this server."""
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = match[1].strip("[]").lower()
        if name in _LOOPBACK_NAMES or name == self.host.lower():
            return True
        return not is_loopback(self.host) and (_is_address(name) or name == socket.gethostname().lower())

    def check(self, scope: Scope, headers: Headers) -> None:
        """Let a request pass.

        Raises:
            Refusal: it may not.
        """
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.knows(hosts[0]):
            raise Refusal(403, "this Host is not served here", code="wrong_host")
        self._check_origin(scope, headers, hosts[0])
        if self.token is not None and not _shows(self.token, headers):
            raise Refusal(
                401,
                "a token is needed: Authorization: Bearer TOKEN, or /?token=TOKEN in a browser",
                code="invalid_token",
                headers={"WWW-Authenticate": "Bearer"},
            )
        is_json = headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
        if scope["method"] in _WITH_BODY and not is_json:
            raise Refusal(415, "the body must be application/json", code="wrong_content_type")

    def _check_origin(self, scope: Scope, headers: Headers, host: str) -> None:
        """Refuse what another site's page asks.

        Raises:
            Refusal: it does.
        """
        refusal = Refusal(403, "other sites' pages may ask nothing here", code="wrong_origin")
        origins = headers.getlist("origin")
        if origins:
            parts = _split(origins[0])
            if parts is not None and parts[0] in _EXTENSIONS and scope["path"] in self.extension_paths:
                return
            if len(origins) > 1 or parts is None or parts != ("http", host.lower()):
                raise refusal
        site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode", "")
        # A link on another site may lead here: it shows a page and tells that site nothing.
        is_link = scope["method"] in _SAFE_METHODS and mode == "navigate"
        if site not in ("none", "same-origin") and not is_link:
            raise refusal


def _split(origin: str) -> tuple[str, str] | None:
    """Scheme and host of an origin."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.scheme.lower(), parts.netloc.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _shows(token: str, headers: Headers) -> bool:
    """Whether a request has the token, in whichever place."""
    scheme, _, shown = headers.get("authorization", "").partition(" ")
    cookies = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    tokens = [shown.strip()] if scheme.lower() == "bearer" else []
    tokens += [value for name, _, value in cookies if name == COOKIE]
    return any(_same(token, each) for each in tokens)


def _same(token: str, shown: str) -> bool:
    """Compared in a time that does not tell how much of it is right."""
    return hmac.compare_digest(token.encode("utf-8", "replace"), shown.encode("utf-8", "replace"))


class Guard:
    """ASGI middleware: what `Access` refuses goes no further; bodies are read here, whole, before routes run."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        """Stand before `app`."""
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":  # the end and the beginning of the server; there are no web sockets here
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        if (response := self._entrance(scope, headers)) is not None:
            await response(scope, receive, send_guarded)
            return
        try:
            self._access.check(scope, headers)
            body = await _body(receive, headers, self._access.body_bytes)
        except Refusal as refusal:
            await refusal.response()(scope, receive, send_guarded)
            return
        if body is not None:
            await self._app(scope, _replay(body, receive), send_guarded)

    def _entrance(self, scope: Scope, headers: Headers) -> RedirectResponse | None:
        """For `/?token=...` the token as a cookie, and the address without it."""
        token = self._access.token
        if token is None or scope["method"] != "GET" or b"token=" not in scope["query_string"]:
            return None
        query = parse_qs(scope["query_string"].decode("latin-1"))
        shown = query.pop("token", [""])[0]
        if not _same(token, shown) or not self._access.knows(headers.get("host", "")):
            return None
        rest = urlencode(query, doseq=True)
        # One slash: two would name another host.
        path = "/" + scope["path"].lstrip("/\\")
        response = RedirectResponse(f"{path}?{rest}" if rest else path, 303)
        response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return response


async def _body(receive: Receive, headers: Headers, most: int) -> bytes | None:
    """The whole body; None where the client went away.

    Raises:
        Refusal: it is too large, or does not come.
    """
    too_large = Refusal(413, f"the body may have {most} bytes", code="body_too_large")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        raise too_large
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                parts.append(message.get("body", b""))
                if sum(map(len, parts)) > most:
                    raise too_large
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise Refusal(408, f"the body did not come within {_BODY_SECONDS:.0f} s", code="body_too_late") from None


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once, and then what really comes, which is that the client goes away."""
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed
