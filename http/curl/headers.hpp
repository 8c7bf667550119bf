#pragma once

#include "http/client_options.hpp"
#include "http/content/decoder.hpp"
#include "http/curl/handles.hpp"
#include "http/fields.hpp"
#include "http/merged_fields.hpp"

#include <string>
#include <string_view>

namespace katydid {

/// What is sent besides the lines that libcurl writes by itself (Host, Accept, Content-Length).
struct CurlHeaders {
  CurlList lines;
  std::string cookies;  // from a Cookie header; the user's own cookies are added to it
  std::string error;    // why a header cannot be sent
};

/// A later header takes the place of an earlier one of that name: `own` comes after the client's. A value without data
/// (`{"Accept", {}}`) takes a header away, libcurl's own included.
CurlHeaders make_headers(const ClientOptions& client, const Fields& own, const BodyKind& body);

bool has_field(const CurlHeaders& headers, std::string_view name);
/// The same with this one in the place of any of its name.
CurlHeaders with_field(const CurlHeaders& headers, Field field);

/// What is left of them after a redirect.
CurlList without(const curl_slist* lines, LeftBehind left);

}  // namespace katydid
