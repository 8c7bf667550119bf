#include "http/multipart.hpp"

#include "http/header_text.hpp"

#include <cstdint>
#include <random>
#include <stdexcept>

namespace katydid {
namespace {

/// 32 hexadecimal digits, as urllib3 makes them.
std::string random_boundary() {
  thread_local std::random_device device;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < 4; ++i) {
    for (std::uint32_t bits = device(), digit = 0; digit < 8; ++digit, bits >>= 4U) text += digits[bits & 15U];
  }
  return text;
}

/// One for all forms of a thread: what a client has composed for it once serves again.
std::string& usual_boundary() {
  thread_local std::string boundary = random_boundary();
  return boundary;
}

/// In the quotes of Content-Disposition, as WHATWG's forms have it.
void append_quoted(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "%22";
        break;
      case '\r':
        out += "%0D";
        break;
      case '\n':
        out += "%0A";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace

Multipart::Multipart() : boundary_(usual_boundary()) {}

Multipart& Multipart::add(const Part& part) {
  if (has_control(part.content_type))
    throw std::invalid_argument("a form's part has a Content-Type that holds a control character");
  avoid(part.content);
  put_boundary();
  text_ += "\r\nContent-Disposition: form-data; name=\"";
  append_quoted(text_, part.name);
  if (part.has_filename) {
    text_ += "\"; filename=\"";
    append_quoted(text_, part.filename);
  }
  text_ += "\"\r\n";
  if (!part.content_type.empty()) text_.append("Content-Type: ").append(part.content_type).append("\r\n");
  for (const auto& [name, value] : part.headers) {
    if (!is_token(name) || has_control(value))
      throw std::invalid_argument("a form's part has a header that can't be sent: '" + std::string(name) + "'");
    text_.append(name).append(": ").append(value).append("\r\n");
  }
  text_.append("\r\n").append(part.content).append("\r\n");
  return *this;
}

void Multipart::put_boundary() {
  text_ += "--";
  boundaries_.push_back(text_.size());
  text_ += boundary_;
}

/// Takes another boundary while the content has it, as that of a form that was echoed may.
void Multipart::avoid(std::string_view content) {
  while (content.find(boundary_) != content.npos) {
    boundary_ = random_boundary();
    for (const std::size_t place : boundaries_) text_.replace(place, boundary_.size(), boundary_);
  }
}

std::string Multipart::content_type() const { return "multipart/form-data; boundary=" + boundary_; }

std::string Multipart::body() const { return text_ + "--" + boundary_ + "--\r\n"; }

}  // namespace katydid
