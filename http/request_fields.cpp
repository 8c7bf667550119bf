#include "http/request_fields.hpp"

#include "http/content_decoder.hpp"
#include "http/header_text.hpp"

#include <algorithm>
#include <vector>

namespace katydid {
namespace {

class Merged {
 public:
  void put(Field field) {
    const auto same = std::ranges::find_if(fields_, [&](const Field& f) { return same_name(f.name, field.name); });
    if (same == fields_.end()) {
      fields_.push_back(field);
    } else {
      *same = field;
    }
  }
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

std::string check(const Field& field) {
  const bool named = is_token(field.name);
  if (named && !has_control(field.value)) {
    // Two opinions on where the body ends are what request smuggling is made of.
    if (!same_name(field.name, "Transfer-Encoding")) return {};
    return "InvalidHeader: a request's body is sent with its length, not with a Transfer-Encoding";
  }
  std::string error = "InvalidHeader: the " + std::string(named ? "value" : "name") +
                      " of a header holds what may not be sent: " + std::string(field.name);
  std::ranges::replace_if(
      error, [](unsigned char c) { return c < 0x20; }, '?');
  return error;
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

RequestFields make_request_fields(const ClientOptions& client, const Fields& own, const BodyFacts& body) {
  const std::string_view agent =
      client.user_agent.empty() ? std::string_view("katydid/" KATYDID_VERSION) : std::string_view(client.user_agent);
  Merged merged;  // in the order in which requests sends them
  merged.put({"User-Agent", agent});
  merged.put({"Accept-Encoding", accepted_encodings});
  merged.put({"Accept", "*/*"});
  merged.put({"Connection", "keep-alive"});
  if (!body.content_type.empty()) merged.put({"Content-Type", body.content_type});
  for (const auto& [name, value] : client.headers) merged.put({name, value});
  for (const Field& field : own) merged.put(field);

  RequestFields fields;
  for (const Field& field : merged.fields()) {
    fields.error = check(field);
    if (!fields.error.empty()) return fields;
    if (!field.value.data()) continue;
    if (same_name(field.name, "Host")) {
      fields.host = field.value;
    } else if (same_name(field.name, "Cookie")) {
      fields.cookies = field.value;
    } else if (!same_name(field.name, "Content-Length")) {  // it is known better
      if (same_name(field.name, "Authorization")) fields.authorized = true;
      if (same_name(field.name, "Expect"))
        fields.expects_continue = body.exists && same_name(trimmed(field.value), "100-continue");
      append_line(fields.lines, field.name, field.value);
    }
  }
  return fields;
}

const std::shared_ptr<const RequestFields>& DefaultFields::get(const ClientOptions& client, const BodyFacts& body) {
  for (const auto& made : made_) {
    if (made.has_body == body.exists && made.content_type == body.content_type) return made.fields;
  }
  return made_
      .emplace_back(Made{body.exists, std::string(body.content_type),
                         std::make_shared<const RequestFields>(make_request_fields(client, {}, body))})
      .fields;
}

RequestFields without(const RequestFields& fields, LeftBehind left) {
  RequestFields kept = fields;
  kept.lines.clear();
  if (left.content) kept.expects_continue = false;
  if (left.credentials) {
    kept.host.clear();
    kept.cookies.clear();
    kept.authorized = false;
  }
  for (std::string_view lines = fields.lines; !lines.empty();) {
    const auto line = lines.substr(0, lines.find("\r\n") + 2);
    lines.remove_prefix(line.size());
    const auto name = line.substr(0, line.find(':'));
    if (left.content && (same_name(name, "Content-Type") || same_name(name, "Expect"))) continue;
    if (left.credentials && same_name(name, "Authorization")) continue;
    kept.lines.append(line);
  }
  return kept;
}

}  // namespace katydid
