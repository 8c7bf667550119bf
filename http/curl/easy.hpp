#pragma once

#include "http/client_options.hpp"
#include "http/curl/handles.hpp"
#include "http/curl/headers.hpp"
#include "http/request.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// A libcurl easy handle that knows what it is set to, so that a request costs only what differs from the one before.
class CurlEasy {
 public:
  enum class Shape { get, head, body, upload };

  explicit CurlEasy(CURLSH* share);

  CURL* get() const { return handle_.get(); }
  /// libcurl's own words on the last failure.
  const char* message() const { return message_.data(); }
  void clear_message() { message_[0] = '\0'; }

  /// What does not differ between the requests of a client; nothing when `version` was adopted before.
  void adopt(const ClientOptions& options, std::uint32_t version);
  /// Takes an absolute URL. Returns "" or why it is none.
  std::string set_url(const std::string& url);
  /// With Shape::body, `body` must stay as it is until the request has ended.
  void set_method(Shape shape, std::string_view method, const std::string& body);
  /// A body that libcurl reads from its read function; without a size in chunks.
  void set_upload(std::string_view method, std::optional<std::uint64_t> size);
  const std::string& method() const { return method_; }
  void set_headers(std::shared_ptr<const CurlHeaders> headers);
  const CurlHeaders& headers() const { return *headers_; }
  void set_cookies(const std::string& cookies);
  void set_credentials(std::string_view user, std::string_view password);
  void set_proxy(const ClientOptions& client, const RequestOptions& options);
  /// The proxy's URL, or "".
  const std::string& proxy() const { return proxy_; }
  /// Whose certificates are checked, by whose authorities, and what the client shows.
  void set_tls(const ClientOptions& client, const RequestOptions& options);
  /// Makes the next answers of that size fit into libcurl's buffer.
  void fit_buffer(std::size_t received);
  std::size_t buffer_size() const { return static_cast<std::size_t>(buffer_size_); }

 private:
  void set_version(HttpVersion version, bool base_is_secure);
  void use_proxy(const ClientOptions& client, std::string_view proxy);
  void set_shape(Shape shape);
  void set_name(std::string_view method);
  void set_verify(bool verify, bool host);
  void set_authorities(const std::string& ca_file);
  void set_certificate(const std::string& certificate, const std::string& key);
  void set_tracer(Tracer* tracer);
  static int on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* tracer);

  std::array<char, CURL_ERROR_SIZE> message_{};
  CurlUrl parsed_url_;
  std::shared_ptr<const CurlHeaders> headers_;
  CurlHandle handle_;  // refers to all three
  std::uint32_t version_ = 0;
  std::string url_, method_, user_, password_, proxy_;
  Shape shape_ = Shape::get;
  bool has_cookies_ = false, verifies_ = true, verifies_host_ = true, has_own_authorities_ = false,
       has_requests_tls_ = false, traces_ = false;
  long buffer_size_ = 0;
};

}  // namespace katydid
