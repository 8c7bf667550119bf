#include "http/request.hpp"

#include "http/ascii.hpp"
#include "http/large_bodies.hpp"
#include "http/multipart.hpp"

namespace katydid {
namespace {

enum class Space { percent, plus };

void append_encoded(std::string& out, std::string_view text, Space space) {
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else if (c == ' ' && space == Space::plus) {
      out += '+';
    } else {
      append_percent_encoded(out, c);
    }
  }
}

void append_form(std::string& out, const Fields& fields) {
  bool first = true;
  for (const Field& field : fields) {
    if (!first) out += '&';
    first = false;
    append_form_encoded(out, field.name);
    out += '=';
    append_form_encoded(out, field.value);
  }
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  std::string out;
  append_encoded(out, text, Space::percent);
  return out;
}

void append_form_encoded(std::string& out, std::string_view text) { append_encoded(out, text, Space::plus); }

std::string form_encoded(const Fields& fields) {
  std::string out;
  append_form(out, fields);
  return out;
}

std::string with_params(std::string_view path, const Fields& params) {
  std::string out(path.substr(0, path.find('#')));
  if (params.empty()) return out;
  const auto query = out.find('?');
  if (query == out.npos) {
    out += '?';
  } else if (query + 1 < out.size() && out.back() != '&') {
    out += '&';
  }
  append_form(out, params);
  return out;
}

Body::Body(std::string_view text) : text_(copy_of_body(text)) {}

Body::Body(const Multipart& form)
    : text_(form.body()), own_type_(std::make_shared<const std::string>(form.content_type())) {}

Body::Body(const Form& form) : text_(form_encoded(form.fields())), content_type_("application/x-www-form-urlencoded") {}

}  // namespace katydid
