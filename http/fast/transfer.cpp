#include "http/fast/transfer.hpp"

#include "http/error_text.hpp"
#include "http/fast/body.hpp"
#include "http/fast/connection.hpp"
#include "http/fast/engine.hpp"
#include "http/fast/http2/stream.hpp"
#include "http/fast/session.hpp"
#include "http/fast/upload.hpp"
#include "http/header_text.hpp"
#include "http/reason_phrase.hpp"
#include "http/redirect.hpp"
#include "http/tracer.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace katydid {
namespace {

/// For a server that knows nothing of "Expect: 100-continue" (RFC 9110, 10.1.1).
constexpr std::chrono::seconds longest_wait_to_continue{1};
/// The loop, by a user: less than any server waits before it closes a connection.
constexpr std::chrono::milliseconds held_long{100};

/// In a row, each of which has said that the request was not looked at.
constexpr int most_refusals = 5;
/// Of a body: less comes with what is received anyway.
constexpr std::uint64_t worth_discarding = 64 * 1024, worth_gathering = 32 * 1024;
constexpr char only_http1[] =
    "InvalidRequest: a proxy that forwards requests, and a composed head, are of HTTP/1.1, and http_version asks for "
    "HTTP/2";
constexpr char no_http3[] =
    "HTTP3Error: FastHttpUser speaks HTTP/1.1 and HTTP/2, and http_version asks for HTTP/3; HttpUser has it";

bool has_line(std::string_view lines, std::string_view name) {
  bool found = false;
  visit_fields(lines, [&](Field field) { return found = same_name(field.name, name); });
  return found;
}

}  // namespace

FastTransfer::FastTransfer(FastEngine& engine) : Transfer(engine.loop()), engine_(engine) {}

std::string FastTransfer::place() const {
  const auto place = endpoint({.url = url_, .unix_socket = session_->unix_socket()});
  return proxy_ ? through_proxy(place, proxy_->text) : place;
}

void FastTransfer::prepare(FastSession& session, std::string_view method, std::string_view url, Body body,
                           const RequestOptions& options) {
  session_ = &session;
  session.adopt_options();
  const ClientOptions& client = session.settings();
  error_.clear();
  hop_method_.clear();
  redirects_ = 0;
  tried_again_ = false;
  refusals_ = 0;
  const auto content_type = body.content_type();
  if (body.source()) upload_ = std::make_shared<Upload>(*this, body.source());
  if (body.text().size() >= large_body) {
    body_.clear();
    shared_body_ = std::move(body).share();
  } else {
    body_ = std::move(body).take();
    shared_body_.reset();
  }
  choose_proxy(options);
  composed_outside_ = !options.composed_head.empty();
  if (composed_outside_) return prepare_composed(method, url, options);
  has_body_ = !text().empty() || upload_ || (!same_name(method, "GET") && !same_name(method, "HEAD"));
  const BodyKind kind{.exists = has_body_, .content_type = content_type};
  fields_ = options.headers.empty()
                ? session.default_fields(kind)
                : std::make_shared<const RequestFields>(make_request_fields(client, options.headers, kind));
  says_traceparent_ = fields_->traced;
  prepare_fields(options);
  prepare_authorization(url, options);
  const bool composed = compose(method, url, options);
  if (composed || !named_by_url_ || !options.name.empty()) set_name(options.name);
  named_by_url_ = options.name.empty();
  set_limits(client, options);
  tls_ = session.tls_for(options);
  if (composed && error_.empty()) error_ = check();
  if (composed && error_.empty()) build_head();
  if (!error_.empty()) composed_.fields.reset();
}

void FastTransfer::prepare_composed(std::string_view method, std::string_view url, const RequestOptions& options) {
  has_body_ = !text().empty() || upload_;
  says_traceparent_ = SpanSink::of_process() && has_line(options.composed_head, traceparent_header);
  fields_ = session_->default_fields({});
  login_.reset();
  cookies_.clear();
  authorization_.clear();
  composed_.fields.reset();
  set_method(method);
  join(session_->base_url(), url);
  set_name(options.name);
  named_by_url_ = false;
  set_limits(session_->settings(), options);
  follows_ = false;
  tls_ = session_->tls_for(options);
  if (error_.empty()) error_ = check();
  start_head();
  head_.append(options.composed_head);
}

void FastTransfer::choose_proxy(const RequestOptions& options) {
  proxy_ = nullptr;
  const auto chosen = proxy_of_request(session_->settings(), options);
  if (chosen.empty()) return;
  if (!known_proxy_ || known_proxy_->text != chosen) known_proxy_ = std::make_unique<const Proxy>(chosen);
  proxy_ = known_proxy_.get();
  proxy_address_ = proxy_->address();
}

/// False when all that was composed for the last request is right for this one.
bool FastTransfer::compose(std::string_view method, std::string_view url, const RequestOptions& options) {
  const std::string& base = session_->base_url();
  const bool repeatable = options.params.empty() && authorization_.empty() && !has_body_ && !proxy_;
  if (repeatable && composed_.fields == fields_ && url == composed_.path && base == composed_.base &&
      method == composed_.method) {
    return false;
  }
  set_method(method);
  if (options.params.empty()) {
    join(base, url);
  } else {
    join(base, with_params(url, options.params));
  }
  composed_.fields.reset();
  if (repeatable) {
    composed_.base = base;
    composed_.path = url;
    composed_.method = method;
    composed_.fields = fields_;
  }
  return true;
}

/// Why it can't be sent, or "".
void FastTransfer::join(const std::string& base, std::string_view path) {
  const auto made = session_->engine().base_url(base).assign(url_, path);
  parts_ = made.parts;
  url_is_checked_ = made.checked;
}

std::string FastTransfer::check() const {
  if (!url_is_checked_) {
    if (!is_absolute_url(url_)) return no_url(url_);
    if (!leads_somewhere(parts_)) return "InvalidURL: the URL has no valid host and port: " + url_;
    if (auto error = host_error(parts_, url_); !error.empty()) return error;
  }
  if (!is_token(method_)) return invalid_method(name_);
  if (method_ == "HEAD" && has_body_) return head_with_body;
  if (version() == HttpVersion::http3) return no_http3;
  if (version() == HttpVersion::http2 && (is_forwarded() || composed_outside_)) return only_http1;
  return proxy_ ? proxy_->error : std::string();
}

HttpVersion FastTransfer::version() const {
  const HttpVersion asked = session_->settings().http_version;
  if (asked == HttpVersion::automatic && (!parts_.secure || composed_outside_)) return HttpVersion::http1;
  return asked;
}

void FastTransfer::prepare_fields(const RequestOptions& options) {
  cookies_ = fields_->cookies;
  append_cookies(cookies_, options.cookies);
  if (!fields_->error.empty()) error_ = fields_->error;
  if (has_control(cookies_)) error_ = broken_cookie;
}

void FastTransfer::prepare_authorization(std::string_view url, const RequestOptions& options) {
  authorization_.clear();
  set_login(fields_->authorized ? DigestAuth() : options.digest);
  if (fields_->authorized || login_) return;
  if (!options.auth.user.empty()) {
    authorization_ = basic_authorization(options.auth.user, options.auth.password);
  } else if (!options.bearer.empty()) {
    authorization_ = bearer_authorization(options.bearer);
    if (has_control(authorization_)) error_ = invalid_header("value", "Authorization");
  } else if (is_absolute_url(url)) {
    const auto own = credentials_of(split_url(url));
    if (own.exist()) authorization_ = basic_authorization(own.user, own.password);
  } else if (!session_->authorization().empty()) {
    authorization_ = session_->authorization();
  }
}

/// A proxy that is to forward the request is told the whole URL (RFC 9112, 3.2.2), and who asks.
void FastTransfer::start_head() {
  head_ = sent_method();
  head_.append(" ");
  if (is_forwarded()) head_.append("http://").append(parts_.authority());
  head_.append(parts_.target).append(" HTTP/1.1\r\n");
  if (is_forwarded()) head_.append(proxy_authorization_line(*proxy_));
}

/// All but the cookies, which the answers on the way may change, and the empty line.
void FastTransfer::build_head() {
  start_head();
  head_.append("Host: ");
  if (!fields_->host.empty()) {
    head_.append(fields_->host);
  } else {
    head_.append(parts_.host);
    if (!parts_.port.empty()) head_.append(":").append(parts_.port);
  }
  head_.append("\r\n").append(fields_->lines);
  if (!authorization_.empty()) head_.append("Authorization: ").append(authorization_).append("\r\n");
  if (!has_body_) return;
  if (upload_ && !upload_->size()) {
    head_.append("Transfer-Encoding: chunked\r\n");
  } else {
    head_.append("Content-Length: ").append(std::to_string(upload_ ? *upload_->size() : text().size())).append("\r\n");
  }
}

void FastTransfer::start(Context& context, std::coroutine_handle<> waiting) {
  begin(context, waiting);
  if (!error_.empty()) return fail_soon(std::move(error_));
  take_connection();
}

void FastTransfer::take_connection() {
  FastConnection* connection = session_->connection(*this, tls_);
  while (connection && is_stale(*connection)) {
    connection->give_up();
    connection = session_->connection(*this, tls_);
  }
  if (connection) return use(*connection);
  waits_ = true;
  watch_deadline();
}

/// Of a request that is not sent again when its connection turns out to be at its end: the loop may not have heard of
/// that where the user's code has held it.
bool FastTransfer::is_stale(const FastConnection& connection) const {
  if (is_idempotent(sent_method()) || !connection.used_before()) return false;
  return clock::now() - loop_.now() > held_long && connection.has_been_ended();
}

void FastTransfer::woken() {
  if (!waits_) return send_body();
  FastConnection* connection = session_->connection(*this, tls_);
  if (!connection) return;
  waits_ = false;
  begin_hop(loop_.now());
  use(*connection);
}

void FastTransfer::use(FastConnection& connection) {
  answered_ = body_waits_ = false;
  content_->status = 0;
  step_began_ = hop_begun();
  channel_ = connection.channel(*this);
  connection.begin(*this);
  watch_deadline();
}

void FastTransfer::on_step(ConnectStep step) {
  Phases& phases = content_->phases;
  const auto now = since_start();
  add_time(step == ConnectStep::resolved    ? phases.name_lookup
           : step == ConnectStep::connected ? phases.connect
                                            : phases.tls,
           now - step_began_);
  step_began_ = now;
}

void FastTransfer::on_open() {
  now_connected();
  send_request();
}

void FastTransfer::send_request() {
  const ClientOptions& client = session_->settings();
  if (checksum_) checksum_->reset();
  content_->discarded = 0;  // what an attempt that is repeated has received
  parser_.start({.to_head = sent_method() == "HEAD",
                 .strict = client.strict,
                 .discards = discards_ && !checksum_,
                 .in_pieces = streams_ || sums_pieces()},
                client.max_body);
  if (Http2Stream* const stream = channel_.stream()) {
    begin_stream(*stream);
  } else {
    write_head();
  }
  if (upload_) upload_->set_framing(channel_.stream() ? Upload::Framing::none : Upload::Framing::chunks);
  if (has_body_ && fields_->expects_continue) {
    body_waits_ = true;
    wake_at(clock::now() + longest_wait_to_continue);
  } else if (upload_) {  // what makes it is the user's code, which is not to run inside of the call that begins this
    upload_->begin();
    body_waits_ = true;
    wake_at(loop_.now());
  } else if (has_body_) {
    return send_text();
  }
  content_->phases.request_sent = since_start();
  if (!channel_.stream()) channel_->send();
}

void FastTransfer::write_head() {
  std::string& out = channel_->outgoing();
  out.reserve(out.size() + head_.size() + 2);  // or it would grow to twice that, and stay with the connection
  out.append(head_);
  if (may_have_cookies()) {
    if (const auto line = cookies(); !line.empty()) out.append("Cookie: ").append(line).append("\r\n");
  }
  if (const auto trace = traceparent(); !trace.empty()) {
    out.append(traceparent_header).append(": ").append(trace).append("\r\n");
  }
  out.append("\r\n");
  if (session_->settings().tracer) trace_request(out);
}

void FastTransfer::begin_stream(Http2Stream& stream) {
  const std::string cookie_line = may_have_cookies() ? cookies() : std::string();
  std::string authority = fields_->host;
  if (authority.empty()) authority = parts_.authority();
  Http2Head head{.method = sent_method(),
                 .scheme = parts_.secure ? "https" : "http",
                 .authority = authority,
                 .path = parts_.target,
                 .lines = fields_->lines,
                 .authorization = authorization_,
                 .cookies = cookie_line,
                 .traceparent = traceparent()};
  if (has_body_) head.content_length = upload_ ? upload_->size() : text().size();
  stream.begin(head, upload_ || !text().empty() ? Http2Stream::Body::follows : Http2Stream::Body::none);
  if (session_->settings().tracer) trace_request(text_of(head));
}

/// What tells the target that the request is traced.
std::string_view FastTransfer::traceparent() const {
  return span_ ? std::string_view(span_->traceparent()) : std::string_view();
}

bool FastTransfer::may_have_cookies() const {
  return !composed_outside_ && (!cookies_.empty() || !session_->cookies().empty());
}

/// The jar's and the request's own, for a Cookie header; "" without any.
std::string FastTransfer::cookies() const {
  std::string line;
  session_->cookies().append_header(line, parts_, std::chrono::system_clock::now());
  if (!cookies_.empty()) line.append(line.empty() ? "" : "; ").append(cookies_);
  return line;
}

void FastTransfer::send_body() {
  if (!std::exchange(body_waits_, false)) return;
  if (upload_) return send_pieces();
  send_text();
}

void FastTransfer::send_text() {
  content_->phases.request_sent = since_start();
  if (Http2Stream* const stream = channel_.stream()) {
    if (!text().empty()) stream->send(text(), true);
    return;
  }
  if (shared_body_) return channel_->send(shared_body_);
  channel_->outgoing().append(body_);
  channel_->send();
}

void FastTransfer::send_pieces() {
  const auto upload = upload_;
  upload->take();
  if (upload != upload_ || !channel_) return;  // the user's code has ended the request
  if (!upload->error().empty()) return fail_soon(upload->error());
  pauses_ = upload->state() == Upload::State::waiting;
  progressed();
  if (!upload->wire().empty()) {
    if (Tracer* const tracer = session_->settings().tracer) tracer->trace(Tracer::Part::request_body, upload->wire());
    if (!channel_.stream()) {
      channel_->outgoing().append(upload->wire());
      upload->wire().clear();
      channel_->send();
    }
  }
  const bool goes_on = upload->state() == Upload::State::sending;
  if (Http2Stream* const stream = channel_.stream()) {
    stream->send_owned(std::move(upload->wire()), upload->state() == Upload::State::whole);
    if (goes_on) stream->tell_when_sent();
  } else if (goes_on) {
    channel_->tell_when_sent();
  }
  if (upload->state() == Upload::State::whole) return upload_sent();
  watch_deadline();
}

void FastTransfer::on_sent() {
  if (upload_ && upload_->state() == Upload::State::sending) send_pieces();
}

/// An answer that came before is looked at now, as requests reads none before it has sent all.
void FastTransfer::upload_sent() {
  content_->phases.request_sent = since_start(clock::now());  // making it takes time, also within a turn
  if (upload_->answered) return on_progress(ResponseParser::Progress::done, upload_->tidy);
  if (answered_) on_progress(ResponseParser::Progress::more, true);
}

void FastTransfer::stop_upload() {
  upload_->stop();
  pauses_ = false;
}

/// The server has answered what makes the rest of the body useless.
bool FastTransfer::is_refused() const {
  return parser_.has_head() && (content_->status >= 400 || !parser_.keeps_alive());
}

/// All of the request was sent, or is to be: a server that has refused it may not want the rest.
bool FastTransfer::is_whole() const {
  if (body_waits_ || (upload_ && upload_->state() != Upload::State::whole)) return false;
  if (const Http2Stream* const stream = channel_.stream()) return stream->body_sent();
  return content_->status < 400 || !channel_->has_unsent();
}

void FastTransfer::answer_begins() {
  answered_ = true;
  content_->phases.first_byte = since_start();
}

void FastTransfer::on_received(std::string_view bytes) {
  if (!answered_) answer_begins();
  progressed();
  if (upload_ && upload_->under_way() && upload_->answered) {
    upload_->tidy = false;
    return;
  }
  auto progress = ResponseParser::Progress::more;
  try {
    progress = parser_.feed(bytes, *content_);
  } catch (const std::bad_alloc&) {
    return fail_for_memory();
  }
  if (sums_pieces() && progress != ResponseParser::Progress::failed && parser_.has_head() && !sum_up()) return;
  if (progress == ResponseParser::Progress::more) expect_more();
  took(progress, bytes.empty());
}

std::optional<Transfer::clock::time_point> FastTransfer::last_arrival() const {
  if (!connected_ || !channel_ || channel_.stream()) return {};
  return channel_->last_arrival();
}

/// Of a large body, as far as its size is known.
void FastTransfer::expect_more() {
  const auto left = parser_.left_of_body();
  if (left < worth_gathering || streams_ || sums_pieces() || channel_.stream() || !channel_->counts_bytes()) return;
  if (discards_) {
    if (left >= worth_discarding) channel_->discard(left);
  } else {
    channel_->expect(left);
  }
}

void FastTransfer::on_discarded(std::uint64_t bytes) {
  progressed();
  parser_.discard(bytes);
}

bool FastTransfer::take_from(Source& source, std::size_t most) {
  if (!parser_.may_take()) return false;
  try {
    if (parser_.take(source, most, content_->body) > 0) progressed();
  } catch (const std::bad_alloc&) {
    return false;  // on_received() fails as well, and then it may let go of the connection
  }
  return true;
}

/// What has come gives its memory back first: the error may need some.
void FastTransfer::fail_for_memory() {
  std::string().swap(content_->body);
  fail(no_room);
}

void FastTransfer::took(ResponseParser::Progress progress, bool tidy) {
  const bool uploads = upload_ && upload_->under_way();
  if (uploads && progress != ResponseParser::Progress::failed && !is_refused()) {
    upload_->answered = progress == ResponseParser::Progress::done;
    upload_->tidy = tidy;
    if (is_too_large()) fail(body_too_large(session_->settings().max_body));
    return;
  }
  if (uploads) stop_upload();
  on_progress(progress, tidy);
}

bool FastTransfer::on_field(std::string_view name, std::string_view value) {
  if (!answered_) answer_begins();
  return parser_.take_field(name, value, *content_);
}

bool FastTransfer::on_fields_end() {
  progressed();
  if (!parser_.end_of_fields(*content_)) return false;
  took(ResponseParser::Progress::more, true);
  return true;
}

void FastTransfer::on_whole() { took(parser_.end_of_frames(), true); }

/// Whatever its method, it may be sent again (RFC 9113, 8.7).
void FastTransfer::on_refused(std::string error) {
  if (++refusals_ > most_refusals || (upload_ && !upload_->rewind())) return fail(std::move(error));
  abandon();
  begin_hop(loop_.now());
  take_connection();
}

void FastTransfer::on_http1(FastConnection* connection) {
  if (!connection) {
    channel_ = {};
    return take_connection();
  }
  channel_ = Channel(*connection);
  connection->begin(*this);
}

/// What is kept of a stream until it is handed over.
bool FastTransfer::is_too_large() const { return streams_ && content_->body.size() > session_->settings().max_body; }

void FastTransfer::on_progress(ResponseParser::Progress progress, bool tidy) {
  if (streams_ && parser_.has_head()) {
    if (!leads_on()) return hand_over(progress, tidy);
    if (is_too_large()) return fail(body_too_large(session_->settings().max_body));
  }
  switch (progress) {
    case ResponseParser::Progress::more:
      if (body_waits_ && parser_.told_to_continue()) send_body();
      return;
    case ResponseParser::Progress::done:
      return complete(parser_.keeps_alive() && tidy && is_whole());
    case ResponseParser::Progress::failed:
      return fail(parser_.error());
  }
}

void FastTransfer::on_ended(int error) {
  if (may_try_again()) return try_again();
  if (upload_ && upload_->answered) return complete(false);
  if (!answered_) {
    return fail(error != 0 ? system_error_text(error, place()) : with_place(no_answer, place()));
  }
  if (error != 0) return fail(system_error_text(error, place()));
  if (parser_.end_of_stream() == ResponseParser::Progress::done) return complete(false);
  fail(with_place(parser_.error(), place()));
}

/// Many servers end a TLS connection without saying so. Clients that look no closer take that for the end of the body
/// where nothing else tells its length: curl, browsers, Python.
void FastTransfer::on_truncated(std::string error) {
  if (takes_ragged_end()) return on_ended(0);
  if (may_try_again()) return try_again();
  fail(std::move(error));
}

void FastTransfer::on_failed(std::string error) { fail(std::move(error)); }

/// RFC 9112, 9.3.1: a server may close a connection at any time. When it does so just as a request comes, that request
/// was not looked at, or so it is assumed where sending it twice does no harm.
bool FastTransfer::may_try_again() {
  return !answered_ && !tried_again_ && channel_->used_before() && is_idempotent(sent_method()) &&
         (!upload_ || upload_->rewind());
}

void FastTransfer::try_again() {
  tried_again_ = true;
  if (channel_.stream()) {  // for all of the requests that it had, one will do
    abandon();
    begin_hop(loop_.now());
    return take_connection();
  }
  FastConnection& next = session_->new_connection(*this, tls_);  // before the old one's place is another's
  abandon();
  begin_hop(loop_.now());
  use(next);
}

void FastTransfer::abandon() {
  if (upload_) stop_upload();
  if (std::exchange(waits_, false)) session_->forget(*this);
  if (const Channel channel = std::exchange(channel_, {})) channel.give_up();
}

bool FastTransfer::takes_ragged_end() const {
  return !channel_.stream() && (composed_outside_ || !session_->settings().strict);
}

bool FastTransfer::was_sent() const {
  if (tried_again_) return true;
  return channel_.stream() ? channel_.stream()->was_sent() : Transfer::was_sent();
}

void FastTransfer::complete(bool reusable) {
  if (session_->settings().tracer) trace_answer();
  if (reusable) {
    std::exchange(channel_, {}).finish();
  } else {
    abandon();
  }
  if (parser_.has_cookies() && !composed_outside_) store_cookies();
  content_->discarded += parser_.discarded();
  if (parser_.has_encoding() && !discards_ && !decode()) return end(parser_.reason());
  if (checksum_ && !finish_checksum(session_->settings(), parser_.has_encoding())) return end(parser_.reason());
  if (login_ && answer_challenge()) return;
  if (follows_ && parser_.has_location() && follow()) return;
  end(parser_.reason());
}

/// The answer is a redirect that will be followed, if it can be, or a challenge.
bool FastTransfer::leads_on() const {
  if (login_ && !login_->answered() && content_->status == 401) return true;
  return follows_ && parser_.has_location() && is_redirect(content_->status);
}

/// The request ends with the head of its answer; the body goes on by itself.
void FastTransfer::hand_over(ResponseParser::Progress progress, bool tidy) {
  const ClientOptions& client = session_->settings();
  if (client.tracer) trace_answer();
  if (parser_.has_cookies() && !composed_outside_) store_cookies();
  const std::string reason = parser_.reason();
  const bool may_reuse = is_whole();  // FastBody looks again where the body may be sent meanwhile
  const Channel channel = std::exchange(channel_, {});
  FastBody::Start start{.first_bytes = std::exchange(content_->body, {}),
                        .decoder = nullptr,
                        .may_reuse = may_reuse,
                        .takes_ragged_end = takes_ragged_end()};
  if (parser_.has_encoding() && decodes_) {
    start.decoder = std::make_unique<ContentDecoder>();
    start.decoder->start_for(content_->header_block);
  }
  const BodyStream::Limits limits = stream_limits(client);
  if (progress == ResponseParser::Progress::more) {
    start.parser = std::move(parser_);
    stream_ = std::make_unique<FastBody>(loop_, limits, std::move(start), channel);
  } else {
    if (progress == ResponseParser::Progress::done && parser_.keeps_alive() && tidy && may_reuse) {
      channel.finish();
    } else {
      channel.give_up();
    }
    stream_ = std::make_unique<FastBody>(loop_, limits, std::move(start), parser_.error());
  }
  end(reason);
}

void FastTransfer::store_cookies() {
  const auto now = std::chrono::system_clock::now();
  visit_fields(content_->header_block, [&](Field field) {
    if (same_name(field.name, "Set-Cookie")) session_->cookies().store(field.value, parts_, now);
    return false;
  });
}

bool FastTransfer::decode() {
  const ClientOptions& client = session_->settings();
  ContentDecoder& decoder = engine_.decoder();
  decoder.start_for(content_->header_block);
  if (!decoder.unknown().empty() && client.strict && !is_redirect(content_->status)) {
    error_ = unknown_encoding(decoder.unknown());
  } else {
    try {
      if (!decoder.decode(content_->body, client.max_body)) error_ = decoder.error();
    } catch (const std::bad_alloc&) {
      std::string().swap(content_->body);
      error_ = no_room;
    }
  }
  return error_.empty();
}

/// What has come of a body that is not kept. False when the request has failed.
bool FastTransfer::sum_up() {
  const bool fine = Transfer::sum_up(content_->body, session_->settings(), parser_.has_encoding());
  content_->body.clear();
  if (!fine) fail(std::exchange(error_, {}));
  return fine;
}

/// Once more, with the digest that the server wants.
bool FastTransfer::answer_challenge() {
  auto answer = login_->answer(content_->status, content_->header_block, sent_method(), parts_.target);
  if (answer.empty()) return false;
  if (upload_ && !upload_->rewind()) {
    error_ = not_after_challenge;
    return false;
  }
  authorization_ = std::move(answer);
  tried_again_ = false;
  leave_answer(parser_.reason());
  composed_.fields.reset();
  build_head();
  begin_hop(loop_.now());
  take_connection();
  return true;
}

bool FastTransfer::follow() {
  const int status = content_->status;
  if (!is_redirect(status)) return false;
  std::string_view location;
  visit_fields(content_->header_block, [&](Field field) {
    if (same_name(field.name, "Location")) location = field.value;
    return !location.empty();
  });
  if (location.empty()) return false;
  std::string next = resolve_reference(url_, location);
  if (!may_go_to(next, session_->settings().max_redirects)) return false;
  const Url next_parts = split_url(next);
  if (!leads_somewhere(next_parts)) {
    error_ = "InvalidURL: the redirect goes to a URL without a valid host and port: " + next;
    return false;
  }
  error_ = host_error(next_parts, next);
  const bool to_get = redirects_to_get(status, sent_method());
  if (!to_get && upload_ && !upload_->rewind()) error_ = not_again;
  if (!error_.empty()) return false;
  ++redirects_;
  tried_again_ = false;
  leave_answer(parser_.reason());
  composed_.fields.reset();
  LeftBehind left{.content = false, .credentials = strips_credentials(url_, next)};
  url_ = std::move(next);
  parts_ = split_url(url_);
  if (to_get) {
    left.content = true;
    hop_method_ = "GET";
    has_body_ = false;
    upload_.reset();
  }
  if (login_) {
    authorization_.clear();  // it was of the URL
    login_->start_again();
  }
  if (left.credentials) {
    authorization_.clear();
    login_.reset();
    cookies_.clear();
  }
  if (left.content || left.credentials) fields_ = std::make_shared<const RequestFields>(without(*fields_, left));
  build_head();
  begin_hop(loop_.now());
  take_connection();
  return true;
}

void FastTransfer::fail(std::string error) {
  abandon();
  error_ = std::move(error);
  end(parser_.reason());
}

void FastTransfer::release() {
  cut_off();
  drop_response();
  fields_.reset();
  upload_.reset();
  session_ = nullptr;
  engine_.release(*this);
}

void FastTransfer::trace_request(std::string_view head) const {
  Tracer& tracer = *session_->settings().tracer;
  tracer.trace(Tracer::Part::request_head, head);
  if (has_body_ && !text().empty()) tracer.trace(Tracer::Part::request_body, text());
}

void FastTransfer::trace_answer() const {
  Tracer& tracer = *session_->settings().tracer;
  const auto reason = parser_.reason().empty() ? reason_phrase(content_->status) : std::string_view(parser_.reason());
  std::string head = (parser_.is_framed() ? "HTTP/2 " : "HTTP/1.1 ") + std::to_string(content_->status);
  head.append(" ").append(reason).append("\r\n").append(content_->header_block).append("\r\n");
  tracer.trace(Tracer::Part::response_head, head);
  if (!content_->body.empty()) tracer.trace(Tracer::Part::response_body, content_->body);
}

}  // namespace katydid
