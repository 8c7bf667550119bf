#include "grpc/metadata.hpp"

#include "grpc/status.hpp"

#include <doctest/doctest.h>
#include <nghttp2/nghttp2.h>

#include <string>

using namespace katydid;
using namespace std::chrono_literals;

TEST_CASE("gRPC metadata: bytes go over the wire in base64, and come back") {
  std::string lines;
  CHECK(append_metadata(lines, "x-token", "abc def") == "");
  CHECK(append_metadata(lines, "trace-bin", std::string("\0\xff\n", 3)) == "");
  CHECK(lines == "x-token: abc def\r\ntrace-bin: AP8K\r\n");
  lines.clear();
  CHECK(append_metadata(lines, "one-bin", "a") == "");
  CHECK(lines == "one-bin: YQ\r\n");

  GrpcMetadata came;
  CHECK(add_field(came, "x-token", "abc, def"));
  CHECK(add_field(came, "trace-bin", "AP8K"));
  CHECK(add_field(came, "one-bin", "YQ==, YWI=,YQ"));
  CHECK(came == GrpcMetadata{{"x-token", "abc, def"},
                             {"trace-bin", std::string("\0\xff\n", 3)},
                             {"one-bin", "a"},
                             {"one-bin", "ab"},
                             {"one-bin", "a"}});
  CHECK(value_in(came, "x-token") == "abc, def");
  CHECK(value_in(came, "other") == "");
}

TEST_CASE("gRPC metadata: what can't be sent says why") {
  std::string lines;
  CHECK(append_metadata(lines, "X-Token", "a") ==
        "a key of metadata has lower-case letters, digits, '-', '_' and '.' only: 'X-Token'");
  CHECK(append_metadata(lines, "", "a") != "");
  CHECK(append_metadata(lines, "a b", "a") != "");
  CHECK(append_metadata(lines, ":path", "a") != "");
  CHECK(append_metadata(lines, "grpc-timeout", "1S") == "the metadata 'grpc-timeout' is gRPC's own");
  CHECK(append_metadata(lines, "te", "x") != "");
  CHECK(append_metadata(lines, "content-type", "x") != "");
  CHECK(append_metadata(lines, "key", "a\r\nb: c") ==
        "the metadata 'key' has a value that is not printable ASCII; bytes need a key in -bin");
  CHECK(append_metadata(lines, "key", "\xc3\xa9") != "");
  CHECK(lines == "");
}

TEST_CASE("gRPC metadata: what is no base64 is refused") {
  CHECK(decoded_base64("") == "");
  CHECK(decoded_base64("YWJj") == "abc");
  CHECK(decoded_base64("YWI=") == "ab");
  CHECK(decoded_base64("+/+/") == "\xfb\xff\xbf");
  for (const char* text : {"Y", "YWJjZ", "Y===", "YW=J", "YW J", "-_-_", "YQ=", "="}) {
    CAPTURE(text);
    CHECK_FALSE(decoded_base64(text));
  }
}

TEST_CASE("gRPC: a deadline has eight digits at the most") {
  CHECK(grpc_timeout(1ms) == "1m");
  CHECK(grpc_timeout(0ms) == "1m");
  CHECK(grpc_timeout(99'999'999ms) == "99999999m");
  CHECK(grpc_timeout(100'000'001ms) == "100001S");
  CHECK(grpc_timeout(std::chrono::hours(24 * 365 * 4)) == "35040H");
}

TEST_CASE("gRPC statuses: names, numbers and what else stands for them") {
  CHECK(name_of(GrpcCode::unauthenticated) == "UNAUTHENTICATED");
  CHECK(grpc_code("0") == GrpcCode::ok);
  CHECK(grpc_code("16") == GrpcCode::unauthenticated);
  CHECK(grpc_code("17") == GrpcCode::unknown);
  for (const char* text : {"", "x", "1x", "-1", " 1", "99999999999"}) CHECK_FALSE(grpc_code(text));
  CHECK(GrpcStatus{GrpcCode::not_found, "no such user"}.error() == "NOT_FOUND: no such user");
  CHECK(GrpcStatus{GrpcCode::aborted, ""}.error() == "ABORTED");
  CHECK(GrpcStatus{GrpcCode::ok, "fine"}.error() == "");
  CHECK(code_of_http_status(404) == GrpcCode::unimplemented);
  CHECK(code_of_http_status(503) == GrpcCode::unavailable);
  CHECK(code_of_http_status(200) == GrpcCode::unknown);
  CHECK(code_of_reset(NGHTTP2_CANCEL) == GrpcCode::cancelled);
  CHECK(code_of_reset(NGHTTP2_ENHANCE_YOUR_CALM) == GrpcCode::resource_exhausted);
  CHECK(code_of_reset(NGHTTP2_NO_ERROR) == GrpcCode::internal);
}
