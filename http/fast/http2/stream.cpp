#include "http/fast/http2/stream.hpp"

#include "http/fast/connection_user.hpp"
#include "http/fast/http2/head.hpp"
#include "http/fast/http2/session.hpp"
#include "net/stream_socket.hpp"

#include <new>
#include <utility>

namespace katydid {

void Http2Stream::serve(ConnectionUser& user, std::size_t place) {
  user_ = &user;
  place_ = place;
  id_ = 0;
  told_ = sent_ = whole_ = closed_ = closes_ = reset_by_server_ = held_ = last_ = deferred_ = tells_ = body_sent_ =
      false;
  held_bytes_ = 0;
  broken_rule_.clear();
  clear_sent(owned_);
  rest_ = {};
}

void Http2Stream::begin(const Http2Head& head, Body body) {
  const auto& fields = session_.fields_.make(head);
  body_sent_ = body == Body::none;
  nghttp2_data_provider provider{};
  provider.source.ptr = this;
  provider.read_callback = &Http2Session::read_body;
  const auto id = nghttp2_submit_request(session_.session_.get(), nullptr, fields.data(), fields.size(),
                                         body == Body::follows ? &provider : nullptr, this);
  if (id < 0) return user_->fail_soon(std::string("HTTP2Error: the request can't be sent: ") + nghttp2_strerror(id));
  id_ = id;
  session_.owner_.on_output();
}

void Http2Stream::send(std::string_view piece, bool last) {
  rest_ = piece;
  last_ = last;
  if (closed_) return;
  if (std::exchange(deferred_, false)) nghttp2_session_resume_data(session_.session_.get(), id_);
  session_.owner_.on_output();
}

void Http2Stream::send_owned(std::string&& piece, bool last) {
  owned_.swap(piece);
  piece.clear();
  send(owned_, last);
}

void Http2Stream::hold(bool held) {
  held_ = held;
  if (held || held_bytes_ == 0) return;
  const auto bytes = std::exchange(held_bytes_, 0);
  if (closed_ || !session_.takes_streams()) return;
  nghttp2_session_consume_stream(session_.session_.get(), id_, bytes);
  session_.owner_.on_output();
}

void Http2Stream::finish() {
  session_.has_answered_ = true;
  leave();
}

void Http2Stream::give_up() {
  if (id_ > 0 && !closed_ && session_.takes_streams()) {
    nghttp2_submit_rst_stream(session_.session_.get(), NGHTTP2_FLAG_NONE, id_, NGHTTP2_CANCEL);
    try {
      session_.owner_.on_output();
    } catch (const std::bad_alloc&) {  // it is sent with the next
    }
  }
  leave();
}

/// What nghttp2 knows stays until it is done with it.
void Http2Stream::leave() {
  Http2Session& session = session_;
  const bool was_used = std::exchange(user_, nullptr) != nullptr;
  if (id_ == 0 || closed_) session.forget(*this);
  if (was_used) session.left();
}

}  // namespace katydid
