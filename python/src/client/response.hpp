#pragma once

#include "http/response.hpp"

#include <nanobind/nanobind.h>

#include <string_view>

namespace katydid::python {

namespace nb = nanobind;

/// `Response`: an answer, whose parts become Python objects when somebody asks for them.
class ResponseObject {
 public:
  /// `keep` stays as long as the response: what records it.
  ResponseObject(Response response, nb::object keep) : keep_(std::move(keep)), response_(std::move(response)) {}

  const Response& response() const { return response_; }
  Response& response() { return response_; }
  nb::object body();
  nb::object headers();
  nb::object header(nb::handle name) const;
  /// None where there are several of that name, too.
  nb::object sole_header(nb::handle name) const;
  nb::object reason() const;
  nb::object url() const;
  /// In seconds.
  double elapsed() const;
  nb::object error() const;
  nb::object error_kind() const;
  /// Objects of the class that this is of.
  nb::list history();

 private:
  nb::object keep_;
  Response response_;
  nb::object body_, headers_;
};

void bind_response(nb::module_& m);

}  // namespace katydid::python
