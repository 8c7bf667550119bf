#pragma once

#include "base/value.hpp"
#include "http/body_source.hpp"
#include "http/fields.hpp"
#include "http/large_bodies.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

/// For RequestOptions::proxy: goes without one.
inline constexpr std::string_view no_proxy = "direct";

struct BasicAuth {
  std::string_view user{};
  std::string_view password{};
};

/// For RequestOptions::context: `{.context = json{{"user", "ann"}}}`.
class RequestContext {
 public:
  RequestContext() = default;
  RequestContext(const Value& value) : value_(&value) {}
  /// nullptr when there is none.
  std::unique_ptr<Value> copy() const { return value_ ? std::make_unique<Value>(*value_) : nullptr; }

 private:
  const Value* value_ = nullptr;
};

/// For a server that asks for a digest (RFC 7616: MD5 or SHA-256): the request goes first without credentials, and once
/// more as the server's challenge says. Both are one request in the statistics, as with requests' HTTPDigestAuth.
struct DigestAuth {
  std::string_view user{};
  std::string_view password{};
};

/// What can be said of one request besides method, URL and body. Views only: it lives as long as the expression it
/// stands in.
struct RequestOptions {
  std::string_view name{};  ///< groups requests under one entry of the statistics, as Locust's `name=`
  Fields headers{};
  Fields params{};  ///< query parameters, percent-encoded and added to the URL
  Fields cookies{};
  BasicAuth auth{};
  DigestAuth digest{};
  std::string_view bearer{};  ///< a token: "Authorization: Bearer …"
  std::string_view proxy{};   ///< as ClientOptions::proxy, in its place; `no_proxy` for none
  /// Of a program that keeps headers, cookies and redirects itself: all lines of the head, Host and Content-Length
  /// among them, each with its CRLF, to be sent as they are; the answer's cookies and redirects are left to it, too.
  /// FastHttpClient only.
  std::string_view composed_head{};
  /// PEM files that this request has in place of the client's: certificates to trust (or a folder of them), by which
  /// the server is checked even where the client's `verify` is false, and a client certificate, whose key may be in its
  /// file. @{
  std::string_view ca_file{};
  std::string_view client_certificate{}, client_key{};
  /// @}
  std::chrono::milliseconds timeout{};          ///< for the whole request; zero: the client's own
  std::chrono::milliseconds connect_timeout{};  ///< zero: the client's own
  std::chrono::milliseconds stream_timeout{};   ///< of a stream, from the request's start to its end; zero: none
  bool allow_redirects = true;
  bool verify = true;         ///< check the server's certificate (the client's `verify` must be true as well)
  bool keep_history = false;  ///< keep the redirects in Response::history(); FastHttpClient only
  /// The answer is there with its head, and its body is read from it as it comes; the time of the request and the
  /// length in the statistics are those of the head, as Locust has it for `stream=True`.
  bool stream = false;
  /// The bytes of the body are counted, as they come over the wire, and not kept: body() is "". Without TLS the kernel
  /// throws large ones away (MSG_TRUNC). Not of a stream.
  bool discard_body = false;
  /// Of the body, once its Content-Encoding is undone, for Response::checksum(): "crc32", or a digest that OpenSSL
  /// knows ("md5", "sha1", "sha256", "sha512" …). With `discard_body` it is made piece by piece, of a body of any size,
  /// or a compressed one of `max_body` bytes. Not of a stream.
  std::string_view checksum{};
  bool decodes = true;          ///< a stream's Content-Encoding is undone
  bool catch_response = false;  ///< the task judges: the request is recorded when the response goes out of scope
  RequestContext context{};     ///< an object for listeners of `request`: KATYDID_ON_REQUEST

  bool has_certificates() const { return ca_file.size() + client_certificate.size() > 0; }
};

/// Form fields, sent as application/x-www-form-urlencoded: `client.post("/login", Form{{"user", "ann"}})`.
class Form {
 public:
  explicit Form(Field f0, Field f1 = {}, Field f2 = {}, Field f3 = {}, Field f4 = {}, Field f5 = {}, Field f6 = {},
                Field f7 = {})
      : fields_(f0, f1, f2, f3, f4, f5, f6, f7) {}
  explicit Form(std::span<const Field> fields) : fields_(fields) {}
  const Fields& fields() const { return fields_; }

 private:
  Fields fields_;
};

class Multipart;

/// The body of a request with its Content-Type: text as it is, JSON, a form, a form with files, or a source that makes
/// it while it is sent.
class Body {
 public:
  Body() = default;
  Body(std::string text) : text_(std::move(text)) {}
  Body(std::string_view text);
  Body(const char* text) : Body(std::string_view(text)) {}
  /// The type is viewed until the request has begun.
  Body(std::string text, std::string_view content_type) : text_(std::move(text)), content_type_(content_type) {}
  Body(const Value& value) : text_(value.dump()), content_type_("application/json") {}
  Body(const Form& form);
  Body(const Multipart& form);
  /// Not copied, by FastHttpUser: for large bodies that are sent again and again. The type is viewed as above.
  Body(std::shared_ptr<const std::string> text, std::string_view content_type = {})
      : content_type_(content_type), shared_(std::move(text)) {}
  /// The type is viewed until the request has begun.
  Body(std::shared_ptr<BodySource> source, std::string_view content_type = {})
      : content_type_(content_type), source_(std::move(source)) {}

  bool empty() const { return text().empty() && !source_; }
  const std::string& text() const { return shared_ ? *shared_ : text_; }
  std::string take() && { return shared_ ? copy_of_body(*shared_) : std::move(text_); }
  /// A large text; null of others, which take() has.
  std::shared_ptr<const std::string> share() && {
    if (text().size() < large_body) return nullptr;
    return shared_ ? std::move(shared_) : share_body(std::move(text_));
  }
  /// In the place of a text, or null.
  const std::shared_ptr<BodySource>& source() const { return source_; }
  /// Empty when the caller's headers decide.
  std::string_view content_type() const { return own_type_ ? std::string_view(*own_type_) : content_type_; }

 private:
  std::string text_;
  std::string_view content_type_{};
  std::shared_ptr<const std::string> shared_;    // in the place of text_
  std::shared_ptr<const std::string> own_type_;  // one that was made with the body
  std::shared_ptr<BodySource> source_;
};

/// "Bearer …" for an Authorization header (RFC 6750).
inline std::string bearer_authorization(std::string_view token) { return std::string("Bearer ").append(token); }

/// For one segment of a path: RFC 3986's unreserved characters stay, all others become %XX.
std::string percent_encoded(std::string_view text);
/// For a name or a value of a form or a query, as requests does it: the same, but a space becomes "+".
void append_form_encoded(std::string& out, std::string_view text);
std::string form_encoded(const Fields& fields);
/// `path` with `params` added to its query.
std::string with_params(std::string_view path, const Fields& params);

}  // namespace katydid
