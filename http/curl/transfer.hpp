#pragma once

#include "http/curl/easy.hpp"
#include "http/curl/rotation.hpp"
#include "http/transfer.hpp"

#include <coroutine>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

class CurlBody;
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

  /// For CurlMulti, outside of libcurl. @{
  void completed(CURLcode code);
  void tell();
  /// @}
  /// It can't go on, and ends in the loop's next turn.
  void refuse(std::string error);

  /// For the body of its answer. @{
  void tell_soon();
  /// What was paused goes on.
  void go_on();
  /// No more of it is wanted.
  void let_go();
  /// @}

 private:
  void abandon() override;
  std::string place() const override;
  void prepare_url(std::string_view url, const Fields& params);
  void check_version();
  void prepare_headers(const RequestOptions& options, const BodyKind& body);
  void prepare_authorization(std::string_view url, const RequestOptions& options);

  /// Now, or when the addresses are known that are to be tried.
  void send();
  void hand_to_libcurl();
  bool knows_addresses();
  std::string failure(CURLcode code) const;
  void note_phases();
  void begin_body();
  bool may_lead_on() const;
  void hand_over();
  void end_body(CURLcode code);
  void give_back();
  std::unique_ptr<CurlBody> new_body(std::unique_ptr<ContentDecoder> decoder);
  bool decode();
  bool checksum_is_made();
  void set_header(std::string_view name, std::string_view value);
  bool leads_on();
  bool answer_challenge();
  bool follow();
  void leave_multi();

  std::size_t read_body(char* room, std::size_t size);
  std::size_t stream_body(std::string_view bytes);
  bool had_its_turn(std::size_t size);
  void continue_soon();
  void reserve_body_of(std::size_t first_piece);
  static std::size_t on_read(char* room, std::size_t, std::size_t size, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static int on_connected(void* self, char*, char*, int, int);
  static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr* address);
  static int on_close(void* sockets, curl_socket_t fd);

  CurlSession& session_;
  CurlEasy easy_;
  std::unique_ptr<CurlRotation> rotation_;  // where connections may not begin with a name's first address

  std::shared_ptr<BodySource> source_;  // of a body that is made while it is sent
  std::string_view piece_;              // of it, and not handed over yet
  std::uint64_t taken_ = 0;             // bytes of it

  // Of a stream. Its body has the transfer from the head of the answer to the end, whoever has the request.
  CurlBody* body_stream_ = nullptr;
  std::string sent_body_;     // in the place of body_, where libcurl may still send it
  bool asked_for_ = false;    // the request is under way, or who has made it looks at the answer
  bool handed_over_ = false;  // the request has ended with the head of its answer
  bool has_news_ = false, paused_ = false, continues_ = false;
  std::size_t news_ = 0;    // bytes that the body's reader was not told of; of other bodies, those of this turn
  std::uint64_t turn_ = 0;  // of the loop

  bool in_multi_ = false;
  bool in_headers_ = false;  // between a status line and the empty line
  bool is_encoded_ = false;  // there is a Content-Encoding
  bool has_location_ = false;
  HttpVersion version_ = HttpVersion::http1;  // that was asked for
  int open_error_ = 0;                        // errno of a socket that could not be made
  std::string reason_;                        // phrase of a status from 400 up
};

}  // namespace katydid
