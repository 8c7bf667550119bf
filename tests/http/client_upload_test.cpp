// Bodies that are made while they are sent.
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/temporary_file.hpp"

#include <sys/socket.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// So many times the same piece.
FillBody pieces(std::string piece, std::size_t times) {
  return [piece = std::move(piece), left = times](std::span<char> room) mutable -> std::size_t {
    if (left == 0) return 0;
    --left;
    return piece.copy(room.data(), room.size());
  };
}

template <class Shard>
Response upload(Shard& shard, std::string_view path, std::shared_ptr<BodySource> body,
                const RequestOptions& options = {}, std::string_view method = "POST") {
  return ask(shard, [&](auto& client) { return client.request(method, path, Body(body), options); });
}

/// Reads up to the end of what is sent to it in chunks.
std::string read_chunks(int fd) {
  std::string all;
  char piece[4096];
  while (!all.ends_with("0\r\n\r\n")) {
    const auto size = ::recv(fd, piece, sizeof piece, 0);
    if (size <= 0) break;
    all.append(piece, static_cast<std::size_t>(size));
  }
  return all;
}

/// What a test pushes.
class Pushed final : public BodySource {
 public:
  std::optional<std::uint64_t> size() const override { return {}; }
  Next next() override {
    if (!more_) return {ended ? State::end : State::later};
    more_ = false;
    return {State::piece, piece_};
  }
  bool rewind() override { return false; }
  void closed() override { was_closed = true; }
  void push(std::string piece) {
    piece_ = std::move(piece);
    more_ = true;
    tell_sender();
  }
  void end() {
    ended = true;
    tell_sender();
  }

  bool ended = false, was_closed = false;

 private:
  std::string piece_;
  bool more_ = false;
};

}  // namespace

TEST_CASE_TEMPLATE("a body of unknown size is sent in chunks, one of known size with it", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  for (const bool known : {false, true}) {
    const auto size = known ? std::optional<std::uint64_t>(15) : std::nullopt;
    for (const std::string_view method : {"POST", "PUT", "DELETE"}) {
      const auto echo = upload(shard, "/echo", body_from(pieces("piece", 3), size), {}, method).json();
      CHECK(echo["method"].as_string() == method);
      CHECK(echo["body"].as_string() == "piecepiecepiece");
      CHECK(echoed(echo, "Content-Length") == (known ? "15" : ""));
      CHECK(echoed(echo, "Transfer-Encoding") == (known ? "" : "chunked"));
      CHECK(shard.recorded().error == "");
    }
  }
  const auto typed = ask(shard, [](auto& c) { return c.post("/echo", Body(body_from(pieces("x", 1)), "text/x")); });
  CHECK(echoed(typed.json(), "Content-Type") == "text/x");
  CHECK(get(shard, "/hello").status() == 200);
  CHECK(ask(shard, [](auto& c) { return c.post("/echo", "text"); }).json()["body"].as_string() == "text");
}

TEST_CASE_TEMPLATE("a body without a byte", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  for (const auto size : {std::optional<std::uint64_t>(0), std::optional<std::uint64_t>()}) {
    const auto response = upload(shard, "/upload", body_from(pieces("", 1), size));
    CHECK(response.status() == 200);
    CHECK(response.json()["bytes"].as_int() == 0);
  }
  CHECK_THROWS_AS(body_from(nullptr), std::invalid_argument);
}

TEST_CASE_TEMPLATE("large bodies, over TLS as well, leave a connection that is used again", Shard, KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .verify = false});
  const std::string piece(60'000, 'x');
  for (const std::string& url : {test_target().url("/upload"), test_target().tls_url("/upload")}) {
    for (const auto size : {std::optional<std::uint64_t>(18'000'000), std::optional<std::uint64_t>()}) {
      const auto response = upload(shard, url, body_from(pieces(piece, 300), size));
      CHECK(response.error() == "");
      CHECK(response.json()["bytes"].as_int() == 18'000'000);
    }
  }
}

TEST_CASE_TEMPLATE("large texts, copied or shared, also to a redirect", Shard, KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .verify = false});
  std::string text;
  for (int i = 0; text.size() < 3'000'000; ++i) text += std::to_string(i);
  const auto shared = std::make_shared<const std::string>(text);
  const auto put = [&](std::string_view url, auto body) {
    return ask(shard, [&](auto& c) { return c.put(url, Body(body)); });
  };
  const auto digest = put(test_target().url("/upload"), text).json()["sha256"];
  for (const std::string& url : {test_target().url("/upload"), test_target().tls_url("/upload"),
                                 test_target().url("/redirect-to?status=307&url=/upload")}) {
    CAPTURE(url);
    for (const auto& response : {put(url, text), put(url, std::string_view(text)), put(url, shared)}) {
      CHECK(response.error() == "");
      CHECK(response.json()["bytes"].as_int() == static_cast<std::int64_t>(text.size()));
      CHECK(response.json()["sha256"] == digest);
    }
  }
  CHECK(put("/echo", std::make_shared<const std::string>("short")).json()["body"].as_string() == "short");
  CHECK(shared.use_count() == 1);
}

TEST_CASE_TEMPLATE("a request behind a text whose answer came before all of it was sent", Shard, KATYDID_FAST_SHARDS) {
  static constexpr std::size_t size = 4'000'000;
  RawServer server([](int fd) {
    const std::string head = RawServer::read_head(fd);
    std::size_t left = size - (head.size() - (head.find("\r\n\r\n") + 4));
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly");
    std::this_thread::sleep_for(50ms);
    bool fits = true;
    std::string piece(64 * 1024, '\0');
    while (left > 0) {
      const auto got = ::recv(fd, piece.data(), std::min(left, piece.size()), 0);
      if (got <= 0) return;
      fits = fits && std::string_view(piece.data(), static_cast<std::size_t>(got)).find_first_not_of('x') ==
                         std::string_view::npos;
      left -= static_cast<std::size_t>(got);
    }
    const bool next = RawServer::read_head(fd).starts_with("GET /next ");
    RawServer::write(fd, fits && next ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext" : "broken");
  });
  Shard shard(server.url());
  CHECK(ask(shard, [](auto& c) { return c.put("/", Body(std::string(size, 'x'))); }).text() == "early");
  CHECK(get(shard, "/next").text() == "next");
}

TEST_CASE_TEMPLATE("a user who goes while a large text is sent", Shard, KATYDID_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    RawServer::wait_for_close(fd);
  });
  const auto text = std::make_shared<const std::string>(std::string(8'000'000, 'x'));
  {
    Shard shard(server.url());
    {
      auto work = awaiting(shard.user.client, [&](auto& client) { return client.post("/", Body(text)); });
      work.start(shard.user);
      shard.turn_until([turns = 0]() mutable { return ++turns > 10; });
    }
    CHECK(shard.recorder.cut.size() == 1);
    shard.turn_until([turns = 0]() mutable { return ++turns > 10; });
  }
  CHECK(text.use_count() == 1);
}

TEST_CASE_TEMPLATE("files", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const TemporaryFile file("content of a file");
  const auto echo = upload(shard, "/echo", file_body(file.path())).json();
  CHECK(echo["body"].as_string() == "content of a file");
  CHECK(echoed(echo, "Content-Length") == "17");
  CHECK_THROWS_WITH_AS(file_body("/no/such/file"), "/no/such/file: No such file or directory", std::system_error);
  CHECK_THROWS_AS(file_body("/tmp"), std::system_error);
}

TEST_CASE_TEMPLATE("a body that is shorter than was said ends the request", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  CHECK(upload(shard, "/echo", body_from(pieces("12345", 1), 10)).error() ==
        "BodyError: the body ended after 5 of 10 bytes");
  CHECK(shard.recorded().error == "BodyError: the body ended after 5 of 10 bytes");
}

TEST_CASE_TEMPLATE("of a longer one no more is sent than was said", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  CHECK(upload(shard, "/echo", body_from(pieces("12345", 5), 12)).json()["body"].as_string() == "123451234512");
  CHECK(get(shard, "/hello").status() == 200);
}

TEST_CASE_TEMPLATE("what the function throws is the error of the request", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto throwing = [](std::span<char>) -> std::size_t { throw std::runtime_error("no more ink"); };
  CHECK(upload(shard, "/echo", body_from(throwing)).error() == "BodyError: no more ink");
  CHECK(shard.recorded().error == "BodyError: no more ink");
  CHECK(get(shard, "/hello").status() == 200);
}

TEST_CASE_TEMPLATE("a redirect that keeps the body reads a file again, and fails for what can't be", Shard,
                   KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const TemporaryFile file("twice");
  for (const std::string path : {"/redirect-to?status=307&url=/echo", "/redirect-to?status=308&url=/echo"}) {
    CHECK(upload(shard, path, file_body(file.path())).json()["body"].as_string() == "twice");
    CHECK(upload(shard, path, body_from(pieces("once", 1))).error() ==
          "BodyError: a redirect asks for the body again, which can't be read a second time");
  }
  const auto echo = upload(shard, "/redirect-to?status=303&url=/echo", body_from(pieces("once", 1))).json();
  CHECK(echo["method"].as_string() == "GET");
  CHECK(echo["body"].as_string() == "");
  CHECK(echoed(echo, "Transfer-Encoding") == "");
}

TEST_CASE_TEMPLATE("a refusal ends a body that is not sent yet", Shard, KATYDID_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    RawServer::wait_for_close(fd);
  });
  Shard shard(server.url());
  std::size_t asked = 0;
  const auto endless = [&](std::span<char> room) {
    ++asked;
    return room.size();
  };
  const auto response = upload(shard, "/", body_from(endless));
  CHECK(response.status() == 413);
  CHECK(asked > 0);
  CHECK(shard.recorded().error != "");
}

TEST_CASE_TEMPLATE("an answer that comes before the body is sent waits for that", Shard, KATYDID_FAST_SHARDS) {
  std::mutex mutex;  // two connections write, one after the other, which a sanitizer can't see
  std::string seen;
  std::atomic<int> received = 0;
  RawServer server([&](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    std::string all = read_chunks(fd);
    {
      std::lock_guard lock(mutex);
      seen = std::move(all);
    }
    ++received;
  });
  for (const bool streams : {false, true}) {
    Shard shard(server.url());
    auto pushed = std::make_shared<Pushed>();
    auto work = awaiting(shard.user.client, [&](auto& client) {
      return client.post("/", Body(pushed), {.timeout = 5s, .stream = streams});
    });
    work.start(shard.user);
    pushed->push("first");
    std::this_thread::sleep_for(50ms);
    for (int i = 0; i < 20; ++i) shard.turn_until([turns = 0]() mutable { return ++turns > 2; });
    CHECK(!work.done());
    pushed->push("second");
    shard.turn_until([turns = 0]() mutable { return ++turns > 5; });
    pushed->end();
    shard.turn_until([&] { return work.done(); });
    CHECK(work.result().status() == 200);
    shard.turn_until([&] { return received == (streams ? 2 : 1); });
    std::lock_guard lock(mutex);
    CHECK(seen == "5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n");
  }
}

TEST_CASE_TEMPLATE("a limit for each read does not strike while the body is waited for", Shard, KATYDID_FAST_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .timeout = 60ms, .timeout_of_each_read = true});
  auto pushed = std::make_shared<Pushed>();
  auto work = awaiting(shard.user.client, [&](auto& client) { return client.post("/echo", Body(pushed)); });
  work.start(shard.user);
  const auto end = Loop::clock::now() + 200ms;
  shard.turn_until([&] { return Loop::clock::now() > end; });
  CHECK(!work.done());
  pushed->push("late");
  shard.turn_until([turns = 0]() mutable { return ++turns > 5; });
  pushed->end();
  shard.turn_until([&] { return work.done(); });
  CHECK(work.result().json()["body"].as_string() == "late");
}

TEST_CASE_TEMPLATE("a request that ends lets go of its source", Shard, KATYDID_FAST_SHARDS) {
  Shard shard(test_target().url());
  auto pushed = std::make_shared<Pushed>();
  {
    auto work = awaiting(shard.user.client, [&](auto& client) { return client.post("/echo", Body(pushed)); });
    work.start(shard.user);
    pushed->push("first");
    shard.turn_until([turns = 0]() mutable { return ++turns > 10; });
    CHECK(!pushed->was_closed);
  }
  CHECK(pushed->was_closed);
  CHECK(shard.recorder.cut.size() == 1);
  pushed->push("for nobody");
}

TEST_CASE_TEMPLATE("a connection that is gone is replaced for a body that can be read again", Shard,
                   KATYDID_FAST_SHARDS) {
  Shard shard(test_target().url());
  const TemporaryFile file("again");
  CHECK(get(shard, "/keepalive/3").status() == 200);
  for (const bool rewinds : {true, false}) {
    CHECK(get(shard, "/hello").status() == 200);
    RawServer server([first = true](int fd) mutable {
      RawServer::read_head(fd);
      RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      if (std::exchange(first, false)) {
        RawServer::read_head(fd);
        char byte = 0;
        ::recv(fd, &byte, 1, 0);  // and closes without an answer
      }
    });
    CHECK(get(shard, server.url("/")).status() == 200);
    const auto body = rewinds ? file_body(file.path()) : body_from(pieces("once", 1));
    const auto response = upload(shard, server.url("/"), body, {}, "PUT");
    CHECK(response.status() == (rewinds ? 200 : 0));
  }
}

TEST_CASE("HttpUser says that it can't wait for a body") {
  HttpShard shard(test_target().url());
  CHECK(upload(shard, "/echo", std::make_shared<Pushed>()).error() ==
        "BodyError: HttpUser sends no body that has to be waited for; FastHttpUser does");
}
