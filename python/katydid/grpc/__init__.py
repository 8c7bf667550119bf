"""gRPC of users on asyncio and Trio: a channel with the interface of grpcio's aio, on Katydid's own client.

Generated stubs take it as it is: `helloworld_pb2_grpc.GreeterStub(self.grpc_channel())`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from .. import _native
from .calls import Call, StreamStreamCall, StreamUnaryCall, UnaryStreamCall, UnaryUnaryCall
from .errors import AioRpcError, Metadata, StatusCode

if TYPE_CHECKING:
    from typing import Self

__all__ = ["AioRpcError", "Call", "Channel", "Metadata", "StatusCode"]

_GZIP = 2


def _same(message: Any) -> Any:
    return message


class _Method:
    """What stubs call: makes calls of one method."""

    call_type: type[Any]
    streams_requests = False
    streams_replies = False

    def __init__(
        self,
        channel: Channel,
        method: str,
        serialize: Callable[[Any], bytes] | None,
        deserialize: Callable[[bytes], Any] | None,
    ) -> None:
        self._channel = channel
        self._method = method
        self._serialize = serialize or _same
        self._deserialize = deserialize or _same

    def _make(
        self,
        request: Any,
        timeout: float | None,
        metadata: Iterable[tuple[str, str | bytes]] | None,
        credentials: Any,
        wait_for_ready: bool | None,
        compression: Any,
    ) -> Any:
        if credentials is not None:
            raise TypeError("credentials of a call are not supported; send a token as metadata")
        if wait_for_ready:
            raise TypeError("wait_for_ready is not supported: a call without a connection fails at once")
        number = int(compression or 0)
        if number not in (0, _GZIP):
            raise TypeError("calls are compressed by gzip only")
        channel = self._channel
        native = _native.grpc_call(
            channel.client,
            self._method,
            streams_requests=self.streams_requests,
            streams_replies=self.streams_replies,
            request=None if self.streams_requests else self._serialize(request),
            metadata=None if metadata is None else [(key, value) for key, value in metadata],
            timeout=timeout,
            compression=number == _GZIP or (compression is None and channel.compression),
            max_message=channel.max_message,
        )
        call = self.call_type(native, channel.client.response_type._wait_for, self._deserialize)
        if channel.calls is not None:
            channel.calls.add(call)
        return call


class _OneRequest(_Method):
    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Iterable[tuple[str, str | bytes]] | None = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> Any:
        call = self._make(request, timeout, metadata, credentials, wait_for_ready, compression)
        call.begin()
        return call


class _ManyRequests(_Method):
    streams_requests = True

    def __call__(
        self,
        request_iterator: Any = None,
        timeout: float | None = None,
        metadata: Iterable[tuple[str, str | bytes]] | None = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> Any:
        call = self._make(None, timeout, metadata, credentials, wait_for_ready, compression)
        call.begin(self._serialize, request_iterator)
        return call


class UnaryUnary(_OneRequest):
    call_type = UnaryUnaryCall


class UnaryStream(_OneRequest):
    call_type = UnaryStreamCall
    streams_replies = True


class StreamUnary(_ManyRequests):
    call_type = StreamUnaryCall


class StreamStream(_ManyRequests):
    call_type = StreamStreamCall
    streams_replies = True


class Channel:
    """grpcio's `grpc.aio.Channel`: calls go over the connections of a user's client."""

    def __init__(
        self,
        client: Any,
        *,
        compression: bool = False,
        max_message: int = 4 << 20,
        calls: WeakSet[Any] | None = None,
    ) -> None:
        """`calls` gets those that are made."""
        self.client = client
        self.compression = compression
        self.max_message = max_message
        self.calls = calls

    def unary_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = False,
    ) -> UnaryUnary:
        return UnaryUnary(self, method, request_serializer, response_deserializer)

    def unary_stream(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = False,
    ) -> UnaryStream:
        return UnaryStream(self, method, request_serializer, response_deserializer)

    def stream_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = False,
    ) -> StreamUnary:
        return StreamUnary(self, method, request_serializer, response_deserializer)

    def stream_stream(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = False,
    ) -> StreamStream:
        return StreamStream(self, method, request_serializer, response_deserializer)

    async def close(self, grace: float | None = None) -> None:
        """Connections are the user's, and go with it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
