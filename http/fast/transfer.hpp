#pragma once

#include "http/fast/channel.hpp"
#include "http/fast/connection.hpp"
#include "http/fast/response_parser.hpp"
#include "http/request_fields.hpp"
#include "http/transfer.hpp"
#include "http/url.hpp"

#include <chrono>
#include <coroutine>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

class FastEngine;
class FastSession;
class Upload;

/// The course of one request: its connection, the answer, redirects as requests follows them, one more try when a
/// connection that was kept open turns out to be gone, time limits. Objects of this kind are the engine's and serve one
/// request after another, of any user.
class FastTransfer final : public Transfer, public ConnectionUser {
 public:
  explicit FastTransfer(FastEngine& engine);

  /// Takes over all of the request: nothing of the arguments is viewed later.
  void prepare(FastSession& session, std::string_view method, std::string_view url, Body body,
               const RequestOptions& options);
  /// `waiting` is resumed from the loop when the request is done and recorded.
  void start(Context& context, std::coroutine_handle<> waiting);
  /// For its upload: there may be more to send.
  void send_pieces();
  /// Back to the engine; a request under way is cut off.
  void release();

  /// The request ends with this error in the loop's next turn.
  void fail_soon(std::string error) override { Transfer::fail_soon(std::move(error)); }

  /// For its session. @{
  /// One of the connections that it waits for may be free.
  void try_soon() { wake_at(loop_.now()); }
  /// What it connects to: the URL's origin, or the proxy that it asks to forward the request.
  const Url& destination() const { return is_forwarded() ? proxy_address_ : parts_; }
  /// What it may be sent by.
  HttpVersion version() const;
  /// The proxy through which it reaches the destination, or null.
  const Proxy* tunnel() const { return parts_.secure ? proxy_ : nullptr; }
  bool waits_for(const Url& url) const {
    const Url& to = destination();
    return to.secure == url.secure && to.host == url.host && to.port == url.port;
  }
  /// @}

 private:
  void on_step(ConnectStep step) override;
  void on_open() override;
  void on_received(std::string_view bytes) override;
  void on_discarded(std::uint64_t bytes) override;
  bool take_from(Source& source, std::size_t most) override;
  void on_ended(int error) override;
  void on_truncated(std::string error) override;
  void on_failed(std::string error) override;
  void on_sent() override;
  bool on_field(std::string_view name, std::string_view value) override;
  bool on_fields_end() override;
  std::string refusal() const override { return parser_.error(); }
  void on_whole() override;
  void on_refused(std::string error) override;
  void on_http1(FastConnection* connection) override;
  void abandon() override;
  void on_time_out(clock::time_point asked) override {
    if (connected_ && channel_) channel_->doubt(asked);
  }
  std::string place() const override;
  const Proxy* proxy() const override { return proxy_; }
  bool is_forwarded() const { return proxy_ && !parts_.secure; }
  void choose_proxy(const RequestOptions& options);
  void start_head();
  void woken() override;
  bool has_head() const override { return parser_.has_head(); }
  std::optional<clock::time_point> last_arrival() const override;
  bool was_sent() const override;
  bool compose(std::string_view method, std::string_view url, const RequestOptions& options);
  void prepare_composed(std::string_view method, std::string_view url, const RequestOptions& options);
  void join(const std::string& base, std::string_view path);
  std::string check() const;
  void prepare_fields(const RequestOptions& options);
  void prepare_authorization(std::string_view url, const RequestOptions& options);
  void build_head();
  bool may_have_cookies() const;
  std::string cookies() const;
  std::string_view traceparent() const;
  void write_head();
  void begin_stream(Http2Stream& stream);
  const std::string& sent_method() const { return hop_method_.empty() ? method_ : hop_method_; }
  void take_connection();
  void use(FastConnection& connection);
  void send_request();
  void send_text();
  const std::string& text() const { return shared_body_ ? *shared_body_ : body_; }
  void send_body();
  void upload_sent();
  void stop_upload();
  bool is_refused() const;
  bool is_whole() const;
  bool is_stale(const FastConnection& connection) const;
  bool takes_ragged_end() const;
  bool is_too_large() const;
  bool may_try_again();
  void try_again();
  void answer_begins();
  void expect_more();
  void took(ResponseParser::Progress progress, bool tidy);
  void on_progress(ResponseParser::Progress progress, bool tidy);
  void complete(bool reusable);
  bool leads_on() const;
  void hand_over(ResponseParser::Progress progress, bool tidy);
  void store_cookies();
  bool decode();
  bool sum_up();
  bool answer_challenge();
  bool follow();
  void fail(std::string error);
  void fail_for_memory();
  void trace_request(std::string_view head) const;
  void trace_answer() const;

  FastEngine& engine_;
  FastSession* session_ = nullptr;
  Channel channel_;

  // The request.
  std::string hop_method_;  // of a redirect: what is sent; "" otherwise
  std::string head_, cookies_, authorization_;
  std::shared_ptr<const RequestFields> fields_;
  Url parts_;                    // of url_
  bool url_is_checked_ = false;  // as BaseUrl::Made says it
  // What head_ and url_ were composed of; when the next request is made of the same, they stay.
  struct {
    std::string base, path, method;
    std::shared_ptr<const RequestFields> fields;  // null: of more than these
  } composed_;
  const Proxy* proxy_ = nullptr;
  Url proxy_address_;
  std::unique_ptr<const Proxy> known_proxy_;  // the last one
  TlsChoice tls_ = TlsChoice::checked;
  bool has_body_ = false;
  std::shared_ptr<Upload> upload_;  // of a body that is made while it is sent
  bool named_by_url_ = false;
  bool composed_outside_ = false;  // RequestOptions::composed_head

  // Its course.
  bool answered_ = false, tried_again_ = false;
  std::chrono::nanoseconds step_began_{};  // of its connection, since the start
  int refusals_ = 0;
  bool body_waits_ = false;  // for "100 Continue", or the next turn
  ResponseParser parser_;
};

}  // namespace katydid
