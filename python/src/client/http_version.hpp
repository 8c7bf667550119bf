#pragma once

#include "http/client_options.hpp"

#include <nanobind/nanobind.h>

#include <string_view>

namespace katydid::python {

namespace nb = nanobind;

inline HttpVersion http_version_of(std::string_view text) {
  if (text == "auto") return HttpVersion::automatic;
  if (text == "1.1") return HttpVersion::http1;
  if (text == "2") return HttpVersion::http2;
  throw nb::value_error(R"(http_version must be "auto", "1.1" or "2"; HTTP/3 is for HttpUser in C++)");
}

inline std::string_view text_of(HttpVersion version) {
  if (version == HttpVersion::automatic) return "auto";
  return version == HttpVersion::http2 ? "2" : "1.1";
}

}  // namespace katydid::python
