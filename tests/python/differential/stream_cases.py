"""Cases of `stream=True`: bodies that are read as they come."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import fast_cases
import http_cases
from cases import attempt, fast, http, items


def opened(user: Any, path: str, **more: Any) -> Any:
    return user.client.get(path, stream=True, **more)


def reading(user: Any, path: str, read: Callable[[Any], object], **more: Any) -> object:
    """What comes of a read of the answer, or the exception."""
    response = opened(user, path, **more)
    return [response.status_code, attempt(lambda: read(response))]


@http
def stream_lines(user: Any) -> object:
    paths = ("/lines", "/events/3", "/chunked", "/events/3?gzip", "/gzip", "/bytes/0", "/until-close")
    return [[path, [repr(line) for line in opened(user, path).iter_lines()]] for path in paths]


@http
def stream_lines_as_text(user: Any) -> object:
    response = opened(user, "/events/3?type=text/plain;charset=utf-8")
    return [response.encoding, list(response.iter_lines(decode_unicode=True))]


@http
def stream_lines_with_a_delimiter(user: Any) -> object:
    return [repr(line) for line in opened(user, "/lines").iter_lines(delimiter=b"t")]


@http
def stream_pieces(user: Any) -> object:
    seen: list[object] = []
    for path in ("/bytes/5000", "/gzip", "/lines", "/until-close", "/bytes/0"):
        for size in (1, 7, 2048, 100000, None):
            response = opened(user, path)
            seen.append([path, size, [repr(piece) for piece in response.iter_content(size)][:9]])
    return seen


@http
def stream_pieces_of_chunks(user: Any) -> object:
    seen: list[object] = []
    for path in ("/chunked", "/events/5", "/events/5?gzip"):
        for size in (1, 100000):
            seen.append([path, size, repr(b"".join(opened(user, path).iter_content(size)))])
    return seen


@http
def stream_events_in_time(user: Any) -> object:
    response = opened(user, "/events/3?pause=0.1")
    begin = time.monotonic()
    times = [time.monotonic() - begin for line in response.iter_lines(chunk_size=1) if line]
    return [each < 0.1 * place + 0.25 for place, each in enumerate(times)]


@http
def stream_contents(user: Any) -> object:
    seen: list[object] = []
    for path in ("/hello", "/gzip", "/chunked", "/events/3?gzip", "/json"):
        response = opened(user, path)
        seen.append([repr(response.content), response.text, len(response.content)])
    return [*seen, opened(user, "/json").json()]


@http
def stream_read_twice(user: Any) -> object:
    response = opened(user, "/lines")
    seen: list[object] = [repr(b"".join(response.iter_content(5)))]
    seen.append(attempt(lambda: repr(list(response.iter_content(5)))))
    seen.append(attempt(lambda: repr(response.content)))
    whole = opened(user, "/lines")
    seen.append(repr(whole.content))
    seen.append([repr(piece) for piece in whole.iter_content(5)])
    return seen


@http
def stream_raw(user: Any) -> object:
    seen: list[object] = []
    for path in ("/bytes/100", "/gzip", "/chunked"):
        raw = opened(user, path).raw
        seen.append([raw.status, raw.reason, items(raw.headers)])
        seen.append([repr(raw.read(5)), repr(raw.read(20)), repr(raw.read()), repr(raw.read(1))])
    seen.append(repr(opened(user, "/gzip").raw.read(decode_content=True)))
    seen.append([repr(piece) for piece in opened(user, "/bytes/50").raw.stream(16)])
    return seen


@http
def stream_meta(user: Any) -> object:
    for path in ("/bytes/100", "/events/2", "/status/404", "/status/204", "/redirect/302"):
        opened(user, path, name=path).content  # noqa: B018
    user.client.head("/bytes/100", stream=True).content  # noqa: B018
    user.client.post("/echo", data={"a": "b"}, stream=True).content  # noqa: B018
    return None


@http
def stream_judged(user: Any) -> object:
    seen: list[object] = []
    with opened(user, "/lines", catch_response=True) as response:
        pieces = response.iter_content(3)
        seen.append([repr(next(pieces)), len(list(pieces))])
        response.failure("not what was wanted")
    with opened(user, "/events/3", catch_response=True) as response:
        seen.append([repr(line) for line in response.iter_lines() if line])
    with opened(user, "/status/404", catch_response=True) as response:
        seen.append(repr(response.content))
        response.success()
    with opened(user, "/status/500", catch_response=True, name="not judged") as response:
        seen.append(repr(response.content))
    return seen


@http
def stream_of_a_redirect(user: Any) -> object:
    response = opened(user, "/redirect/302")
    seen: list[object] = [response.status_code, [each.status_code for each in response.history]]
    seen.append(repr(response.content))
    response = opened(user, "/redirect/302", allow_redirects=False)
    return [*seen, response.status_code, repr(response.content)]


@http
def stream_that_breaks_off(user: Any) -> object:
    seen: list[object] = []
    for path in ("/truncated", "/half-chunk"):
        seen.append(reading(user, path, lambda response: repr(response.content)))
        with opened(user, path, catch_response=True, name="caught") as response:
            seen.append(attempt(lambda: [repr(each) for each in response.iter_content(4)]))
    return seen


@http
def stream_that_stalls(user: Any) -> object:
    return reading(user, "/stall", lambda response: repr(response.content), timeout=0.3)


@http
def stream_that_is_no_gzip(user: Any) -> object:
    return reading(user, "/badgzip", lambda response: repr(response.content))


@http
def stream_by_session(user: Any) -> object:
    user.client.stream = True
    response = user.client.get("/bytes/40")
    return [repr(response.raw.read(10)), repr(response.raw.read())]


@http
def stream_all_that_shows(user: Any) -> object:
    return [http_cases.see(opened(user, path)) for path in ("/hello", "/json", "/many-headers", "/cookie")]


@http
def stream_left_early(user: Any) -> object:
    for _ in range(3):
        with opened(user, "/bytes/100000", catch_response=True) as response:
            next(response.iter_content(10))
    return [opened(user, "/hello").status_code, user.client.get("/hello").status_code]


@fast
def agent_stream_reads(user: Any) -> object:
    seen: list[object] = []
    for path in ("/lines", "/bytes/5000", "/chunked", "/events/3", "/bytes/0"):
        stream = opened(user, path).stream
        seen.append([path, repr(stream.read(5)), len(stream.read(1000)), len(stream.read())])
    return seen


@fast
def agent_stream_reads_lines(user: Any) -> object:
    stream = opened(user, "/lines").stream
    return [repr(stream.readline()), repr(stream.readline(b"\n")), repr(stream.read())]


@fast
def agent_stream_iterates(user: Any) -> object:
    seen: list[object] = [sum(len(piece) for piece in opened(user, "/bytes/9000").stream)]
    response = opened(user, "/bytes/5000")
    if hasattr(response, "iter_content"):
        seen.append([len(piece) for piece in response.iter_content(1024)])
        seen.append([repr(piece) for piece in opened(user, "/events/3").iter_content(20)])
        seen.append([repr(piece) for piece in opened(user, "/gzip").iter_content(20, decode_content=False)])
    return seen


@fast
def agent_stream_iter_lines(user: Any) -> object:
    if not hasattr(user.client, "iter_lines"):
        return None
    return [list(user.client.iter_lines(path)) for path in ("/lines", "/events/4", "/chunked", "/bytes/3000")]


@fast
def agent_stream_contents(user: Any) -> object:
    paths = ("/hello", "/gzip", "/deflate", "/chunked", "/json", "/many-headers")
    return [fast_cases.see(opened(user, path)) for path in paths]


@fast
def agent_stream_meta(user: Any) -> object:
    for path in ("/bytes/100", "/events/2", "/status/404", "/status/204", "/redirect/302"):
        opened(user, path, name=path).stream.read()
    user.client.post("/echo", data={"a": "b"}, stream=True).stream.read()
    return None


@fast
def agent_stream_judged(user: Any) -> object:
    seen: list[object] = []
    with opened(user, "/lines", catch_response=True) as response:
        seen.append([repr(response.stream.read(3)), repr(response.stream.read())])
        response.failure("not what was wanted")
    with opened(user, "/events/3", catch_response=True) as response:
        seen.append(repr(response.content))
    with opened(user, "/status/404", catch_response=True) as response:
        seen.append(repr(response.content))
        response.success()
    return seen


@fast
def agent_stream_of_a_redirect(user: Any) -> object:
    response = opened(user, "/redirect/302")
    seen: list[object] = [response.status_code, repr(response.stream.read())]
    response = opened(user, "/redirect/302", allow_redirects=False)
    return [*seen, response.status_code, repr(response.content)]


@fast
def agent_stream_that_stalls(user: Any) -> object:
    return reading(user, "/stall", lambda response: repr(response.stream.read(4)))


@fast
def agent_stream_of_unknown_encoding(user: Any) -> object:
    return [
        reading(user, "/encoded?as=none", lambda response: repr(response.stream.read())),
        reading(user, "/encoded?as=none", lambda response: repr(response.content)),
    ]


@fast
def agent_stream_released(user: Any) -> object:
    for _ in range(3):
        response = opened(user, "/bytes/100000")
        response.stream.read(10)
        response.release()
    return user.client.get("/hello").status_code
