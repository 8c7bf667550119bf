#pragma once

#include "http/context.hpp"
#include "http/loop.hpp"
#include "http/request.hpp"
#include "http/request_fields.hpp"
#include "http/response.hpp"
#include "http/response_parser.hpp"
#include "http/url.hpp"

#include <coroutine>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

class FastConnection;
class FastEngine;
class FastSession;

/// The course of one request: its connection, the answer, redirects as requests follows them, one more try when a
/// connection that was kept open turns out to be gone, time limits. Objects of this kind are the engine's and serve one
/// request after another, of any user.
class FastTransfer : Timer {
 public:
  explicit FastTransfer(FastEngine& engine);
  ~FastTransfer();
  FastTransfer(const FastTransfer&) = delete;
  FastTransfer& operator=(const FastTransfer&) = delete;

  /// Takes over all of the request: nothing of the arguments is viewed later.
  void prepare(FastSession& session, std::string_view method, std::string_view url, Body body,
               const RequestOptions& options);
  /// `waiting` is resumed from the loop when the request is done and recorded.
  void start(Context& context, std::coroutine_handle<> waiting);
  Response take_response() { return std::move(response_); }
  /// Back to the engine; a request under way is cut off.
  void release();

  /// For its connection. @{
  void on_open();
  void on_received(std::string_view bytes);
  /// The connection is gone: `error` is an errno, 0 when the server closed it.
  void on_ended(int error);
  void on_failed(std::string error);
  /// TLS ended without a goodbye: whether that matters depends on how the body is delimited.
  void on_truncated(std::string error);
  /// The request ends with this error in the loop's next turn.
  void fail_soon(std::string error);
  /// @}

 private:
  using clock = Loop::clock;

  Loop& loop() const;
  bool compose(std::string_view method, std::string_view url, const RequestOptions& options);
  std::string check(const ClientOptions& client) const;
  void prepare_fields(const RequestOptions& options);
  void prepare_authorization(std::string_view url, const BasicAuth& auth);
  void build_head();
  void append_cookie_line();
  void begin_hop(FastConnection& connection);
  void send_request();
  void send_body();
  bool may_try_again() const;
  void try_again();
  void leave_connection();
  void complete(bool reusable);
  bool store_cookies_and_decode();
  bool follow();
  void fail(std::string error);
  void end();
  void trace_request() const;
  void trace_answer() const;
  std::string place() const;

  clock::time_point deadline() const;
  void watch_deadline();
  std::string timeout_error() const;
  static void on_timer(Timer& self);

  FastEngine& engine_;
  FastSession* session_ = nullptr;
  FastConnection* connection_ = nullptr;

  // The request.
  std::string method_, url_, name_, body_;  // method_ stays that of the first request
  std::string hop_method_;                  // of a redirect: what is sent; "" otherwise
  std::string head_, cookies_, authorization_;
  std::shared_ptr<const RequestFields> fields_;
  Url parts_;  // of url_
  // What head_ and url_ were composed of; when the next request is made of the same, they stay.
  struct {
    std::string base, path, method;
    std::shared_ptr<const RequestFields> fields;  // null: of more than these
  } composed_;
  std::chrono::milliseconds timeout_{}, connect_timeout_{};
  bool has_body_ = false, follows_ = true, catches_ = false, verify_ = true;

  // Its course.
  Context* context_ = nullptr;  // only while it is under way
  std::coroutine_handle<> waiting_;
  clock::time_point start_{}, hop_start_{}, armed_for_{}, continue_at_{};
  bool connected_ = false, answered_ = false, tried_again_ = false;
  bool body_waits_ = false;  // for "100 Continue"
  int redirects_ = 0;
  std::string error_;
  ResponseParser parser_;
  Response::Content content_;
  Response response_;
};

}  // namespace katydid
