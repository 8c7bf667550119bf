"""Cookies as requests and geventhttpclient keep them, with the header that they make remembered until they change."""

from __future__ import annotations

import time
from http.cookiejar import Cookie, CookieJar
from typing import Any

from geventhttpclient.header import Headers
from locust.contrib.fasthttp import FastRequest
from requests import PreparedRequest
from requests.cookies import MockRequest, RequestsCookieJar
from requests.structures import CaseInsensitiveDict

_MOST = 200


class SessionCookies(RequestsCookieJar):
    """A RequestsCookieJar; `header` answers from memory what http.cookiejar takes long for."""

    _cookies: dict[str, Any]

    def __init__(self, policy: Any = None) -> None:
        super().__init__(policy)
        self._headers: dict[str, str | None] = {}
        self._until = float("inf")

    def header(self, url: str) -> str | None:
        """The Cookie header of a request to that URL; None without cookies for it."""
        if not self._cookies:
            return None
        now = time.time()
        if now >= self._until:
            self.forget()
        key = url.partition("?")[0]
        try:
            return self._headers[key]
        except KeyError:
            pass
        request = PreparedRequest()
        request.url = url
        request.headers = CaseInsensitiveDict()
        mock = MockRequest(request)
        self.add_cookie_header(mock)  # type: ignore[arg-type]
        value: str | None = mock.get_new_headers().get("Cookie")
        if len(self._headers) >= _MOST:
            self._headers.clear()
        self._headers[key] = value
        self._until = min((c.expires for c in self if c.expires is not None and c.expires > now), default=float("inf"))
        return value

    def forget(self) -> None:
        """Something has changed."""
        self._headers.clear()
        self._until = float("inf")

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> Any:
        self.forget()
        return super().set_cookie(cookie, *args, **kwargs)

    def clear(self, domain: str | None = None, path: str | None = None, name: str | None = None) -> None:
        self.forget()
        super().clear(domain, path, name)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[misc]
        self.forget()


class AgentCookies(CookieJar):
    """http.cookiejar's jar, with the header that it makes remembered until it changes."""

    def __init__(self, policy: Any = None) -> None:
        super().__init__(policy)
        self._made: dict[str, str | None] = {}
        self._until = float("inf")

    def header(self, url: str) -> str | None:
        """The Cookie header of a request to that URL; None without cookies for it."""
        now = time.time()
        if now >= self._until:
            self._made.clear()
        key = url.partition("?")[0]
        if key in self._made:
            return self._made[key]
        request = FastRequest(url, headers=Headers())
        self.add_cookie_header(request)
        value = request.headers.get("cookie")
        if len(self._made) >= _MOST:
            self._made.clear()
        self._made[key] = value if isinstance(value, str) else None
        self._until = min((c.expires for c in self if c.expires is not None and c.expires > now), default=float("inf"))
        return self._made[key]

    def set_cookie(self, cookie: Cookie) -> None:
        self._made.clear()
        super().set_cookie(cookie)

    def clear(self, domain: str | None = None, path: str | None = None, name: str | None = None) -> None:
        self._made.clear()
        super().clear(domain, path, name)
