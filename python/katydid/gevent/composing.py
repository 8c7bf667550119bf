"""What C++ asks of requests where it composes a request itself: headers of a session, and what is rare in a URL, in
parameters and in JSON."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from typing import Any, Final

from requests import PreparedRequest
from requests.models import RequestEncodingMixin
from requests.structures import CaseInsensitiveDict
from requests.utils import default_headers

from katydid import _native

_encode_params: Final[Any] = RequestEncodingMixin._encode_params  # type: ignore[attr-defined]
_ADDED: Final = frozenset(("accept-encoding", "user-agent"))
"""http.client and urllib3 add these where they are missing."""


class SessionHeaders(CaseInsensitiveDict[Any]):
    """`session.headers`; forgets what was made of them when they change."""

    head: _native.Head | None = None

    def __setitem__(self, key: str, value: Any) -> None:
        self.head = None
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self.head = None
        super().__delitem__(key)


def head_of(headers: Mapping[str, Any]) -> _native.Head | None:
    """None where requests or http.client would have something to say."""
    pairs = list(headers.items())
    try:
        if not {name.lower() for name, _ in pairs} >= _ADDED:
            return None
        head = _native.Head(pairs)
    except (AttributeError, TypeError, ValueError):  # whatever it is, requests says it in its own way
        return None
    if type(headers) is SessionHeaders:
        headers.head = head
    return head


def normal_url(url: str) -> str | None:
    """The URL as requests quotes it; None where it has more to do."""
    if "@" in url.partition("?")[0] or url[:4].lower() != "http":
        return None
    request = PreparedRequest()
    try:
        request.prepare_url(url, None)
    except ValueError:  # requests says what is wrong with it
        return None
    return request.url


def encoded_params(params: Any) -> str | None:
    if not isinstance(params, Mapping | list | tuple):
        return None
    try:
        encoded: str = _encode_params(params)
    except Exception:
        return None
    return encoded


def encoded_json(json: Any) -> bytes | None:
    try:
        return json_module.dumps(json, allow_nan=False).encode()
    except (TypeError, ValueError):
        return None


def _usual_headers() -> CaseInsensitiveDict[Any]:
    """requests' own, without an encoding that the engine doesn't know."""
    headers = default_headers()
    known = [each for each in headers["Accept-Encoding"].split(", ") if each in ("gzip", "deflate", "br")]
    headers["Accept-Encoding"] = ", ".join(known)
    return headers


USUAL: Final = _usual_headers()
USUAL_HEAD: Final = _native.Head(list(USUAL.items()))
