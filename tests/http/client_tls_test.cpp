#include "http/idna.hpp"
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/temporary_file.hpp"
#include "tests/support/test_certificate.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

std::string tls_place(const target::Target& target) { return " (127.0.0.1:" + std::to_string(target.tls_port()) + ")"; }

}  // namespace

TEST_CASE_TEMPLATE("a certificate is checked, unless told not to", Shard, KATYDID_SHARDS) {
  const TemporaryFile trusted(test_target().certificate_pem());
  Shard shard(test_target().tls_url());
  const auto refused = get(shard, "/hello");
  CHECK(refused.status() == 0);
  CHECK(refused.error().starts_with("SSLError: "));
  CHECK(refused.error().find("self-signed certificate") != std::string::npos);
  CHECK(refused.error().ends_with(tls_place(test_target())));
  CHECK(ask(shard, [](auto& client) { return client.get("/hello", {.verify = false}); }).ok());
  CHECK_FALSE(get(shard, "/hello").ok());  // and the unchecked connection is not taken for a checked one
  shard.user.client.options().verify = false;
  CHECK(get(shard, "/hello").ok());
  shard.user.client.options().verify = true;
  shard.user.client.options().ca_file = trusted.path();
  const auto checked = get(shard, "/echo");
  CHECK(checked.ok());
  CHECK(checked.json()["scheme"].as_string() == "https");
  shard.user.client.options().ca_file.clear();
  CHECK_FALSE(get(shard, "/hello").ok());
  shard.user.client.options().ca_file = "/nonexistent/ca.pem";
  CHECK(get(shard, "/hello").error().starts_with("SSLError: "));
}

TEST_CASE_TEMPLATE("a certificate for another host is refused, unless that is not checked", Shard, KATYDID_SHARDS) {
  const TestCertificate others("other.test"), unknown("127.0.0.1");
  const TemporaryFile certificate(others.certificate_pem), key(others.key_pem), wrong(unknown.certificate_pem);
  target::Target target({.tls = target::TlsOptions{.certificate = certificate.path(), .key = key.path()}});
  Shard shard(ClientOptions{.base_url = target.tls_url(), .ca_file = certificate.path()});
  ClientOptions& options = shard.user.client.options();
  CHECK(get(shard, "/hello").error().starts_with("SSLError: "));
  options.verify_host = false;
  CHECK(get(shard, "/hello").ok());
  options.verify_host = true;
  CHECK(get(shard, "/hello").error().starts_with("SSLError: "));  // by no connection and no ticket of before
  options.verify_host = false;
  options.ca_file = wrong.path();
  CHECK(get(shard, "/hello").error().find("self-signed certificate") != std::string::npos);
  options.verify = false;
  CHECK(get(shard, "/hello").ok());
}

TEST_CASE_TEMPLATE("TLS connections are kept as well, and large bodies pass both ways", Shard, KATYDID_SHARDS) {
  target::Target target({.tls = target::TlsOptions{}});
  Shard shard(ClientOptions{.base_url = target.tls_url(), .verify = false});
  for (int i = 0; i < 4; ++i) CHECK(get(shard, "/hello").ok());
  CHECK(get(shard, "/bytes/2000000").body().size() == 2'000'000);
  const auto sent = ask(shard, [](auto& client) { return client.post("/upload", std::string(2'000'000, 'x')); });
  CHECK(sent.json()["bytes"].as_int() == 2'000'000);
  CHECK(target.counts().connections == 1);
}

TEST_CASE_TEMPLATE("a client certificate is shown, and its absence is an error that says so", Shard, KATYDID_SHARDS) {
  const TestCertificate client("ann");
  const TemporaryFile certificate(client.certificate_pem), key(client.key_pem);
  target::Target target({.tls = target::TlsOptions{.client_ca = certificate.path()}});
  Shard shard(ClientOptions{.base_url = target.tls_url(), .verify = false});
  const auto refused = get(shard, "/echo");
  CHECK(refused.status() == 0);
  // With TLS 1.3 the refusal comes after the handshake, and the end of the connection, of any kind, may overtake its
  // alert.
  CHECK_MESSAGE(!refused.error().empty(), refused.error());
  CHECK_MESSAGE(refused.error().find("Timeout") == std::string::npos, refused.error());
  shard.user.client.options().client_certificate = certificate.path();
  shard.user.client.options().client_key = key.path();
  const auto echo = get(shard, "/echo");
  REQUIRE(echo.ok());
  CHECK(echo.json()["client_certificate"].as_string().find("ann") != std::string::npos);
  Shard keyless(ClientOptions{.base_url = target.tls_url(), .verify = false, .client_certificate = certificate.path()});
  keyless.user.client.options().client_key = "/nonexistent/key.pem";
  CHECK(get(keyless, "/echo").error().starts_with("SSLError: "));
}

TEST_CASE_TEMPLATE("TLS to a plain port, and the other way round", Shard, KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = "https" + test_target().url().substr(4), .connect_timeout = 200ms});
  // The plain server waits for the end of a line, which a greeting of TLS may have in it by chance.
  const auto response = get(shard, "/hello");
  CHECK_MESSAGE((response.error().starts_with("ConnectTimeout: ") || response.error().starts_with("SSLError: ")),
                response.error());
  RawServer plain([](int fd) {
    char byte = 0;
    static_cast<void>(::recv(fd, &byte, 1, 0));
    RawServer::write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  shard.user.client.options() = {.base_url = "https" + plain.url().substr(4)};
  CHECK(get(shard, "/").error().starts_with("SSLError: "));
  shard.user.client.options().base_url = "http" + test_target().tls_url().substr(5);
  CHECK_FALSE(get(shard, "/hello").ok());
}

TEST_CASE("HTTPS goes through a proxy's tunnel, and a proxy that refuses is named as such") {
  RawServer proxy([](int fd) {
    const auto head = RawServer::read_head(fd);
    const auto colon = head.find(':');
    if (!head.starts_with("CONNECT 127.0.0.1:") || head.find("\r\nUser-Agent: ") == head.npos) return;
    const int onward = RawServer::connect(static_cast<std::uint16_t>(std::stoi(head.substr(colon + 1))));
    RawServer::write(fd, "HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n");
    RawServer::relay(fd, onward);
    ::close(onward);
  });
  HttpShard shard(ClientOptions{.base_url = test_target().tls_url(), .verify = false, .proxy = proxy.url()});
  const auto response = get(shard, "/hello");
  CHECK(response.error().empty());
  CHECK(response.header("X-Proxy").empty());

  RawServer refusing([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    RawServer::wait_for_close(fd);
  });
  shard.user.client.options().proxy = refusing.url();
  const auto refused = get(shard, "/hello");
  CHECK(refused.status() == 0);
  CHECK(refused.error() == "ProxyError: the proxy refused a tunnel with 407 Proxy Authentication Required (" +
                               test_target().tls_url().substr(8) + " through proxy " + refusing.url() + ")");
}

TEST_CASE_TEMPLATE("an international host is told in ASCII to a server with TLS", Shard, KATYDID_SHARDS) {
  if (ascii_host("b\xC3\xBC").name.empty()) return;
  const std::string path = std::filesystem::temp_directory_path() / ("katydid-sni-" + std::to_string(::getpid()));
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  ::unlink(path.c_str());
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  std::string hello(4096, '\0');
  std::thread server([&] {
    const int fd = ::accept(listener, nullptr, nullptr);
    hello.resize(static_cast<std::size_t>(std::max<ssize_t>(::recv(fd, hello.data(), hello.size(), 0), 0)));
    ::close(fd);
  });
  Shard shard(ClientOptions{.base_url = "https://b\xC3\xBC"
                                        "cher.example",
                            .unix_socket = path});
  CHECK_FALSE(get(shard, "/").ok());
  server.join();
  ::close(listener);
  ::unlink(path.c_str());
  CHECK(hello.find("xn--bcher-kva.example") != hello.npos);
}
