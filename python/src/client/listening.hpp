#pragma once

#include "base/recorder.hpp"

#include <nanobind/nanobind.h>

#include <exception>
#include <utility>

namespace katydid::python {

namespace nb = nanobind;

class ClientObject;

/// What a listener has raised, for the task that awaits the request.
struct Steering {
  nb::object exception;
};
/// Raises that exception.
[[noreturn]] void raise_object(nb::handle exception);
/// Raises it, where `thrown` is one; of an empty one nothing.
void raise_steering(const std::exception_ptr& thrown);

/// Counts first, and then calls a function of Python with each finished request: for a user where somebody listens to
/// `request`.
class ListeningRecorder final : public Recorder {
 public:
  /// `counts` outlives this. The function gets request_type, name, response_time in milliseconds or None,
  /// response_length, a response with what has come or None, context as a dict, the failure or "", url and start_time;
  /// and returns None, or an exception for the task that awaits the request.
  ListeningRecorder(Recorder& counts, nb::object listener) : counts_(counts), listener_(std::move(listener)) {}
  /// Whose responses the function gets.
  void set_client(ClientObject& client) { client_ = &client; }

  void record(const Sample& sample) override;
  void cut_off(std::string_view method, std::string_view name) override { counts_.cut_off(method, name); }

 private:
  Recorder& counts_;
  nb::object listener_;
  ClientObject* client_ = nullptr;
};

}  // namespace katydid::python
