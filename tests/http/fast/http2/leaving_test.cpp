// Servers that take leave of a connection, or of a request before they have all of it.
#include "net/several.hpp"
#include "net/sleep.hpp"
#include "tests/http/fast/http2/peer.hpp"
#include "tests/http/http_client_harness.hpp"

#include <atomic>
#include <chrono>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

using Peer = Http2Peer;

ClientOptions to(const Peer& peer) { return {.base_url = peer.url(""), .http_version = HttpVersion::http2}; }

std::string no_error(std::uint32_t last) {
  return Peer::bytes_of({.type = Peer::goaway, .payload = Peer::number(last) + Peer::number(0)});
}

std::string answer_to(std::uint32_t stream, std::string fields = {}) {
  return Peer::bytes_of({.type = Peer::headers,
                         .flags = Peer::end_headers | Peer::end_stream,
                         .stream = stream,
                         .payload = Peer::status(200) + fields});
}

template <class Client>
task<> ask_for(Client& client, int requests) {
  for (int i = 0; i < requests; ++i) {
    const auto response = co_await client.post("/", "once");
    CHECK_MESSAGE(response.status() == 200, response.error());
  }
}

template <class Client>
task<Response> late_request(Client& client) {
  co_await sleep(50ms);
  co_return co_await client.get("/");
}

}  // namespace

TEST_CASE_TEMPLATE("HTTP/2: a request that is made as the server takes leave goes over another connection", Shard,
                   KATYDID_FAST_SHARDS) {
  std::atomic<int> connections = 0, closed = 0;
  Peer peer(
      [&](Peer::Connection& connection) {
        ++connections;
        const auto stream = connection.next_request();
        if (stream != 0) connection.send_raw(answer_to(stream) + no_error(stream));
        connection.wait_for_close();  // it leaves that to the client
        ++closed;
      },
      {}, RawServer::Serving::at_once);
  for (const std::uint32_t most : {0U, 1U}) {
    CAPTURE(most);
    connections = closed = 0;
    auto options = to(peer);
    options.max_connections = most;
    Shard shard(options);
    shard.run(ask_for(shard.user.client, 5));
    CHECK(shard.recorder.samples.size() == 5);
    CHECK(connections == 5);
    shard.turn_until([&] { return closed == 5; });
  }
}

TEST_CASE_TEMPLATE("HTTP/2: an answer that comes before all of the request is sent leaves no stream behind", Shard,
                   KATYDID_FAST_SHARDS) {
  std::atomic<int> resets = 0;
  Peer peer(
      [&](Peer::Connection& connection) {
        Peer::Frame frame;
        while (connection.read(frame)) {  // and never opens the window
          if (frame.type == Peer::headers) connection.send_raw(answer_to(frame.stream));
          if (frame.type == Peer::reset) ++resets;
        }
      },
      std::string("\0\x03", 2) + Peer::number(2));
  Shard shard(to(peer));
  const std::string body(70'000, 'x');
  for (int i = 0; i < 5; ++i) {
    const auto response =
        ask(shard, [&](auto& client) { return client.post("/", Body(body), RequestOptions{.timeout = 2s}); });
    CHECK_MESSAGE(response.status() == 200, response.error());
  }
  shard.turn_until([&] { return resets == 5; });
}

TEST_CASE_TEMPLATE("HTTP/2: a body of unknown size that the server is asked for is not in chunks", Shard,
                   KATYDID_FAST_SHARDS) {
  std::string received;
  {
    Peer peer([&](Peer::Connection& connection) {
      const auto stream = connection.next_request();
      connection.send(
          {.type = Peer::headers, .flags = Peer::end_headers, .stream = stream, .payload = Peer::status(100)});
      for (Peer::Frame frame; connection.read(frame);) {
        if (frame.type != Peer::data) continue;
        received += frame.payload;
        if ((frame.flags & Peer::end_stream) != 0) connection.send_raw(answer_to(stream));
      }
    });
    Shard shard(to(peer));
    int left = 2;
    const FillBody make = [&left](std::span<char> room) -> std::size_t {
      return left-- > 0 ? std::string("hello").copy(room.data(), room.size()) : 0;
    };
    const RequestOptions options{.headers = {{"Expect", "100-continue"}}};
    const auto response = ask(shard, [&](auto& client) { return client.post("/", Body(body_from(make)), options); });
    CHECK_MESSAGE(response.status() == 200, response.error());
  }
  CHECK(received == "hellohello");
}

TEST_CASE_TEMPLATE("HTTP/2: the length that HEAD and 304 tell is that of another answer", Shard, KATYDID_FAST_SHARDS) {
  Peer peer([](Peer::Connection& connection) {
    while (const auto stream = connection.next_request()) {
      connection.send_raw(answer_to(stream, Peer::field("content-length", "5000000")));
    }
  });
  auto options = to(peer);
  options.max_body = 1'000'000;
  Shard shard(options);
  const auto response = ask(shard, [](auto& client) { return client.head("/"); });
  CHECK_MESSAGE(response.status() == 200, response.error());
  CHECK_FALSE(get(shard, "/").ok());
}

TEST_CASE_TEMPLATE("HTTP/2: headers of 70 KB are sent, and what is too large says so", Shard, KATYDID_FAST_SHARDS) {
  Peer peer([](Peer::Connection& connection) {
    Peer::Frame frame;
    while (connection.read(frame)) {
      const bool is_head = frame.type == Peer::headers || frame.type == Peer::continuation;
      if (is_head && (frame.flags & Peer::end_headers) != 0) connection.send_raw(answer_to(frame.stream));
    }
  });
  Shard shard(to(peer));
  const auto with = [&](std::size_t size) {
    const std::string value(size, 'x');
    const RequestOptions options{.headers = {{"X-Large", value}}};
    return ask(shard, [&](auto& client) { return client.get("/", options); });
  };
  CHECK(with(70'000).error() == "");
  CHECK(with(2'000'000).error().starts_with("HTTP2Error: the request can't be sent: its headers are larger than"));
}

TEST_CASE_TEMPLATE("HTTP/2: a connection that stays silent after a request takes no other one", Shard,
                   KATYDID_FAST_SHARDS) {
  std::atomic<int> connections = 0;
  Peer peer(
      [&](Peer::Connection& connection) {
        ++connections;
        const auto stream = connection.next_request();
        if (stream != 0) connection.send_raw(answer_to(stream));
        connection.wait_for_close();
      },
      {}, RawServer::Serving::at_once);
  Shard shard(to(peer));
  const RequestOptions options{.timeout = 100ms};
  const auto asked = [&] { return ask(shard, [&](auto& client) { return client.get("/", options); }).error(); };
  CHECK(asked() == "");
  CHECK(asked().starts_with("Timeout: "));
  CHECK(asked() == "");
  CHECK(connections == 2);
}

TEST_CASE_TEMPLATE("HTTP/2: a request without an answer leaves a connection alone that answers others", Shard,
                   KATYDID_FAST_SHARDS) {
  std::atomic<int> connections = 0;
  Peer peer(
      [&](Peer::Connection& connection) {
        ++connections;
        Peer::Frame frame;
        for (int requests = 0; connection.read(frame);) {
          if (frame.type == Peer::headers && ++requests != 2) connection.send_raw(answer_to(frame.stream));
        }
      },
      {}, RawServer::Serving::at_once);
  Shard shard(to(peer));
  const auto all_of_them = [](auto& client) -> task<> {
    const auto first = co_await client.get("/");
    auto [unanswered, answered] = co_await all(client.get("/", {.timeout = 150ms}), late_request(client));
    const auto last = co_await client.get("/");
    CHECK(unanswered.error().starts_with("Timeout: "));
    CHECK(first.error() + answered.error() + last.error() == "");
  };
  shard.run(all_of_them(shard.user.client));
  CHECK(connections == 1);
}
