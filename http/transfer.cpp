#include "http/transfer.hpp"

#include "http/error_text.hpp"
#include "http/large_bodies.hpp"
#include "http/reason_phrase.hpp"
#include "http/url.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace katydid {
namespace {
constexpr std::size_t largest_kept_body = 64 * 1024;

std::string_view unusual(std::string_view reason, int status) {
  return reason == reason_phrase(status) ? std::string_view() : reason;
}
}  // namespace

Transfer::~Transfer() {
  if (armed()) loop_.disarm(*this);
}

void Transfer::set_method(std::string_view method) {
  method_ = method;
  for (char& c : method_) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
}

void Transfer::set_name(std::string_view name) { name_ = name.empty() ? path_of_url(url_) : name; }

void Transfer::set_limits(const ClientOptions& client, const RequestOptions& options) {
  timeout_ = options.timeout.count() > 0 ? options.timeout : client.timeout;
  connect_timeout_ = options.connect_timeout.count() > 0 ? options.connect_timeout : client.connect_timeout;
  stream_timeout_ = options.stream_timeout;
  streams_ = options.stream;
  decodes_ = options.decodes;
  discards_ = options.discard_body && !streams_;
  follows_ = options.allow_redirects;
  keeps_history_ = options.keep_history;
  catches_ = options.catch_response;
  request_context_ = options.context.copy();
  each_read_ = client.timeout_of_each_read;
  checksum_.reset();
  if (options.checksum.empty() || streams_) return;
  checksum_ = BodyChecksum::of(options.checksum);
  if (!checksum_) error_ = no_checksum(options.checksum);
}

void Transfer::set_login(const DigestAuth& digest) {
  if (digest.user.empty()) return login_.reset();
  login_ = std::make_unique<DigestLogin>(digest.user, digest.password);
}

void Transfer::begin(Context& context, std::coroutine_handle<> waiting) {
  context_ = &context;
  waiting_ = waiting;
  content_ = Response::new_content();
  if (!says_traceparent_) span_ = RequestSpan::begin(context.class_name);
  ++context.requests_in_flight;
  start_ = clock::now();
  begin_hop(start_);
}

bool Transfer::sum_up(std::string_view piece, const ClientOptions& client, bool is_encoded) try {
  checksum_->begin(is_encoded && decodes_ ? std::string_view(content_->header_block) : std::string_view(),
                   client.max_body);
  content_->discarded += piece.size();
  if (!checksum_->feed(piece)) error_ = checksum_->error();
  return error_.empty();
} catch (const std::bad_alloc&) {
  error_ = no_room;
  return false;
}

bool Transfer::finish_checksum(const ClientOptions& client, bool is_encoded) try {
  if (!discards_) {  // decoded already
    checksum_->begin({}, client.max_body);
    checksum_->feed(content_->body);
  } else if (!sum_up({}, client, is_encoded)) {
    return false;
  }
  if (!checksum_->finish(content_->checksum)) error_ = checksum_->error();
  return error_.empty();
} catch (const std::bad_alloc&) {
  error_ = no_room;
  return false;
}

bool Transfer::may_go_to(const std::string& next, int most_redirects) {
  if (redirects_ >= most_redirects) {
    error_ = too_many_redirects(most_redirects);
  } else if (!is_absolute_url(next)) {
    error_ = not_http(next);
  }
  return error_.empty();
}

void Transfer::leave_answer(std::string_view reason_phrase) {
  std::string asked = content_->asked_url.empty() ? url_ : std::move(content_->asked_url);
  if (keeps_history_) {
    const Phases phases = content_->phases;
    auto history = std::exchange(content_->history, {});
    content_->url = url_;
    content_->reason = unusual(reason_phrase, content_->status);
    content_->elapsed = std::max(loop_.now(), hop_start_) - hop_start_;
    history.push_back(std::exchange(*content_, {}));
    content_->history = std::move(history);
    content_->phases = phases;
  }
  content_->body.clear();
  content_->checksum.clear();
  content_->discarded = 0;
  content_->header_block.clear();
  content_->asked_url = std::move(asked);
}

void Transfer::end(std::string_view reason_phrase) {
  wake_at_ = clock::time_point::max();
  Context& context = *std::exchange(context_, nullptr);
  try {
    finish_content(reason_phrase);
    response_ = Response(std::move(content_));
    if (stream_) response_.read_from(std::move(stream_));
    count(context);
  } catch (const std::bad_alloc&) {  // whoever waits is told
    thrown_ = std::current_exception();
    content_.reset();
    stream_.reset();
  }
  context.request_done();
  waiting_.resume();
}

void Transfer::finish_content(std::string_view reason_phrase) {
  if (!error_.empty()) {
    content_->status = 0;
    content_->header_block.clear();
    content_->body.clear();
    content_->checksum.clear();
    content_->discarded = 0;
  } else if (content_->status >= 400) {
    error_ = status_error(content_->status, reason_phrase, name_);
  }
  if (content_->status > 0) content_->reason = unusual(reason_phrase, content_->status);
  content_->error = std::move(error_);
  error_.clear();
  content_->url = url_;
  content_->elapsed = since_start();
  content_->redirects = redirects_;
  if (body_.capacity() > largest_kept_body) recycle_body(body_);
  shared_body_.reset();
}

/// Now, or when its user has judged it.
void Transfer::count(Context& context) {
  if (catches_)
    return response_.record_later(context.recorder, method_, name_, std::move(request_context_), std::move(span_));
  const Sample sample{.method = method_,
                      .name = name_,
                      .response_time = response_.elapsed(),
                      .response_length = response_.length(),
                      .error = response_.error(),
                      .url = response_.asked_url(),
                      .context = request_context_.get(),
                      .response = &response_,
                      .phases = &response_.phases()};
  context.recorder.record(sample);
  if (const auto span = std::move(span_)) span->end(sample);
  thrown_ = std::exchange(context.thrown, nullptr);
}

void Transfer::cut_off() {
  Context* const context = std::exchange(context_, nullptr);
  if (!context) return;
  wake_at_ = clock::time_point::max();
  const bool begun = was_sent() || redirects_ > 0 || (login_ && login_->answered());
  abandon();
  const auto span = std::move(span_);
  if (begun && span) span->cut_off(method_, name_, content_->asked_url.empty() ? url_ : content_->asked_url);
  content_.reset();
  try {
    if (begun) context->recorder.cut_off(method_, name_);
  } catch (const std::bad_alloc&) {  // its user goes, and nobody is left to be told
  }
  context->request_done();
}

void Transfer::fail_soon(std::string error) {
  error_ = std::move(error);
  loop_.arm(*this, armed_for_ = loop_.now());
}

/// The kernel may have what it has not told of yet.
void Transfer::look_for_progress() {
  if (!each_read_) return;
  if (const auto arrival = last_arrival()) read_start_ = std::max(read_start_, *arrival);
}

Transfer::clock::time_point Transfer::deadline() const {
  auto when = clock::time_point::max();
  if (timeout_.count() > 0 && (!each_read_ || (connected_ && !pauses_)))
    when = (each_read_ ? read_start_ : start_) + timeout_;
  if (!connected_ && !waits_ && connect_timeout_.count() > 0) when = std::min(when, hop_start_ + connect_timeout_);
  return when;
}

void Transfer::wake_at(clock::time_point when) {
  wake_at_ = when;
  watch_deadline();
}

void Transfer::watch_deadline() {
  const auto when = std::min(deadline(), wake_at_);
  if (when == clock::time_point::max() || (armed() && armed_for_ <= when)) return;
  loop_.arm(*this, armed_for_ = when);
}

/// The timer stays armed from one request to the next, so that most requests don't touch the queue: when it rings too
/// early, it is set to the deadline of the day.
void Transfer::on_timer(Timer& self) {
  auto& transfer = static_cast<Transfer&>(self);
  if (!transfer.context_) return;
  if (transfer.error_.empty()) {
    const auto now = transfer.loop_.now();
    if (now >= transfer.wake_at_) {
      transfer.wake_at_ = clock::time_point::max();
      transfer.woken();
      if (!transfer.context_) return;
    }
    if (now >= transfer.deadline()) transfer.look_for_progress();
    if (now < transfer.deadline()) return transfer.watch_deadline();
    transfer.error_ = transfer.timeout_error();
    transfer.on_time_out(transfer.hop_start_);
  }
  transfer.abandon();
  transfer.end({});
}

std::string Transfer::timeout_error() const {
  const bool connecting = !connected_ && !waits_ && connect_timeout_.count() > 0 &&
                          (timeout_.count() == 0 || each_read_ || hop_start_ + connect_timeout_ <= start_ + timeout_);
  const std::string limit = " within " + std::to_string(timeout_.count()) + " ms";
  if (!connecting && !each_read_) return "Timeout: no complete answer" + limit;
  if (!connecting) return (has_head() ? "BodyTimeout: no more of the body" : "Timeout: no answer") + limit;
  return "ConnectTimeout: no connection within " + std::to_string(connect_timeout_.count()) + " ms (" + place() + ")";
}

}  // namespace katydid
