#include "http/rest.hpp"

#include "http/header_text.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

/// At most so many characters, none of them cut in two.
std::string_view first_characters(std::string_view text, std::size_t most) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_character = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins_character && most-- == 0) return text.substr(0, i);
  }
  return text;
}

}  // namespace

RestResponse::RestResponse(Response response) : Response(std::move(response)) {
  if (text().empty()) return;
  try {
    js_ = json();
  } catch (const std::runtime_error& error) {
    failure("Could not parse response as JSON. " + std::string(first_characters(text(), 250)) + ", response code " +
            std::to_string(status()) + ", error " + error.what());
  }
}

RestResponse::~RestResponse() {
  if (!is_recorded() && std::uncaught_exceptions() > exceptions_)
    failure("The task threw an exception before it was done with this response");
}

bool RestResponse::check(bool holds, std::string_view reason) {
  if (holds) return true;
  std::string text(reason);
  if (text.ends_with(',')) text.append(" response was ").append(first_characters(this->text(), 200));
  failure(text);
  return false;
}

RestHeaders::RestHeaders(const Fields& headers, const Body& body) : all_(headers.begin(), headers.end()) {
  const auto add = [&](std::string_view name) {
    if (std::ranges::none_of(headers, [name](const Field& field) { return same_name(field.name, name); }))
      all_.emplace_back(name, "application/json");
  };
  if (body.content_type().empty()) add("Content-Type");
  add("Accept");
}

std::string with_time(std::string_view url) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string text(url);
  text.append(url.find('?') == url.npos ? "?_=" : "&_=");
  return text.append(std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
}

}  // namespace katydid
