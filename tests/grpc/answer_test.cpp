#include "grpc/answer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace katydid;

namespace {

using Block = std::vector<std::pair<std::string, std::string>>;
const Block head{{":status", "200"}, {"content-type", "application/grpc"}};

std::string ends_with(const std::vector<Block>& blocks, bool complete = true) {
  GrpcAnswer answer;
  for (const Block& block : blocks) {
    for (const auto& [name, value] : block) {
      if (!answer.take_field(name, value)) return answer.failure().error();
    }
    if (!answer.end_of_fields()) return answer.failure().error();
  }
  const auto status = answer.end(complete);
  return status.ok() ? "OK" : status.error();
}

}  // namespace

TEST_CASE("gRPC answers: the status is in the trailers, or in a head without a body") {
  CHECK(ends_with({head, {{"grpc-status", "0"}}}) == "OK");
  CHECK(ends_with({head, {{"grpc-status", "5"}, {"grpc-message", "no%20such user%3a %c3%a9%zz"}}}) ==
        "NOT_FOUND: no such user: \xc3\xa9%zz");
  CHECK(ends_with({{{":status", "200"}, {"content-type", "application/grpc+proto"}, {"grpc-status", "12"}}}) ==
        "UNIMPLEMENTED");
  CHECK(ends_with({{{":status", "100"}}, head, {{"grpc-status", "0"}}}) == "OK");
  CHECK(ends_with({head, {{"grpc-status", "2"}, {"grpc-message", "%ff"}}}) == "UNKNOWN: \xef\xbf\xbd");
}

TEST_CASE("gRPC answers: metadata is of the head, or of the end") {
  GrpcAnswer answer;
  for (const auto& [name, value] : head) CHECK(answer.take_field(name, value));
  CHECK(answer.take_field("x-first", "1"));
  CHECK(answer.end_of_fields());
  CHECK(answer.take_field("x-last-bin", "YQ"));
  CHECK(answer.take_field("grpc-status", "0"));
  CHECK(answer.end_of_fields());
  CHECK(answer.end(true).ok());
  CHECK(answer.initial_metadata == GrpcMetadata{{"x-first", "1"}});
  CHECK(answer.trailing_metadata == GrpcMetadata{{"x-last-bin", "a"}});

  GrpcAnswer only_trailers;
  for (const auto& [name, value] : head) CHECK(only_trailers.take_field(name, value));
  CHECK(only_trailers.take_field("x-why", "1"));
  CHECK(only_trailers.take_field("grpc-status", "3"));
  CHECK(only_trailers.end_of_fields());
  CHECK(only_trailers.end(true).code == GrpcCode::invalid_argument);
  CHECK(only_trailers.initial_metadata.empty());
  CHECK(only_trailers.trailing_metadata == GrpcMetadata{{"x-why", "1"}});
}

TEST_CASE("gRPC answers: what is none of gRPC, or breaks its rules, says so") {
  CHECK(ends_with({head}) == "UNKNOWN: the answer has no grpc-status");
  CHECK(ends_with({head, {{"x", "y"}}}) == "UNKNOWN: the answer has no grpc-status");
  CHECK(ends_with({head, {{"grpc-status", "fine"}}}) ==
        "UNKNOWN: the answer has a grpc-status that is no number: fine");
  CHECK(ends_with({head, {{"grpc-status", "0"}}}, false) == "INTERNAL: the answer ends in the middle of a message");
  CHECK(ends_with({head, {{"grpc-status", "5"}}}, false) == "NOT_FOUND");
  CHECK(ends_with({{{":status", "503"}, {"content-type", "text/html"}}}) ==
        "UNAVAILABLE: the answer is none of gRPC: HTTP status 503, content-type text/html");
  CHECK(ends_with({{{":status", "404"}}}) ==
        "UNIMPLEMENTED: the answer is none of gRPC: HTTP status 404, no content-type");
  CHECK(ends_with({{{":status", "200"}, {"content-type", "application/grpcx"}}}) ==
        "UNKNOWN: the answer is none of gRPC: HTTP status 200, content-type application/grpcx");
  CHECK(ends_with({{{":status", "500"}, {"grpc-status", "8"}}}) == "RESOURCE_EXHAUSTED");
  Block zipped = head;
  zipped.emplace_back("grpc-encoding", "snappy");
  CHECK(ends_with({zipped}) == "INTERNAL: the answer has a grpc-encoding that was not offered: snappy");
  CHECK(ends_with({{{":status", "200"}, {"x-bin", "!"}}}) ==
        "INTERNAL: the metadata 'x-bin' of the answer is no base64");
  Block large = head;
  for (int i = 0; i < 300; ++i) large.emplace_back("x-" + std::to_string(i), std::string(1000, 'x'));
  CHECK(ends_with({large}) == "RESOURCE_EXHAUSTED: the metadata of the answer is larger than 262144 bytes");
}
