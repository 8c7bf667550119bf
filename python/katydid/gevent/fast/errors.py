"""What went wrong in the engine, as geventhttpclient raises it."""

from __future__ import annotations

import socket
from typing import Final, NoReturn

from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS

from katydid import _native

from ..http_errors import decoding_error, os_error, tls_error

# Older versions of Locust let an HTTPParseError of a request end the task.
_Incomplete: Final = HTTPParseError if HTTPParseError in FAILURE_EXCEPTIONS else HTTPConnectionClosed

IN_THE_BODY: Final = "in the middle of the body"
"""A note on an exception: the answer had begun, and is not asked for again."""


def raise_for(response: _native.Response) -> NoReturn:
    """For an exchange that failed."""
    raise_error(response.error_kind, response.error or "")


def raise_for_body(response: _native.Response) -> NoReturn:
    """For a body that has ended too early."""
    raise_error(response.stream_error_kind, response.stream_error)


def raise_error(kind: str | None, text: str) -> NoReturn:
    """What geventhttpclient would raise for one of the engine's errors."""
    words = text.partition(": ")[2] or text
    match kind:
        case "Timeout" | "ConnectTimeout":
            raise TimeoutError("timed out")
        case "BodyTimeout":
            error = TimeoutError("timed out")
            error.add_note(IN_THE_BODY)
            raise error
        case "NameResolutionError":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        case "RemoteDisconnected" | "ClosedError":
            raise HTTPConnectionClosed("connection closed.")
        case "IncompleteRead":
            raise _Incomplete("Incomplete response.")
        case "ContentDecodingError":
            raise decoding_error(words)
        case "SSLError":
            raise tls_error(words)
        case "ProtocolError" | "HeadersTooLarge" | "BodyTooLarge":
            raise HTTPParseError(words)
    raise os_error(text)
