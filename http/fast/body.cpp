#include "http/fast/body.hpp"

#include "http/error_text.hpp"
#include "http/fast/http2/stream.hpp"

#include <new>
#include <utility>

namespace katydid {

FastBody::FastBody(Loop& loop, Limits limits, Start start, Channel channel)
    : BodyStream(loop, limits),
      parser_(std::move(start.parser)),
      decoder_(std::move(start.decoder)),
      channel_(channel),
      may_reuse_(start.may_reuse),
      takes_ragged_end_(start.takes_ragged_end) {
  channel_.hand_to(*this);
  if (!decoder_) {
    receiving() = std::move(start.first_bytes);
  } else if (!decode(start.first_bytes)) {
    return;
  }
  received();
}

FastBody::FastBody(Loop& loop, Limits limits, Start start, std::string error)
    : BodyStream(loop, limits), decoder_(std::move(start.decoder)), may_reuse_(false), takes_ragged_end_(false) {
  if (!decoder_) {
    receiving() = std::move(start.first_bytes);
    ended(std::move(error));
  } else if (decode(start.first_bytes)) {
    if (error.empty() && !decoder_->finish()) error = decoder_->error();
    ended(std::move(error));
  }
}

FastBody::~FastBody() {
  if (channel_) FastBody::abandon();
}

void FastBody::hold(bool held) { channel_.hold(held); }

void FastBody::abandon() { std::exchange(channel_, {}).give_up(); }

bool FastBody::decode(std::string_view bytes) {
  if (decoder_->feed(bytes, receiving(), most_pending())) return true;
  fail(decoder_->error());
  return false;
}

void FastBody::on_received(std::string_view bytes) {
  auto progress = ResponseParser::Progress::more;
  try {
    std::string sent;
    progress = parser_.feed_body(bytes, decoder_ ? sent : receiving());
    if (progress == ResponseParser::Progress::failed) return fail(parser_.error());
    if (decoder_ && !decode(sent)) return;
  } catch (const std::bad_alloc&) {
    return fail(no_room);
  }
  if (progress == ResponseParser::Progress::more) return received();
  complete(parser_.keeps_alive() && bytes.empty());
}

void FastBody::complete(bool reusable) {
  const Http2Stream* const stream = channel_.stream();
  if (reusable && (stream ? stream->body_sent() : may_reuse_)) {
    std::exchange(channel_, {}).finish();
  } else {
    abandon();
  }
  ended(!decoder_ || decoder_->finish() ? std::string() : decoder_->error());
}

void FastBody::fail(std::string error) {
  if (channel_) abandon();
  ended(std::move(error));
}

void FastBody::on_ended(int error) {
  const std::string place = channel_->place();
  if (error != 0) return fail(system_error_text(error, place));
  if (parser_.end_of_stream() == ResponseParser::Progress::done) return complete(false);
  fail(with_place(parser_.error(), place));
}

void FastBody::on_truncated(std::string error) {
  if (takes_ragged_end_) return on_ended(0);
  fail(std::move(error));
}

void FastBody::on_failed(std::string error) { fail(std::move(error)); }

/// Only what is sent fails soon, and a body sends nothing.
void FastBody::fail_soon(std::string error) { fail(std::move(error)); }

void FastBody::on_abandoned() {
  channel_ = {};
  ended("ConnectionAbortedError: the client is gone");
}

}  // namespace katydid
