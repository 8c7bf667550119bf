"""Cases of what C++ composes: URLs, parameters, headers, JSON, forms, credentials and cookies, in the forms that are
common and in those that only Python can judge. All are the same for both kinds of user."""

from __future__ import annotations

import decimal
import enum
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from cases import attempt
from shared_cases import See, both


class Color(enum.Enum):
    RED = "red"


class Word(str):
    __slots__ = ()


class Number(enum.IntEnum):
    SEVEN = 7


def each(see: See, calls: Iterable[Any]) -> list[object]:
    """What all the calls return or raise."""
    return [attempt(lambda call=call: see(call())) for call in calls]  # type: ignore[misc]


def echoes(user: Any, see: See, **variants: Any) -> list[object]:
    """A POST for each value of one keyword."""
    ((keyword, values),) = variants.items()
    return each(see, [lambda value=value: user.client.post("/echo", **{keyword: value}) for value in values])


@both
def changing_urls(user: Any, see: See) -> object:
    return [see(user.client.get(f"/echo/{number}?n={number}", name="/echo/[n]")) for number in range(8)]


@both
def urls_with_unusual_letters(user: Any, see: See) -> object:
    paths = ["/echo/a b", "/echo/ä", "/echo/日本", "/echo/€?q=€", '/echo/"x"', "/echo/<a>", "/echo/{a}|b^c`d\\e"]
    return each(see, [lambda path=path: user.client.get(path) for path in paths])


@both
def urls_with_percent_signs(user: Any, see: See) -> object:
    paths = ["/echo/%20", "/echo/%2F", "/echo/%2f", "/echo/%41", "/echo/%7E", "/echo/%C3%A4", "/echo?q=%26%3D"]
    return each(see, [lambda path=path: user.client.get(path) for path in paths])


@both
def urls_with_marks(user: Any, see: See) -> object:
    paths = ["/echo/a;b=c", "/echo/a,b", "/echo/a+b", "/echo/a@b:c", "/echo/!$&'()*", "/echo?a=1&b=2;c", "/echo?a?b"]
    return each(see, [lambda path=path: user.client.get(path) for path in paths])


@both
def urls_that_end_early(user: Any, see: See) -> object:
    paths = ["/echo?", "/echo?a=1#part", "/echo#", "/echo?a#b?c"]
    return each(see, [lambda path=path: user.client.get(path) for path in paths])


@both
def absolute_urls_in_capitals(user: Any, see: See) -> object:
    client = user.client
    urls = [user.host.replace("http", "HTTP") + "/echo", user.host.replace("127.0.0.1", "LOCALHOST") + "/echo"]
    return each(see, [lambda url=url: client.get(url, name="named") for url in urls])


@both
def params_of_all_kinds(user: Any, see: See) -> object:
    values: list[Any] = [
        {"a": 1, "b": 2.5, "c": True, "d": "x y", "e": b"bytes", "f": "ä&="},
        [("a", "1"), ("a", "2")],
        (("a", 1),),
        {"list": [1, "two", 3.0], "tuple": (4, 5)},
        {"empty": "", "zero": 0},
        OrderedDict([("z", 1), ("a", 2)]),
    ]
    return each(see, [lambda value=value: user.client.get("/echo", params=value) for value in values])


@both
def params_behind_a_query(user: Any, see: See) -> object:
    client = user.client
    return [see(client.get("/echo?x=1", params={"y": 2})), see(client.get("/echo?x=ä", params={"y": "ö"}))]


@both
def params_of_none(user: Any, see: See) -> object:
    values: list[Any] = [{"a": None, "b": 1}, {"a": [None, 1]}, {}, []]
    return each(see, [lambda value=value: user.client.get("/echo", params=value) for value in values])


@both
def params_that_python_encodes(user: Any, see: See) -> object:
    values: list[Any] = [{"a": Color.RED}, {"a": Number.SEVEN}, {"a": decimal.Decimal("1.50")}, {Word("w"): Word("v")}]
    return each(see, [lambda value=value: user.client.get("/echo", params=value) for value in values])


@both
def params_with_a_body(user: Any, see: See) -> object:
    return see(user.client.post("/echo", params={"a": 1}, json={"b": 2}))


@both
def params_with_a_name(user: Any, see: See) -> object:
    client = user.client
    with client.rename_request("group"):
        first = see(client.get("/echo", params={"a": 1}))
    return [first, see(client.get("/echo", params={"a": 1}, name="own"))]


@both
def headers_of_a_request(user: Any, see: See) -> object:
    values: list[Any] = [
        {"X-One": "1", "x-two": "2"},
        {"user-agent": "mine"},
        {"ACCEPT": "text/html"},
        {"X-Empty": ""},
        {"X-Latin": "\xe4"},
        {"X-Spaces": "a  b "},
        OrderedDict([("B", "1"), ("A", "2")]),
    ]
    return each(see, [lambda value=value: user.client.get("/echo", headers=value) for value in values])


@both
def headers_that_change(user: Any, see: See) -> object:
    return [see(user.client.get("/echo", headers={"X-Number": str(number)})) for number in range(6)]


@both
def headers_with_json(user: Any, see: See) -> object:
    values = [{"Content-Type": "application/x-own"}, {"content-type": "a/b"}, {"accept": "c/d"}, {"X-A": "b"}]
    return each(see, [lambda value=value: user.client.post("/echo", json={"a": 1}, headers=value) for value in values])


@both
def headers_with_a_form(user: Any, see: See) -> object:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=latin-1"}
    return see(user.client.post("/echo", data={"a": "b"}, headers=headers))


@both
def host_header(user: Any, see: See) -> object:
    return see(user.client.get("/echo", headers={"Host": "example.org"}))


@both
def headers_that_python_refuses(user: Any, see: See) -> object:
    values: list[Any] = [{"X": "a\nb"}, {"X Y": "1"}, {"": "1"}]
    return [
        isinstance(attempt(lambda value=value: see(user.client.get("/echo", headers=value))), dict)  # type: ignore[misc]
        for value in values
    ]


@both
def json_of_all_kinds(user: Any, see: See) -> object:
    values: list[Any] = [
        {"s": "text", "i": -1, "f": 0.1, "t": True, "n": None, "l": [1, [2, []]], "d": {"x": {}}},
        [],
        {},
        "text",
        0,
        False,
        1e300,
        (1, 2),
        12345678901234567890123,
    ]
    return echoes(user, see, json=values)


@both
def json_with_unusual_letters(user: Any, see: See) -> object:
    return echoes(user, see, json=['"\\/\b\f\n\r\t\x00\x1f\x7f', "äöü€日本\U0001f600", {"ключ": "значение"}, "\ud800"])


@both
def json_that_python_encodes(user: Any, see: See) -> object:
    values: list[Any] = [{1: "a", 2.5: "b", None: "c", False: "d"}, Word("w"), {"e": Number.SEVEN}, OrderedDict(a=1)]
    return echoes(user, see, json=values)


@both
def json_that_python_refuses(user: Any, see: See) -> object:
    circle: list[Any] = []
    circle.append(circle)
    return echoes(user, see, json=[{"a": Color.RED}, {(1, 2): 3}, {1, 2}, circle])


@both
def json_that_is_deep(user: Any, see: See) -> object:
    value: Any = 1
    for _ in range(150):
        value = [value]
    return see(user.client.post("/echo", json=value))


@both
def json_with_each_method(user: Any, see: See) -> object:
    client = user.client
    calls = [client.get, client.post, client.put, client.patch, client.delete, client.options]
    return [see(call("/echo", json={"a": 1})) for call in calls]


@both
def forms_of_all_kinds(user: Any, see: See) -> object:
    values: list[Any] = [{"a": "1", "b": "x y&z=ä"}, {"n": 1, "f": 2.5, "t": True}, {"b": b"bytes"}, {"e": ""}]
    return echoes(user, see, data=values)


@both
def forms_that_python_encodes(user: Any, see: See) -> object:
    return echoes(user, see, data=[{"a": Number.SEVEN}, {"a": Word("w")}, {"a": decimal.Decimal("0.5")}])


@both
def bodies_as_they_are(user: Any, see: See) -> object:
    return echoes(user, see, data=["text", b"bytes \x00\xff", "ä€", "", b""])


@both
def bodies_with_each_method(user: Any, see: See) -> object:
    client = user.client
    calls = [client.get, client.post, client.put, client.patch, client.delete, client.options]
    return [see(call("/echo", data="body")) for call in calls]


@both
def data_wins_over_json(user: Any, see: See) -> object:
    client = user.client
    return [see(client.post("/echo", data={"a": 1}, json={"b": 2})), see(client.post("/echo", data={}, json={"b": 2}))]


@both
def credentials(user: Any, see: See) -> object:
    values = [("ann", "secret"), ("", ""), ("ä", "ö"), (b"ann", b"secret"), ("a:b", "c")]
    return each(see, [lambda value=value: user.client.get("/echo", auth=value) for value in values])


@both
def credentials_and_headers(user: Any, see: See) -> object:
    client = user.client
    return [
        see(client.get("/echo", auth=("a", "b"), headers={"Authorization": "own"})),
        see(client.post("/echo", auth=("a", "b"), json={"c": 1})),
    ]


@both
def caught_and_composed(user: Any, see: See) -> object:
    client = user.client
    seen: list[object] = []
    for number in range(3):
        with client.post(
            "/echo", params={"n": number}, json={"n": number}, headers={"X-N": str(number)}, catch_response=True
        ) as response:
            seen.append(see(response))
            if number == 1:
                response.failure("wrong")
    return seen


@both
def keywords_that_say_nothing(user: Any, see: See) -> object:
    client = user.client
    return [
        see(client.get("/echo", params=None, headers=None, auth=None, stream=False)),
        see(client.post("/echo", data=None, json=None, name=None, context={})),
    ]


@both
def called_by_keywords(user: Any, see: See) -> object:
    client = user.client
    return [see(client.request(method="PUT", url="/echo", data="x")), see(client.get(url="/echo"))]


@both
def called_wrongly(user: Any, _see: See) -> object:
    client = user.client
    calls = [lambda: client.get(), lambda: client.request("GET"), lambda: client.get(None)]
    return [isinstance(attempt(call), dict) for call in calls]


@both
def methods_in_small_letters(user: Any, see: See) -> object:
    client = user.client
    return [see(client.request(method, "/echo", json={"a": 1})) for method in ("post", "Put", "delete")]


@both
def errors_with_bodies(user: Any, see: See) -> object:
    client = user.client
    return [see(client.post(f"/status/{code}", params={"a": 1}, json={"b": 2})) for code in (400, 404, 500)]


@both
def redirects_of_composed_requests(user: Any, see: See) -> object:
    client = user.client
    return [
        see(client.get("/redirect/302?to=/echo", headers={"X-A": "b"}, name="with headers")),
        see(client.get("/redirect/302?to=/echo", allow_redirects=False, headers={"X-A": "b"})),
    ]


@both
def requests_after_a_change_of_host(user: Any, see: See) -> object:
    client = user.client
    before = see(client.get("/echo"))
    client.base_url = user.host.replace("127.0.0.1", "localhost")
    return [before, see(client.get("/echo", name="after")).__class__.__name__]
