#include "tests/support/target/response.hpp"

#include "http/reason_phrase.hpp"

namespace katydid::target {

std::string_view reason_phrase(int status) {
  const auto registered = katydid::reason_phrase(status);
  return registered.empty() ? "Status" : registered;
}

Response::Response(int status) : status_(status) {
  if (!may_have_body(status) || status == 205) return;
  header("Content-Type", "text/plain");
  body_ = reason_phrase(status);
}

Response::Response(int status, std::string_view content_type, std::string_view body) : status_(status), body_(body) {
  header("Content-Type", content_type);
}

Response& Response::header(std::string_view name, std::string_view value) {
  headers_.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

}  // namespace katydid::target
