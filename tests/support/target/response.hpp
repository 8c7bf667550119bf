#pragma once

#include <string>
#include <string_view>

namespace katydid::target {

/// The registered phrase, or "Status": there is always one.
std::string_view reason_phrase(int status);

/// An answer whose body is known at once.
class Response {
 public:
  explicit Response(int status);  ///< the reason phrase as body, where the status may have one
  Response(int status, std::string_view content_type, std::string_view body);
  static Response json(std::string_view body, int status = 200) { return {status, "application/json", body}; }

  Response& header(std::string_view name, std::string_view value);

  int status() const { return status_; }
  std::string_view headers() const { return headers_; }
  std::string_view body() const { return body_; }

 private:
  int status_;
  std::string headers_;
  std::string body_;
};

/// 204 and 304 end with their head, whatever it says.
inline bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace katydid::target
