"""What calls raise and say: grpcio's own classes where it is installed."""

from __future__ import annotations

import enum
from typing import Any

__all__ = ["EOF", "AioRpcError", "Metadata", "StatusCode", "status_code"]

try:
    from grpc.aio import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
        EOF,
        AioRpcError,
        Metadata,
    )

    from grpc import StatusCode  # type: ignore[attr-defined, import-untyped, unused-ignore]
except ImportError:

    class StatusCode(enum.Enum):  # type: ignore[no-redef, unused-ignore]
        """gRPC's statuses; a value is (number, text)."""

        OK = (0, "ok")
        CANCELLED = (1, "cancelled")
        UNKNOWN = (2, "unknown")
        INVALID_ARGUMENT = (3, "invalid argument")
        DEADLINE_EXCEEDED = (4, "deadline exceeded")
        NOT_FOUND = (5, "not found")
        ALREADY_EXISTS = (6, "already exists")
        PERMISSION_DENIED = (7, "permission denied")
        RESOURCE_EXHAUSTED = (8, "resource exhausted")
        FAILED_PRECONDITION = (9, "failed precondition")
        ABORTED = (10, "aborted")
        OUT_OF_RANGE = (11, "out of range")
        UNIMPLEMENTED = (12, "unimplemented")
        INTERNAL = (13, "internal")
        UNAVAILABLE = (14, "unavailable")
        DATA_LOSS = (15, "data loss")
        UNAUTHENTICATED = (16, "unauthenticated")

    class Metadata(tuple[Any, ...]):  # type: ignore[no-redef, unused-ignore]
        """(key, value) pairs."""

        __slots__ = ()

        def __new__(cls, *pairs: tuple[str, str | bytes]) -> Metadata:
            return super().__new__(cls, pairs)

    class AioRpcError(Exception):  # type: ignore[no-redef, unused-ignore]
        """A call did not end with the status OK."""

        def __init__(
            self, code: StatusCode, initial_metadata: Metadata, trailing_metadata: Metadata, details: str | None = None
        ) -> None:
            super().__init__(f"{code.name}: {details}")
            self._parts = (code, initial_metadata, trailing_metadata, details)

        def code(self) -> StatusCode:
            return self._parts[0]

        def initial_metadata(self) -> Metadata:
            return self._parts[1]

        def trailing_metadata(self) -> Metadata:
            return self._parts[2]

        def details(self) -> str | None:
            return self._parts[3]

    class _EOF:
        def __bool__(self) -> bool:
            return False

        def __repr__(self) -> str:
            return "<EOF>"

    EOF: Any = _EOF()  # type: ignore[no-redef, unused-ignore]

_codes = {code.value[0]: code for code in StatusCode}


def status_code(number: int) -> StatusCode:
    return _codes[number]
