#include "tests/grpc/grpc_harness.hpp"
#include "tests/support/kept_spans.hpp"

#include <nghttp2/nghttp2.h>

#include <map>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

using Head = std::map<std::string, std::string>;

Head decoded(const std::string& block) {
  nghttp2_hd_inflater* inflater = nullptr;
  REQUIRE(nghttp2_hd_inflate_new(&inflater) == 0);
  Head fields;
  const auto* next = reinterpret_cast<const std::uint8_t*>(block.data());
  std::size_t left = block.size();
  for (;;) {
    nghttp2_nv field{};
    int flags = 0;
    const auto used = nghttp2_hd_inflate_hd2(inflater, &field, &flags, next, left, 1);
    REQUIRE(used >= 0);
    next += used;
    left -= static_cast<std::size_t>(used);
    if (flags & NGHTTP2_HD_INFLATE_EMIT) {
      fields.emplace(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                     std::string(reinterpret_cast<char*>(field.value), field.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) || !(flags & NGHTTP2_HD_INFLATE_EMIT)) break;
  }
  nghttp2_hd_inflate_del(inflater);
  return fields;
}

/// Answers one call with that status, and keeps the head of its request.
auto answering(std::string status, Head& head) {
  return [status, &head](Peer::Connection& connection) {
    Peer::Frame frame;
    while (connection.read(frame) && frame.type != Peer::headers) {
    }
    head = decoded(frame.payload);
    GrpcPeer grpc{connection, frame.stream};
    grpc.head();
    if (status == "0") grpc.message("fine");
    grpc.trailers(status, status == "0" ? "" : "no such user");
    connection.wait_for_close();
  };
}

}  // namespace

TEST_CASE_TEMPLATE("gRPC: a traced call says so in its metadata", Shard, KATYDID_GRPC_SHARDS) {
  Head head;  // is read when the peer has gone
  std::string said;
  {
    Spans spans;
    Peer peer(answering("0", head));
    Shard shard(peer.url(""));
    shard.user.class_name = "Visitor";
    CHECK(shard.run(status_of_unary(shard.grpc, {.name = "say"})).ok());
    const auto span = spans.one();
    CHECK(span.of == SpanOf::grpc);
    CHECK(span.name == "say");
    CHECK(span.url == peer.url("/test.Echo/Say"));
    CHECK(span.rpc_status == "OK");
    CHECK(span.error.empty());
    CHECK(span.user_class == "Visitor");
    CHECK(span.duration == shard.recorded().response_time);
    said = span.traceparent;
  }
  CHECK(head["traceparent"] == said);
}

TEST_CASE_TEMPLATE("gRPC: a call that fails has a span with its status", Shard, KATYDID_GRPC_SHARDS) {
  Head head;
  Spans spans;
  Peer peer(answering("5", head));
  Shard shard(peer.url(""));
  CHECK(shard.run(status_of_unary(shard.grpc)).code == GrpcCode::not_found);
  const auto span = spans.one();
  CHECK(span.rpc_status == "NOT_FOUND");
  CHECK(span.error == "NOT_FOUND: no such user");
}

TEST_CASE_TEMPLATE("gRPC: an own traceparent is sent as it is", Shard, KATYDID_GRPC_SHARDS) {
  Head head;
  {
    Spans spans;
    Peer peer(answering("0", head));
    Shard shard(peer.url(""));
    CHECK(shard.run(status_of_unary(shard.grpc, {.metadata = {{"traceparent", "00-mine"}}})).ok());
    CHECK(spans.kept.empty());
  }
  CHECK(head["traceparent"] == "00-mine");
}
