#include "http/request_fields.hpp"

#include "http/content/decoder.hpp"
#include "http/header_text.hpp"
#include "http/span.hpp"

namespace katydid {
namespace {

std::string check(const Field& field) {
  // Two opinions on where the body ends are what request smuggling is made of.
  if (!field.value.data() || !same_name(field.name, "Transfer-Encoding")) return header_error(field);
  return "InvalidHeader: a request's body is sent with its length, not with a Transfer-Encoding";
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

RequestFields make_request_fields(const ClientOptions& client, const Fields& own, const BodyKind& body) {
  MergedFields merged;  // in the order in which requests sends them
  merged.put({"User-Agent", user_agent(client)});
  merged.put({"Accept-Encoding", accepted_encodings});
  merged.put({"Accept", "*/*"});
  merged.put({"Connection", "keep-alive"});
  if (!body.content_type.empty()) merged.put({"Content-Type", body.content_type});
  merged.put(client, own);

  RequestFields fields;
  for (const Field& field : merged.all()) {
    fields.error = check(field);
    if (!fields.error.empty()) return fields;
    if (!field.value.data()) continue;
    if (same_name(field.name, "Host")) {
      fields.host = field.value;
    } else if (same_name(field.name, "Cookie")) {
      fields.cookies = field.value;
    } else if (!same_name(field.name, "Content-Length")) {  // it is known better
      if (same_name(field.name, "Authorization")) fields.authorized = true;
      if (same_name(field.name, traceparent_header)) fields.traced = true;
      if (same_name(field.name, "Expect"))
        fields.expects_continue = body.exists && same_name(trimmed(field.value), "100-continue");
      append_line(fields.lines, field.name, field.value);
    }
  }
  return fields;
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
    if (!leaves(left, line.substr(0, line.find(':')))) kept.lines.append(line);
  }
  return kept;
}

}  // namespace katydid
