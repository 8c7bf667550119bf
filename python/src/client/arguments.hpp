#pragma once

#include "http/fields.hpp"
#include "http/multipart.hpp"
#include "http/request.hpp"

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace katydid::python {

namespace nb = nanobind;

/// The text of a str (UTF-8) or bytes, as long as the object lives. Throws nb::type_error that names `what`.
std::string_view text_of(nb::handle object, const char* what);
/// What a mapping consists of, or the pairs themselves.
nb::object pairs_of(nb::handle fields);

/// What a request is asked for by keywords: views of Python's objects, which stay for as long as the call that has
/// them.
class RequestArguments {
 public:
  RequestArguments() = default;
  RequestArguments(const RequestArguments&) = delete;
  RequestArguments& operator=(const RequestArguments&) = delete;

  /// False when there is no such keyword.
  bool take(std::string_view name, nb::handle value);
  /// The same for all keywords of a call by CPython's vectorcall convention; throws nb::type_error.
  void take_all(PyObject* const* values, PyObject* names);

  /// `name` stays for as long as the call.
  void name_unless_named(std::string_view name) {
    if (options_.name.empty()) options_.name = name;
  }

  /// `data` is an async iterator, which only a task can read.
  bool has_async_body() const;

  Body body();
  const RequestOptions& options();

 private:
  std::vector<Field> fields(nb::handle value, const char* what);
  void take_body(nb::handle value);
  bool take_bytes(nb::handle value);
  void take_json(nb::handle value);
  void take_data(nb::handle value);
  Multipart form_with_files() const;
  void take_params(nb::handle value);
  template <class Login>
  Login take_login(const char* what, nb::handle value);
  void take_verify(nb::handle value);
  void take_cert(nb::handle value);
  void take_proxy(nb::handle value);
  void take_context(nb::handle value);

  RequestOptions options_;
  std::string body_;
  std::string_view content_type_;
  std::vector<Field> headers_, params_, cookies_;
  nb::handle data_, files_;
  std::unique_ptr<Value> context_;
  std::shared_ptr<BodySource> source_;  // of a body that is made while it is sent
  std::vector<nb::object> kept_;        // what was made of arguments and is viewed
};

}  // namespace katydid::python
