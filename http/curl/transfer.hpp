#pragma once

#include "http/curl/easy.hpp"
#include "http/transfer.hpp"

#include <coroutine>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

class CurlSession;

/// One request at a time. Redirects and time limits are done here and not by libcurl: redirects as requests does them,
/// methods and headers included; time limits without a node in libcurl's tree of timers for each request.
class CurlTransfer final : public Transfer {
 public:
  explicit CurlTransfer(CurlSession& session);
  ~CurlTransfer();

  /// The session's options; nothing when `version` was adopted before.
  void adopt(const ClientOptions& options, std::uint32_t version) { easy_.adopt(options, version); }
  /// Takes over all of the request: nothing of the arguments is viewed later.
  void prepare(std::string_view method, std::string_view url, Body body, const RequestOptions& options);
  /// `waiting` is resumed from the loop when the request is done and recorded.
  void start(Context& context, std::coroutine_handle<> waiting);
  /// Back to the session; a request under way is cut off.
  void release();

  /// For CurlMulti, outside of libcurl.
  void completed(CURLcode code);

 private:
  void abandon() override;
  std::string place() const override;
  void prepare_url(std::string_view url, const Fields& params);
  void prepare_headers(const RequestOptions& options, const BodyKind& body);
  void prepare_authorization(std::string_view url, const RequestOptions& options);

  void send();
  bool decode();
  void set_authorization(std::string_view value);
  bool leads_on();
  bool answer_challenge();
  bool follow();
  void leave_multi();

  std::size_t read_body(char* room, std::size_t size);
  static std::size_t on_read(char* room, std::size_t, std::size_t size, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static int on_connected(void* self, char*, char*, int, int);
  static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr* address);
  static int on_close(void* sockets, curl_socket_t fd);

  CurlSession& session_;
  CurlEasy easy_;

  std::shared_ptr<BodySource> source_;  // of a body that is made while it is sent
  std::string_view piece_;              // of it, and not handed over yet
  std::uint64_t taken_ = 0;             // bytes of it

  bool in_multi_ = false;
  bool in_headers_ = false;  // between a status line and the empty line
  bool is_encoded_ = false;  // there is a Content-Encoding
  int open_error_ = 0;       // errno of a socket that could not be made
  std::string reason_;       // phrase of a status from 400 up
};

}  // namespace katydid
