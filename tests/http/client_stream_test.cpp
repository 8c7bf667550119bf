// Answers whose body is read as it comes.
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

template <class Client>
task<Response> opened(Client& client, std::string_view path, RequestOptions options) {
  options.stream = true;
  co_return co_await client.get(path, options);
}

template <class Shard>
Response open(Shard& shard, std::string_view path, const RequestOptions& options = {}) {
  return shard.run(opened(shard.user.client, path, options));
}

task<std::string> rest_of(Response& response, std::size_t most) {
  std::string all;
  while (true) {
    const auto piece = co_await response.read(most);
    if (piece.empty()) co_return all;
    all += piece;
  }
}

template <class Shard>
std::string rest(Shard& shard, Response& response, std::size_t most = std::string::npos) {
  return shard.run(rest_of(response, most));
}

task<std::string> first_piece(Response& response) { co_return std::string(co_await response.read(10)); }

task<std::optional<std::string>> next_line(Response& response) {
  const auto line = co_await response.line();
  co_return line ? std::optional(std::string(*line)) : std::nullopt;
}

template <class Shard>
std::vector<std::string> lines(Shard& shard, Response& response) {
  std::vector<std::string> all;
  while (auto line = shard.run(next_line(response))) all.push_back(*line);
  return all;
}

/// "type|id|data|retry".
task<std::optional<std::string>> next_event(Response& response) {
  const auto event = co_await response.next_event();
  if (!event) co_return std::nullopt;
  std::string text(event->type);
  text.append("|").append(event->id).append("|").append(event->data).append("|");
  co_return event->retry ? text.append(std::to_string(event->retry->count())) : text;
}

template <class Shard>
std::vector<std::string> events(Shard& shard, Response& response) {
  std::vector<std::string> all;
  while (auto event = shard.run(next_event(response))) all.push_back(*event);
  return all;
}

/// Sends the head of a chunked answer, and then each piece as a chunk after a pause.
void write_chunks(int fd, const std::vector<std::string>& pieces, std::chrono::milliseconds pause) {
  RawServer::write(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const std::string& piece : pieces) {
    std::this_thread::sleep_for(pause);
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    RawServer::write(fd, size + piece + "\r\n");
  }
  RawServer::write(fd, "0\r\n\r\n");
}

/// Its body is the text, in two pieces, or in one where the other would be empty.
void answer_in_two(int fd, const std::string& text, std::size_t cut) {
  RawServer::read_head(fd);
  std::vector<std::string> pieces;
  for (const auto& piece : {text.substr(0, cut), text.substr(cut)}) {
    if (!piece.empty()) pieces.push_back(piece);
  }
  write_chunks(fd, pieces, 2ms);
}

RawServer answering(std::string answer) {
  return RawServer([answer = std::move(answer)](int fd) {
    while (!RawServer::read_head(fd).empty()) RawServer::write(fd, answer);
  });
}

/// Answers once, and closes.
RawServer breaking_off(std::string answer) {
  return RawServer([answer = std::move(answer)](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, answer);
  });
}

}  // namespace

TEST_CASE_TEMPLATE("a stream is there with its head, and its pieces when they come", Shard, KATYDID_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    write_chunks(fd, {"one", "two", "three"}, 80ms);
    RawServer::wait_for_close(fd);
  });
  Shard shard(server.url());
  auto response = open(shard, "/");
  CHECK(response.status() == 200);
  CHECK(response.ok());
  CHECK(response.body().empty());
  const auto recorded = shard.recorded();
  CHECK(recorded.error.empty());
  CHECK(recorded.length == 0);
  CHECK(recorded.response_time < 60ms);
  const auto start = Loop::clock::now();
  for (const std::string_view piece : {"one", "two", "three", ""}) {
    CHECK(shard.run([](Response& r) -> task<std::string> { co_return std::string(co_await r.read()); }(response)) ==
          piece);
  }
  CHECK(Loop::clock::now() - start > 200ms);
  CHECK(response.stream_error().empty());
  CHECK(shard.recorder.samples.empty());
}

TEST_CASE_TEMPLATE("the length of a stream is what its head says", Shard, KATYDID_SHARDS) {
  const auto server = answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  Shard shard(server.url());
  auto response = open(shard, "/");
  CHECK(shard.recorded().length == 5);
  CHECK(response.length() == 5);
  CHECK(rest(shard, response, 2) == "hello");
  auto again = open(shard, "/");
  CHECK(rest(shard, again, 0) == "hello");
}

TEST_CASE_TEMPLATE("a body is the same as a stream, however it is framed", Shard, KATYDID_SHARDS) {
  for (const bool secure : {false, true}) {
    Shard shard(ClientOptions{.base_url = secure ? test_target().tls_url() : test_target().url(), .verify = false});
    for (const std::string_view path :
         {"/hello", "/bytes/0", "/bytes/1", "/bytes/3000000", "/chunked/300000?chunk=7", "/chunked/3000000",
          "/gzip/300000", "/deflate/300000", "/slow-body?bytes=1024&chunk=128&interval_ms=5", "/redirect/3"}) {
      CAPTURE(path);
      auto response = open(shard, path);
      REQUIRE(response.ok());
      CHECK(rest(shard, response) == get(shard, path).body());
      CHECK(response.stream_error().empty());
    }
    CHECK(shard.user.client.options().base_url.starts_with(secure ? "https" : "http"));
  }
}

TEST_CASE_TEMPLATE("what has no body is a stream that ends at once", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  for (const std::string_view path : {"/status/204", "/status/304"}) {
    auto response = open(shard, path);
    CHECK(rest(shard, response).empty());
  }
  auto head = ask(shard, [](auto& client) { return client.head("/bytes/100", {.stream = true}); });
  CHECK(head.length() == 100);
  CHECK(rest(shard, head).empty());
  CHECK(lines(shard, head).empty());
}

TEST_CASE_TEMPLATE("a failed status is recorded with the head, and its body can be read", Shard, KATYDID_SHARDS) {
  const auto server = answering("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
  Shard shard(server.url());
  auto response = open(shard, "/x");
  CHECK(shard.recorded().error == "HTTPError('404 Client Error: Not Found for url: /x')");
  CHECK(rest(shard, response) == "no");
}

TEST_CASE_TEMPLATE("a request that got no answer has a stream without anything", Shard, KATYDID_SHARDS) {
  const ClosedPort port;
  Shard shard("http://127.0.0.1:" + std::to_string(port.port()));
  auto response = open(shard, "/");
  CHECK(response.status() == 0);
  CHECK(rest(shard, response).empty());
  CHECK(lines(shard, response).empty());
  CHECK(events(shard, response).empty());
  CHECK(shard.recorded().error.starts_with("ConnectionRefusedError"));
}

TEST_CASE_TEMPLATE("lines end with LF, CRLF or CR, wherever the pieces end", Shard, KATYDID_SHARDS) {
  const std::vector<std::string> expected{"data: a", "", "data: b", "c", "d", "", "", "last"};
  const std::string text = "data: a\n\ndata: b\r\nc\rd\r\n\r\n\rlast";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    RawServer server([&](int fd) { answer_in_two(fd, text, cut); });
    Shard shard(server.url());
    auto response = open(shard, "/");
    CHECK(lines(shard, response) == expected);
  }
}

TEST_CASE_TEMPLATE("a line comes when its end does", Shard, KATYDID_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    write_chunks(fd, {"first\r", "\nsecond", "\n"}, 100ms);
  });
  Shard shard(server.url());
  auto response = open(shard, "/");
  const auto start = Loop::clock::now();
  CHECK(shard.run(next_line(response)) == "first");
  CHECK(Loop::clock::now() - start < 1s);  // the line feed is not waited for
  CHECK(shard.run(next_line(response)) == "second");
  CHECK_FALSE(shard.run(next_line(response)));
}

TEST_CASE_TEMPLATE("server-sent events come when their empty line does, wherever the pieces end", Shard,
                   KATYDID_SHARDS) {
  const std::string text =
      "\xEF\xBB\xBF: hello\r\nretry: 10\r\nid: 1\r\ndata: gr\xC3\xBC\xC3\x9F\r\ndata: e\r\n\r\n"
      "event: add\ndata: two\n\nevent: lost\n\rdata: three\r\rdata: unfinished\n";
  const std::vector<std::string> expected{"message|1|gr\xC3\xBC\xC3\x9F\ne|10", "add|1|two|10", "message|1|three|10"};
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    RawServer server([&](int fd) { answer_in_two(fd, text, cut); });
    Shard shard(server.url());
    auto response = open(shard, "/");
    CHECK(events(shard, response) == expected);
    CHECK(response.stream_error().empty());
  }
}

TEST_CASE_TEMPLATE("an event is not waited for longer than its empty line takes", Shard, KATYDID_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    write_chunks(fd, {"data: first\r\n\r", "\ndata: second\n\n"}, 100ms);
  });
  Shard shard(server.url());
  auto response = open(shard, "/");
  const auto start = Loop::clock::now();
  CHECK(shard.run(next_event(response)) == "message||first|");
  CHECK(Loop::clock::now() - start < 1s);
  CHECK(shard.run(next_event(response)) == "message||second|");
  CHECK_FALSE(shard.run(next_event(response)));
}

TEST_CASE_TEMPLATE("an event that is larger than a body may be is an error", Shard, KATYDID_SHARDS) {
  std::string text = "data: small\n\n";
  for (int i = 0; i < 20; ++i) text += "data: " + std::string(10'000, 'x') + "\n";
  const auto server =
      answering("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size() + 2) + "\r\n\r\n" + text + "\n\n");
  Shard shard(ClientOptions{.base_url = server.url(), .max_body = 100'000});
  auto response = open(shard, "/");
  CHECK(shard.run(next_event(response)) == "message||small|");
  CHECK_FALSE(shard.run(next_event(response)));
  CHECK(response.stream_error() == "BodyTooLarge: the answer has more than 100000 bytes (max_body)");
  CHECK_FALSE(shard.run(next_event(response)));
  CHECK(open(shard, "/").ok());
}

TEST_CASE_TEMPLATE("a line without an end is an error once it is larger than a body may be", Shard, KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .max_body = 1'000'000});
  const auto server = answering("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'x'));
  auto response = open(shard, server.url());
  CHECK(lines(shard, response).size() <= 1);
  CHECK(response.stream_error().starts_with("BodyTooLarge"));
  auto pieces = open(shard, "/bytes/3000000");
  CHECK(rest(shard, pieces).size() == 3'000'000);
}

TEST_CASE_TEMPLATE("a connection serves again once its stream has been read, and is closed when it hasn't", Shard,
                   KATYDID_SHARDS) {
  std::atomic<int> connections = 0;
  RawServer server([&](int fd) {
    ++connections;
    while (true) {
      const auto head = RawServer::read_head(fd);
      if (head.empty()) return;
      if (head.find("/endless") != head.npos) {
        RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
        return RawServer::wait_for_close(fd);
      }
      write_chunks(fd, {"one", "two"}, 5ms);
    }
  });
  Shard shard(server.url());
  for (int i = 0; i < 3; ++i) {
    auto response = open(shard, "/");
    CHECK(rest(shard, response) == "onetwo");
  }
  CHECK(connections == 1);
  { const auto dropped = open(shard, "/endless"); }
  auto response = open(shard, "/");
  CHECK(connections == 2);
  CHECK(rest(shard, response) == "onetwo");
  CHECK(shard.recorder.samples.size() == 5);
}

TEST_CASE_TEMPLATE("a body that ends too early is an error of the stream, not of the request", Shard, KATYDID_SHARDS) {
  const auto server = breaking_off("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  Shard shard(server.url());
  auto response = open(shard, "/");
  CHECK(rest(shard, response) == "half");
  CHECK(response.stream_error().starts_with("IncompleteRead: the server closed the connection before the end"));
  CHECK(response.ok());
  CHECK(shard.recorded().error.empty());
  SUBCASE("unless the task judges it") {
    {
      auto judged = open(shard, "/", {.catch_response = true});
      CHECK(rest(shard, judged) == "half");
      CHECK(shard.recorder.samples.empty());
    }
    CHECK(shard.recorded().error.starts_with("IncompleteRead"));
  }
  SUBCASE("and has called it a success") {
    {
      auto judged = open(shard, "/", {.catch_response = true});
      rest(shard, judged);
      judged.success();
    }
    CHECK(shard.recorded().error.empty());
  }
}

TEST_CASE_TEMPLATE("a broken chunk, and a body that is not what its encoding says, are errors of the stream", Shard,
                   KATYDID_SHARDS) {
  const auto chunk = breaking_off("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
  Shard shard(chunk.url());
  auto response = open(shard, "/");
  CHECK(rest(shard, response) == "abc");
  CHECK(response.stream_error().starts_with("ProtocolError: "));
  const auto gzip = answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone");
  auto encoded = open(shard, gzip.url());
  CHECK(rest(shard, encoded).empty());
  CHECK(encoded.stream_error().starts_with("ContentDecodingError"));
  auto raw = open(shard, gzip.url(), {.decodes = false});
  CHECK(rest(shard, raw) == "none");
}

TEST_CASE_TEMPLATE("nothing comes within the time limit", Shard, KATYDID_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    RawServer::wait_for_close(fd);
  });
  Shard shard(ClientOptions{.base_url = server.url(), .timeout = 100ms});
  auto response = open(shard, "/");
  std::this_thread::sleep_for(120ms);  // of the task's own, which does not count
  CHECK(rest(shard, response) == "half");
  CHECK(response.stream_error() == "BodyTimeout: no more of the body within 100 ms");
}

TEST_CASE_TEMPLATE("all of a stream has a time limit of its own", Shard, KATYDID_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 60; ++i) {
      RawServer::write(fd, "x");
      std::this_thread::sleep_for(10ms);
    }
    RawServer::wait_for_close(fd);
  });
  Shard shard(ClientOptions{.base_url = server.url(), .timeout = 10s});
  auto response = open(shard, "/", {.stream_timeout = 100ms});
  const auto begin = std::chrono::steady_clock::now();
  const auto body = rest(shard, response);
  CHECK(body.size() < 20);
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
  CHECK(response.stream_error() == "BodyTimeout: the body did not end within 100 ms");
}

TEST_CASE_TEMPLATE("who reads slowly holds the server back", Shard, KATYDID_SHARDS) {
  constexpr std::size_t size = 256 << 20;
  std::atomic<std::size_t> written = 0;
  RawServer server([&](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
    const std::string piece(1 << 20, 'x');
    while (written < size) {
      const auto sent = ::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      written += static_cast<std::size_t>(sent);
    }
  });
  Shard shard(server.url());
  auto response = open(shard, "/");
  const auto until = Loop::clock::now() + 400ms;
  shard.turn_until([&] { return Loop::clock::now() > until; });
  CHECK(written < 32u << 20);  // what the kernel's buffers hold
  CHECK(response.stream()->pending().size() < 2u << 20);
  std::size_t length = 0;
  shard.run([](Response& r, std::size_t& total) -> task<void> {
    while (true) {
      const auto piece = co_await r.read();
      if (piece.empty()) break;
      total += piece.size();
    }
  }(response, length));
  CHECK(length == size);
  CHECK(response.stream_error().empty());
}

TEST_CASE_TEMPLATE("who waits for a stream can be ended", Shard, KATYDID_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    RawServer::wait_for_close(fd);
  });
  Shard shard(server.url());
  auto response = open(shard, "/");
  {
    auto reading = rest_of(response, 1);
    reading.start(shard.user);
    CHECK_FALSE(reading.done());
  }
  CHECK(response.stream()->is_open());
  CHECK(shard.user.requests_in_flight == 0);
}

TEST_CASE_TEMPLATE("a stream that outlives its client has ended", Shard, KATYDID_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    RawServer::wait_for_close(fd);
  });
  Response response;
  Loop loop;
  decltype(Shard::engine) engine(loop);
  {
    TestRecorder recorder;
    typename Shard::User user(loop, recorder, engine, {.base_url = server.url()});
    auto work = opened(user.client, "/", {});
    work.start(user);
    while (!work.done()) loop.poll();
    response = work.result();
  }
  CHECK_FALSE(response.stream()->is_open());
  CHECK(response.stream_error() == "ConnectionAbortedError: the client is gone");
}

TEST_CASE_TEMPLATE("streams that are dropped while they are held back, and at once", Shard, KATYDID_SHARDS) {
  for (int i = 0; i < 20; ++i) {
    const auto& target = test_target();
    Shard shard(ClientOptions{.base_url = i % 2 ? target.tls_url() : target.url(), .verify = false});
    auto held = open(shard, "/bytes/6000000");
    const auto until = Loop::clock::now() + 30ms;
    shard.turn_until([&] { return Loop::clock::now() > until; });
    CHECK(held.stream()->pending().size() > 200'000);
    CHECK(held.stream()->pending().size() < 2'000'000);
    held = {};
    { const auto at_once = open(shard, "/bytes/6000000"); }
    auto half = open(shard, "/gzip/3000000");
    CHECK(shard.run(first_piece(half)).size() == 10);
    auto other = open(shard, "/bytes/300000");
    half.close_stream();
    CHECK(rest(shard, other).size() == 300'000);
    CHECK(get(shard, "/hello").ok());
  }
}

TEST_CASE_TEMPLATE("several streams of a user at once, and other requests between their pieces", Shard,
                   KATYDID_SHARDS) {
  Shard shard(test_target().url());
  auto first = open(shard, "/bytes/2000000");
  auto second = open(shard, "/chunked/2000000?chunk=1000");
  CHECK(shard.run(first_piece(first)).size() == 10);
  CHECK(get(shard, "/hello").ok());
  CHECK(shard.run(first_piece(second)).size() == 10);
  CHECK(rest(shard, first, 1000).size() == 1'999'990);
  CHECK(rest(shard, second, 70'000).size() == 1'999'990);
  CHECK(first.stream_error().empty());
  CHECK(second.stream_error().empty());
}

TEST_CASE_TEMPLATE("a request that is awaited where its stream is read", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const auto read = [](auto& client) -> task<std::string> {
    const RequestOptions options{.stream = true};
    co_return std::string(co_await static_cast<Response&&>(co_await client.get("/bytes/10", options)).read());
  };
  for (int i = 0; i < 3; ++i) CHECK(shard.run(read(shard.user.client)).size() == 10);
}

TEST_CASE_TEMPLATE("what could lead on and does not is a stream, too", Shard, KATYDID_SHARDS) {
  const auto redirect = answering("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 4\r\n\r\ngone");
  Shard shard(redirect.url());
  auto response = open(shard, "/", {.allow_redirects = false});
  CHECK(response.status() == 302);
  CHECK(rest(shard, response) == "gone");
  auto endless = open(shard, "/");
  CHECK(endless.error().starts_with("TooManyRedirects"));
  CHECK(rest(shard, endless).empty());
  auto digest = open(shard, test_target().url("/digest-auth/ann/secret"), {.digest = {"ann", "secret"}});
  CHECK(digest.status() == 200);
  CHECK(!rest(shard, digest).empty());
}

TEST_CASE_TEMPLATE("a large body is sent, and the answer to it is a stream", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  const std::string large(1'000'000, 'x');
  auto response = ask(shard, [&](auto& client) { return client.post("/echo", large, {.stream = true}); });
  CHECK(rest(shard, response).find(large) != std::string::npos);
  CHECK(shard.recorded().error.empty());
  // An answer that comes before the body was sent: libcurl reads on in what it was given.
  RawServer early([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    std::this_thread::sleep_for(50ms);
    RawServer::write(fd, "ok");
    RawServer::wait_for_close(fd);
  });
  const std::string larger(20'000'000, 'x');
  auto answer =
      ask(shard, [&](auto& client) { return client.post(early.url(), larger, {.timeout = 5s, .stream = true}); });
  CHECK(answer.status() == 200);
  const auto body = rest(shard, answer);
  CHECK((body == "ok" || !answer.stream_error().empty()));
}

TEST_CASE_TEMPLATE("what comes behind the chunks is no part of the body", Shard, KATYDID_SHARDS) {
  const auto server = answering(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nLocation: /x\r\n\r\n");
  Shard shard(server.url());
  for (int i = 0; i < 3; ++i) {
    auto response = open(shard, "/");
    CHECK(rest(shard, response) == "ok");
    CHECK(response.stream_error().empty());
    CHECK(response.header("X-Sum").empty());
  }
}
