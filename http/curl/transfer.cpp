#include "http/curl/transfer.hpp"

#include "http/curl/body.hpp"
#include "http/curl/error.hpp"
#include "http/curl/session.hpp"
#include "http/curl/version.hpp"
#include "http/error_text.hpp"
#include "http/header_text.hpp"
#include "http/large_bodies.hpp"
#include "http/redirect.hpp"
#include "http/tracer.hpp"
#include "http/url.hpp"
#include "net/socket_address.hpp"

#include <algorithm>
#include <utility>

namespace katydid {
namespace {

constexpr std::size_t status_line_room = 64;
/// libcurl's buffer for a stream: of the size that it has by itself, and one that has grown with large streams.
constexpr std::size_t stream_buffer = 16 * 1024, largest_stream_buffer = 64 * 1024;

#if LIBCURL_VERSION_NUM >= 0x080A00
constexpr CURLINFO sent_time = CURLINFO_POSTTRANSFER_TIME_T;
#else
constexpr CURLINFO sent_time = CURLINFO_PRETRANSFER_TIME_T;
#endif

}  // namespace

CurlTransfer::CurlTransfer(CurlSession& session)
    : Transfer(session.multi().loop()), session_(session), easy_(session.share()) {
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, &CurlTransfer::on_read);
  curl_easy_setopt(easy, CURLOPT_READDATA, this);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &CurlTransfer::on_seek);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &CurlTransfer::on_connected);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CurlTransfer::on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &session.multi().sockets());  // a connection outlives its transfer
}

CurlTransfer::~CurlTransfer() {
  abandon();
  if (body_stream_) body_stream_->finish("ConnectionAbortedError: the client is gone");
}

void CurlTransfer::abandon() {
  stream_.reset();
  if (rotation_) rotation_->cancel();
  if (in_multi_) leave_multi();
}

void CurlTransfer::prepare(std::string_view method, std::string_view url, Body body, const RequestOptions& options) {
  const ClientOptions& client = session_.options;
  error_.clear();
  redirects_ = 0;
  asked_for_ = true;
  handed_over_ = false;
  set_method(method);
  prepare_url(url, options.params);
  set_name(options.name);
  if (!is_token(method_)) error_ = invalid_method(name_);

  const bool bodyless = method_ == "GET" || method_ == "HEAD";
  const bool has_body = !body.empty() || !bodyless;
  if (method_ == "HEAD" && has_body) error_ = head_with_body;
  const BodyKind kind{.exists = has_body, .content_type = body.content_type()};
  prepare_headers(options, kind);
  source_ = body.source();
  piece_ = {};
  taken_ = 0;
  body_ = std::move(body).take();
  using Shape = CurlEasy::Shape;
  if (source_) {
    easy_.set_upload(method_, source_->size());
  } else {
    easy_.set_method(has_body ? Shape::body : method_ == "HEAD" ? Shape::head : Shape::get, method_, body_);
  }

  set_limits(client, options);
  if (streams_) easy_.fit_buffer(stream_buffer);
  easy_.set_tls(client, options);
  easy_.set_proxy(client, options);
  version_ = client.http_version;
  check_version();
  prepare_authorization(url, options);
}

void CurlTransfer::prepare_authorization(std::string_view url, const RequestOptions& options) {
  set_login(!options.digest.user.empty() && has_field(easy_.headers(), "Authorization") ? DigestAuth()
                                                                                        : options.digest);
  if (login_) {
    easy_.set_credentials({}, {});
  } else if (!options.auth.user.empty()) {
    easy_.set_credentials(options.auth.user, options.auth.password);
  } else if (!options.bearer.empty()) {
    easy_.set_credentials({}, {});
    if (!has_field(easy_.headers(), "Authorization")) set_header("Authorization", bearer_authorization(options.bearer));
  } else if (!is_absolute_url(url)) {
    easy_.set_credentials(session_.user(), session_.password());
  } else {
    const auto own = credentials_of(split_url(url));
    easy_.set_credentials(own.user, own.password);
  }
}

void CurlTransfer::set_header(std::string_view name, std::string_view value) {
  easy_.set_headers(std::make_shared<const CurlHeaders>(with_field(easy_.headers(), {name, value})));
  if (!easy_.headers().error.empty()) error_ = easy_.headers().error;
}

void CurlTransfer::prepare_url(std::string_view url, const Fields& params) {
  if (params.empty()) {
    assign_url(url_, session_.base_url(), url);
  } else {
    assign_url(url_, session_.base_url(), with_params(url, params));
  }
  if (is_absolute_url(url_)) {
    error_ = easy_.set_url(url_);
  } else {
    error_ = no_url(url_);
  }
}

void CurlTransfer::check_version() {
  if (!error_.empty()) return;
  error_ = version_error(
      {.version = version_, .url = url_, .unix_socket = session_.options.unix_socket, .proxy = easy_.proxy()});
}

void CurlTransfer::prepare_headers(const RequestOptions& options, const BodyKind& body) {
  if (options.headers.empty()) {
    easy_.set_headers(session_.default_headers(body));
  } else {
    easy_.set_headers(std::make_shared<const CurlHeaders>(make_headers(session_.options, options.headers, body)));
  }
  if (!easy_.headers().error.empty()) error_ = easy_.headers().error;
  says_traceparent_ = SpanSink::of_process() && has_field(easy_.headers(), traceparent_header);
  if (options.cookies.empty()) return easy_.set_cookies(easy_.headers().cookies);
  std::string cookies = easy_.headers().cookies;
  append_cookies(cookies, options.cookies);
  if (cookies.find_first_of("\r\n") != cookies.npos) error_ = broken_cookie;
  easy_.set_cookies(cookies);
}

void CurlTransfer::start(Context& context, std::coroutine_handle<> waiting) {
  begin(context, waiting);
  if (!error_.empty()) return fail_soon(std::move(error_));
  if (span_ && !span_->traceparent().empty()) set_header(traceparent_header, span_->traceparent());
  send();
}

void CurlTransfer::send() {
  if (knows_addresses()) return hand_to_libcurl();
  watch_deadline();
}

bool CurlTransfer::knows_addresses() {
  const ClientOptions& options = session_.options;
  if (options.address_turn == 0 || !options.unix_socket.empty()) {
    rotation_.reset();
    return true;
  }
  if (!rotation_) {
    const auto found = [](void* self) { static_cast<CurlTransfer*>(self)->hand_to_libcurl(); };
    rotation_ = std::make_unique<CurlRotation>(session_.multi().resolver(), found, this);
  }
  return rotation_->begin(is_absolute_url(easy_.proxy()) ? easy_.proxy() : url_, options.address_turn);
}

void CurlTransfer::hand_to_libcurl() {
  open_error_ = 0;
  easy_.clear_message();
  content_->body.clear();
  content_->discarded = 0;
  content_->header_block.clear();
  if (checksum_) checksum_->reset();
  reason_.clear();
  in_headers_ = is_encoded_ = has_location_ = paused_ = false;
  news_ = 0;
  const auto code = session_.multi().add(easy_.get());
  if (code != CURLM_OK) return fail_soon(std::string("CurlError: ") + curl_multi_strerror(code));
  in_multi_ = true;
  watch_deadline();
}

void CurlTransfer::leave_multi() {
  in_multi_ = false;
  session_.multi().remove(easy_.get());
  if (has_news_ || continues_) session_.multi().forget(*this);
  has_news_ = continues_ = false;
}

/// What libcurl counts from the start of this hop. Of a connection that was kept open it has times, too, of no meaning.
void CurlTransfer::note_phases() {
  const auto time = [this](CURLINFO info) {
    curl_off_t microseconds = 0;
    curl_easy_getinfo(easy_.get(), info, &microseconds);
    return std::chrono::nanoseconds(std::chrono::microseconds(microseconds));
  };
  Phases& phases = content_->phases;
  long connections = 0, head = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &connections);
  if (connections > 0) {
    const auto looked_up = time(CURLINFO_NAMELOOKUP_TIME_T), connected = time(CURLINFO_CONNECT_TIME_T);
    const auto secured = time(CURLINFO_APPCONNECT_TIME_T);
    if (looked_up.count() > 0 && !SocketAddress::literal(split_url(url_).host)) add_time(phases.name_lookup, looked_up);
    if (connected.count() > 0) add_time(phases.connect, connected - looked_up);
    if (secured.count() > 0) add_time(phases.tls, secured - connected);
  }
  if (const auto sent = time(sent_time); sent.count() > 0) phases.request_sent = hop_begun() + sent;
  curl_easy_getinfo(easy_.get(), CURLINFO_HEADER_SIZE, &head);
  if (head > 0) phases.first_byte = hop_begun() + time(CURLINFO_STARTTRANSFER_TIME_T);
}

void CurlTransfer::completed(CURLcode code) {
  if (!body_stream_) note_phases();
  leave_multi();
  if (body_stream_) return end_body(code);
  if (code == CURLE_OK && in_headers_ && error_.empty()) {
    error_ = with_place(incomplete_head, place());
  }
  if (code == CURLE_OK && error_.empty() && decode() && checksum_is_made() && leads_on()) return;
  if (code != CURLE_OK && error_.empty()) error_ = failure(code);
  if (error_.empty()) {
    const auto body = std::max<std::uint64_t>(content_->body.size(), content_->discarded);
    easy_.fit_buffer(content_->header_block.size() + static_cast<std::size_t>(body) + status_line_room);
  }
  if (streams_ && error_.empty()) {  // it could have led on, and does not
    auto body = new_body(nullptr);
    body->take_in(std::exchange(content_->body, {}));
    body->finish({});
    stream_ = std::move(body);
  }
  end(reason_);
}

std::string CurlTransfer::failure(CURLcode code) const {
  long os_error = 0, tunnel_status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_error);
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &tunnel_status);
  return curl_error({.code = code,
                     .os_error = open_error_ != 0 ? open_error_ : static_cast<int>(os_error),
                     .message = easy_.message(),
                     .answered = body_stream_ || !content_->header_block.empty() || !reason_.empty(),
                     .tunnel_status = static_cast<int>(tunnel_status),
                     .url = url_,
                     .unix_socket = session_.options.unix_socket,
                     .proxy = easy_.proxy(),
                     .source_address = session_.options.source_address,
                     .version = version_});
}

void CurlTransfer::refuse(std::string error) {
  if (!handed_over_) return fail_soon(std::move(error));
  error_ = std::move(error);
  tell_soon();
}

void CurlTransfer::tell_soon() {
  if (!std::exchange(has_news_, true)) session_.multi().tell_soon(*this);
}

std::unique_ptr<CurlBody> CurlTransfer::new_body(std::unique_ptr<ContentDecoder> decoder) {
  return std::make_unique<CurlBody>(loop_, stream_limits(session_.options), *this, std::move(decoder));
}

/// The head of an answer is there, and we are inside of libcurl. Where the request ends with that, the body goes on by
/// itself.
void CurlTransfer::begin_body() {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  content_->status = static_cast<int>(status);
  if (status < 200 || may_lead_on()) return;
  note_phases();
  std::unique_ptr<ContentDecoder> decoder;
  if (is_encoded_ && decodes_) {
    decoder = std::make_unique<ContentDecoder>();
    decoder->start_for(content_->header_block);
  }
  auto body = new_body(std::move(decoder));
  body_stream_ = body.get();
  stream_ = std::move(body);
  tell_soon();
}

/// The answer is a redirect that will be followed, if it can be, or a challenge.
bool CurlTransfer::may_lead_on() const {
  if (login_ && !login_->answered() && content_->status == 401) return true;
  return follows_ && has_location_ && is_redirect(content_->status);
}

void CurlTransfer::tell() {
  has_news_ = false;
  if (!handed_over_) return hand_over();
  if (!error_.empty()) return completed(CURLE_ABORTED_BY_CALLBACK);
  news_ = 0;
  if (paused_ && !body_stream_->is_held()) continue_soon();
  body_stream_->tell();
}

void CurlTransfer::continue_soon() {
  if (!std::exchange(continues_, true)) session_.multi().continue_soon(*this);
}

void CurlTransfer::go_on() {
  continues_ = false;
  if (body_stream_ && body_stream_->is_held()) return;  // its reader had enough since, and will say when
  news_ = 0;
  paused_ = false;
  if (const auto code = curl_easy_pause(easy_.get(), CURLPAUSE_CONT); code != CURLE_OK) completed(code);
}

/// The request ends with the head of its answer.
void CurlTransfer::hand_over() {
  if (!error_.empty()) return;  // it ends by fail_soon()
  handed_over_ = true;
  if (body_.capacity() > std::string().capacity())
    sent_body_ = std::move(body_);  // in the same place, as libcurl may still read it
  if (news_ > 0) tell_soon();
  end(reason_);
}

void CurlTransfer::end_body(CURLcode code) {
  if (code != CURLE_OK && error_.empty()) error_ = failure(code);
  easy_.fit_buffer(std::min<std::size_t>(body_stream_->bytes(), largest_stream_buffer));
  CurlBody& body = *std::exchange(body_stream_, nullptr);
  auto error = std::exchange(error_, {});
  if (!handed_over_) {
    body.finish(std::move(error));
    return end(reason_);
  }
  give_back();
  body.finish(std::move(error));
}

void CurlTransfer::let_go() {
  body_stream_ = nullptr;
  if (in_multi_) leave_multi();
  give_back();
}

/// To the session, once neither the request nor the body of its answer needs it.
void CurlTransfer::give_back() {
  if (asked_for_ || body_stream_) return;
  source_.reset();
  recycle_body(sent_body_);
  session_.release(*this);
}

/// By our own decoder and not by libcurl's, for which an encoding that it does not know is an error.
bool CurlTransfer::decode() {
  if (!is_encoded_ || !decodes_ || discards_) return true;
  ContentDecoder& decoder = session_.multi().decoder();
  decoder.start_for(content_->header_block);
  if (!decoder.decode(content_->body, session_.options.max_body)) error_ = decoder.error();
  return error_.empty();
}

bool CurlTransfer::checksum_is_made() { return !checksum_ || finish_checksum(session_.options, is_encoded_); }

/// Whether the request goes on after this answer.
bool CurlTransfer::leads_on() {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  content_->status = static_cast<int>(status);
  return (login_ && answer_challenge()) || follow();
}

/// Once more, with the digest that the server wants.
bool CurlTransfer::answer_challenge() {
  const auto answer = login_->answer(content_->status, content_->header_block, easy_.method(), split_url(url_).target);
  if (answer.empty()) return false;
  if (source_ && on_seek(this, 0, SEEK_SET) != CURL_SEEKFUNC_OK) {
    error_ = not_after_challenge;
    return false;
  }
  set_header("Authorization", answer);
  begin_hop(clock::now());
  send();
  return true;
}

bool CurlTransfer::follow() {
  if (!follows_ || !is_redirect(content_->status)) return false;
  const char* location = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &location);
  if (!location) return false;
  std::string next;
  assign_url(next, {}, location);
  if (!may_go_to(next, session_.options.max_redirects)) return false;
  const bool to_get = redirects_to_get(content_->status, easy_.method());
  if (!to_get && source_ && on_seek(this, 0, SEEK_SET) != CURL_SEEKFUNC_OK) {
    error_ = not_again;
    return false;
  }
  ++redirects_;
  LeftBehind left{.content = false, .credentials = strips_credentials(url_, next)};
  if (content_->asked_url.empty()) content_->asked_url = url_;
  url_ = std::move(next);
  error_ = easy_.set_url(url_);
  check_version();
  if (!error_.empty()) return false;
  if (to_get) {
    left.content = true;
    source_.reset();
    easy_.set_method(CurlEasy::Shape::get, "GET", body_);
  }
  if (login_) login_->start_again();
  if (left.credentials) {
    login_.reset();
    easy_.set_credentials({}, {});
    easy_.set_cookies({});
  }
  if (left.content || left.credentials) {
    auto kept = std::make_shared<CurlHeaders>();
    kept->lines = without(easy_.headers().lines.get(), left);
    easy_.set_headers(std::move(kept));
  }
  begin_hop(clock::now());
  send();
  return true;
}

void CurlTransfer::release() {
  cut_off();
  drop_response();
  asked_for_ = false;
  give_back();
}

std::string CurlTransfer::place() const { return endpoint({.url = url_, .unix_socket = session_.options.unix_socket}); }

}  // namespace katydid
