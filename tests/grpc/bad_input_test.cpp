// Servers that break gRPC's rules, or are none of gRPC: each call ends in one entry that says what happened.
#include "tests/grpc/grpc_harness.hpp"

#include <nghttp2/nghttp2.h>

#include <atomic>
#include <string>

using namespace katydid;

namespace {

template <class Shard>
std::string error_after(std::function<void(GrpcPeer)> answer, GrpcOptions options = {}) {
  Peer peer([&](Peer::Connection& connection) {
    if (const auto stream = connection.next_request()) answer({connection, stream});
    connection.wait_for_close();
  });
  Shard shard(peer.url(""));
  const auto status = shard.run(status_of_unary(shard.grpc, options));
  const auto entry = shard.recorded();
  CHECK(entry.method == "grpc");
  CHECK(entry.name == "/test.Echo/Say");
  CHECK(entry.error == status.error());
  CHECK(shard.recorder.cut.empty());
  return entry.error.substr(0, entry.error.find(" (127.0.0.1:"));
}

}  // namespace

TEST_CASE_TEMPLATE("gRPC: what breaks the rules of messages is an error that says what", Shard, KATYDID_GRPC_SHARDS) {
  const auto after = [](std::function<void(GrpcPeer)> answer, GrpcOptions options = {}) {
    return error_after<Shard>(std::move(answer), options);
  };
  CHECK(after([](GrpcPeer peer) {
          peer.head();
          peer.body(std::string("\0\0", 2));
          peer.trailers();
        }) == "INTERNAL: the answer ends in the middle of a message");
  CHECK(after([](GrpcPeer peer) {
          peer.head();
          peer.body(std::string("\0\0\0\0\4abc", 8));
          peer.trailers();
        }) == "INTERNAL: the answer ends in the middle of a message");
  CHECK(after([](GrpcPeer peer) {
          peer.head();
          peer.body(std::string("\2\0\0\0\1a", 6));
        }) == "INTERNAL: the compressed flag of a message is 2");
  CHECK(after([](GrpcPeer peer) {
          peer.head();
          peer.message("a", true);
        }) == "INTERNAL: a message is compressed, and no grpc-encoding says how");
  CHECK(after([](GrpcPeer peer) {
          peer.head(Peer::field("grpc-encoding", "gzip"));
          peer.message("that is no gzip", true);
        }) == "INTERNAL: a message can't be decompressed: that is no gzip");
  CHECK(after([](GrpcPeer peer) { peer.head(Peer::field("grpc-encoding", "br")); }) ==
        "INTERNAL: the answer has a grpc-encoding that was not offered: br");
  CHECK(after([](GrpcPeer peer) {
          peer.head();
          peer.body(std::string("\0\0\x40\0\1", 5));
        }) == "RESOURCE_EXHAUSTED: a message of 4194305 bytes is larger than 4194304");
  CHECK(after(
            [](GrpcPeer peer) {
              peer.head(Peer::field("grpc-encoding", "gzip"));
              peer.message(gzip(std::string(101, 'x')), true);
            },
            {.max_message = 100}) == "RESOURCE_EXHAUSTED: a message is larger than 100 bytes when it is decompressed");
  CHECK(after([](GrpcPeer peer) {
          peer.head();
          peer.message("one");
          peer.message("two");
        }) == "INTERNAL: the server sent more than one message, and this method has one");
  CHECK(after([](GrpcPeer peer) {
          peer.head();
          peer.trailers();
        }) == "INTERNAL: the status is OK, and there is no message");
}

TEST_CASE_TEMPLATE("gRPC: a status is that of the server, or says that there is none", Shard, KATYDID_GRPC_SHARDS) {
  const auto after = [](std::function<void(GrpcPeer)> answer) { return error_after<Shard>(std::move(answer)); };
  CHECK(after([](GrpcPeer peer) {
          peer.fields(
              GrpcPeer::head_fields() + Peer::field("grpc-status", "5") + Peer::field("grpc-message", "no%20cat"),
              Peer::end_stream);
        }) == "NOT_FOUND: no cat");
  CHECK(after([](GrpcPeer peer) {
          peer.head();
          peer.message("fine");
          peer.fields(Peer::field("x-other", "1"), Peer::end_stream);
        }) == "UNKNOWN: the answer has no grpc-status");
  CHECK(after([](GrpcPeer peer) { peer.fields(GrpcPeer::head_fields(), Peer::end_stream); }) ==
        "UNKNOWN: the answer has no grpc-status");
  CHECK(after([](GrpcPeer peer) {
          peer.head();
          peer.connection.send({.type = Peer::data,
                                .flags = Peer::end_stream,
                                .stream = peer.stream,
                                .payload = std::string("\0\0\0\0\0", 5)});
        }) == "UNKNOWN: the answer has no grpc-status");
  CHECK(after([](GrpcPeer peer) {
          peer.fields(Peer::status(502) + Peer::field("content-type", "text/html"));
          peer.body("<html>");
        }) == "UNAVAILABLE: the answer is none of gRPC: HTTP status 502, content-type text/html");
  CHECK(after([](GrpcPeer peer) { peer.head(Peer::field("x-bin", "???")); }) ==
        "INTERNAL: the metadata 'x-bin' of the answer is no base64");
}

TEST_CASE_TEMPLATE("gRPC: resets, goodbyes and broken connections have their statuses", Shard, KATYDID_GRPC_SHARDS) {
  const auto reset_with = [](std::uint32_t code) {
    return error_after<Shard>([code](GrpcPeer peer) {
      peer.connection.send({.type = Peer::reset, .stream = peer.stream, .payload = Peer::number(code)});
    });
  };
  CHECK(reset_with(NGHTTP2_CANCEL) == "CANCELLED: HTTP2Error: the server reset the stream: CANCEL");
  CHECK(reset_with(NGHTTP2_ENHANCE_YOUR_CALM) ==
        "RESOURCE_EXHAUSTED: HTTP2Error: the server reset the stream: ENHANCE_YOUR_CALM");
  CHECK(reset_with(NGHTTP2_INTERNAL_ERROR) == "INTERNAL: HTTP2Error: the server reset the stream: INTERNAL_ERROR");
  Peer closing([](Peer::Connection& connection) { connection.next_request(); });
  {
    Shard shard(closing.url(""));
    shard.run(status_of_unary(shard.grpc));
    CHECK(shard.entry().starts_with(
        "grpc /test.Echo/Say: UNAVAILABLE: RemoteDisconnected: the server closed the connection without an answer"));
  }
  Shard shard("127.0.0.1:" + std::to_string(ClosedPort().port()));
  shard.run(status_of_unary(shard.grpc));
  CHECK(shard.entry().starts_with("grpc /test.Echo/Say: UNAVAILABLE: ConnectionRefusedError"));
}

TEST_CASE_TEMPLATE("gRPC: a call that the server has not looked at is sent again", Shard, KATYDID_GRPC_SHARDS) {
  std::atomic<int> refusals = 0;
  Peer peer([&](Peer::Connection& connection) {
    while (const auto stream = connection.next_request()) {
      GrpcPeer grpc{connection, stream};
      if (++refusals <= 2) {
        connection.send({.type = Peer::reset, .stream = stream, .payload = Peer::number(NGHTTP2_REFUSED_STREAM)});
        continue;
      }
      grpc.head();
      grpc.message("fine");
      grpc.trailers();
    }
  });
  {
    Shard shard(peer.url(""));
    CHECK(shard.run(status_of_unary(shard.grpc)).ok());
    CHECK(shard.entry() == "grpc /test.Echo/Say");
  }
  CHECK(refusals == 3);
}
