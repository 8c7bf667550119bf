// The cases of gRPC's interoperability tests, by their names. Each says in the log whether it holds.
#include "interop.grpc.pb.h"

#include <katydid/katydid.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;
using interop::Request;

namespace {

void expect(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

/// No list of sizes: GCC 12 does not take one in a co_await.
Request of_size(int size, std::size_t payload = 0) {
  Request request;
  if (size > 0) request.add_sizes(size);
  request.set_payload(std::string(payload, '\0'));
  return request;
}

Request of_sizes(const std::vector<int>& sizes) {
  Request request;
  for (const int size : sizes) request.add_sizes(size);
  return request;
}

constexpr int sizes[] = {31415, 9, 2653, 58979};
constexpr std::size_t payloads[] = {27182, 8, 1828, 45904};
const std::string special = "\t\ntest with whitespace\r\nand Unicode BMP \xe2\x98\xba and non-BMP \xf0\x9f\x98\x88\t\n";

}  // namespace

struct Interop : GrpcUser {
  interop::TestService::Stub stub{client};
  google::protobuf::Empty nothing;

  task<> empty_unary() { expect((co_await stub.EmptyCall(nothing)).ok(), "it fails"); }

  task<> large_unary() {
    auto reply = co_await stub.UnaryCall(of_size(314159, 271828));
    expect(reply && reply->payload().size() == 314159, reply.status().error());
  }

  task<> client_compressed_unary() {
    auto reply = co_await stub.UnaryCall(of_size(314159, 271828), {.compression = true});
    expect(reply && reply->payload().size() == 314159, reply.status().error());
  }

  task<> server_compressed_unary() {
    Request request = of_size(314159, 271828);
    request.set_compressed(true);
    auto reply = co_await stub.UnaryCall(request);
    expect(reply && reply->payload().size() == 314159, reply.status().error());
  }

  task<> client_streaming() {
    auto call = stub.StreamingInput();
    for (const std::size_t size : payloads) {
      const bool sent = co_await call.write(of_size(0, size));
      expect(sent, "it is over");
    }
    auto reply = co_await call.finish();
    expect(reply && reply->bytes() == 74922, reply.status().error());
  }

  task<> client_compressed_streaming() {
    auto call = stub.StreamingInput({.compression = true});
    for (const std::size_t size : {payloads[0], payloads[3]}) co_await call.write(of_size(0, size));
    auto reply = co_await call.finish();
    expect(reply && reply->bytes() == 73086, reply.status().error());
  }

  task<> server_streaming() {
    const Request request = of_sizes({31415, 9, 2653, 58979});
    auto call = stub.StreamingOutput(request);
    for (const int size : sizes) {
      const auto reply = co_await call.read();
      expect(reply && reply->payload().size() == static_cast<std::size_t>(size), "a reply has another size");
    }
    const auto next = co_await call.read();
    const GrpcStatus status = co_await call.finish();
    expect(!next && status.ok(), "there is more, or it fails: " + status.error());
  }

  task<> server_compressed_streaming() {
    Request request = of_sizes({31415, 92653});
    request.set_compressed(true);
    auto call = stub.StreamingOutput(request);
    const auto first = co_await call.read();
    const auto second = co_await call.read();
    expect(first && second && second->payload().size() == 92653, "a reply has another size");
    const GrpcStatus status = co_await call.finish();
    expect(status.ok(), status.error());
  }

  task<> ping_pong() {
    auto call = stub.FullDuplex();
    for (int i = 0; i < 4; ++i) {
      co_await call.write(of_size(sizes[i], payloads[i]));
      const auto reply = co_await call.read();
      expect(reply && reply->payload().size() == static_cast<std::size_t>(sizes[i]), "a reply has another size");
    }
    call.writes_done();
    const auto next = co_await call.read();
    expect(!next && call.status().ok(), "it does not end well");
  }

  task<> empty_stream() {
    auto call = stub.FullDuplex();
    call.writes_done();
    const auto next = co_await call.read();
    expect(!next && call.status().ok(), "it does not end well: " + call.status().error());
  }

  using Duplex = GrpcStream<Request, interop::Reply>;
  task<> write_large(Duplex& call) {
    for (int i = 0; i < 8; ++i) co_await call.write(of_size(3'000'000, 3'000'000));
    call.writes_done();
  }
  task<> read_large(Duplex& call) {
    std::size_t bytes = 0;
    while (const auto reply = co_await call.read()) bytes += reply->payload().size();
    expect(bytes == 24'000'000 && call.status().ok(), std::to_string(bytes) + " bytes, " + call.status().error());
  }
  task<> large_streams() {
    auto call = stub.FullDuplex();
    co_await all(write_large(call), read_large(call));
  }

  task<> message_larger_than_the_limit() {
    auto reply = co_await stub.UnaryCall(of_size(5'000'000));
    expect(reply.code() == GrpcCode::resource_exhausted, reply.status().error());
    auto larger = co_await stub.UnaryCall(of_size(5'000'000), {.max_message = 6'000'000});
    expect(larger && larger->payload().size() == 5'000'000, larger.status().error());
  }

  task<> status_of(GrpcCode code, std::string message) {
    Request request;
    request.mutable_status()->set_code(static_cast<int>(code));
    request.mutable_status()->set_message(message);
    auto reply = co_await stub.UnaryCall(request);
    expect(reply.code() == code && reply.status().message == message, reply.status().error());
    auto call = stub.FullDuplex();
    co_await call.write(request);
    const GrpcStatus status = co_await call.finish();
    expect(status.code == code && status.message == message, status.error());
  }
  task<> status_code_and_message() { co_await status_of(GrpcCode::unknown, "test status message"); }
  task<> special_status_message() { co_await status_of(GrpcCode::unknown, special); }

  task<> unimplemented_method() {
    auto reply = co_await stub.UnimplementedCall(nothing);
    expect(reply.code() == GrpcCode::unimplemented, reply.status().error());
  }

  task<> unimplemented_service() {
    auto reply = co_await client.unary<std::string>("/interop.Nobody/Call", std::string());
    expect(reply.code() == GrpcCode::unimplemented, reply.status().error());
  }

  task<> timeout_on_sleeping_server() {
    Request request;
    request.set_sleep_ms(5000);
    auto reply = co_await stub.UnaryCall(request, {.timeout = 100ms});
    expect(reply.code() == GrpcCode::deadline_exceeded, reply.status().error());
    expect(reply.elapsed() < 2s, "that took long");
    auto in_time = co_await stub.UnaryCall(of_size(1), {.timeout = 30s});
    const auto& deadline = in_time->seen().deadline();
    expect(deadline == "30" || deadline == "29", "the server was told " + deadline);
  }

  task<> cancel_after_begin() {
    auto call = stub.StreamingInput();
    co_await call.write(of_size(0, 1));
    call.cancel();
    auto reply = co_await call.finish();
    expect(reply.code() == GrpcCode::cancelled, reply.status().error());
  }

  task<> cancel_after_first_response() {
    auto call = stub.FullDuplex();
    co_await call.write(of_size(31415, 27182));
    const auto first = co_await call.read();
    expect(first.has_value(), "there is no reply");
    call.cancel();
    const auto next = co_await call.read();
    expect(!next && call.status().code == GrpcCode::cancelled, call.status().error());
  }

  task<> custom_metadata() {
    const Fields metadata{{"x-grpc-test-echo-initial", "test_initial_metadata_value"},
                          {"x-grpc-test-echo-trailing-bin", "\xab\xab\xab"}};
    auto reply = co_await stub.UnaryCall(of_size(3), {.metadata = metadata});
    expect(value_in(reply.initial_metadata(), "x-grpc-test-echo-initial") == "test_initial_metadata_value", "initial");
    expect(value_in(reply.trailing_metadata(), "x-grpc-test-echo-trailing-bin") == "\xab\xab\xab", "trailing");
  }

  task<> run_case(std::string name, task<> each) {
    try {
      co_await std::move(each);
      log::info("case {}: ok", name);
    } catch (const std::runtime_error& error) {
      log::info("case {}: {}", name, error.what());
    }
  }

#define CASE(name) co_await run_case(#name, name())
  task<> run_all() {
    CASE(empty_unary);
    CASE(large_unary);
    CASE(client_compressed_unary);
    CASE(server_compressed_unary);
    CASE(client_streaming);
    CASE(client_compressed_streaming);
    CASE(server_streaming);
    CASE(server_compressed_streaming);
    CASE(ping_pong);
    CASE(empty_stream);
    CASE(large_streams);
    CASE(message_larger_than_the_limit);
    CASE(status_code_and_message);
    CASE(special_status_message);
    CASE(unimplemented_method);
    CASE(unimplemented_service);
    CASE(timeout_on_sleeping_server);
    CASE(cancel_after_begin);
    CASE(cancel_after_first_response);
    CASE(custom_metadata);
    environment().quit();
  }
};

/// Over TLS.
struct Secure : Interop {
  Secure() { http.options().ca_file = std::getenv("KATYDID_TEST_CA"); }
};

KATYDID_USER(Interop).task<&Interop::run_all>();
KATYDID_USER(Secure).task<&Secure::run_all>();
