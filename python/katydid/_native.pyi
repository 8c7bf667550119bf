"""The engine, statistics and worker of Katydid, in C++."""

import os
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping, MutableMapping, Sequence
from http.cookiejar import CookieJar
from types import ModuleType
from typing import Any, ClassVar, Generic, Literal, Protocol, Self, TypeAlias, TypeVar, final, overload

T = TypeVar("T")
Event = TypeVar("Event", bound="ServerSentEvent")

version: str

Text: TypeAlias = str | bytes
Fields: TypeAlias = Mapping[str, Text | None] | Iterable[tuple[Text, Text | None]]
Path: TypeAlias = Text | os.PathLike[str] | os.PathLike[bytes]
ClientCertificate: TypeAlias = Path | tuple[Path, Path | None]
HttpVersion: TypeAlias = Literal["auto", "1.1", "2"]

@final
class Engine:
    """An event loop with an HTTP engine, hosted by a loop of Python's: when `fileno()` is readable, call `poll()`.

    The descriptor is readable as well when a timer is due; elsewhere than on Linux wait no longer than `timeout()`.
    An engine belongs to the thread that makes it. `event_loop` is "auto", "io_uring", "epoll" or "asio", and `kind` is
    what it became.
    """

    kind: str
    turn: int
    """How often it was turned."""
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
    def measure_lag(self) -> None:
        """From now on, how far the host's loop is behind is kept for `Metrics.add_lag()`."""
    def let_host_flush(self) -> None:
        """From now on, what is begun outside poll() waits for flush(): many requests go with one system call."""
    def flush_by(self, call_soon: Callable[[Callable[[], None]], object]) -> None:
        """From now on, what is begun outside poll() is handed to the kernel by a call of `call_soon(self.flush)`."""
    def flush(self) -> None:
        """Hands to the kernel what was begun; the host calls it before it waits."""

@final
class Trio:
    """What a client's requests are awaited by where tasks are Trio's: functions of trio.lowlevel.

    Tasks are resumed with `done`, an outcome; `succeeded` is `Abort.SUCCEEDED`. `context` is the mapping in which Trio
    keeps the current task as `task`, or is empty.
    """

    def __init__(
        self,
        current_task: Callable[[], object],
        wait_task_rescheduled: Callable[[Any], Any],
        reschedule: Callable[[Any, Any], None],
        succeeded: object,
        done: object,
        context: dict[str, Any],
    ) -> None: ...

@final
class TypeWatch:
    """Whether classes and names of modules are what they were; `is_original` is asked when one has been changed."""

    def __init__(
        self,
        types: Sequence[type],
        is_original: Callable[[], bool],
        names: Sequence[tuple[ModuleType, str]] = ...,
    ) -> None: ...
    def intact(self) -> bool: ...

@final
class Statistics:
    """Counts requests as a Katydid worker does; times to two digits, or in whole ms with the rounding "locust"."""

    pending: bool
    """There is something to take."""
    def __init__(
        self, rounding: str = "katydid", engine: Engine | None = None, bounded: bool = True, report_phases: bool = False
    ) -> None:
        """With an engine, what is recorded happened when the engine's turn began: that saves a look at the clock.

        Not bounded, it keeps all names apart, however many and long they are. With report_phases, the phases of HTTP
        requests are entries, too.
        """
    def record(
        self, method: str, name: str, response_time: float | None, response_length: int, error: str | None = None
    ) -> None:
        """One request that is done: its time in milliseconds, or None; the length of its answer; what went wrong.

        ValueError where a number does not fit: times are from 0 to 1e10, lengths are at most 2**50.
        """
    def cut_off(self, method: str, name: str) -> None:
        """One request that was cancelled under way."""
    def take(self) -> dict[str, Any]:
        """{"stats": […], "stats_total": {…}, "errors": {…}} as a Locust worker reports it; and forgets the numbers."""
    def take_seconds(self) -> list[dict[str, Any]]:
        """As take(), and once keep_seconds() was called, each part is of one second of the wall clock."""
    def keep_seconds(self) -> None: ...
    def take_cut_off(self) -> list[tuple[str, str, int]]:
        """(method, name, how many) of requests that were cancelled under way, of those that take() has taken."""
    def take_warning(self) -> str | None:
        """A line for the log when a bound on names or errors was reached; each once."""
    def show_in(self, metrics: Metrics) -> None:
        """What it gives out, or clears, counts there as well."""
    def clear(self) -> None: ...

@final
class Metrics:
    """What Prometheus reads of this process, on a thread of its own."""

    url: str
    def __init__(self, host: str, port: int, ports: int = 1) -> None:
        """Takes the first of so many ports that is free; RuntimeError where none is."""
    def record(self, method: str, name: str, response_time: float | None, response_length: int) -> None:
        """A request that no Statistics has counted."""
    def failure(self, method: str, name: str, error: str) -> None:
        """A failure. It is shown with what a Statistics gives out next, or by flush()."""
    def flush(self) -> None: ...
    def cut_off(self, requests: int) -> None: ...
    def exception(self) -> None:
        """A task has thrown one."""
    def reported(self) -> None:
        """A report has gone to the master."""
    def add_lag(self, engine: Engine) -> None:
        """How far the loop that hosts this engine was behind since the last call."""
    def set_users(self, users: dict[str, int]) -> None: ...
    def set_state(self, state: str) -> None: ...

@final
class ArrivalRate:
    """How often tasks of a user class begin, by all of its users together: an open workload.

    New tasks come whether or not earlier ones have ended, as visitors come to a shop. Rates are those of the whole
    test: each worker does its part, by the users that the master gives it.
    """

    def __init__(self, per_second: float) -> None:
        """ValueError unless it is a number that is not negative."""
    @staticmethod
    def per_minute(rate: float) -> ArrivalRate: ...
    @staticmethod
    def stages(stages: Sequence[tuple[float, float]], start: float = 0.0) -> ArrivalRate:
        """(seconds, the rate at their end), …: from the rate before, it gets there in a straight line.

        A stage of 0 seconds jumps. After the last one, its rate stays.
        """
    @staticmethod
    def parse(text: str) -> ArrivalRate:
        """As the option --arrival-rate has it: "200", "600/m", "200@30s,200@5m", "poisson:200". ValueError."""
    def poisson(self) -> ArrivalRate:
        """The same on average, with gaps as between people who know nothing of each other."""
    def at(self, seconds: float) -> float:
        """A second, so long after the start."""

def check_arrival_option(text: str) -> None:
    """ValueError unless it is `CLASS=RATE`."""

def arrival_rate_of(user_class: str, options: Sequence[str]) -> ArrivalRate | None:
    """What options of that kind say of a class; the last word counts."""

def distribute_users(users: int, weights: Sequence[tuple[str, int, int]]) -> dict[str, int]:
    """Among classes by name, weight and fixed_count, as Locust does it."""

@final
class FleetShare:
    """What part of all users of a class this worker has, by what its master says.

    Weights are as in distribute_users().
    """

    factor_message: ClassVar[str]
    """The type of a message of the master's with {"factor": …}, for scale()."""
    parts: dict[str, float]
    def scale(self, factor: float) -> bool:
        """All rates are so many times what they were in the beginning; False when that is no factor."""
    def begin_test(self) -> None: ...
    def set_targets(self, here: dict[str, int], all: int | None, weights: Sequence[tuple[str, int, int]]) -> None:
        """The master asks this worker for so many users, of so many in the end, where it says so."""
    def complete(self, all: int, weights: Sequence[tuple[str, int, int]]) -> None:
        """All are there, so many."""

@final
class Arrivals:
    """Lets the users of a class begin their tasks when they are due, in one process."""

    def __init__(
        self, engine: Engine, statistics: Statistics, user_class: str, rate: ArrivalRate, seed: int
    ) -> None: ...
    def begin_test(self, seed: int | None = None) -> None: ...
    def set_part(self, part: float, users: int) -> None:
        """Of the rate, from 0 to 1, from now on; and how many users there are to be."""

@final
class PoolUser:
    """One user of such a class. It stands in place of the statistics: the first request of a task counts from when
    the task was due.
    """

    def __init__(self, arrivals: Arrivals, report_service_time: bool) -> None: ...
    def is_ready(self) -> None:
        """Its on_start is done. The rate grows to what it is to be as users get ready."""
    def wait(self, callback: Callable[[], object]) -> None:
        """For its next task, which is due when it calls back."""
    def stop_waiting(self) -> None: ...
    def task_begins(self) -> None: ...
    @staticmethod
    def take_late(user: object) -> float:
        """Seconds by which the first request of this user's task is late, once; 0 of others."""
    def record(
        self, method: str, name: str, response_time: float | None, response_length: int, error: str | None = None
    ) -> None: ...
    def cut_off(self, method: str, name: str) -> None: ...

@final
class MachineWatch:
    """Tells when the machine bends the figures."""

    def __init__(self) -> None: ...
    def look(self, users: bool) -> list[str]:
        """The warnings that are due. Looks at most once a second, and only where users run."""

@final
class CorrectedUser:
    """One user that waits for the server. It stands in place of the statistics, where times are corrected by what it
    could not ask for meanwhile; with `nothing_else` only what comes of that is counted.
    """

    def __init__(self, statistics: Statistics, nothing_else: bool = False) -> None: ...
    def task_begins(self) -> None: ...
    def record(
        self, method: str, name: str, response_time: float | None, response_length: int, error: str | None = None
    ) -> None: ...
    def cut_off(self, method: str, name: str) -> None: ...

class Response:
    """An answer, or what went wrong in its place."""

    status: int
    """0 when no answer came."""
    status_code: int
    """The same, as requests names it."""
    ok: bool
    """The status is below 400, and there is no error."""
    reason: str
    headers: list[tuple[str, str]]
    """In the order and with the names in which they came."""
    body: bytes
    """Decoded, if it was compressed."""
    content: bytes
    """The same, as requests names it."""
    checksum: str | None
    """What `checksum` asked for, in hexadecimal digits."""
    url: str
    """What answered in the end, after redirects."""
    redirects: int
    error: str | None
    """A connection that failed, or a status from 400 up; the text of Locust's failures table."""
    error_kind: str | None
    """What `error` begins with: "ConnectTimeout", "ConnectionRefusedError", "HTTPError", …"""
    elapsed: float
    """Seconds from the first byte sent to the last byte received, redirects included."""
    def phase_times(self) -> tuple[float | None, float | None, float | None, float | None, float | None]:
        """Seconds of name lookup, connect, TLS, request sent and first byte."""
    @property
    def history(self) -> list[Self]:
        """The redirects on the way, with `keep_history`."""
    js: Any
    """What rest() has parsed; elsewhere there is none."""
    def header(self, name: str, /) -> str | None:
        """The first header of that name, in any case of letters."""
    def sole_header(self, name: str, /) -> str | None:
        """The same; None where there are several of that name, too."""
    def success(self) -> None:
        """With `catch_response`: it is recorded as a success."""
    def failure(self, text: str, /) -> None:
        """With `catch_response`: it is recorded as a failure."""
    def rename(self, name: str, /) -> None:
        """With `catch_response`: it is recorded under this name, Locust's `request_meta["name"]`."""
    def set_response_time(self, milliseconds: float, /) -> None:
        """With `catch_response`: what is recorded, Locust's `request_meta["response_time"]`."""
    def record(self) -> None:
        """With `catch_response`: records it now, not when the object goes."""
    is_stream: bool
    """It was asked for with `stream`. What follows is of such answers; of others it is as for one that has ended."""
    is_open: bool
    """More of the body may come."""
    pending: int
    """Bytes that have come and were not taken."""
    stream_error: str
    """Why the body ended before its end, or ""."""
    stream_error_kind: str
    def take(self, most: int, /) -> bytes:
        """Of what is pending, at most so many; all of it for a negative number."""
    def find(self, what: bytes, /) -> int:
        """Where that begins in what is pending, or -1."""
    def take_lines(self) -> list[bytes]:
        """All lines that are there, without their ends (LF, CRLF and CR). The last one needs no end."""
    def take_text_lines(self) -> str:
        """All that is there up to the last LF, or the end of the body; what is not UTF-8 is replaced."""
    def wait(self, callback: Callable[[], object], /) -> None:
        """Calls back once, when there is more, or the end. Only while it is open."""
    def stop_waiting(self) -> None: ...
    def close(self) -> None:
        """Closes the connection, unless all has come."""

class ServerSentEvent:
    """One of the events that an answer is made of (`text/event-stream`)."""

    type: str
    """What its `event` line says; "message" without one."""
    data: str
    """Its `data` lines, with line feeds between them."""
    id: str
    """The last one that the stream has named, which need not be in this event."""
    retry: int | None
    """The same of the time to wait before one connects again, in milliseconds."""

class _Waited(Protocol):
    """What calls back, once: `katydid.client.Waited`."""

    def wait(self, callback: Callable[[], object], /) -> None: ...
    def stop_waiting(self) -> None: ...

class Turn(Awaitable[None]):
    """A future of asyncio's that ends when that calls back: its task goes on in the turn of the engine that does so.

    asyncio's own would have it wait for another round of the loop: what it then sends goes to the kernel by itself,
    and not with all that this turn has to send.
    """

    def __init__(self, what: _Waited, /) -> None: ...
    def __await__(self) -> Generator[Any, Any]: ...

@final
class Items(Generic[T]):
    """The lines of a body as they come, without their ends (LF, CRLF or CR), or its events, for `async for`.

    For more of the body it awaits `response._wait_for(response)`; at the end it calls `response._raise_for_stream()`.
    """

    @overload
    def __new__(cls, response: Response, /) -> Items[bytes]: ...
    @overload
    def __new__(cls, response: Response, event_class: type[Event], /) -> Items[Event]: ...
    def __aiter__(self) -> Self: ...
    def __anext__(self) -> Awaitable[T]: ...
    def aclose(self) -> Awaitable[None]: ...

@final
class Request:
    """A request under way. It goes on when nobody holds this object."""

    under_way: bool
    def cancel(self) -> None:
        """Ends it at once: its callback is not called, and it is counted as cut off."""
    def hand_over(self, on_done: Callable[[Response], object], /) -> None:
        """Another callback is called in place of the one that it began with."""

@final
class Renaming:
    """A `with` block that gives its name to the requests that a client begins in it."""

    def __enter__(self) -> None: ...
    def __exit__(self, *error: object) -> None: ...

@final
class Asked:
    """A request as C++ composed it."""

    method: str
    url: str
    name: str
    """For the statistics, where the request has none."""
    fields: list[tuple[str, str]]
    """The headers that the request shows."""
    cookie: str | None
    """The value of a Cookie header that is none of these."""
    body: Any
    """As the request shows it."""

@final
class Head:
    """Headers that a session sends with each of its requests; ValueError for those that Python has to write."""

    def __new__(cls, pairs: list[tuple[str, Any]], tabs: bool = False, /) -> Head:
        """A value of None is no header. Values may hold tabs with `tabs`."""

@final
class CookieList:
    """What a CookieJar holds, for C++ to find a request's cookies in."""

def list_cookies(jar: CookieJar, /) -> CookieList | None:
    """None where only http.cookiejar can say which of the jar's cookies are sent."""

def take_cookies(jar: CookieJar, url: str, set_cookie: list[str], /) -> bool:
    """Has a SessionCookies or AgentCookies take what an answer from that URL sets; False, and nothing has changed, if
    only http.cookiejar can do it.
    """

def set_agent_rules(*, quotes: bool, accept_encoding: str, form_type: str, zero_length: list[str]) -> None:
    """What the installed versions of Locust and geventhttpclient do, for all sessions that have an agent."""

@final
class Exchange:
    """A request that a greenlet waits for, and what has come of it."""

    session: Any
    asked: Asked
    method: Any
    """As it was given."""
    name: str
    context: Mapping[str, Any] | None
    previous: Exchange | None
    """The one whose answer has led to it."""
    first: Exchange
    """The one that the task has asked for."""
    streams: bool
    is_redirect: bool
    """Its answer leads somewhere else."""
    started: float
    """By time.perf_counter(), of the first one."""
    catches: bool
    """It was asked for with `catch_response`."""
    answer: Response
    status: int
    length: int
    milliseconds: float
    under_way: bool
    waits: bool
    """For a connection that others use: nothing was sent."""
    def cancel(self) -> None:
        """Ends it at once; it is counted as cut off."""
    def hand_over(self, on_done: Callable[[Exchange], object]) -> None:
        """Nobody waits for it any more: `on_done` is called with it when it is done."""

class Session:
    """A session of Locust's: a request is composed, sent, waited for, answered and counted in C++.

    Classes that derive from it have `_has_agent`, whether they are Locust's FastHttpSession; `_answer_type` and
    `_caught_type`, with a slot `_exchange` for what is in a response; `client_here()`, which makes a client for this
    thread's hub; `_watch`, over the classes that C++ stands in for; `_is_plain()`, whether C++ may do it at all (None:
    ask again each time); `_interrupted(exchange, error)`, which gets what was raised in a wait, and returns what to go
    on with in place of it; `_go_on(exchange, outcome, url, keywords)` for answers that are not simply a success;
    `_by_library()`, a request() for all calls that C++ leaves to the library; and Locust's own methods under names such
    as `_GET`; `_most_redirects()`, how many of them C++ may follow; and `_make(name)`, a `__getattr__()`.

    What composing asks of them: `_head` or `_usual_head` and `_composed_head()`, `_cookie_header(url)`, and for what is
    rare `_normal_url()`, `_encoded_params()`, `_encoded_json()`. None says that the library has to do it.
    """

    _client: Client | None
    _hub: Any
    _plain: bool | None
    """What `_is_plain()` has said; forgotten with every change of the session."""
    request_name: str | None
    request_event: Any
    user: Any
    _certificate: Any
    """The `cert` of the session, as `_is_plain()` has seen it."""
    request: Any
    def __getattr__(self, name: str, /) -> Any: ...
    def get(self, url: Any, **kwargs: Any) -> Any: ...
    def options(self, url: Any, **kwargs: Any) -> Any: ...
    def post(self, url: Any, data: Any = None, json: Any = None, **kwargs: Any) -> Any: ...
    def put(self, url: Any, data: Any = None, **kwargs: Any) -> Any: ...
    def patch(self, url: Any, data: Any = None, **kwargs: Any) -> Any: ...
    def delete(self, url: Any, **kwargs: Any) -> Any: ...
    def _report(self, exchange: Exchange, response: Any, /) -> None:
        """Counts it as a success."""
    def _follow(self, exchange: Exchange, /) -> Exchange | None:
        """Sends what its answer leads to, and waits for that; None where the library has to follow."""
    def _take_cookies(self, exchange: Exchange, /) -> bool:
        """Has the session's jar take those of its answer; False where the library has to."""

@final
class Unbatched(Generator[T]):
    """What a generator of lists has in them, one item after another; of a text the lines, without their LF."""

    @overload
    def __init__(self, batches: Generator[list[T]], /) -> None: ...
    @overload
    def __init__(self: Unbatched[str], batches: Generator[list[str] | str], /) -> None: ...
    def __next__(self) -> T: ...
    def send(self, value: object, /) -> T: ...
    def throw(self, *what: Any) -> T: ...
    def close(self) -> None: ...

class Listener:
    """A listener of the `request` event that is called in C++ for requests that have succeeded."""

    statistics: Statistics | PoolUser | CorrectedUser | None
    """Where it counts them; None: it has to be called."""
    needs_no_event: bool
    """Where no one else listens, nothing of the event is made."""

class WebSocket:
    """A WebSocket of a client, made by `websocket()`. Each method begins something that a task can wait for."""

    def open(self) -> WebSocketOperation:
        """First of all, and once."""
    def send(self, data: str | bytes | bytearray | memoryview, name: str | None = None) -> WebSocketOperation: ...
    def ask(
        self, data: str | bytes | bytearray | memoryview, name: str | None = None, timeout: float | None = None
    ) -> WebSocketOperation: ...
    def receive(self, timeout: float | None = None) -> WebSocketOperation: ...
    def ping(self, timeout: float | None = None) -> WebSocketOperation: ...
    def close(self, code: int = 1000, reason: str = "") -> WebSocketOperation: ...
    def leave(self) -> None:
        """Goes away (1001), and waits for nothing."""
    @property
    def is_open(self) -> bool: ...
    @property
    def subprotocol(self) -> str: ...
    @property
    def close_code(self) -> int: ...
    @property
    def close_reason(self) -> str: ...
    @property
    def refused_status(self) -> int:
        """Of the answer that refused the handshake, or 0."""
    @property
    def refused_body(self) -> bytes: ...

@final
class WebSocketOperation:
    """Under way until it is done. Of a user who is to begin nothing new it never is."""

    done: bool
    error: str | None
    message: str | bytes | None
    """What came, of ask() and receive()."""
    def wait(self, callback: Callable[[], object]) -> None:
        """Calls back once, when it is done."""
    def stop_waiting(self) -> None:
        """Gives it up: what it sent is cut off."""

def websocket(
    client: Client,
    url: str,
    *,
    name: str | None = None,
    subprotocols: Sequence[str] = (),
    headers: Fields | None = None,
    params: Fields | None = None,
    cookies: Fields | None = None,
    origin: str = "",
    compression: bool = False,
    open_timeout: float | None = 10.0,
    timeout: float | None = 60.0,
    close_timeout: float | None = 10.0,
    ping_interval: float | None = None,
    ping_timeout: float | None = 20.0,
    max_message: int = ...,
) -> WebSocket: ...

@final
class GrpcCall:
    """A call of a client, made by `grpc_call()`. Each of the first five begins something that a task can wait for."""

    def end(self) -> GrpcOperation:
        """No more is written, and what was not read is dropped."""
    def over(self) -> GrpcOperation: ...
    def head(self) -> GrpcOperation:
        """The server's initial metadata."""
    def read(self) -> GrpcOperation: ...
    def write(self, data: str | bytes | bytearray | memoryview) -> GrpcOperation: ...
    def writes_done(self) -> None: ...
    def steer(self) -> None:
        """Once it is over: raises what a listener has raised to steer the task."""
    def cancel(self) -> None:
        """Ends it: counted, without an error."""
    def cut_off(self) -> None:
        """Ends it: not counted, and listed in the log."""
    @property
    def is_over(self) -> bool: ...
    @property
    def code(self) -> int: ...
    @property
    def details(self) -> str: ...
    @property
    def initial_metadata(self) -> tuple[tuple[str, str | bytes], ...]: ...
    @property
    def trailing_metadata(self) -> tuple[tuple[str, str | bytes], ...]: ...

@final
class GrpcOperation:
    """Under way until it is done. Of a user who is to begin nothing new it never is."""

    done: bool
    success: bool
    """A message has come, or was written."""
    def wait(self, callback: Callable[[], object]) -> None:
        """Calls back once, when it is done."""
    def stop_waiting(self) -> None:
        """Gives it up."""
    def take_message(self) -> bytes:
        """Once."""

def grpc_call(
    client: Client,
    method: str,
    *,
    streams_requests: bool = False,
    streams_replies: bool = False,
    request: str | bytes | None = None,
    metadata: Sequence[tuple[str, str | bytes]] | None = None,
    timeout: float | None = None,
    compression: bool = False,
    max_message: int = ...,
) -> GrpcCall:
    """Nothing happens before its first operation."""

@final
class PushedBody:
    """The body of a request of that engine, handed over piece by piece; without a size it is sent in chunks.

    It keeps 64 KB, and a text is sent in UTF-8.
    """

    def __init__(self, engine: Engine, size: int | None = None) -> None: ...
    def push(self, piece: Text | bytearray | memoryview) -> bool:
        """Returns `has_room`. Nothing is done where nobody wants more of it."""
    def end(self) -> None: ...
    def fail(self, why: str) -> None:
        """Ends the request with "BodyError: " and that as its error."""
    def wait(self, callback: Callable[[], object]) -> None:
        """Calls back once, from a later Engine.poll(), when there is room or nobody wants more."""
    def stop_waiting(self) -> None: ...
    @property
    def has_room(self) -> bool: ...
    @property
    def is_closed(self) -> bool:
        """Nobody wants more: the request has come to its end."""
    @property
    def is_begun(self) -> bool:
        """The head was sent, and the body was asked for."""

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

class Client:
    """The HTTP client of one user: its connections, cookies and TLS tickets are its own.

    A changed setting counts from the next request on. Time limits are seconds; None is none. `verify` and `cert` are
    as in requests: a path as `verify` sets `ca_file`, and `cert` sets `client_certificate` and `client_key`. Without
    `verify_host` the certificate may be for another host.
    """

    engine: Engine
    response_type: type[Response] | None
    cookies: Cookies
    in_flight: int
    base_url: str
    @property
    def headers(self) -> MutableMapping[str, str]: ...
    @headers.setter
    def headers(self, value: Fields | None, /) -> None: ...
    timeout: float | None
    connect_timeout: float | None
    verify: bool | str
    verify_host: bool
    cert: str | tuple[str, str] | None
    ca_file: str
    client_certificate: str
    client_key: str
    proxy: str
    http_version: HttpVersion
    max_connections: int
    share_connections: bool
    unix_socket: str
    user_agent: str
    max_redirects: int
    request_name: str | None
    """What requests by get() and the others are counted under, unless they have a name of their own."""
    user_class: str
    """Of the user whose client it is; spans of traced requests say it."""
    def __init__(
        self,
        engine: Engine,
        statistics: Statistics | PoolUser | CorrectedUser | None,
        base_url: str = "",
        *,
        headers: Fields | None = None,
        timeout: float | None = 60.0,
        connect_timeout: float | None = 60.0,
        verify: bool | Path = True,
        verify_host: bool = True,
        ca_file: str | None = None,
        client_certificate: str | None = None,
        client_key: str | None = None,
        cert: ClientCertificate | None = None,
        proxy: str | None = None,
        unix_socket: str | None = None,
        user_agent: str | None = None,
        max_redirects: int = 30,
        max_body: int = ...,
        timeout_of_each_read: bool = False,
        max_connections: int = 0,
        strict: bool = False,
        trace: bool = False,
        http_version: HttpVersion = "1.1",
        asyncio_loop: object = None,
        trio: Trio | None = None,
        response_type: type[Response] | None = None,
        on_request: Callable[..., None] | None = None,
    ) -> None:
        """Without statistics its requests are not recorded; with an asyncio loop, or with Trio, get()
        and the others can be awaited.
        """
    def drain(self, on_drained: Callable[[], object]) -> None:
        """From now on no request begins; what is under way is received and recorded, but given to nobody.

        `on_drained` is called when nothing is left, at once if nothing is.
        """
    def resume(self) -> None:
        """Ends drain()."""
    def close_idle(self) -> None:
        """Closes the connections that are its own and that nobody uses; a later request opens another."""
    def rename_request(self, name: str) -> Renaming:
        """Sets `request_name` in a `with` block, and takes it away at its end."""
    def start(
        self,
        method: str,
        url: str,
        on_done: Callable[[Response], object],
        /,
        *,
        name: str | None = None,
        headers: Fields | None = None,
        body: Text | bytearray | memoryview | PushedBody | None = None,
        content_type: str | None = None,
        params: Fields | None = None,
        cookies: Fields | None = None,
        auth: tuple[Text, Text] | None = None,
        digest: tuple[Text, Text] | None = None,
        bearer: Text | None = None,
        composed_head: Text = "",
        data: Any = None,
        json: Any = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        allow_redirects: bool = True,
        verify: bool | Path | None = None,
        cert: ClientCertificate | None = None,
        proxy: Text | None = None,
        catch_response: bool = False,
        keep_history: bool = False,
        context: dict[str, Any] | None = None,
    ) -> Request:
        """Sends a request; `on_done` is called in a later Engine.poll(). A header with the value None is not sent.

        `composed_head` is for those who keep headers, cookies and redirects themselves: all lines of the head, each
        with its CRLF, Host and Content-Length among them; none is added but Proxy-Authorization, and no cookie of an
        answer is kept. An empty `proxy` is none, and None the client's.
        """
    def request(self, method: str, url: str, /, **options: Any) -> Any: ...
    def get(self, url: str, /, **options: Any) -> Any: ...
    def head(self, url: str, /, **options: Any) -> Any: ...
    def options(self, url: str, /, **options: Any) -> Any: ...
    def post(self, url: str, /, **options: Any) -> Any: ...
    def put(self, url: str, /, **options: Any) -> Any: ...
    def patch(self, url: str, /, **options: Any) -> Any: ...
    def delete(self, url: str, /, **options: Any) -> Any: ...

@final
class Options:
    """A command line that was read, with the environment's LOCUST_ variables."""

    mode: str
    locustfiles: list[str]
    user_classes: list[str]
    help: bool
    config_users: list[str]
    equal_weights: bool
    users: int | None
    single_user: str
    processes: int
    """One unless the user says how many."""
    busy_poll: bool
    event_loop: str
    seed: int | None
    rounding: str
    skip_log_setup: bool
    request_log: str
    report_phases: bool
    report_service_time: bool
    latency_correction: bool
    logs_requests: bool
    """Whether each is a line, by -L DEBUG."""
    def arrival_rate(self, user_class: str) -> ArrivalRate | None:
        """What --arrival-rate says of that class."""
    def set_up_logging(self) -> None: ...
    def complete(self, added: Sequence[AddedArgument]) -> None:
        """Reads it anew with the arguments that the locustfile has added; raises SystemExit after --help and for
        arguments that nobody knows."""

AddedArgument: TypeAlias = tuple[str, bool, str, str, Sequence[str], bool, bool, bool, bool]
"""(names, is a flag, help, env_var, choices, required, is_required, is_secret, include_in_web_ui)"""

def compare_runs(words: Sequence[str]) -> int:
    """`katydid compare`, with the words after it: prints, and returns the exit code."""

def parse_options(arguments: Sequence[str]) -> Options:
    """As much as is needed to load the locustfile. Raises SystemExit after --version and for wrong options."""

def default_config_files() -> list[str]:
    """The files of options that are read where they are there, a later one over an earlier one."""

def read_config(name: str) -> dict[str, list[str]]:
    """What such a file says, as Locust reads it, by the long names of options. ValueError when it can't be read."""

def log_request(
    request_type: str, where: str, status: int, response_length: int, exception: str, response_time: float | None
) -> None:
    """A line of level DEBUG; the time is in milliseconds."""

def write_request(
    request_type: str,
    name: str,
    response_time: float | None,
    response_length: int,
    status: int,
    exception: str,
    url: str,
    context: dict[str, Any],
    start_time: float,
) -> None:
    """A line of the file that --request-log names. Status 0, and empty texts, are null in it."""

def open_request_log(file: str) -> None:
    """Where a worker does not do so by itself. Raises RuntimeError that says why it can't be written."""

def close_request_log() -> None:
    """Writes what is left."""

def log(level: str, logger: str, text: str) -> None: ...

TaskTuple: TypeAlias = tuple[str, int, Sequence[str], list[TaskTuple] | None, bool]
"""(name, weight, tags, tasks, in order): the last two of a task set, tasks None of a function."""

def register_user_class(
    name: str,
    weight: int,
    fixed_count: int,
    host: str | None,
    tasks: Sequence[TaskTuple],
    arrival_rate: ArrivalRate | None,
) -> None: ...
def task_ratio(user_classes: Sequence[str], users: int | None, as_json: bool) -> str:
    """What --show-task-ratio and --show-task-ratio-json print."""

def master_locustfile(user_classes: Sequence[str]) -> str: ...
def environment_host() -> str: ...
def parsed_options() -> dict[str, Any]: ...
def client_id() -> str: ...
def worker_index() -> int: ...
def send_message(type: str, data: Any) -> None: ...
def quit() -> None: ...

@final
class CsvFeeder:
    """Rows of a CSV file; data/feeders.py says more."""

    stops_test: bool
    """What at_end says."""
    def __init__(
        self, file: str, order: str, at_end: str | None, workers: int, separator: str, columns: list[str]
    ) -> None: ...
    def take(self, draw: float) -> dict[str, str] | None:
        """None when all were given; `draw`, from 0 to 1, decides with the order "random"."""
    def __len__(self) -> int: ...

@final
class JsonLinesFeeder:
    stops_test: bool
    def __init__(self, file: str, order: str, at_end: str | None, workers: int) -> None: ...
    def take(self, draw: float) -> tuple[Any] | None: ...
    def __len__(self) -> int: ...

def begin_data(worker_index: int, expected_workers: int) -> None:
    """A test begins: feeders start again. The index is -1 without a master."""

@final
class Worker:
    """The control plane of a worker on a thread of its own, which calls the methods of `host` from Engine.poll()."""

    def __init__(self, options: Options, engine: Engine, statistics: Statistics, host: object) -> None: ...
    def start(self) -> None: ...
    def reached(self) -> None:
        """The last targets have been reached."""
    def set_users(self, user_class: str, count: int) -> None: ...
    def report_exception(self, message: str, traceback: str) -> None: ...
    def hooks_finished(self) -> None:
        """What the listeners of test_stop have begun is done: the last report may leave."""
    def task_cut_short(self) -> None: ...

@final
class Link:
    """The connection of a worker to its master, on a thread of its own that needs no GIL.

    What is sent is kept until the master is there.
    """

    warning: str
    """What is wrong with the address, such as a name that doesn't resolve."""
    def __init__(self, host: str, port: int, node_id: str) -> None: ...
    def fileno(self) -> int:
        """Readable while `receive()` has something."""
    def send(self, frame: bytes, type: str = "", requests: int = 0) -> None:
        """A message of that type. A report ("stats") says how many requests it has, and waits for a master that
        answers heartbeats: when the connection breaks, the log tells of those that may be lost.
        """
    def receive(self) -> bytes | None: ...
    def heartbeat(self, state: str, interval: float = 1.0) -> None:
        """From now on the master hears that the worker is in that state, every `interval` seconds (from 0.01 to a day),
        whatever Python does.
        """
    def reconnect(self) -> None:
        """A new connection with the same identity."""
    def close(self, linger: float = 0.0) -> None:
        """Gives what is to be sent so many seconds to leave; the thread ends."""
