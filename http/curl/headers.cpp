#include "http/curl/headers.hpp"

#include "http/error_text.hpp"
#include "http/header_text.hpp"

#include <new>
#include <string_view>

namespace katydid {
namespace {

bool breaks_line(std::string_view value) { return value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos; }

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
    const bool named = is_token(field.name);
    if (!named || breaks_line(field.value)) {
      headers.error = invalid_header(named ? "value" : "name", field.name);
      return headers;
    }
    if (same_name(field.name, "Cookie")) {
      headers.cookies = field.value;
    } else {
      append(headers.lines, line_of(field).c_str());
    }
  }
  return headers;
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
