#pragma once

#include "python/src/cpython/plain_type.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace katydid::python {

/// PEM files; "" where none is given.
struct Certificates {
  std::string ca_file, client_certificate, client_key;
};

/// `Asked`: a request as it was composed. What it holds doesn't change; objects of Python are made of it when somebody
/// looks.
struct Asked {
  /// What `request.body` is.
  enum class BodyType { none, bytes, text, object };

  template <class Visitor>
  void visit(Visitor&& visitor) {
    for (PyObject** part : {&name, &body_object}) visitor(*part);
  }

  std::string method;  // in capitals
  std::string url;     // as the request shows it
  std::string target;  // as it is sent, where that is another one
  std::string head;    // the lines of the head: Host and the like, and the fields that the request shows
  std::size_t fields_at = 0, fields_end = 0;
  std::string cookie;  // the value of a Cookie header that is no field of the session's or the request's
  std::string body;
  BodyType body_type = BodyType::none;
  PyObject* body_object = nullptr;
  PyObject* name = nullptr;  // where the request has none of its own
  std::chrono::milliseconds connect_timeout{}, timeout{};
  bool verify = true;
  std::unique_ptr<Certificates> certificates;  // of a request that has some of its own

  std::string_view sent_url() const { return target.empty() ? url : target; }
};

void bind_asked(nb::module_& m);

}  // namespace katydid::python
