"""The engine, statistics and worker of Katydid, in C++."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, final

version: str

Text: TypeAlias = str | bytes
Fields: TypeAlias = Mapping[str, Text | None] | Iterable[tuple[Text, Text | None]]

@final
class Engine:
    """An event loop with an HTTP engine, hosted by a loop of Python's: when `fileno()` is readable, call `poll()`.

    The descriptor is readable as well when a timer is due; elsewhere than on Linux wait no longer than `timeout()`.
    An engine belongs to the thread that makes it. `event_loop` is "auto", "io_uring", "epoll" or "asio", and `kind` is
    what it became.
    """

    kind: str
    def __init__(self, event_loop: str = "auto") -> None: ...
    def fileno(self) -> int: ...
    def poll(self) -> None:
        """One turn that does not block; the callbacks of requests that are done are called in it.

        An exception out of a callback goes to `sys.unraisablehook`; KeyboardInterrupt and the like are raised here.
        """
    def timeout(self) -> float | None:
        """Seconds until the next timer is due."""
    def close(self) -> None:
        """Cancels all requests under way."""

@final
class Statistics:
    """Counts requests as a Katydid worker does; times to two digits, or in whole ms with the rounding "locust"."""

    def __init__(self, rounding: str = "katydid") -> None: ...
    def record(
        self, method: str, name: str, response_time: float | None, response_length: int, error: str | None = None
    ) -> None:
        """One request that is done: its time in milliseconds, or None; the length of its answer; what went wrong."""
    def take(self) -> dict[str, Any]:
        """{"stats": […], "stats_total": {…}, "errors": {…}} as a Locust worker reports it; and forgets the numbers."""
    def take_cut_off(self) -> list[tuple[str, str, int]]:
        """(method, name, how many) of requests that were cancelled under way, of those that take() has taken."""
    def take_warning(self) -> str | None:
        """A line for the log when a bound on names or errors was reached; each once."""
    def clear(self) -> None: ...

@final
class Response:
    """An answer, or what went wrong in its place."""

    status: int
    """0 when no answer came."""
    ok: bool
    """The status is below 400, and there is no error."""
    reason: str
    headers: list[tuple[str, str]]
    """In the order and with the names in which they came."""
    body: bytes
    """Decoded, if it was compressed."""
    url: str
    """What answered in the end, after redirects."""
    redirects: int
    error: str | None
    """A connection that failed, or a status from 400 up; the text of Locust's failures table."""
    error_kind: str | None
    """What `error` begins with: "ConnectTimeout", "ConnectionRefusedError", "HTTPError", …"""
    elapsed: float
    """Seconds from the first byte sent to the last byte received, redirects included."""
    history: list[Response]
    """The redirects on the way, with `keep_history`."""
    def parts(self) -> tuple[int, bytes, float, bool]:
        """Status, body, milliseconds taken, and whether there is a Set-Cookie: all at once, for those in a hurry."""
    def header(self, name: str) -> str | None:
        """The first header of that name, in any case of letters."""
    def success(self) -> None:
        """With `catch_response`: it is recorded as a success."""
    def failure(self, text: str) -> None:
        """With `catch_response`: it is recorded as a failure."""
    def record(self) -> None:
        """With `catch_response`: records it now, not when the object goes."""

@final
class Request:
    """A request under way. It goes on when nobody holds this object."""

    under_way: bool
    def cancel(self) -> None:
        """Ends it at once: its callback is not called, and it is counted as cut off."""
    def hand_over(self, on_done: Callable[[Response], object]) -> None:
        """Another callback is called in place of the one that it began with."""

@final
class Cookies:
    """The cookies of a client, as RFC 6265 keeps them."""

    def __len__(self) -> int: ...
    def get(self, name: str) -> str:
        """The empty text when there is none."""
    def set(self, name: str, value: str, url: str) -> None:
        """As if the host of that URL had set it for all its paths."""
    def store(self, set_cookie: str, url: str) -> bool:
        """Takes the value of a Set-Cookie header; False when the cookie is refused."""
    def delete(self, name: str) -> int:
        """Every cookie of that name; how many there were."""
    def clear(self) -> None: ...
    def header(self, url: str) -> str:
        """As a request to that URL has it: `a=1; b=2`."""
    def list(self) -> list[tuple[str, str, str, str, bool, bool, bool, float | None]]:
        """(name, value, domain, path, host_only, secure, http_only, expires)"""

@final
class Client:
    """The HTTP client of one user: its connections, cookies and TLS tickets are its own.

    A changed setting counts from the next request on. Time limits are seconds; None is none.
    """

    engine: Engine
    cookies: Cookies
    in_flight: int
    base_url: str
    headers: list[tuple[str, str]]
    timeout: float | None
    connect_timeout: float | None
    verify: bool
    ca_file: str
    client_certificate: str
    client_key: str
    unix_socket: str
    user_agent: str
    max_redirects: int
    def __init__(
        self,
        engine: Engine,
        statistics: Statistics | None,
        base_url: str = "",
        *,
        headers: Fields | None = None,
        timeout: float | None = 60.0,
        connect_timeout: float | None = 60.0,
        verify: bool = True,
        ca_file: str | None = None,
        client_certificate: str | None = None,
        client_key: str | None = None,
        unix_socket: str | None = None,
        user_agent: str | None = None,
        max_redirects: int = 30,
        max_body: int = ...,
    ) -> None:
        """Without statistics its requests are not recorded."""
    def start(
        self,
        method: str,
        url: str,
        on_done: Callable[[Response], object],
        /,
        *,
        name: str | None = None,
        headers: Fields | None = None,
        body: Text | bytearray | memoryview | None = None,
        content_type: str | None = None,
        params: Fields | None = None,
        cookies: Fields | None = None,
        auth: tuple[Text, Text] | None = None,
        composed_head: Text = "",
        timeout: float | None = None,
        connect_timeout: float | None = None,
        allow_redirects: bool = True,
        verify: bool | None = None,
        catch_response: bool = False,
        keep_history: bool = False,
    ) -> Request:
        """Sends a request; `on_done` is called in a later Engine.poll(). A header with the value None is not sent.

        `composed_head` is for those who keep headers, cookies and redirects themselves: all lines of the head, each with
        its CRLF, Host and Content-Length among them; none is added, and no cookie of an answer is kept.
        """
