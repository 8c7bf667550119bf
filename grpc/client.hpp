#pragma once

#include "grpc/pending.hpp"
#include "http/fast/client.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace katydid {

/// A call that is open: who lets go of it before its end cancels it.
template <class Reply>
class GrpcOpenCall {
 public:
  GrpcOpenCall(GrpcOpenCall&&) noexcept = default;
  GrpcOpenCall& operator=(GrpcOpenCall&& other) noexcept {
    if (call_) call_->leave();
    call_ = std::move(other.call_);
    return *this;
  }
  ~GrpcOpenCall() {
    if (call_) call_->leave();
  }

  /// Ends it now: counted, without an error. What is read then is nothing.
  void cancel() { call_->cancel(); }
  /// What came before the first message. @{
  const GrpcMetadata& initial_metadata() const { return call_->initial_metadata(); }
  /// @}
  /// Once it has ended. @{
  const GrpcStatus& status() const { return call_->status(); }
  const GrpcMetadata& trailing_metadata() const { return call_->trailing_metadata(); }
  /// @}

 protected:
  explicit GrpcOpenCall(std::shared_ptr<GrpcTypedCall<Reply>> call) : call_(std::move(call)) {}

  template <class Request>
  PendingGrpcWrite write_one(const Request& request) {
    return PendingGrpcWrite(call_, call_->framed([&](std::string& out) { append_to(out, request); }));
  }
  PendingGrpcRead<Reply> read_one() { return PendingGrpcRead<Reply>(call_); }

  std::shared_ptr<GrpcTypedCall<Reply>> call_;
};

/// The server streams. The call begins with the first await.
template <class Reply>
class GrpcReader : public GrpcOpenCall<Reply> {
 public:
  explicit GrpcReader(std::shared_ptr<GrpcTypedCall<Reply>> call) : GrpcOpenCall<Reply>(std::move(call)) {}

  /// The next message, or nothing at the end.
  PendingGrpcRead<Reply> read() { return this->read_one(); }
  /// Until the end; messages that were not read are dropped.
  PendingGrpcStatus finish() { return PendingGrpcStatus(this->call_); }
};

/// The client streams.
template <class Request, class Reply>
class GrpcWriter : public GrpcOpenCall<Reply> {
 public:
  explicit GrpcWriter(std::shared_ptr<GrpcTypedCall<Reply>> call) : GrpcOpenCall<Reply>(std::move(call)) {}

  /// Waits only while the server takes too little. False: the call is over.
  PendingGrpcWrite write(const Request& request) { return this->write_one(request); }
  /// Writes no more, and waits for the reply.
  PendingGrpcResult<Reply> finish() { return PendingGrpcResult<Reply>(this->call_); }
};

/// Both stream.
template <class Request, class Reply>
class GrpcStream : public GrpcReader<Reply> {
 public:
  using GrpcReader<Reply>::GrpcReader;

  /// As that of GrpcWriter.
  PendingGrpcWrite write(const Request& request) { return this->write_one(request); }
  void writes_done() { this->call_->writes_done(); }
};

/// Calls methods of gRPC over HTTP/2, on the event loop:
///
///     const auto reply = co_await client.unary<HelloReply>("/helloworld.Greeter/SayHello", request);
///
/// Messages are of classes that protoc has made, or std::string with their bytes. TLS, proxy and addresses are those of
/// the HTTP client that it was made of. Each call is one entry "grpc" with the time from its beginning to its end.
class GrpcClient {
 public:
  /// Which must outlive this and its calls.
  explicit GrpcClient(FastHttpClient& http) : http_(http) {}

  /// Sent with each call.
  GrpcMetadata metadata{};

  template <GrpcMessage Reply, GrpcMessage Request>
  PendingGrpcResult<Reply> unary(std::string_view method, const Request& request, const GrpcOptions& options = {}) {
    return PendingGrpcResult<Reply>(with_request<Reply>(method, {}, request, options));
  }
  template <GrpcMessage Reply, GrpcMessage Request>
  GrpcReader<Reply> server_stream(std::string_view method, const Request& request, const GrpcOptions& options = {}) {
    return GrpcReader<Reply>(with_request<Reply>(method, {.streams_replies = true}, request, options));
  }
  template <GrpcMessage Request, GrpcMessage Reply>
  GrpcWriter<Request, Reply> client_stream(std::string_view method, const GrpcOptions& options = {}) {
    return GrpcWriter<Request, Reply>(call<Reply>(method, {.streams_requests = true}, options));
  }
  template <GrpcMessage Request, GrpcMessage Reply>
  GrpcStream<Request, Reply> bidi_stream(std::string_view method, const GrpcOptions& options = {}) {
    return GrpcStream<Request, Reply>(
        call<Reply>(method, {.streams_requests = true, .streams_replies = true}, options));
  }

 private:
  template <class Reply>
  std::shared_ptr<GrpcTypedCall<Reply>> call(std::string_view method, GrpcCall::Shape shape,
                                             const GrpcOptions& options) {
    return std::make_shared<GrpcTypedCall<Reply>>(http_.session(), method, shape, options, metadata);
  }
  template <class Reply, class Request>
  std::shared_ptr<GrpcTypedCall<Reply>> with_request(std::string_view method, GrpcCall::Shape shape,
                                                     const Request& request, const GrpcOptions& options) {
    auto made = call<Reply>(method, shape, options);
    made->set_request([&](std::string& out) { append_to(out, request); });
    return made;
  }

  FastHttpClient& http_;
};

}  // namespace katydid
