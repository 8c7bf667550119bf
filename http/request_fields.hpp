#pragma once

#include "http/client_options.hpp"
#include "http/fields.hpp"
#include "http/merged_fields.hpp"

#include <string>

namespace katydid {

/// The headers of a request as they are sent, apart from those that hang on the URL (Host), the length of the body, the
/// cookie jar, and credentials.
struct RequestFields {
  std::string lines;        ///< "Name: value" and CRLF, one after another
  std::string host;         ///< of an own Host header
  std::string cookies;      ///< of an own Cookie header; those of the jar are added to it
  std::string error;        ///< why they can't be sent: "InvalidHeader: …"
  bool authorized = false;  ///< there is an own Authorization header
  bool traced = false;      ///< there is an own traceparent header
  bool expects_continue = false;
};

/// A later header takes the place of an earlier one of that name: `own` comes after the client's. A value without data
/// (`{"Accept", {}}`) takes a header away.
RequestFields make_request_fields(const ClientOptions& client, const Fields& own, const BodyKind& body);

/// What is left of them after a redirect.
RequestFields without(const RequestFields& fields, LeftBehind left);

}  // namespace katydid
