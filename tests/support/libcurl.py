"""What the libcurl can that a program runs with."""

from __future__ import annotations

import ctypes
import functools
import pathlib
import re
import subprocess

CURLVERSION_FIRST, HTTP3 = 0, 1 << 25
OLDEST_FOR_HTTP3 = 0x080100


class VersionInfo(ctypes.Structure):
    _fields_ = [
        ("age", ctypes.c_int),
        ("version", ctypes.c_char_p),
        ("version_num", ctypes.c_uint),
        ("host", ctypes.c_char_p),
        ("features", ctypes.c_int),
    ]


@functools.cache
def has_http3(program: pathlib.Path) -> bool:
    """Whether `program` can ask by HTTP/3; LD_LIBRARY_PATH can give it another libcurl."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    found = re.search(r"libcurl\.so\S* => (\S+)", listed)
    if not found:
        return False
    library = ctypes.CDLL(found[1])
    library.curl_version_info.restype = ctypes.POINTER(VersionInfo)
    built = library.curl_version_info(CURLVERSION_FIRST).contents
    return bool(built.features & HTTP3) and built.version_num >= OLDEST_FOR_HTTP3
