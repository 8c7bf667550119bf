"""What went wrong in the engine, as requests and urllib3 raise it: the same classes, chained in the same way."""

from __future__ import annotations

import functools
import http.client
import re
import socket
import ssl
import zlib
from typing import Final, NoReturn
from urllib.parse import urlsplit

import requests
import urllib3
from requests import PreparedRequest
from requests.utils import urldefragauth
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    LocationParseError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
)
from urllib3.exceptions import SSLError as PoolSSLError

from katydid import _native

Seconds = float | None


def os_error(text: str) -> OSError:
    """The exception that "ConnectionRefusedError: [Errno 111] Connection refused (host:port)" describes."""
    found = re.match(r"\w+: \[Errno (\d+)\] (.*?)(?: \([^)]*\))?$", text)
    return OSError(int(found.group(1)), found.group(2)) if found else OSError(text)


def decoding_error(words: str) -> zlib.error:
    """The exception that "the body is not what its Content-Encoding says, gzip: incorrect data check" describes."""
    found = re.search(r", (?:gzip|deflate): (.*)$", words)
    return zlib.error(f"Error -3 while decompressing data: {found.group(1)}" if found else words)


def tls_error(words: str) -> ssl.SSLError:
    """The exception that "certificate verify failed: self-signed certificate (host:port)" describes."""
    words = re.sub(r" \([^()]*:\d+\)$", "", words)
    if not words.startswith("certificate verify failed: "):
        return ssl.SSLError(1, words)
    words = words.replace(": hostname mismatch", ": Hostname mismatch") + ("." if " mismatch, " in words else "")
    return ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] {words}{_place_of_handshakes()}")


@functools.cache
def _place_of_handshakes() -> str:
    """Where this Python says that handshakes fail: " (_ssl.c:1006)". Equal failures are to have equal texts."""
    nonsense = ssl.MemoryBIO()
    nonsense.write(b"no TLS at all")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(nonsense, ssl.MemoryBIO(), server_hostname="h").do_handshake()
    except ssl.SSLError as error:
        found = re.search(r" \(_ssl\.c:\d+\)$", str(error))
        return found.group() if found else ""
    return ""


def raise_for(
    response: _native.Response, request: PreparedRequest, connect: Seconds, read: Seconds, proxy: str | None = None
) -> NoReturn:
    """Raises the exception of requests for an exchange that failed."""
    text = response.error or ""
    kind = response.error_kind
    words = text.partition(": ")[2] or text
    parts = urlsplit(request.url or "")
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    pool = (urllib3.HTTPSConnectionPool if secure else urllib3.HTTPConnectionPool)(host, port)
    connection = HTTPConnection(host, port)
    url = request.path_url
    if proxy and kind not in _BEHIND_THE_PROXY:
        raise_for_proxy(response, request, connect, proxy, pool)
    match kind:
        case "InvalidURL" | "InvalidSchema":
            raise requests.exceptions.InvalidURL(words, request=request)
        case "InvalidHeader" | "InvalidMethod" | "InvalidRequest":
            raise requests.exceptions.InvalidHeader(words, request=request)
        case "ConnectTimeout":
            message = f"Connection to {host} timed out. (connect timeout={connect})"
            try:
                _retried(pool, url, ConnectTimeoutError(connection, message), TimeoutError("timed out"))
            except MaxRetryError as error:
                raise requests.exceptions.ConnectTimeout(error, request=request) from error
        case "Timeout":
            try:
                _raise(ReadTimeoutError(pool, url, f"Read timed out. (read timeout={read})"), TimeoutError("timed out"))
            except ReadTimeoutError as error:
                raise requests.exceptions.ReadTimeout(error, request=request) from error
        case "BodyTimeout":  # while requests reads the body it makes another exception of it
            try:
                _raise(ReadTimeoutError(pool, None, "Read timed out."), TimeoutError("timed out"))
            except ReadTimeoutError as error:
                raise requests.exceptions.ConnectionError(error) from error
        case "NameResolutionError":
            if any(not 0 < len(label) < 64 for label in host.rstrip(".").split(".")):
                raise LocationParseError(f"{host!r}, label empty or too long")
            cause = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            try:
                _retried(pool, url, NameResolutionError(host, connection, cause), cause)
            except MaxRetryError as error:
                raise requests.exceptions.ConnectionError(error, request=request) from error
        case "RemoteDisconnected":
            _aborted(http.client.RemoteDisconnected("Remote end closed connection without response"), request)
        case "ProtocolError":
            _aborted(http.client.BadStatusLine(words), request)
        case "IncompleteRead":
            broken = http.client.IncompleteRead(b"")
            try:
                _raise(ProtocolError(f"Connection broken: {broken!r}", broken), broken)
            except ProtocolError as error:
                raise requests.exceptions.ChunkedEncodingError(error, request=request) from error
        case "ContentDecodingError":
            decode = decoding_error(words)
            encoding = re.search(r"\b(gzip|deflate|br)\b", words)
            message = (
                f"Received response with content-encoding: {encoding.group(1) if encoding else 'gzip'}, "
                "but failed to decode it."
            )
            try:
                _raise(DecodeError(message, decode), decode)
            except DecodeError as error:
                raise requests.exceptions.ContentDecodingError(error, request=request) from error
        case "SSLError":
            failure = tls_error(words)
            try:
                _retried(pool, url, PoolSSLError(failure), failure)
            except MaxRetryError as error:
                raise requests.exceptions.SSLError(error, request=request) from error
        case "BodyError":  # requests would wait for an answer to what was sent of it
            _aborted(EOFError(words), request)
    cause_of_all = os_error(text)
    if isinstance(cause_of_all, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
        _aborted(cause_of_all, request)
    failed = NewConnectionError(connection, f"Failed to establish a new connection: {cause_of_all}")
    try:
        _retried(pool, url, failed, cause_of_all)
    except MaxRetryError as error:
        raise requests.exceptions.ConnectionError(error, request=request) from error


_BEHIND_THE_PROXY: Final = frozenset(
    {
        "InvalidURL",
        "InvalidSchema",
        "InvalidHeader",
        "InvalidMethod",
        "InvalidRequest",
        "Timeout",
        "BodyTimeout",
        "RemoteDisconnected",
        "ProtocolError",
        "IncompleteRead",
        "ContentDecodingError",
        "SSLError",
        "HeadersTooLarge",
        "BodyTooLarge",
        "BodyError",
        "ConnectionResetError",
        "BrokenPipeError",
        "ConnectionAbortedError",
    }
)
"""Errors of a request whose way through its proxy was open."""


def raise_for_proxy(
    response: _native.Response,
    request: PreparedRequest,
    connect: Seconds,
    proxy: str,
    pool: urllib3.HTTPConnectionPool,
) -> NoReturn:
    """Raises the exception of requests for a proxy that was not reached, or opened no tunnel."""
    parts = urlsplit(proxy)
    host, port = parts.hostname or "", parts.port or 80
    secure = pool.scheme == "https"
    connection = (HTTPSConnection if secure else HTTPConnection)(host, port)
    url = request.path_url if secure else urldefragauth(str(request.url))
    if not secure:
        pool = urllib3.HTTPConnectionPool(host, port)
    text = response.error or ""
    root: Exception = os_error(text)
    cause: Exception
    match response.error_kind:
        case "ConnectTimeout":
            root = TimeoutError("timed out")
            cause = ConnectTimeoutError(connection, f"Connection to {host} timed out. (connect timeout={connect})")
        case "NameResolutionError":
            root = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            cause = NameResolutionError(host, connection, root)
        case "ProxyError":
            cause = root = _refusal(text.partition(": ")[2])
            if isinstance(cause, http.client.HTTPException):
                _aborted(cause, request)
        case _:
            cause = NewConnectionError(connection, f"Failed to establish a new connection: {root}")
    try:
        try:
            _raise(cause, root)
        except type(cause) as caught:
            raise MaxRetryError(pool, url, ProxyError("Unable to connect to proxy", caught)) from caught
    except MaxRetryError as error:
        raise requests.exceptions.ProxyError(error, request=request) from error


def _refusal(words: str) -> Exception:
    """What http.client raises where a proxy opens no tunnel."""
    words = re.sub(r" \([^()]* through proxy [^()]*\)$", "", words)
    refused = re.match(r"the proxy refused a tunnel with (\d+ .*)$", words)
    if refused:
        return OSError(f"Tunnel connection failed: {refused.group(1).strip()}")
    if words.startswith("the proxy closed the connection"):
        return http.client.RemoteDisconnected("Remote end closed connection without response")
    return http.client.BadStatusLine(words)


def _raise(error: Exception, cause: BaseException) -> NoReturn:
    if error is cause:
        raise error
    try:
        raise cause
    except type(cause) as caught:
        raise error from caught


def _retried(pool: urllib3.HTTPConnectionPool, url: str, reason: Exception, cause: BaseException) -> NoReturn:
    try:
        _raise(reason, cause)
    except type(reason) as caught:
        raise MaxRetryError(pool, url, caught) from caught


def _aborted(cause: Exception, request: PreparedRequest) -> NoReturn:
    try:
        _raise(ProtocolError("Connection aborted.", cause), cause)
    except ProtocolError as error:
        raise requests.exceptions.ConnectionError(error, request=request) from error
