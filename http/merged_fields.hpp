#pragma once

#include "http/client_options.hpp"
#include "http/fields.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// A body as its headers see it.
struct BodyKind {
  bool exists = false;
  std::string_view content_type{};  ///< empty: none is sent, as requests does for text
};

/// The headers of a request: a later one takes the place of an earlier one of that name. The fields are views.
class MergedFields {
 public:
  MergedFields() = default;
  explicit MergedFields(std::vector<Field> fields) : fields_(std::move(fields)) {}

  void put(Field field);
  /// Those of the client, and then the request's own.
  void put(const ClientOptions& client, const Fields& own);
  void remove(std::string_view name);
  bool has(std::string_view name) const;
  const std::vector<Field>& all() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

/// Why a header of a request can't be sent, or "".
std::string header_error(const Field& field);

/// "katydid/VERSION", unless the options say another.
std::string_view user_agent(const ClientOptions& options);

/// Adds a request's own cookies to the value of a Cookie header.
void append_cookies(std::string& header, const Fields& cookies);

/// What a redirect leaves behind.
struct LeftBehind {
  bool content = false;      ///< the headers of a body that is not sent again
  bool credentials = false;  ///< those that belong to another host
};
/// Whether a header of that name is left behind.
bool leaves(LeftBehind left, std::string_view name);

/// The headers of requests without any of their own, made once for each kind of body.
template <class Headers>
class DefaultHeaders {
 public:
  template <class Make>
  const std::shared_ptr<const Headers>& get(const BodyKind& body, Make&& make) {
    for (const auto& made : made_) {
      if (made.has_body == body.exists && made.content_type == body.content_type) return made.headers;
    }
    return made_
        .emplace_back(Made{body.exists, std::string(body.content_type), std::make_shared<const Headers>(make())})
        .headers;
  }
  void clear() { made_.clear(); }

 private:
  struct Made {
    bool has_body;
    std::string content_type;
    std::shared_ptr<const Headers> headers;
  };
  std::vector<Made> made_;
};

}  // namespace katydid
