"""`verify` and `cert` of requests and of clients on asyncio and Trio, as requests means them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from certificates import Certificates
from katydid import _native
from on_both_loops import run
from recording_target import RecordingTarget


@dataclass
class Tls:
    """HTTPS servers, the second of which demands a client certificate."""

    certificates: Certificates
    target: RecordingTarget
    site: str
    club: str

    def path(self, name: str) -> str:
        return str(self.certificates.path(name))


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    target = RecordingTarget()
    site = target.listen_tls(certificates.server())
    club = target.listen_tls(certificates.server(demands_certificate=True))
    yield Tls(certificates, target, f"https://127.0.0.1:{site}", f"https://127.0.0.1:{club}")
    target.close()


__all__ = ["run"]  # a fixture


def test_verify_of_a_request(run: Any, tls: Tls) -> None:
    tls.target.take()

    async def body(client_of: Any) -> None:
        client = client_of(tls.site)
        assert (await client.get("/hello", verify=tls.path("authority.pem"))).ok
        assert (await client.get("/hello", verify=tls.certificates.path("authority.pem"))).ok
        assert (await client.get("/hello", verify=tls.path("authority.pem").encode())).ok
        assert (await client.get("/redirect/302", verify=tls.path("authority.pem"))).ok
        assert (await client.get("/hello", verify=tls.path("hashed"))).ok
        assert "certificate verify failed" in (await client.get("/hello", verify=tls.path(""))).error
        assert "certificate verify failed" in (await client.get("/hello")).error
        assert "certificate verify failed" in (await client.get("/hello", verify=tls.path("other.pem"))).error
        missing = (await client.get("/hello", verify="/nonexistent/ca.pem")).error
        assert missing == "SSLError: cannot read CA file /nonexistent/ca.pem: No such file or directory"
        text = tls.path("text.pem")
        assert (await client.get("/hello", verify=text)).error == (
            f"SSLError: cannot read CA file {text}: no PEM certificate in it"
        )
        assert (await client.get("/hello", verify=False)).ok
        assert (await client.get("/hello", verify=None)).error is not None

    entries = run(body)
    assert sum(each["num_requests"] for each in entries) == 12
    assert sum(each["num_failures"] for each in entries) == 6
    assert len(tls.target.take()) == 7


def test_a_body_without_a_length_may_end_without_a_close_notify(run: Any, tls: Tls) -> None:
    """Which Python's servers don't send."""

    async def body(client_of: Any) -> None:
        client = client_of(tls.site, verify=False)
        whole = await client.get("/until-close")
        assert (whole.error, whole.text) == (None, "the end is the close")
        assert (await client.get("/truncated")).error.startswith("IncompleteRead")

    run(body)


def test_verify_of_the_client(run: Any, tls: Tls) -> None:
    authority, other = tls.path("authority.pem"), tls.path("other.pem")

    async def body(client_of: Any) -> None:
        client = client_of(tls.site, verify=authority)
        assert client.verify == client.ca_file == authority
        assert (await client.get("/hello")).ok
        assert not (await client.get("/hello", verify=other)).ok
        client.verify = tls.certificates.path("other.pem")
        assert client.verify == other
        assert not (await client.get("/hello")).ok
        assert (await client.get("/hello", verify=authority)).ok
        client.verify = False
        assert client.verify is False
        assert (await client.get("/hello")).ok
        assert not (await client.get("/hello", verify=other)).ok
        client.verify = True
        assert (client.verify, client.ca_file) == (True, "")
        assert not (await client.get("/hello")).ok

        client = client_of(tls.site, ca_file=authority)
        assert client.verify is True
        client.verify = False
        client.verify = True
        assert client.ca_file == authority
        assert (await client.get("/hello")).ok

    run(body)


def test_a_certificate_for_another_host(run: Any, tls: Tls) -> None:
    async def body(client_of: Any) -> None:
        client = client_of(tls.site.replace("127.0.0.1", "0.0.0.0"), verify=tls.path("authority.pem"))
        assert "IP address mismatch" in (await client.get("/hello")).error
        client.verify_host = False
        assert (await client.get("/hello")).ok
        client.verify = tls.path("other.pem")
        assert "unable to get local issuer certificate" in (await client.get("/hello")).error

    run(body)


def test_cert_of_a_request(run: Any, tls: Tls) -> None:
    pair = tls.path("client.pem"), tls.path("client.key")
    both = tls.path("client-and-key.pem")

    async def body(client_of: Any) -> None:
        client = client_of(tls.club, verify=tls.path("authority.pem"))
        refused = (await client.get("/hello")).error
        assert "it asked for a client certificate, and none is set" in refused
        for cert in (pair, list(pair), both, tls.certificates.path("client-and-key.pem"), (both, None)):
            assert (await client.get("/hello", cert=cert)).ok
        assert (await client.get("/hello", cert=None)).error == refused
        assert (await client.get("/hello", cert="")).error == refused
        assert not (await client.get("/hello", cert=(tls.path("other.pem"), tls.path("other.key")))).ok
        for cert, wrong in (
            ("/nonexistent/c.pem", "cannot read client certificate /nonexistent/c.pem: No such file"),
            ((pair[0], "/nonexistent/c.key"), "cannot read client key /nonexistent/c.key: No such file"),
            (pair[0], "no PEM private key in it"),
            (tls.path("text.pem"), "no PEM certificate in it"),
            ((pair[0], tls.path("other.key")), "does not belong to the certificate"),
        ):
            error = (await client.get("/hello", cert=cert)).error
            assert error.startswith("SSLError: ")
            assert wrong in error
        for cert in (5, (both,), (both, both, both), (5, both)):
            with pytest.raises(TypeError, match="cert must be a path or a pair of paths"):
                client.get("/hello", cert=cert)
        with pytest.raises(ValueError, match="null byte"):
            client.get("/hello", cert="a\0b")

    assert sum(each["num_requests"] for each in run(body)) == 14


def test_certificates_of_streams(run: Any, tls: Tls) -> None:
    authority, both = tls.path("authority.pem"), tls.path("client-and-key.pem")

    async def body(client_of: Any) -> None:
        client = client_of(tls.club)
        async with client.get("/bytes/100000", stream=True, verify=authority, cert=both) as response:
            assert len(await response.read()) == 100000
        async with client.get("/hello", stream=True, cert=both) as response:
            assert "certificate verify failed" in response.error
        async with client.get("/lines", stream=True, verify=authority, cert=both) as response:
            assert [line async for line in response.iter_lines()] != []

    run(body)


def test_cert_of_the_client(run: Any, tls: Tls) -> None:
    pair = tls.path("client.pem"), tls.path("client.key")
    both = tls.path("client-and-key.pem")

    async def body(client_of: Any) -> None:
        client = client_of(tls.club, verify=tls.path("authority.pem"), cert=pair)
        assert client.cert == pair
        assert (client.client_certificate, client.client_key) == pair
        assert (await client.get("/hello")).ok
        assert (await client.get("/hello", cert=both)).ok
        assert not (await client.get("/hello", cert=(tls.path("other.pem"), tls.path("other.key")))).ok
        client.cert = None
        assert client.cert is None
        assert not (await client.get("/hello")).ok
        client.cert = both
        assert (client.cert, client.client_key) == (both, "")
        assert (await client.get("/hello")).ok

        client = client_of(tls.club, ca_file=tls.path("authority.pem"), client_certificate=pair[0], client_key=pair[1])
        assert client.cert == pair
        assert (await client.get("/hello")).ok

    run(body)


def test_what_a_client_does_not_take(engine: _native.Engine, tls: Tls) -> None:
    def client(**settings: Any) -> _native.Client:
        return _native.Client(engine, None, tls.site, **settings)

    with pytest.raises(TypeError, match="verify must be"):
        client(verify=5)
    with pytest.raises(TypeError, match="cert must be"):
        client(cert=5)
    with pytest.raises(ValueError, match="twice: by verify and by ca_file"):
        client(verify="a.pem", ca_file="b.pem")
    with pytest.raises(ValueError, match="twice: by cert and by client_certificate"):
        client(cert="a.pem", client_certificate="b.pem")


def test_requests_with_equal_certificates_share_a_connection(run: Any, tls: Tls) -> None:
    tls.target.take()

    async def body(client_of: Any) -> None:
        client = client_of(tls.site, verify=False)
        for _ in range(3):
            assert (await client.get("/hello", verify=tls.path("authority.pem"))).ok
            assert (await client.get("/hello")).ok

    run(body)
    assert [each.connection for each in tls.target.take()] == [1, 2, 1, 2, 1, 2]
