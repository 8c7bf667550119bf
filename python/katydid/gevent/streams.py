"""Bodies that greenlets read as they come: files over the engine's streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from gevent import get_hub, getcurrent

from katydid import _native

T = TypeVar("T")


def wait_for_more(native: _native.Response) -> None:
    """Of a body that is open; or for its end."""
    hub = get_hub()
    switch: Any = getcurrent().switch
    native.wait(switch)
    try:
        hub.switch()
    except BaseException:
        native.stop_waiting()
        raise


def batches_of(native: _native.Response, take: Callable[[], T]) -> Iterator[T]:
    """The lines of a body as they come: all that `take` finds there, again and again."""
    while native.is_open:
        yield take()
        if native.is_open:
            wait_for_more(native)
    yield take()


class Body:
    """A body as a file. `fail` raises for one that has ended before its end; where it returns, that is its end."""

    def __init__(self, native: _native.Response, fail: Callable[[_native.Response], object]) -> None:
        self._native = native
        self._fail = fail

    def read(self, length: int | None = None) -> bytes:
        """So many bytes, or all up to the end; fewer only there."""
        native = self._native
        if length is None or length < 0:
            pieces = []
            while piece := self.read1():
                pieces.append(piece)
            return b"".join(pieces)
        while native.pending < length and native.is_open:
            wait_for_more(native)
        if native.pending < length and not self._may_end():
            return b""
        return native.take(length)

    def read1(self, length: int = -1) -> bytes:
        """What has come, and at least something, but at the end."""
        native = self._native
        if length == 0:
            return b""
        while not native.pending and native.is_open:
            wait_for_more(native)
        if not native.pending and not self._may_end():
            return b""
        return native.take(length)

    def readline(self, separator: bytes = b"\n") -> bytes:
        """To the next separator, or all that is left."""
        native = self._native
        while (found := native.find(separator)) < 0 and native.is_open:
            wait_for_more(native)
        if found < 0 and not self._may_end():
            return b""
        return native.take(-1 if found < 0 else found + len(separator))

    def close(self) -> None:
        """Closes the connection, unless all has come."""
        self._native.close()

    @property
    def closed(self) -> bool:
        """Nothing comes any more, and nothing is left."""
        return not self._native.is_open and not self._native.pending

    def isclosed(self) -> bool:
        """As http.client names it."""
        return self.closed

    def _may_end(self) -> bool:
        if self._native.stream_error:
            self._fail(self._native)
        return True
