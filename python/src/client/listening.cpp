#include "python/src/client/listening.hpp"

#include "http/response.hpp"
#include "python/src/client/client.hpp"
#include "python/src/cpython/value.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

namespace katydid::python {
namespace {

/// Names and URLs may hold what a server said.
nb::object text(std::string_view bytes) {
  PyObject* decoded = PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "replace");
  if (!decoded) throw nb::python_error();
  return nb::steal(decoded);
}

double start_time(std::chrono::nanoseconds passed) {
  using seconds = std::chrono::duration<double>;
  return seconds(std::chrono::system_clock::now().time_since_epoch()).count() - seconds(passed).count();
}

}  // namespace

void raise_object(nb::handle exception) {
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
  throw nb::python_error();
}

void raise_steering(const std::exception_ptr& thrown) {
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const Steering& steering) {
    raise_object(steering.exception);
  }
}

void ListeningRecorder::record(const Sample& sample) {
  counts_.record(sample);
  if (client_) client_->context().thrown = nullptr;  // that nobody has taken
  const nb::error_scope keep;  // a response may be recorded as it goes, while an exception is on its way
  try {
    const std::chrono::duration<double, std::milli> time = sample.response_time;
    const bool timed = time.count() >= 0;
    nb::object response = nb::none();
    if (sample.response && client_) response = client_->make_response(sample.response->copy(), nb::find(*client_));
    nb::object steering =
        listener_(text(sample.method), text(sample.name), timed ? nb::object(nb::float_(time.count())) : nb::none(),
                  sample.response_length, response,
                  sample.context ? to_python(*sample.context) : nb::object(nb::dict()), text(sample.error),
                  text(sample.url), start_time(std::max(sample.response_time, std::chrono::nanoseconds::zero())));
    if (client_ && !steering.is_none())
      client_->context().thrown = std::make_exception_ptr(Steering{std::move(steering)});
  } catch (nb::python_error& error) {
    error.discard_as_unraisable(listener_);
  }
}

}  // namespace katydid::python
