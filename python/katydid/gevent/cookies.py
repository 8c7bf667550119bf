"""Cookies as requests and geventhttpclient keep them, and in the form in which C++ looks through them."""

from __future__ import annotations

from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import Any, Final, Literal

from geventhttpclient.header import Headers
from locust.contrib.fasthttp import FastRequest
from requests import PreparedRequest
from requests.cookies import MockRequest, RequestsCookieJar, merge_cookies
from requests.structures import CaseInsensitiveDict

from katydid import _native


def _rules(policy: DefaultCookiePolicy) -> dict[str, Any]:
    return {name: value for name, value in vars(policy).items() if name != "_now"}


USUAL_RULES: Final = _rules(DefaultCookiePolicy())
"""Of a policy that nobody has changed: C++ knows what these say."""


class _Remembered(CookieJar):
    """Has what C++ finds a request's cookies by; http.cookiejar takes long for it."""

    _cookies: dict[str, Any]
    _policy: Any
    _list: _native.CookieList | Literal["unknown"] | None = "unknown"

    def _header(self, url: str) -> str | None:
        """As http.cookiejar makes it."""
        raise NotImplementedError

    @property
    def list_of_cookies(self) -> _native.CookieList | None:
        """None where only http.cookiejar can say which cookies are sent."""
        if self._list == "unknown":
            self._list = _native.list_cookies(self)
        return self._list

    def header(self, url: str) -> str | None:
        """The Cookie header of a request to that URL; None without cookies for it."""
        return self._header(url) if self._cookies else None

    def forget(self) -> None:
        """Something has changed."""
        self._list = "unknown"

    def set_policy(self, policy: Any) -> None:
        self.forget()
        super().set_policy(policy)

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
        # requests copies them for each request to a jar with the usual rules, whatever those of the session are.
        merge_cookies(RequestsCookieJar(), self).add_cookie_header(mock)
        value: str | None = mock.get_new_headers().get("Cookie")
        return value

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()  # type: ignore[assignment]
        state.pop("_list", None)
        return state

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
