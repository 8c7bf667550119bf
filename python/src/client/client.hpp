#pragma once

#include "http/cookies/jar.hpp"
#include "http/fast/client.hpp"
#include "http/response.hpp"
#include "net/context.hpp"
#include "python/src/client/arguments.hpp"
#include "python/src/client/listening.hpp"
#include "python/src/cpython/api.hpp"
#include "python/src/engine/engine.hpp"
#include "python/src/engine/statistics.hpp"

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace katydid::python {

class Trio;

/// `Client`: a FastHttpClient of one user.
class ClientObject {
 public:
  virtual ~ClientObject() = default;
  /// `recorder` and `engine` are kept by the two objects.
  /// With `listening`, that is what its requests are recorded by.
  ClientObject(EngineObject& engine, nb::object engine_object, Recorder& recorder, nb::object recorder_object,
               ClientOptions options, std::unique_ptr<ListeningRecorder> listening = {})
      : engine_object_(std::move(engine_object)),
        recorder_object_(std::move(recorder_object)),
        engine_(engine),
        options_(std::move(options)),
        listening_(std::move(listening)),
        context_(engine.loop(), listening_ ? static_cast<Recorder&>(*listening_) : recorder),
        http_(engine.fast(), options_) {
    if (listening_) listening_->set_client(*this);
  }

  EngineObject& engine() { return engine_; }
  nb::object engine_object() const { return engine_object_; }
  Context& context() { return context_; }
  FastHttpClient& http() { return http_; }
  const ClientOptions& options() const { return options_; }
  void set_options(ClientOptions options) { http_.options() = options_ = std::move(options); }
  /// Whether the authorities to trust were said by `verify` and not by `ca_file`: `verify` shows them then.
  bool trusts_by_verify() const { return trusts_by_verify_; }
  void set_trusts_by_verify(bool by_verify) { trusts_by_verify_ = by_verify; }
  /// From now on no request begins, and what is under way is received and recorded but given to nobody; `on_drained`
  /// is called when nothing is left, at once if nothing is. Until resume().
  void drain(nb::object on_drained);
  void resume();
  /// Connections of its own that nobody uses. A later request opens another.
  void close_idle();
  bool draining() const { return draining_; }
  void tell_drained();

  /// A Python object of the class that this client's responses have.
  nb::object make_response(Response response, const nb::object& self) const;
  /// A request whose body an async iterator makes; its arguments by CPython's vectorcall convention.
  nb::object upload(nb::object self, std::string_view method, nb::handle url, PyObject* const* values,
                    PyObject* names) const;
  /// One that is derived from `Response`; throws nb::type_error.
  void set_response_type(nb::object type);
  nb::object response_type() const { return response_type_.is_valid() ? response_type_ : nb::none(); }
  /// Whose awaitables its requests are.
  const nb::object& asyncio_loop() const { return asyncio_loop_; }
  void set_asyncio_loop(nb::object loop);
  /// A function that returns it.
  const nb::object& get_asyncio_loop() const { return get_asyncio_loop_; }
  /// A future of asyncio's own that is done.
  const nb::object& done_future() const { return done_future_; }
  /// What its requests are awaited by where tasks are Trio's; null elsewhere. See TrioRequest.
  Trio* trio() const { return trio_; }
  void set_trio(nb::object object);

  /// What requests without a name of their own are counted under; none: each under its own URL. See Renaming.
  const nb::object& request_name() const { return request_name_; }
  /// A text, or None.
  void set_request_name(nb::object name);

  /// Whose requests they are, for the spans of those that are traced.
  const std::string& user_class() const { return user_class_; }
  void set_user_class(std::string name) {
    user_class_ = std::move(name);
    context_.class_name = user_class_;
  }

  std::size_t in_flight() const { return static_cast<std::size_t>(context_.requests_in_flight); }

 private:
  /// A request of Python's is cancelled by Request.cancel() alone, so that nothing ever parks.
  struct UserContext final : Context {
    using Context::Context;
    void on_parked() override {}
  };

  nb::object engine_object_, recorder_object_, response_type_, asyncio_loop_, get_asyncio_loop_, done_future_,
      trio_object_, on_drained_, request_name_;
  Trio* trio_ = nullptr;
  bool draining_ = false, trusts_by_verify_ = false;
  EngineObject& engine_;
  struct Goodbye {
    EngineObject& engine;
    ~Goodbye() { engine.ended(); }
  } goodbye_{engine_};  // to the kernel, once http_ has let go of its connections
  ClientOptions options_;
  std::string user_class_;
  std::unique_ptr<ListeningRecorder> listening_;
  UserContext context_;
  FastHttpClient http_;
};

void bind_client(nb::module_& m);

}  // namespace katydid::python
