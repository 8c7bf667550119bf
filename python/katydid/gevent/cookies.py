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


class _Remembered(CookieJar):
    """Answers `header` from memory: http.cookiejar takes long for it."""

    _cookies: dict[str, Any]
    _headers: dict[str, str | None]
    _until: float

    def __init__(self, policy: Any = None) -> None:
        super().__init__(policy)
        self.forget()

    def _header(self, url: str) -> str | None:
        """As it is made."""
        raise NotImplementedError

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
        value = self._header(url)
        if len(self._headers) >= _MOST:
            self._headers.clear()
        self._headers[key] = value
        self._until = min((c.expires for c in self if c.expires is not None and c.expires > now), default=float("inf"))
        return value

    def forget(self) -> None:
        """Something has changed."""
        self._headers = {}
        self._until = float("inf")

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> Any:
        self.forget()
        return super().set_cookie(cookie, *args, **kwargs)

    def clear(self, domain: str | None = None, path: str | None = None, name: str | None = None) -> None:
        self.forget()
        super().clear(domain, path, name)


class SessionCookies(_Remembered, RequestsCookieJar):  # type: ignore[misc]
    """A RequestsCookieJar."""

    def _header(self, url: str) -> str | None:
        request = PreparedRequest()
        request.url = url
        request.headers = CaseInsensitiveDict()
        mock = MockRequest(request)
        self.add_cookie_header(mock)  # type: ignore[arg-type]
        value: str | None = mock.get_new_headers().get("Cookie")
        return value

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[misc]
        self.forget()


class AgentCookies(_Remembered):
    """http.cookiejar's jar, as geventhttpclient uses it."""

    def _header(self, url: str) -> str | None:
        request = FastRequest(url, headers=Headers())
        self.add_cookie_header(request)
        value = request.headers.get("cookie")
        return value if isinstance(value, str) else None
