#include "http/response.hpp"

#include "http/header_text.hpp"
#include "http/reason_phrase.hpp"

#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

/// Python's repr() of a string, for errors that a Python worker reports as the repr of an exception: the master then
/// counts both workers' as one.
std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  const bool single = text.find('\'') == text.npos || text.find('"') != text.npos;
  const char quote = single ? '\'' : '"';
  std::string out(1, quote);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
    } else {
      out += c;
    }
  }
  return out += quote;
}

}  // namespace

Response& Response::operator=(Response&& other) noexcept {
  if (this != &other) {
    record();
    content_ = std::move(other.content_);
    pending_ = std::move(other.pending_);
  }
  return *this;
}

Response::~Response() { record(); }

std::string_view Response::header(std::string_view name) const {
  std::string_view value;
  visit_fields(content_.header_block, [&](Field field) {
    if (!same_name(field.name, name)) return false;
    value = field.value;
    return true;
  });
  return value;
}

std::vector<Field> Response::headers() const {
  std::vector<Field> all;
  visit_fields(content_.header_block, [&](Field field) {
    all.push_back(field);
    return false;
  });
  return all;
}

std::string_view Response::reason() const {
  if (!content_.has_reason) return {};
  return content_.reason.empty() ? reason_phrase(content_.status) : std::string_view(content_.reason);
}

void Response::success() { pending("success()").verdict.clear(); }

void Response::failure(std::string_view reason) {
  pending("failure()").verdict = "CatchResponseError(" + quoted(reason) + ")";
}

Response::Pending& Response::pending(const char* call) {
  if (!pending_) throw std::logic_error(std::string(call) + " needs a request made with {.catch_response = true}");
  return *pending_;
}

void Response::record_later(Recorder& recorder, std::string_view method, std::string_view name) {
  pending_ = std::make_unique<Pending>(Pending{&recorder, std::string(method), std::string(name), content_.error});
}

void Response::record() {
  if (!pending_) return;
  const auto pending = std::move(pending_);
  pending->recorder->record({.method = pending->method,
                             .name = pending->name,
                             .response_time = content_.elapsed,
                             .response_length = content_.body.size(),
                             .error = pending->verdict});
}

std::string status_error(int status, std::string_view reason, std::string_view name) {
  if (status < 400) return {};
  if (reason.empty()) reason = reason_phrase(status);
  const std::string_view kind = status < 500   ? " Client Error: "
                                : status < 600 ? " Server Error: "
                                               : " Unknown Error: ";
  std::string text = std::to_string(status);
  text.append(kind).append(reason).append(" for url: ").append(name);
  return "HTTPError(" + quoted(text) + ")";
}

}  // namespace katydid
