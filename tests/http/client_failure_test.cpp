#include "http/error_text.hpp"
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/target/routes/malformed.hpp"

#include <curl/curl.h>

#include <atomic>
#include <type_traits>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// Asks twice: an error must read the same each time, or it would fill the failures table.
template <class Shard>
std::string error_of(Shard& shard, std::string_view path) {
  std::string first;
  for (int i = 0; i < 2; ++i) {
    const auto response = get(shard, path);
    CHECK_FALSE(response.ok());
    CHECK(response.body().empty());
    const auto sample = shard.recorded();
    CHECK(sample.error == response.error());
    CHECK(sample.length == 0);
    if (i == 1) CHECK(sample.error == first);
    first = sample.error;
  }
  return first;
}

/// libcurl 8.5 (Ubuntu 24.04) looks past a Transfer-Encoding that it does not know.
template <class Shard>
bool refuses_unknown_codings() {
  return !std::is_same_v<Shard, HttpShard> || curl_version_info(CURLVERSION_NOW)->version_num >> 8 != 0x0805;
}

std::string place(const std::string& url) { return " (" + url.substr(7) + ")"; }

}  // namespace

TEST_CASE_TEMPLATE("a status from 400 up is a failure, named by the entry and not by the URL", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto response = get(shard, "/status/503");
  CHECK(response.status() == 503);
  CHECK(response.error() == "HTTPError('503 Server Error: Service Unavailable for url: /status/503')");
  CHECK(shard.recorded().error == response.error());
  const auto named = ask(shard, [](auto& client) { return client.get("/status/404", {.name = "/item/[id]"}); });
  CHECK(named.error() == "HTTPError('404 Client Error: Not Found for url: /item/[id]')");
  CHECK(get(shard, "/status/799").error() == "HTTPError('799 Unknown Error: Status for url: /status/799')");
}

TEST_CASE_TEMPLATE("a connection that is refused says where", Shard, KATYDID_SHARDS) {
  ClosedPort closed;
  const auto port = std::to_string(closed.port());
  Shard shard("http://127.0.0.1:" + port);
  CHECK(error_of(shard, "/x") == "ConnectionRefusedError: [Errno 111] Connection refused (127.0.0.1:" + port + ")");
  shard.user.client.options().base_url = "http://localhost:" + port;
  CHECK(error_of(shard, "/x") == "ConnectionRefusedError: [Errno 111] Connection refused (localhost:" + port + ")");
}

TEST_CASE_TEMPLATE("a proxy that refuses a connection, or has no address, is named", Shard, KATYDID_SHARDS) {
  ClosedPort closed;
  const auto port = std::to_string(closed.port());
  Shard shard(ClientOptions{.base_url = "http://host.invalid", .proxy = "http://127.0.0.1:" + port});
  CHECK(error_of(shard, "/x") ==
        "ConnectionRefusedError: [Errno 111] Connection refused (host.invalid:80 through proxy "
        "http://127.0.0.1:" +
            port + ")");
  shard.user.client.options().proxy = "http://noproxy.invalid:1";
  CHECK(error_of(shard, "/x") == "NameResolutionError: cannot resolve the proxy's host 'http://noproxy.invalid:1'");
}

TEST_CASE_TEMPLATE("a name that cannot be resolved is named", Shard, KATYDID_SHARDS) {
  Shard shard("http://nosuch.invalid:81");
  CHECK(error_of(shard, "/x") == "NameResolutionError: cannot resolve host 'nosuch.invalid'");
}

TEST_CASE_TEMPLATE("a server that breaks off is told apart by when it did", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto at = place(test_target().url());
  CHECK(error_of(shard, "/close/before") ==
        "RemoteDisconnected: the server closed the connection without an answer" + at);
  CHECK(error_of(shard, "/close/body") ==
        "IncompleteRead: the server closed the connection before the end of the body" + at);
  CHECK(error_of(shard, "/close/body?sent=0") ==
        "IncompleteRead: the server closed the connection before the end of the body" + at);
  CHECK(error_of(shard, "/malformed/chunk-truncated") ==
        "IncompleteRead: the server closed the connection before the end of the body" + at);
  CHECK(error_of(shard, "/reset") == "ConnectionResetError: [Errno 104] Connection reset by peer" + at);
  CHECK(error_of(shard, "/close/headers") ==
        "IncompleteRead: the server closed the connection before the end of the headers" + at);
}

TEST_CASE_TEMPLATE("time limits say which and how long", Shard, KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .timeout = 120ms});
  CHECK(error_of(shard, "/hang") == "Timeout: no complete answer within 120 ms");
  CHECK(error_of(shard, "/slow-body?bytes=100000&interval_ms=20") == "Timeout: no complete answer within 120 ms");
  const auto patient = ask(shard, [](auto& client) { return client.get("/delay/250", {.timeout = 10s}); });
  CHECK(patient.ok());
  const auto hasty = ask(shard, [](auto& client) { return client.get("/hang", {.timeout = 40ms}); });
  CHECK(hasty.error() == "Timeout: no complete answer within 40 ms");
  CHECK(hasty.elapsed() >= 40ms);
  CHECK(hasty.elapsed() < 1s);
  CHECK(get(shard, "/hello").ok());
}

TEST_CASE_TEMPLATE("no connection in time says where to", Shard, KATYDID_SHARDS) {
  RawServer silent([](int fd) { RawServer::wait_for_close(fd); });
  const auto place_of = "127.0.0.1:" + std::to_string(silent.port());
  // TLS belongs to connecting, and this server never begins it.
  Shard shard(ClientOptions{.base_url = "https://" + place_of, .timeout = 10s, .connect_timeout = 100ms});
  CHECK(error_of(shard, "/x") == "ConnectTimeout: no connection within 100 ms (" + place_of + ")");
  const auto response = ask(shard, [](auto& client) { return client.get("/", {.connect_timeout = 30ms}); });
  CHECK(response.error() == "ConnectTimeout: no connection within 30 ms (" + place_of + ")");
  shard.user.client.options().timeout = 50ms;
  CHECK(get(shard, "/").error() == "Timeout: no complete answer within 50 ms");
}

TEST_CASE_TEMPLATE("a body without end is cut off at max_body", Shard, KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .max_body = 5000});
  CHECK(get(shard, "/bytes/5000").ok());
  shard.recorder.samples.clear();
  CHECK(error_of(shard, "/bytes/5001") == "BodyTooLarge: the answer has more than 5000 bytes (max_body)");
  CHECK(error_of(shard, "/chunked/6000") == "BodyTooLarge: the answer has more than 5000 bytes (max_body)");
  CHECK(error_of(shard, "/gzip/500000") == "BodyTooLarge: the answer has more than 5000 bytes (max_body)");
}

TEST_CASE_TEMPLATE("a request that cannot be sent is a recorded failure as well, and ends in the loop", Shard,
                   KATYDID_SHARDS) {
  Shard shard(ClientOptions{});
  auto work = awaiting(shard.user.client, [](auto& client) { return client.get("/x"); });
  work.start(shard.user);
  CHECK_FALSE(work.done());
  shard.turn_until([&] { return work.done(); });
  CHECK(shard.recorded().error ==
        "InvalidURL: no URL: /x (a path needs a host: --host, the user class's, or the master's)");
  CHECK(no_url("127.0.0.1:9/x") ==
        "InvalidURL: no URL: 127.0.0.1:9/x (it begins with http:// or https://, and so does a host)");
  CHECK(error_of(shard, "http://host:99999/").starts_with("InvalidURL: "));
  CHECK(error_of(shard, "http:///path").starts_with("InvalidURL: "));
  CHECK(error_of(shard, "http://127.0.0.1:80ftp://host/").starts_with("InvalidURL: "));
  const auto error_with = [&](auto call) {
    const auto response = ask(shard, call);
    CHECK(shard.recorded().error == response.error());
    return response.error();
  };
  shard.user.client.options().base_url = test_target().url();
  CHECK(error_with([](auto& client) {
          return client.get("/", {.headers = {{"X", "a\r\nY: b"}}});
        }) == "InvalidHeader: the value of a header holds what may not be sent: X");
  CHECK(error_with([](auto& client) {
          return client.get("/", {.headers = {{"X Y", "a"}}});
        }) == "InvalidHeader: the name of a header holds what may not be sent: X Y");
  CHECK(error_with([](auto& client) {
          return client.get("/", {.cookies = {{"a", "b\r\n"}}});
        }) == "InvalidHeader: a cookie holds a line break");
  CHECK(error_with([](auto& client) { return client.request("HEAD", "/", "body"); }) ==
        "InvalidRequest: a HEAD request cannot have a body");
  for (const std::string_view name : {std::string_view(""), std::string_view()}) {
    CHECK(error_with([&](auto& client) {
            return client.get("/", {.headers = {{"X", "1"}, {name, "a"}, {"Y", "2"}}});
          }) == "InvalidHeader: a header has no name");
  }
  for (const std::string name : {"X:", " X", "X\r\nY", "X\x01", "\xC3\xA9", "(X)"}) {
    CAPTURE(name);
    const auto error = error_with([&](auto& client) { return client.get("/", {.headers = {{name, "a"}}}); });
    CHECK(error.starts_with("InvalidHeader: the name of a header holds what may not be sent: "));
  }
  CHECK(error_with([](auto& client) {
          return client.get("/", {.headers = {{"X", "a\x01"}}});
        }) == "InvalidHeader: the value of a header holds what may not be sent: X");
  CHECK(error_with([](auto& client) {
          return client.get("/", {.headers = {{"Transfer-Encoding", "chunked"}}});
        }).starts_with("InvalidHeader: a request's "));
  for (const std::string method : {"G E T", "", "G(", "GET\r\n", "M\xC3\xA9"}) {
    CAPTURE(method);
    CHECK(error_with([&](auto& client) { return client.request(method, "/"); }) ==
          "InvalidMethod: a method is made of letters, digits and !#$%&'*+-.^_`|~: /");
  }
  shard.user.client.options().headers = {{"", "x"}};
  CHECK(error_with([](auto& client) { return client.get("/"); }) == "InvalidHeader: a header has no name");
  shard.user.client.options().headers = {};
  CHECK(get(shard, "/hello").ok());
}

TEST_CASE_TEMPLATE("whatever a server answers, it ends in one record, and the next request is a good one", Shard,
                   KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .timeout = 3s});
  for (const auto& malformed : target::malformed_kinds()) {
    CAPTURE(malformed.kind);
    const auto response = get(shard, "/malformed/" + std::string(malformed.kind));
    const auto sample = shard.recorded();
    CHECK(sample.error == response.error());
    CHECK((response.status() == 0) == (!response.ok() && !sample.error.starts_with("HTTPError")));
    CHECK(get(shard, "/hello").body().size() == 54);
    CHECK(shard.recorded().error.empty());
  }
}

TEST_CASE_TEMPLATE("answers that break HTTP are errors that say so", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  for (const std::string kind : {"bad-status-line", "http09", "garbage"}) {
    CAPTURE(kind);
    CHECK(error_of(shard, "/malformed/" + kind).starts_with("ProtocolError: the answer is not HTTP/1: "));
  }
  CHECK(error_of(shard, "/malformed/chunk-garbage").starts_with("ProtocolError: "));
  CHECK(error_of(shard, "/malformed/bad-gzip").starts_with("ContentDecodingError: "));
  if (refuses_unknown_codings<Shard>()) {
    const auto coding = error_of(shard, "/malformed/unknown-transfer-encoding");
    CHECK_MESSAGE((coding.starts_with("ContentDecodingError: ") || coding.starts_with("ProtocolError: the Transfer-")),
                  coding);
  }
  CHECK(error_of(shard, "/malformed/huge-header") == "HeadersTooLarge: the headers of the answer are too large");
  CHECK(error_of(shard, "/malformed/many-headers") == "HeadersTooLarge: the headers of the answer are too large");
}

TEST_CASE_TEMPLATE("a connection that the server closed meanwhile costs no failure", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  for (int i = 0; i < 6; ++i) CHECK(get(shard, "/keepalive/2").ok());
  CHECK(shard.recorder.samples.size() == 6);
  CHECK(target.counts().completed == 6);
  CHECK(target.counts().connections == 3);
}

TEST_CASE_TEMPLATE("a server that closes just when the next request comes in is asked again on a new connection", Shard,
                   KATYDID_SHARDS) {
  std::atomic<int> connections = 0;
  RawServer server([&](int fd) {
    const int number = ++connections;
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    if (number == 1) RawServer::read_head(fd);  // takes the second request and closes
    if (number != 1) RawServer::wait_for_close(fd);
  });
  Shard shard(server.url());
  CHECK(get(shard, "/").ok());
  CHECK(get(shard, "/").ok());
  CHECK(connections == 2);
  CHECK(shard.recorder.samples.size() == 2);
}
