#pragma once

#include "http/client_options.hpp"
#include "http/fields.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// A body as its headers see it.
struct BodyFacts {
  bool exists = false;
  std::string_view content_type{};  ///< empty: none is sent, as requests does for text
};

/// The headers of a request as they are sent, apart from those that hang on the URL (Host), the length of the body, the
/// cookie jar, and credentials.
struct RequestFields {
  std::string lines;        ///< "Name: value" and CRLF, one after another
  std::string host;         ///< of an own Host header
  std::string cookies;      ///< of an own Cookie header; those of the jar are added to it
  std::string error;        ///< why they can't be sent: "InvalidHeader: …"
  bool authorized = false;  ///< there is an own Authorization header
  bool expects_continue = false;
};

/// A later header takes the place of an earlier one of that name: `own` comes after the client's. A value without data
/// (`{"Accept", {}}`) takes a header away.
RequestFields make_request_fields(const ClientOptions& client, const Fields& own, const BodyFacts& body);

/// The fields of requests without headers of their own, made once for each kind of body.
class DefaultFields {
 public:
  const std::shared_ptr<const RequestFields>& get(const ClientOptions& client, const BodyFacts& body);
  void clear() { made_.clear(); }

 private:
  struct Made {
    bool has_body;
    std::string content_type;
    std::shared_ptr<const RequestFields> fields;
  };
  std::vector<Made> made_;
};

/// What a redirect leaves behind.
struct LeftBehind {
  bool content = false;      ///< the headers of a body that is not sent again
  bool credentials = false;  ///< those that belong to another host
};
RequestFields without(const RequestFields& fields, LeftBehind left);

}  // namespace katydid
