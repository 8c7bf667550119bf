"""The head and body of a request as requests would make them, without its preparing each one."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from requests import PreparedRequest
from requests.auth import HTTPBasicAuth, _basic_auth_str
from requests.models import RequestEncodingMixin
from requests.structures import CaseInsensitiveDict
from requests.utils import check_header_validity, default_headers

from katydid import _native

from .adapter import header_line, host_header

_encode_params: Final[Any] = RequestEncodingMixin._encode_params  # type: ignore[attr-defined]

Headers = dict[str, tuple[str, str]]
"""By names in small letters, in the order in which they are sent."""


ADDED: Final = frozenset(("accept-encoding", "user-agent"))
"""http.client and urllib3 add these where they are missing."""


class Unusual(Exception):  # noqa: N818
    """A request that requests has to prepare."""


class Target:
    """A URL as requests prepares it."""

    __slots__ = ("host", "path_url", "url")

    def __init__(self, url: str) -> None:
        request = PreparedRequest()
        request.prepare_url(url, None)
        self.url: Final = str(request.url)
        self.path_url: Final = request.path_url
        self.host: Final = b"Host: " + host_header(self.url)


class SessionHeaders(CaseInsensitiveDict[Any]):
    """`session.headers`; forgets what was made of them when they change."""

    ready: dict[str, _native.Asked] | None = None
    """What is made of them, too."""

    def __init__(self, data: Any = None) -> None:
        self.lines: tuple[Headers, bytes] | None = None
        super().__init__(data)

    def forget(self) -> None:
        """Something changes."""
        self.lines = None
        if self.ready:
            self.ready.clear()

    def __setitem__(self, key: str, value: Any) -> None:
        self.forget()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self.forget()
        super().__delitem__(key)


@lru_cache(maxsize=8192)
def line_of(name: str, value: str | bytes) -> bytes:
    check_header_validity((name, value))  # type: ignore[type-var]
    return header_line(name, value)


def composed(headers: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """Headers with the text of them. Unusual where requests or http.client would have something to say."""
    merged: Headers = {}
    for name, value in headers.items():
        merged[name.lower()] = (name, value)
    if not (merged.keys() >= ADDED):
        raise Unusual
    return merged, text_of(merged)


def text_of(headers: Headers) -> bytes:
    try:
        return b"".join([line_of(name, value) for name, value in headers.values()])
    except Exception as error:  # whatever it is, requests says it in its own way
        raise Unusual from error


def authorized(headers: Headers, auth: Any) -> tuple[Headers, bytes]:
    """Headers with HTTP Basic; other ways to sign in are for requests."""
    if type(auth) is HTTPBasicAuth:
        user, password = auth.username, auth.password
    elif type(auth) is tuple and len(auth) == 2:
        user, password = auth
    else:
        raise Unusual
    if not (isinstance(user, str | bytes) and isinstance(password, str | bytes)):
        raise Unusual
    headers = {**headers, "authorization": ("Authorization", _basic_auth_str(user, password))}
    return headers, text_of(headers)


def usual_headers() -> CaseInsensitiveDict[Any]:
    """requests' own, without an encoding that the engine doesn't know."""
    headers = default_headers()
    known = [each for each in headers["Accept-Encoding"].split(", ") if each in ("gzip", "deflate", "br")]
    headers["Accept-Encoding"] = ", ".join(known)
    return headers


def with_params(target: Target, params: Any) -> Target:
    if "#" in target.url or not isinstance(params, Mapping | list | tuple):
        raise Unusual
    try:
        query = _encode_params(params)
    except Exception as error:
        raise Unusual from error
    if not query:
        return target
    return Target(f"{target.url}{'&' if '?' in target.url else '?'}{query}")


def encoded(data: Any, json: Any) -> tuple[str | bytes | None, str | None]:
    """A body and its Content-Type, as requests makes them."""
    if data:
        if isinstance(data, str | bytes):
            return data, None
        if not isinstance(data, Mapping | list | tuple):
            raise Unusual
        try:
            return _encode_params(data), "application/x-www-form-urlencoded"
        except Exception as error:
            raise Unusual from error
    if json is not None:
        try:
            return json_module.dumps(json, allow_nan=False).encode(), "application/json"
        except (TypeError, ValueError) as error:
            raise Unusual from error
    return None, None


USUAL: Final = usual_headers()
USUAL_COMPOSED: Final = composed(USUAL)
