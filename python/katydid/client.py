"""The HTTP clients of users: Locust's methods and words, awaited."""

from __future__ import annotations

import json as _json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import katydid._native as _native

from .exceptions import ResponseError
from .parsing import parsed, parsed_bytes
from .texts import failure_text, is_cancellation, shown

if TYPE_CHECKING:
    from typing import Self


class Waited(Protocol):
    """What calls back, once: a body of which more has come, or one that has room for more."""

    def wait(self, callback: Callable[[], object]) -> None: ...
    def stop_waiting(self) -> None: ...


class ServerSentEvent(_native.ServerSentEvent):
    """An event of `response.iter_events()`."""

    __slots__ = ()

    def json(self) -> Any:
        """Its data as JSON; raises ValueError where it isn't."""
        return parsed(self.data)

    def __repr__(self) -> str:
        return f"<ServerSentEvent {self.type} {self.data!r}>"


class Phases(NamedTuple):
    """Where the time of a request went, in seconds. What did not happen is None: a connection that was kept open needs
    no name, no connect and no TLS.

    Redirects are added up.
    """

    name_lookup: float | None
    """By the system; an address, or a name known from before, needs none."""
    connect: float | None
    """TCP, over all addresses tried, and a proxy's tunnel."""
    tls: float | None
    request_sent: float | None
    """From the start to when the last byte of the request was handed to the system."""
    first_byte: float | None
    """From the start to the first byte of the answer; after redirects, of the last one."""


class Headers(Mapping[str, str]):
    """The headers of an answer by name, whose case does not count. Several of one name are joined with ", "."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def multi_items(self) -> list[tuple[str, str]]:
        """All of them, in the order and with the names in which they came; the name is HTTPX's."""
        return list(self._pairs)

    def __getitem__(self, name: str, /) -> str:
        if found := [value for each, value in self._pairs if each.lower() == name.lower()]:
            return ", ".join(found)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        names: dict[str, str] = {}
        for name, _ in self._pairs:
            names.setdefault(name.lower(), name)
        return iter(names.values())

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self._pairs})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"


class ClientHeaders(Headers, MutableMapping[str, str]):
    """The headers that go with each request of a client; a change counts from its next request on."""

    __slots__ = ("_client",)

    def __init__(self, client: HttpClient, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self._client = client

    def __setitem__(self, name: str, value: str, /) -> None:
        self._set([*(pair for pair in self._pairs if pair[0].lower() != name.lower()), (name, value)])

    def __delitem__(self, name: str, /) -> None:
        if name not in self:
            raise KeyError(name)
        self._set([pair for pair in self._pairs if pair[0].lower() != name.lower()])

    def _set(self, pairs: list[tuple[str, str]]) -> None:
        self._client.headers = pairs
        self._pairs = pairs


class Response(_native.Response):
    """An answer, with requests' names for its parts. A request that failed has status 0 and says why in `error`."""

    __slots__ = ()

    @property
    def headers(self) -> Headers:  # type: ignore[override]  # the engine's are pairs
        return Headers(super().headers)

    @property
    def encoding(self) -> str:
        """The charset of the Content-Type header, else UTF-8."""
        for part in (self.header("Content-Type") or "").split(";")[1:]:
            name, _, value = part.strip().partition("=")
            if name.lower() == "charset":
                return value.strip("\"' ")
        return "utf-8"

    @property
    def text(self) -> str:
        try:
            return self.body.decode(self.encoding, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self, **keywords: Any) -> Any:
        """The body as JSON; raises ValueError where it isn't."""
        return _json.loads(self.body, **keywords) if keywords else parsed_bytes(self.body)

    @property
    def phases(self) -> Phases:
        """What `elapsed` consists of."""
        return Phases(*self.phase_times())

    async def iter_content(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """With `stream`: the body as it comes, in pieces of at most that size."""
        if chunk_size is not None and chunk_size < 1:
            raise ValueError(f"iter_content() needs a size above 0, not {chunk_size}")
        if not self.is_stream and self.body:
            yield self.body
        while True:
            if self.pending:
                yield self.take(-1 if chunk_size is None else chunk_size)
            elif self.is_open:
                await self._wait_for(self)
            else:
                break
        self._raise_for_stream()

    def iter_lines(self) -> AsyncIterator[bytes]:
        """With `stream`: the body's lines as they come, without their ends (LF, CRLF or CR)."""
        return _native.Items(self)

    def iter_events(self) -> AsyncIterator[ServerSentEvent]:
        """With `stream`: the server-sent events of the body as they come."""
        return _native.Items(self, ServerSentEvent)

    async def read(self) -> bytes:
        """With `stream`: all of the body that was not read yet."""
        return b"".join([piece async for piece in self.iter_content()])

    @staticmethod
    def _wait_for(what: Waited) -> Awaitable[None]:
        """Until it calls back, as the user's loop waits."""
        raise NotImplementedError

    def _raise_for_stream(self) -> None:
        if self.stream_error:
            raise ResponseError(self.stream_error)

    def failure(self, error: object, /) -> None:
        """With `catch_response`: it is recorded as a failure. A text, or an exception, or anything that says why."""
        super().failure(failure_text(error))

    def raise_for_status(self) -> None:
        if self.error is not None:
            raise ResponseError(self.error)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return f"<Response [{self.status}]>"


class PendingRequest(Protocol):
    """A request that was sent: `response = await client.get("/")`, or `async with client.get("/", …) as response:`."""

    def __await__(self) -> Generator[Any, Any, Response]: ...
    async def __aenter__(self) -> Response: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> bool | None: ...


class HttpClient(Protocol):
    """The client of a user.

    The keywords of every method: `name` (what it is counted under), `params`, `headers`, `cookies`, `data` (bytes,
    text, the fields of a form, an open file, or an iterator of pieces), `files` (as requests takes them), `json`,
    `auth` (user, password), `timeout` and `connect_timeout` in seconds, `allow_redirects`, `verify`, `cert`, `proxy`,
    `keep_history` (redirects, in `response.history`), `discard_body` (the body's bytes are counted, and not kept),
    `checksum` (of the body, for `response.checksum`: "crc32", "md5", "sha1", "sha256", or another digest of OpenSSL's;
    with `discard_body` too) and `catch_response`: the task judges the answer by `response.success()` or
    `.failure("why")`, in an `async with` block that counts it at its end.

    With `stream` the answer is there, and counted, with its head; its body is read from it: `async for line in
    response.iter_lines()`, `iter_events()`, `iter_content()` or `await response.read()`. The end of an `async with`
    block closes it.

    A file or an iterator is read while the body is sent, by the engine. An async iterator is read by the task that
    awaits the request, which is sent then. What either raises is the error of the request.

    `auth` signs in at once (Basic). `digest` (user, password) answers the server's challenge, MD5 or SHA-256, and the
    two are counted as one request. `bearer` is a token.

    `verify` is True, False, or the path of a PEM file with certificates to trust. `cert` is the path of a PEM file with
    a client certificate and its key, or a pair of paths. `proxy` is the URL of an HTTP proxy,
    `http://user:password@host:port`, and "" is none. The client's own stand for all of its requests.
    """

    base_url: str

    @property
    def headers(self) -> MutableMapping[str, str]:
        """Of each request: `headers["Authorization"] = "…"`. Or assign all of them, a dict or pairs."""

    @headers.setter
    def headers(self, value: _native.Fields | None, /) -> None: ...

    cookies: _native.Cookies
    verify: bool | str
    cert: str | tuple[str, str] | None
    proxy: str
    timeout: float | None
    http_version: Literal["auto", "1.1", "2"]
    """What requests are sent by: HTTP/1.1 unless said, HTTP/2, or over TLS what the server has."""
    max_connections: int
    """To one origin; 0: as many as are needed."""
    share_connections: bool
    """Connections are those of all users who say so, and `max_connections` is the limit of all of them."""
    request_name: str | None
    """What requests are counted under that have no `name` of their own."""

    def rename_request(self, name: str, /) -> AbstractContextManager[None]:
        """`with self.client.rename_request("/item"):` sets `request_name` for what the client sends in the block.

        Its end takes the name away, also where the block is in another one: as in Locust.
        """

    def request(self, method: str, url: str, /, **options: Any) -> PendingRequest: ...
    def get(self, url: str, /, **options: Any) -> PendingRequest: ...
    def head(self, url: str, /, **options: Any) -> PendingRequest: ...
    def options(self, url: str, /, **options: Any) -> PendingRequest: ...
    def post(self, url: str, /, **options: Any) -> PendingRequest: ...
    def put(self, url: str, /, **options: Any) -> PendingRequest: ...
    def patch(self, url: str, /, **options: Any) -> PendingRequest: ...
    def delete(self, url: str, /, **options: Any) -> PendingRequest: ...


class Report:
    """`async with self.report("name") as report:` counts what is awaited in it as one request.

    It is a failure when the block raises, or when `report.failure("why")` is called in it.
    """

    __slots__ = ("_closed", "_count", "_cut_off", "_error", "_opened", "_start", "length", "method", "name")

    def __init__(
        self,
        count: Callable[[str, str, float, int, str | None], None],
        cut_off: Callable[[str, str], None],
        method: str,
        name: str,
        opened: Callable[[], None],
        closed: Callable[[], None],
    ) -> None:
        self._count = count
        self._cut_off = cut_off
        self._opened = opened
        self._closed = closed
        self._error: str | None = None
        self.method = method
        self.name = name
        self.length = 0
        """Bytes of the answer, for the statistics."""

    def failure(self, error: object) -> None:
        """It counts as a failure: a text, or an exception, or anything that says why."""
        self._error = failure_text(error)

    async def __aenter__(self) -> Self:
        self._opened()
        self._start = time.perf_counter()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        milliseconds = 1000 * (time.perf_counter() - self._start)
        try:
            if error is not None and is_cancellation(error):
                self._cut_off(self.method, self.name)  # the user was stopped in the middle of it
            else:
                text = self._error if error is None else self._error or shown(error)
                self._count(self.method, self.name, milliseconds, self.length, text)
        finally:
            self._closed()
