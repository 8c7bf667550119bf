#include "http/merged_fields.hpp"

#include "base/version.hpp"
#include "http/error_text.hpp"
#include "http/header_text.hpp"

#include <algorithm>

namespace katydid {
namespace {

template <class Fields>
auto field_of_name(Fields& fields, std::string_view name) {
  return std::ranges::find_if(fields, [&](const Field& field) { return same_name(field.name, name); });
}

}  // namespace

void MergedFields::put(Field field) {
  const auto same = field_of_name(fields_, field.name);
  if (same == fields_.end()) {
    fields_.push_back(field);
  } else {
    *same = field;
  }
}

void MergedFields::put(const ClientOptions& client, const Fields& own) {
  for (const auto& [name, value] : client.headers) put({name, value});
  for (const Field& field : own) put(field);
}

void MergedFields::remove(std::string_view name) {
  if (const auto field = field_of_name(fields_, name); field != fields_.end()) fields_.erase(field);
}

bool MergedFields::has(std::string_view name) const { return field_of_name(fields_, name) != fields_.end(); }

std::string header_error(const Field& field) {
  if (field.name.empty()) return "InvalidHeader: a header has no name";
  if (!is_token(field.name)) return invalid_header("name", field.name);
  return has_control(field.value) ? invalid_header("value", field.name) : std::string();
}

std::string_view user_agent(const ClientOptions& options) {
  return options.user_agent.empty() ? product : options.user_agent;
}

void append_cookies(std::string& header, const Fields& cookies) {
  for (const Field& cookie : cookies) {
    if (!header.empty()) header += "; ";
    header.append(cookie.name).append("=").append(cookie.value);
  }
}

bool leaves(LeftBehind left, std::string_view name) {
  if (left.content && (same_name(name, "Content-Type") || same_name(name, "Content-Length") ||
                       same_name(name, "Transfer-Encoding") || same_name(name, "Expect"))) {
    return true;
  }
  return left.credentials && same_name(name, "Authorization");
}

}  // namespace katydid
