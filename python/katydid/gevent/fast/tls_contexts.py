"""What the contexts of an `ssl_context_factory` are set to do, in the settings of the engine's clients.

A context of Python's tells nobody which certificates were loaded into it. So its methods write it down, from the start.
"""

from __future__ import annotations

import functools
import os
import pathlib
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

import gevent.ssl
from geventhttpclient import connectionpool
from locust.contrib import fasthttp


class NotOfTheEngineError(Exception):
    """Says what a context has that the engine has not."""


@dataclass
class Loaded:
    """What one context was given."""

    authorities: list[tuple[str, str]] = field(default_factory=list)
    """A ("file" or "folder", path), or a ("text", PEM)."""
    certificates: list[tuple[str, str]] = field(default_factory=list)
    """Of the client, each with its key: paths."""
    other: str = ""
    """The last of what is not the engine's."""


_loaded: Final[WeakKeyDictionary[Any, Loaded]] = WeakKeyDictionary()
_Context: Final[Any] = gevent.ssl.SSLContext.__mro__[1]
"""Python's class, which gevent's is derived from."""


def _path(path: Any) -> str:
    return os.fsdecode(path) if path else ""


def _load_cert_chain(loaded: Loaded, certfile: Any, keyfile: Any = None, password: Any = None) -> None:
    loaded.certificates.append((_path(certfile), _path(keyfile)))
    if password is not None:
        loaded.other = "a client key with a password"


def _load_verify_locations(loaded: Loaded, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
    given = [("file", _path(cafile)), ("folder", _path(capath))]
    if isinstance(cadata, str):
        given.append(("text", cadata))
    elif cadata is not None:
        loaded.other = "authorities as bytes"
    loaded.authorities += [each for each in given if each[1] and each not in loaded.authorities]


def _set_default_verify_paths(loaded: Loaded) -> None:
    system = ssl.get_default_verify_paths()
    _load_verify_locations(loaded, system.cafile, system.capath)


def _set_alpn_protocols(loaded: Loaded, protocols: list[str]) -> None:
    if protocols != ["http/1.1"]:
        loaded.other = "ALPN of its own"


def _note(name: str, note: Callable[..., None]) -> None:
    """Has the method write down what it was given, when it has taken it."""
    original = getattr(_Context, name, None)
    if original is None:  # in this version of Python
        return

    @functools.wraps(original)
    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        note(_loaded.setdefault(self, Loaded()), *args, **kwargs)
        return result

    setattr(_Context, name, noted)


def _other(what: str) -> Callable[..., None]:
    def note(loaded: Loaded, *_args: Any, **_kwargs: Any) -> None:
        loaded.other = what

    return note


_note("load_cert_chain", _load_cert_chain)
_note("load_verify_locations", _load_verify_locations)
_note("set_default_verify_paths", _set_default_verify_paths)
_note("set_alpn_protocols", _set_alpn_protocols)
_note("set_ecdh_curve", _other("a curve of its own"))
_note("set_psk_client_callback", _other("keys that were shared before"))


def settings_of(factory: Callable[..., Any], insecure: bool) -> dict[str, Any]:
    """Of a native client, so that it does what geventhttpclient does with a context of that factory.

    Raises NotOfTheEngineError. What the factory raises is geventhttpclient's to raise, with the first request.
    """
    pool = connectionpool.SSLConnectionPool
    try:
        context = connectionpool.init_ssl_context(
            factory, pool.default_options["ca_certs"], check_hostname=not insecure
        )
    except Exception as error:
        raise NotOfTheEngineError(f"it raises {type(error).__name__}") from error
    loaded = _loaded.get(context, Loaded())
    others = loaded.other or _unusual(context) or ("two client certificates" if len(loaded.certificates) > 1 else "")
    if others:
        raise NotOfTheEngineError(f"its context has {others}")
    settings: dict[str, Any] = {"verify": context.verify_mode != ssl.CERT_NONE, "verify_host": context.check_hostname}
    if settings["verify"]:
        settings["ca_file"] = _file_of(tuple(loaded.authorities))
    for certificate, key in loaded.certificates:
        if not os.path.isfile(certificate) or not os.path.isfile(key or certificate):
            raise NotOfTheEngineError("the client certificate was in a file that is gone")
        settings |= {"client_certificate": certificate, "client_key": key}
    return settings


def _unusual(context: Any) -> str:
    """What it has that the contexts which Python makes have not."""
    if type(context) not in (gevent.ssl.SSLContext, _Context) or context.__dict__:
        return "a class or attributes of its own"
    if context.keylog_filename:
        return "a file for its keys"
    for usual in _usual():
        different = [name for name, value in _visible(context).items() if usual[name] != value]
        if not different:
            return ""
    return f"{different[0]} of its own"


def _visible(context: Any) -> dict[str, Any]:
    names = ("options", "verify_flags", "minimum_version", "maximum_version", "sni_callback")
    return {name: getattr(context, name) for name in names} | {
        "ciphers": [each["name"] for each in context.get_ciphers()]
    }


@functools.cache
def _usual() -> list[dict[str, Any]]:
    plain = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made = (gevent.ssl.create_default_context(), fasthttp.insecure_ssl_context_factory(), plain)
    return [_visible(each) for each in made]


@functools.cache
def _file_of(authorities: tuple[tuple[str, str], ...]) -> str:
    """One file, or folder, that has them all."""
    if not authorities:
        raise NotOfTheEngineError("its context trusts nobody")
    if len(authorities) == 1 and authorities[0][0] != "text":
        return authorities[0][1]
    if not hasattr(os, "memfd_create"):
        raise NotOfTheEngineError("its context trusts what is in several files")
    with open(os.memfd_create("authorities"), "w", encoding="latin-1", closefd=False) as joined:
        for kind, where in authorities:
            try:
                for text in _texts(kind, where):
                    joined.write(text + "\n")
            except OSError as error:
                raise NotOfTheEngineError(f"authorities can't be read: {error}") from error
        return f"/proc/self/fd/{joined.fileno()}"


def _texts(kind: str, where: str) -> list[str]:
    if kind == "text":
        return [where]
    hashed = re.compile(r"[0-9a-f]{8}\.[0-9]+")
    folder = pathlib.Path(where)
    files = [folder] if kind == "file" else sorted(each for each in folder.iterdir() if hashed.fullmatch(each.name))
    return [each.read_text(encoding="latin-1") for each in files]
