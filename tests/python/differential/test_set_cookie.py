"""Set-Cookie headers as C++ takes them, and as http.cookiejar does: many of them, in all their forms."""

from __future__ import annotations

import pathlib
import subprocess
import sys

PROGRAM = r"""
import random, sys, warnings
from katydid.gevent import install
install()
from email.message import Message
from http.cookiejar import CookieJar
from katydid import _native
from katydid.gevent.cookies import AgentCookies, SessionCookies
from requests import PreparedRequest
from requests.cookies import MockRequest, MockResponse, RequestsCookieJar
from requests.structures import CaseInsensitiveDict

warnings.simplefilter("ignore")

NAMES = ["a", "b", "AWSALB", "$x", "a b", "", "é", "a\tb", "version", "n@me"]
VALUES = ["", "1", "x y", '"q"', '"e\\"s"', "a=b", "é", "~|", None, '"', "v" * 50]
ATTRIBUTES = '''Path=/|Path=/a/b|Path|Path=|path=/x%20y|Path=foo|Path=/é|Domain=example.com|Domain=.example.com
domain=EXAMPLE.com|Domain=com|Domain=other.net|Domain=localhost|Domain=.local|Domain=www.example.com|Domain|Domain=
Domain=127.0.0.1|Domain=a.b.example.com|Max-Age=0|Max-Age=100|max-age=-5|Max-Age=x|Max-Age|Max-Age=|Max-Age= 7
Max-Age=+7|Max-Age=1_0|Max-Age=9999999999|Max-Age=99999999999999999999|Expires=Tue, 08 Dec 2099 01:07:57 GMT
Expires=Thu, 01 Jan 1970 00:00:00 GMT|expires=Wed, 21-Oct-2099 07:28:00 GMT|Expires=Wed, 21-Oct-35 07:28:00 GMT
Expires=Wednesday, 21-Oct-2099 07:28:00 GMT|Expires=never|Expires|Expires="Tue, 08 Dec 2099 01:07:57 GMT"
Expires=Tue, 31 Feb 2099 25:07:57 GMT|Expires=Tue, 31 Feb 2099 24:07:61 GMT|Expires=Tue, 00 Feb 2099 24:07:61 GMT
Expires=Tue, 08 Dec 1969 01:07:57 GMT|Expires=Xxx, 08 Dec 2099 01:07:57 GMT|Expires=Tue, 08 Dec 0036 01:07:57 GMT
Expires=Tue, 08-Dec-1500 01:07:57 GMT|Expires=Tue, 08 Dec 9999 23:59:59 GMT|Expires=Tue, 08 dec 2099 01:07:57 GMT
Expires=0|Expires=-1|Secure|secure=|Secure=1|HttpOnly|httponly=x|SameSite=Lax|SameSite=None|Partitioned|Priority=High
Version=1|version=0|Port="80"|Port|Discard|Comment=x|CommentURL=y||=|=x|  |foo=bar|foo=baz|Foo'''
ATTRIBUTES = [each for line in ATTRIBUTES.splitlines() for each in line.split("|")]
URLS = '''http://127.0.0.1:8080/ http://127.0.0.1/a/b?c=/d http://www.example.com/x/ https://www.example.com:8443/x/y/z
http://localhost/hello http://example.com http://h/a%20b/c http://[::1]:80/x http://com/a http://a.b.local/x?y#z
http://h/a;p/x,y http://h/a"b/c'''.split()


def extract(jar, url, headers):
    message = Message()
    for header in headers:
        message["Set-Cookie"] = header
    request = PreparedRequest()
    request.url = url
    request.headers = CaseInsensitiveDict()
    jar.extract_cookies(MockResponse(message), MockRequest(request))


def shown(jar):
    paths = [(domain, path, list(names)) for domain, each in jar._cookies.items() for path, names in each.items()]
    return [dict(vars(cookie)) for cookie in jar], paths


def made(choose):
    name = choose(NAMES if choose(range(4)) == 0 else NAMES[:3])
    value = choose(VALUES if choose(range(4)) == 0 else VALUES[:3])
    header = name if value is None else f"{name}={value}"
    for _ in range(choose([0, 0, 1, 1, 2, 3, 5])):
        header += choose([";", "; ", " ; "]) + choose(ATTRIBUTES)
    return header


choose = random.Random(int(sys.argv[1])).choice
native = 0
for _ in range(4000):
    url = choose(URLS)
    pairs = [(SessionCookies(), RequestsCookieJar()), (AgentCookies(), CookieJar())]
    for _ in range(choose([1, 1, 2, 4])):
        headers = [made(choose) for _ in range(choose([1, 1, 1, 2, 3]))]
        for ours, standard in pairs:
            before = shown(ours)
            if _native.take_cookies(ours, url, headers):
                native += 1
            else:
                assert shown(ours) == before, (url, headers)
                extract(ours, url, headers)
            extract(standard, url, headers)
            (cookies, paths), (expected, expected_paths) = shown(ours), shown(standard)
            for cookie, other in zip(cookies, expected):
                if other["expires"] and abs(other["expires"] - cookie["expires"]) <= 1:
                    cookie["expires"] = other["expires"]
                assert [*map(type, cookie.values())] == [*map(type, other.values())], (url, headers)
                assert list(cookie) == list(other)
            assert cookies == expected and paths == expected_paths, (url, headers, cookies, expected)
        if choose(range(3)) == 0:
            url = choose(URLS)
assert native > 2000, native
print("done")
"""


def test_takes_cookies_as_the_standard_library_does(tmp_path: pathlib.Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "20261201"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert done.stdout == "done\n", done.stderr[-3000:]
