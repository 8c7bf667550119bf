#pragma once

#include "http/context.hpp"
#include "http/cookie_jar.hpp"
#include "http/fast_http_client.hpp"
#include "python/src/arguments.hpp"
#include "python/src/engine.hpp"
#include "python/src/statistics.hpp"

#include <nanobind/nanobind.h>

#include <string_view>
#include <utility>

namespace katydid::python {

/// `Client`: a FastHttpClient of one user.
class ClientObject {
 public:
  /// `recorder` and `engine` are kept by the two objects.
  ClientObject(EngineObject& engine, nb::object engine_object, Recorder& recorder, nb::object recorder_object,
               ClientOptions options)
      : engine_object_(std::move(engine_object)),
        recorder_object_(std::move(recorder_object)),
        engine_(engine),
        options_(std::move(options)),
        context_(engine.loop(), recorder),
        http_(engine.fast(), options_) {}

  EngineObject& engine() { return engine_; }
  nb::object engine_object() const { return engine_object_; }
  Context& context() { return context_; }
  FastHttpClient& http() { return http_; }
  const ClientOptions& options() const { return options_; }
  void set_options(ClientOptions options) { http_.options() = options_ = std::move(options); }
  std::size_t in_flight() const { return static_cast<std::size_t>(context_.requests_in_flight); }

 private:
  /// A request of Python's is cancelled by Request.cancel() alone, so that nothing ever parks.
  struct UserContext final : Context {
    using Context::Context;
    void on_parked() override {}
  };

  nb::object engine_object_, recorder_object_;
  EngineObject& engine_;
  ClientOptions options_;
  UserContext context_;
  FastHttpClient http_;
};

void bind_client(nb::module_& m);

}  // namespace katydid::python
