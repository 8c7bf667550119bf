#pragma once

#include "http/client_options.hpp"
#include "http/content_decoder.hpp"
#include "http/curl_handles.hpp"
#include "http/fields.hpp"

#include <string>
#include <string_view>

namespace katydid {

/// What is sent besides the lines that libcurl writes by itself (Host, Accept, Content-Length).
struct CurlHeaders {
  CurlList lines;
  std::string cookies;  // from a Cookie header; the user's own cookies are added to it
  std::string error;    // why a header cannot be sent
};

/// A body as its headers see it.
struct BodyKind {
  bool exists = false;
  std::string_view content_type{};  // empty: none is sent, as requests does for text
};

/// "katydid/VERSION", unless the options say another.
std::string user_agent(const ClientOptions& options);

/// A later header takes the place of an earlier one of that name: `own` comes after the client's. A value without data
/// (`{"Accept", {}}`) takes a header away, libcurl's own included.
CurlHeaders make_headers(const ClientOptions& client, const Fields& own, const BodyKind& body);

/// What a redirect leaves behind.
struct Dropped {
  bool content = false;      // of a body that is not sent again
  bool credentials = false;  // that belong to another host
};
CurlList without(const curl_slist* lines, Dropped dropped);

}  // namespace katydid
