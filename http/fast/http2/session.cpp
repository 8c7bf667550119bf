#include "http/fast/http2/session.hpp"

#include "base/pooling.hpp"
#include "http/error_text.hpp"
#include "http/fast/connection_user.hpp"
#include "http/fast/http2/head.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <tuple>
#include <utility>

namespace katydid {
namespace {

constexpr std::int32_t stream_window = 1 << 20, connection_window = 1 << 24;
constexpr std::uint32_t largest_fields = 1 << 20;  // of a request, and of an answer
constexpr char too_large_to_send[] = "the request can't be sent: its headers are larger than a mebibyte";
/// Until the server has said how many it takes.
constexpr std::size_t first_streams = 100;
constexpr int most_continuations = 64;
/// Streams that are done, whose memory is for the next ones.
constexpr std::size_t most_spare = 128;
/// What a server may make us answer before we have sent anything: acknowledgements of settings and pings.
constexpr std::size_t most_acknowledgements = 1000;

std::string_view frame_name(std::uint8_t type) {
  constexpr std::array<std::string_view, 10> names{"DATA",          "HEADERS",      "PRIORITY", "RST_STREAM",
                                                   "SETTINGS",      "PUSH_PROMISE", "PING",     "GOAWAY",
                                                   "WINDOW_UPDATE", "CONTINUATION"};
  return type < names.size() ? names[type] : "unknown";
}

std::string broken_rule(const nghttp2_frame& frame, int error) {
  std::string text = "the server broke the rules in a ";
  return text.append(frame_name(frame.hd.type)).append(" frame: ").append(nghttp2_strerror(error));
}

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// What a server says of its reasons, as far as it can be shown.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, 100));
  std::ranges::replace_if(
      out, [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

nghttp2_option* make_options() {
  nghttp2_option* options = nullptr;
  if (nghttp2_option_new(&options) != 0) throw std::bad_alloc();
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_max_outbound_ack(options, most_acknowledgements);
  nghttp2_option_set_max_send_header_block_length(options, largest_fields);
  return options;
}

}  // namespace

/// What nghttp2 calls.
struct Http2Session::Callbacks {
  static Http2Session& of(void* self) { return *static_cast<Http2Session*>(self); }
  /// It has come to its end meanwhile: nghttp2 is to stop.
  static int result(const Http2Session& self) { return self.error_.empty() ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE; }

  static Http2Stream* stream_of(nghttp2_session* session, std::int32_t id) {
    return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }
  /// Null when nobody waits for it.
  static Http2Stream* used_stream(nghttp2_session* session, std::int32_t id) {
    Http2Stream* const stream = stream_of(session, id);
    return stream && stream->user_ ? stream : nullptr;
  }

  static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* self) {
    Http2Session& session = of(self);
    session.continuations_ = head->type == NGHTTP2_CONTINUATION ? session.continuations_ + 1 : 0;
    if (session.continuations_ > most_continuations) session.fail("the server sends CONTINUATION frames without end");
    if (head->type == NGHTTP2_PUSH_PROMISE) session.fail("the server broke the rules: it pushes, which is turned off");
    return result(session);
  }

  static int on_header(nghttp2_session* native, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* self) {
    Http2Stream* const stream = used_stream(native, frame->hd.stream_id);
    if (stream && !stream->user_->on_field(text_of(name, name_size), text_of(value, value_size))) refuse(*stream);
    return result(of(self));
  }

  static int on_frame(nghttp2_session* native, const nghttp2_frame* frame, void* self) {
    Http2Session& session = of(self);
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        if (Http2Stream* const stream = used_stream(native, frame->hd.stream_id)) {
          if (!stream->user_->on_fields_end()) refuse(*stream);
        }
        [[fallthrough]];
      case NGHTTP2_DATA:
        if (ends) on_end(native, frame->hd.stream_id);
        break;
      case NGHTTP2_RST_STREAM:
        if (Http2Stream* const stream = used_stream(native, frame->hd.stream_id)) stream->reset_by_server_ = true;
        break;
      case NGHTTP2_SETTINGS:
        session.has_settings_ = true;
        session.owner_.on_room();
        break;
      case NGHTTP2_GOAWAY:
        session.received_goaway(frame->goaway);
        break;
      default:
        break;
    }
    return result(session);
  }

  static void on_end(nghttp2_session* native, std::int32_t id) {
    Http2Stream* const stream = used_stream(native, id);
    if (!stream) return;
    stream->whole_ = true;
    stream->user_->on_whole();
  }

  static int on_data(nghttp2_session* native, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size,
                     void* self) {
    nghttp2_session_consume_connection(native, size);
    if (Http2Stream* const stream = used_stream(native, id)) stream->user_->on_received(text_of(data, size));
    if (Http2Stream* const stream = used_stream(native, id)) {
      if (stream->held_) {
        stream->held_bytes_ += size;
      } else {
        nghttp2_session_consume_stream(native, id, size);
      }
    }
    return result(of(self));
  }

  static int on_close(nghttp2_session* native, std::int32_t id, std::uint32_t code, void* self) {
    if (Http2Stream* const stream = stream_of(native, id)) of(self).closed(*stream, code);
    return result(of(self));
  }

  static int on_sent(nghttp2_session* native, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_HEADERS) {
      if (Http2Stream* const stream = stream_of(native, frame->hd.stream_id)) stream->sent_ = true;
    } else if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) {
      of(self).said_goaway(frame->goaway);
    }
    return 0;
  }

  static int on_invalid(nghttp2_session* native, const nghttp2_frame* frame, int error, void* self) {
    auto text = broken_rule(*frame, error);
    if (Http2Stream* const stream = used_stream(native, frame->hd.stream_id)) {
      stream->broken_rule_ = text;
    }
    of(self).broken_rule_ = std::move(text);
    return 0;
  }

  static int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head, std::size_t size,
                       nghttp2_data_source* source, void* self) {
    constexpr std::size_t head_size = 9;
    Http2Session& session = of(self);
    auto& stream = *static_cast<Http2Stream*>(source->ptr);
    session.output_->append(text_of(head, head_size)).append(stream.rest_.substr(0, size));
    stream.rest_.remove_prefix(size);
    session.sent_data_ = true;
    return 0;
  }

  /// Nothing may be thrown through nghttp2, which is C: what is thrown waits until it has returned.
  template <auto Callback>
  struct Caught;
  template <class... Arguments, int (*Callback)(nghttp2_session*, Arguments...)>
  struct Caught<Callback> {
    static int call(nghttp2_session* native, Arguments... arguments) {
      try {
        return Callback(native, arguments...);
      } catch (...) {
        of(std::get<sizeof...(Arguments) - 1>(std::tie(arguments...))).thrown_ = std::current_exception();
        return NGHTTP2_ERR_CALLBACK_FAILURE;
      }
    }
  };

  static void refuse(Http2Stream& stream) { stream.user_->on_failed(stream.user_->refusal()); }

  static nghttp2_session_callbacks* make() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_begin_frame_callback(made, &Caught<&on_begin_frame>::call);
    nghttp2_session_callbacks_set_on_header_callback(made, &Caught<&on_header>::call);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, &Caught<&on_frame>::call);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &Caught<&on_data>::call);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, &Caught<&on_close>::call);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, &Caught<&on_sent>::call);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, &Caught<&on_invalid>::call);
    nghttp2_session_callbacks_set_send_data_callback(made, &Caught<&send_data>::call);
    return made;
  }
};

Http2Session::Http2Session(Owner& owner, Http2Fields& fields) : owner_(owner), fields_(fields) {}

Http2Session::~Http2Session() = default;

void Http2Session::open() {
  static const nghttp2_session_callbacks* const callbacks = Callbacks::make();
  static const nghttp2_option* const options = make_options();
  nghttp2_session* made = nullptr;
  if (nghttp2_session_client_new2(&made, callbacks, this, options) != 0) throw std::bad_alloc();
  session_.reset(made);
  const std::array<nghttp2_settings_entry, 3> settings{
      nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, largest_fields}};
  nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0, connection_window);
  owner_.on_output();
}

Http2Stream& Http2Session::add(ConnectionUser& user) {
  if (pools_memory && streams_.size() >= spare_.capacity() && spare_.capacity() < most_spare) {
    spare_.reserve(std::min(2 * streams_.size() + 1, most_spare));  // forget() is not to want memory
  }
  auto stream = spare_.empty() ? std::make_unique<Http2Stream>(*this) : std::move(spare_.back());
  if (!spare_.empty()) spare_.pop_back();
  stream->serve(user, streams_.size());
  Http2Stream& added = *streams_.emplace_back(std::move(stream));
  ++active_;
  return added;
}

void Http2Session::tell_open() {
  const auto next = [](const auto& stream) { return stream->user_ && !std::exchange(stream->told_, true); };
  for (auto found = streams_.begin(); (found = std::ranges::find_if(streams_, next)) != streams_.end();) {
    (*found)->user_->on_open();
  }
}

void Http2Session::fail_soon(const std::string& error) {
  if (error_.empty()) error_ = error;
  for (const auto& stream : streams_) {
    if (stream->user_) stream->user_->fail_soon(error);
  }
}

ConnectionUser* Http2Session::first_user() const {
  const auto found = std::ranges::find_if(streams_, [](const auto& stream) { return stream->user_ != nullptr; });
  return found == streams_.end() ? nullptr : (*found)->user_;
}

ConnectionUser* Http2Session::take_any() {
  const auto found = std::ranges::find_if(streams_, [](const auto& stream) { return stream->user_ != nullptr; });
  if (found == streams_.end()) return nullptr;
  --active_;
  return std::exchange((*found)->user_, nullptr);
}

void Http2Session::left() {
  --active_;
  owner_.on_room();
}

void Http2Session::forget(Http2Stream& stream) {
  auto& place = streams_[stream.place_];
  std::swap(place, streams_.back());
  place->place_ = stream.place_;
  if (pools_memory && spare_.size() < spare_.capacity()) spare_.push_back(std::move(streams_.back()));
  streams_.pop_back();
}

bool Http2Session::has_room() const {
  if (!takes_more()) return false;
  if (!session_) return active_ < first_streams;
  const auto limit = has_settings_
                         ? nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
                         : first_streams;
  return active_ < limit && nghttp2_session_check_request_allowed(session_.get()) != 0;
}

void Http2Session::feed(std::string_view bytes) {
  if (!std::exchange(heard_, true) && bytes.starts_with("HTTP/1")) return fail_with(not_http2);
  const auto taken =
      nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (thrown_) return fail_for_what_was_thrown();
  if (taken < 0 && error_.empty()) fail(nghttp2_strerror(static_cast<int>(taken)));
}

void Http2Session::fail_for_what_was_thrown() {
  try {
    std::rethrow_exception(std::exchange(thrown_, nullptr));
  } catch (const std::bad_alloc&) {
    fail_with(no_room);
  }
}

bool Http2Session::produce(std::string& out, std::size_t most) {
  output_ = &out;
  sent_data_ = false;
  while (out.size() < most) {
    const std::uint8_t* bytes = nullptr;
    const auto size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (thrown_) fail_for_what_was_thrown();
    if (size < 0 && error_.empty()) fail(nghttp2_strerror(static_cast<int>(size)));
    if (size <= 0) break;
    out.append(text_of(bytes, static_cast<std::size_t>(size)));
  }
  output_ = nullptr;
  const auto tells = [](const auto& stream) { return stream->tells_; };
  return out.size() >= most || (sent_data_ && std::ranges::any_of(streams_, tells));
}

void Http2Session::tell_sent() {
  const auto next = [](const auto& stream) {
    return stream->user_ && stream->rest_.empty() && std::exchange(stream->tells_, false);
  };
  for (auto found = streams_.begin(); (found = std::ranges::find_if(streams_, next)) != streams_.end();) {
    (*found)->user_->on_sent();
  }
}

ssize_t Http2Session::read_body(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t room, std::uint32_t* flags,
                                nghttp2_data_source* source, void*) {
  auto& stream = *static_cast<Http2Stream*>(source->ptr);
  if (!stream.user_ || (stream.rest_.empty() && !stream.last_)) {
    stream.deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  const auto size = std::min(room, stream.rest_.size());
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (stream.last_ && size == stream.rest_.size()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    stream.body_sent_ = true;
  }
  return static_cast<ssize_t>(size);
}

void Http2Session::closed(Http2Stream& stream, std::uint32_t code) {
  stream.closed_ = true;
  if (!stream.user_) return forget(stream);
  stream.close_code_ = code;
  if (!output_) return tell_closed(stream);
  stream.closes_ = some_closed_ = true;
}

void Http2Session::tell_closed() {
  if (!std::exchange(some_closed_, false)) return;
  const auto next = [](const auto& stream) { return stream->user_ && std::exchange(stream->closes_, false); };
  for (auto found = streams_.begin(); (found = std::ranges::find_if(streams_, next)) != streams_.end();) {
    tell_closed(**found);
  }
}

void Http2Session::tell_closed(Http2Stream& stream) {
  ConnectionUser* const user = stream.user_;
  const std::uint32_t code = stream.close_code_;
  if (stream.whole_) return user->on_ended(0);  // it was still sending
  const std::string name = nghttp2_http2_strerror(code);
  if (code == NGHTTP2_REFUSED_STREAM && !stream.sent_ && !leaving_) return user->on_failed(told(too_large_to_send));
  if (code == NGHTTP2_REFUSED_STREAM) return user->on_refused(told("the server refused the request: " + name));
  if (!stream.broken_rule_.empty()) return user->on_failed(told(stream.broken_rule_));
  if (stream.reset_by_server_) return user->on_reset(code, told("the server reset the stream: " + name));
  user->on_failed(told("the server broke the rules in an answer: " + name));
}

void Http2Session::received_goaway(const nghttp2_goaway& frame) {
  leaving_ = true;
  if (frame.error_code == NGHTTP2_NO_ERROR) return;
  std::string text = "the server ended the connection: ";
  text.append(nghttp2_http2_strerror(frame.error_code));
  if (frame.opaque_data_len > 0) text.append(", ").append(shown(text_of(frame.opaque_data, frame.opaque_data_len)));
  farewell_ = told(text);
}

/// We have, as the server broke a rule.
void Http2Session::said_goaway(const nghttp2_goaway& frame) {
  if (!broken_rule_.empty()) return fail(broken_rule_);
  std::string text = "the server broke the rules: ";
  text.append(nghttp2_http2_strerror(frame.error_code));
  if (frame.opaque_data_len > 0) text.append(", ").append(shown(text_of(frame.opaque_data, frame.opaque_data_len)));
  fail(text);
}

void Http2Session::fail(std::string_view what) {
  if (error_.empty()) error_ = told(what);
}

void Http2Session::fail_with(std::string_view error) {
  error_ = with_place(std::string(error), owner_.session_place());
}

std::string Http2Session::told(std::string_view what) const {
  return with_place("HTTP2Error: " + std::string(what), owner_.session_place());
}

}  // namespace katydid
