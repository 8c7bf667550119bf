#include "http/curl_headers.hpp"

#include <algorithm>
#include <new>
#include <vector>

namespace katydid {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_name(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

bool is_token(std::string_view name) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || others.find(c) != others.npos;
  });
}

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

}  // namespace

std::string user_agent(const ClientOptions& options) {
  return options.user_agent.empty() ? "katydid/" KATYDID_VERSION : options.user_agent;
}

CurlHeaders make_headers(const ClientOptions& client, const Fields& own, const BodyKind& body) {
  // Written by libcurl, these would be put together anew for every request.
  Merged merged;
  const auto agent = user_agent(client);
  merged.put({"User-Agent", agent});
  merged.put({"Accept-Encoding", accepted_encodings});
  merged.put({"Connection", "keep-alive"});
  if (body.exists) {
    merged.put({"Content-Type", body.content_type.empty() ? std::string_view() : body.content_type});
    merged.put({"Expect", {}});  // or libcurl asks for leave to send a megabyte, and waits for it
  }
  for (const auto& [name, value] : client.headers) merged.put({name, value});
  for (const Field& field : own) merged.put(field);

  CurlHeaders headers;
  for (const Field& field : merged.fields()) {
    if (!is_token(field.name) || breaks_line(field.value)) {
      headers.error = "InvalidHeader: the " + std::string(is_token(field.name) ? "value" : "name") +
                      " of a header holds what may not be sent: " + std::string(field.name);
      std::ranges::replace_if(
          headers.error, [](unsigned char c) { return c < 0x20; }, '?');
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

CurlList without(const curl_slist* lines, Dropped dropped) {
  CurlList kept;
  for (; lines; lines = lines->next) {
    const std::string_view line = lines->data;
    const auto name = line.substr(0, line.find_first_of(":;"));
    if (dropped.content && (same_name(name, "Content-Type") || same_name(name, "Content-Length") ||
                            same_name(name, "Transfer-Encoding") || same_name(name, "Expect")))
      continue;
    if (dropped.credentials && same_name(name, "Authorization")) continue;
    append(kept, lines->data);
  }
  return kept;
}

}  // namespace katydid
