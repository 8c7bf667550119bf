#include "http/curl/headers.hpp"

#include "http/header_text.hpp"

#include <new>
#include <string_view>

namespace katydid {
namespace {

/// libcurl sends a body in chunks when it is told to. Of any other coding it knows nothing.
std::string check(const Field& field, const BodyKind& body) {
  if (!field.value.data() || !same_name(field.name, "Transfer-Encoding")) return header_error(field);
  if (body.exists && same_name(trimmed(field.value), "chunked")) return {};
  return "InvalidHeader: a request's Transfer-Encoding can only be chunked, and needs a body";
}

void append(CurlList& list, const char* line) {
  curl_slist* longer = curl_slist_append(list.get(), line);
  if (!longer) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

/// libcurl's notation: "Name:" takes a header away, "Name;" sends it without a value.
std::string line_of(const Field& field) {
  std::string line(field.name);
  if (!field.value.data()) return line += ':';
  if (field.value.empty()) return line += ';';
  return line.append(": ").append(field.value);
}

bool is_of(std::string_view name, std::string_view line) {
  return same_name(line.substr(0, line.find_first_of(":;")), name);
}

}  // namespace

CurlHeaders make_headers(const ClientOptions& client, const Fields& own, const BodyKind& body) {
  // Written by libcurl, these would be put together anew for every request.
  MergedFields merged;
  merged.put({"User-Agent", user_agent(client)});
  merged.put({"Accept-Encoding", accepted_encodings});
  merged.put({"Connection", "keep-alive"});
  if (body.exists) {
    merged.put({"Content-Type", body.content_type.empty() ? std::string_view() : body.content_type});
    merged.put({"Expect", {}});  // or libcurl asks for leave to send a megabyte, and waits for it
  }
  merged.put(client, own);

  CurlHeaders headers;
  for (const Field& field : merged.all()) {
    headers.error = check(field, body);
    if (!headers.error.empty()) return headers;
    if (same_name(field.name, "Cookie")) {
      headers.cookies = field.value;
    } else if (!same_name(field.name, "Content-Length")) {  // libcurl knows it, and would believe another
      append(headers.lines, line_of(field).c_str());
    }
  }
  return headers;
}

bool has_field(const CurlHeaders& headers, std::string_view name) {
  const curl_slist* line = headers.lines.get();
  while (line && !is_of(name, line->data)) line = line->next;
  return line;
}

CurlHeaders with_field(const CurlHeaders& headers, Field field) {
  CurlHeaders all{.lines = {}, .cookies = headers.cookies, .error = headers.error};
  for (const curl_slist* line = headers.lines.get(); line; line = line->next) {
    if (!is_of(field.name, line->data)) append(all.lines, line->data);
  }
  append(all.lines, line_of(field).c_str());
  if (all.error.empty()) all.error = header_error(field);
  return all;
}

CurlList without(const curl_slist* lines, LeftBehind left) {
  CurlList kept;
  for (; lines; lines = lines->next) {
    const std::string_view line = lines->data;
    if (!leaves(left, line.substr(0, line.find_first_of(":;")))) append(kept, lines->data);
  }
  return kept;
}

}  // namespace katydid
