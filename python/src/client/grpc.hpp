#pragma once

#include "grpc/typed_call.hpp"
#include "python/src/client/client.hpp"

#include <nanobind/nanobind.h>

#include <memory>
#include <string>

namespace katydid::python {

/// `GrpcCall`: a call of a client, whose object it keeps. Its messages are bytes.
class GrpcCallObject {
 public:
  using Call = GrpcTypedCall<std::string>;

  GrpcCallObject(nb::object client_object, std::shared_ptr<Call> call);
  /// A call that goes before its end is cancelled, or cut off when its user is stopped.
  ~GrpcCallObject();
  GrpcCallObject(const GrpcCallObject&) = delete;
  GrpcCallObject& operator=(const GrpcCallObject&) = delete;

  ClientObject& client() const { return client_; }
  const std::shared_ptr<Call>& call() const { return call_; }
  void cancel();
  void cut_off();
  void writes_done();
  /// Once it is over, for who waits for it: raises what a listener has raised.
  void steer();

 private:
  nb::object client_object_;
  ClientObject& client_;
  std::shared_ptr<Call> call_;
};

/// `GrpcOperation`: what a task waits for of a call.
class GrpcOperationObject final : public GrpcOperation {
 public:
  GrpcOperationObject(nb::object call_object, Kind what);

  /// Unless its user is to begin nothing new.
  void start();
  bool is_done() const { return done_; }
  bool is_success() const { return success; }
  /// Calls back once, when it is done.
  void wait(nb::handle callback) { callback_ = nb::borrow(callback); }
  /// Gives it up.
  void stop_waiting();
  /// Once: what was read.
  nb::object take_message();

 private:
  static void on_done(GrpcOperation& operation);

  nb::object call_object_, callback_;
  GrpcCallObject& owner_;
  bool done_ = false;
};

void bind_grpc(nb::module_& m);

}  // namespace katydid::python
