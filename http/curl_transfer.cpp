#include "http/curl_transfer.hpp"

#include "http/curl_error.hpp"
#include "http/curl_session.hpp"
#include "http/tracer.hpp"
#include "http/url.hpp"

#include <algorithm>

namespace katydid {
namespace {

constexpr long smallest_buffer = 1024;  // libcurl's own minimum; it is allocated anew for every transfer
constexpr long largest_buffer = 256 * 1024;
constexpr std::size_t largest_header_block = 1 << 20;
constexpr std::size_t largest_kept_body = 64 * 1024;
/// libcurl would drop a connection that was idle for two minutes, but a user may well wait for longer.
constexpr long longest_idle_seconds = 24 * 60 * 60;
/// libcurl gives up connecting after this, when it is told no limit.
constexpr std::chrono::milliseconds libcurls_connect_timeout{300'000};

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

bool is_method(std::string_view method) {
  return !method.empty() && std::ranges::all_of(method, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
}

bool redirects_to_get(int status, std::string_view method) {
  if (method == "HEAD") return false;
  return status == 303 || status == 302 || (status == 301 && method == "POST");
}

}  // namespace

CurlTransfer::CurlTransfer(CurlSession& session)
    : Timer(&CurlTransfer::on_timer), session_(session), parsed_url_(curl_url()), easy_(curl_easy_init()) {
  CURL* const easy = easy_.get();
  if (!easy || !parsed_url_) throw std::bad_alloc();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_SHARE, session.share());
  curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");  // keeps cookies, in the share
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, message_.data());
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, accepted_encodings);
  curl_easy_setopt(easy, CURLOPT_CURLU, parsed_url_.get());
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, longest_idle_seconds);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");  // or the environment is searched with every request
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, buffer_size_ = smallest_buffer);
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
  if (in_multi_) leave_multi();
  if (armed()) loop().disarm(*this);
}

Loop& CurlTransfer::loop() const { return session_.multi().loop(); }

void CurlTransfer::adopt(const ClientOptions& options, std::uint32_t version) {
  if (version == version_) return;
  version_ = version;
  CURL* const easy = easy_.get();
  const auto text_or_none = [](const std::string& text) { return text.empty() ? nullptr : text.c_str(); };
  curl_easy_setopt(easy, CURLOPT_PROXY, options.proxy.c_str());  // "": not the environment's either
  curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, text_or_none(options.unix_socket));
  set_authorities(options.ca_file);
  // For the request to a proxy to make a tunnel: requests have it among their own headers.
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.proxy.empty() ? nullptr : user_agent(options).c_str());
  curl_easy_setopt(easy, CURLOPT_SSLCERT, text_or_none(options.client_certificate));
  curl_easy_setopt(easy, CURLOPT_SSLKEY, text_or_none(options.client_key));
  curl_easy_setopt(easy, CURLOPT_VERBOSE, options.tracer ? 1L : 0L);
  if (options.tracer) {
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &CurlTransfer::on_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, options.tracer);
  }
}

void CurlTransfer::set_authorities(const std::string& ca_file) {
  if (ca_file.empty() && !has_own_authorities_) return;  // libcurl has the system's
  has_own_authorities_ = !ca_file.empty();
  const auto* built = curl_version_info(CURLVERSION_NOW);
  curl_easy_setopt(easy_.get(), CURLOPT_CAINFO, has_own_authorities_ ? ca_file.c_str() : built->cainfo);
  curl_easy_setopt(easy_.get(), CURLOPT_CAPATH, has_own_authorities_ ? nullptr : built->capath);
}

int CurlTransfer::on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* tracer) {
  const auto tell = [&](Tracer::Part part) { static_cast<Tracer*>(tracer)->trace(part, {data, size}); };
  switch (type) {
    case CURLINFO_HEADER_OUT:
      tell(Tracer::Part::request_head);
      break;
    case CURLINFO_DATA_OUT:
      tell(Tracer::Part::request_body);
      break;
    case CURLINFO_HEADER_IN:
      tell(Tracer::Part::response_head);
      break;
    case CURLINFO_DATA_IN:
      tell(Tracer::Part::response_body);
      break;
    default:
      break;
  }
  return 0;
}

void CurlTransfer::prepare(std::string_view method, std::string_view url, Body body, const RequestOptions& options) {
  const ClientOptions& client = session_.options;
  error_.clear();
  redirects_ = 0;
  method_.resize(method.size());
  std::ranges::transform(method, method_.begin(), upper);
  prepare_url(url, options.params);
  if (options.name.empty()) {
    name_ = path_of_url(url_);
  } else {
    name_ = options.name;
  }
  if (!is_method(method_)) error_ = "InvalidMethod: a method is made of letters: " + name_;

  const bool bodyless = method_ == "GET" || method_ == "HEAD";
  const bool has_body = !body.text().empty() || !bodyless;
  if (method_ == "HEAD" && has_body) error_ = "InvalidRequest: a HEAD request cannot have a body";
  const BodyKind kind{.exists = has_body, .content_type = body.content_type()};
  prepare_headers(options, kind);
  body_ = std::move(body).take();
  set_method(has_body ? Shape::body : method_ == "HEAD" ? Shape::head : Shape::get, method_);

  timeout_ = options.timeout.count() > 0 ? options.timeout : client.timeout;
  connect_timeout_ = options.connect_timeout.count() > 0 ? options.connect_timeout : client.connect_timeout;
  follows_ = options.allow_redirects;
  catches_ = options.catch_response;
  if (const bool verify = client.verify && options.verify; verify != verifies_) {
    verifies_ = verify;
    curl_easy_setopt(easy_.get(), CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
    curl_easy_setopt(easy_.get(), CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  }
  if (!options.auth.user.empty()) {
    set_credentials(options.auth.user, options.auth.password);
  } else if (!is_absolute_url(url)) {
    set_credentials(session_.user(), session_.password());
  } else {
    set_credentials({}, {});
  }
}

void CurlTransfer::prepare_url(std::string_view url, const Fields& params) {
  if (params.empty()) {
    assign_url(url_, session_.base_url(), url);
  } else {
    assign_url(url_, session_.base_url(), with_params(url, params));
  }
  if (is_absolute_url(url_)) {
    set_url();
  } else {
    error_ = "InvalidURL: no URL: " + url_ + " (a path needs a host: --host, the user class's, or the master's)";
  }
}

/// Parsed here and once, because libcurl parses the text of a URL, and puts it together again, for every transfer.
void CurlTransfer::set_url() {
  if (url_ == applied_url_) return;
  if (split_url(url_).host.empty()) {
    error_ = "InvalidURL: no host: " + url_;
    return;
  }
  if (const auto code = curl_url_set(parsed_url_.get(), CURLUPART_URL, url_.c_str(), 0); code != CURLUE_OK) {
    error_ = "InvalidURL: " + std::string(curl_url_strerror(code)) + ": " + url_;
    applied_url_.clear();
    return;
  }
  applied_url_ = url_;
  curl_easy_setopt(easy_.get(), CURLOPT_URL, nullptr);  // what libcurl remembers of the last one
}

void CurlTransfer::set_method(Shape shape, std::string_view method) {
  CURL* const easy = easy_.get();
  if (shape != shape_) {
    if (shape_ == Shape::head) curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
    if (shape == Shape::get) curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    if (shape == Shape::head) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    shape_ = shape;
    applied_method_.clear();
  }
  if (shape == Shape::body) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body_.c_str());
  }
  if (method == applied_method_) return;
  applied_method_ = method;
  const std::string_view own = shape == Shape::get ? "GET" : shape == Shape::head ? "HEAD" : "POST";
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method == own ? nullptr : applied_method_.c_str());
}

void CurlTransfer::prepare_headers(const RequestOptions& options, const BodyKind& body) {
  if (options.headers.empty()) {
    set_headers(session_.default_headers(body));
  } else {
    set_headers(std::make_shared<const CurlHeaders>(make_headers(session_.options, options.headers, body)));
  }
  if (!headers_->error.empty()) error_ = headers_->error;
  if (options.cookies.empty()) return set_cookies(headers_->cookies);
  std::string cookies = headers_->cookies;
  for (const Field& cookie : options.cookies) {
    if (!cookies.empty()) cookies += "; ";
    cookies.append(cookie.name).append("=").append(cookie.value);
  }
  if (cookies.find_first_of("\r\n") != cookies.npos) error_ = "InvalidHeader: a cookie holds a line break";
  set_cookies(cookies);
}

void CurlTransfer::set_headers(std::shared_ptr<const CurlHeaders> headers) {
  if (headers == headers_) return;
  headers_ = std::move(headers);
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headers_->lines.get());
}

void CurlTransfer::set_cookies(const std::string& cookies) {
  if (cookies.empty() && !has_cookies_) return;
  has_cookies_ = !cookies.empty();
  curl_easy_setopt(easy_.get(), CURLOPT_COOKIE, has_cookies_ ? cookies.c_str() : nullptr);
}

void CurlTransfer::set_credentials(std::string_view user, std::string_view password) {
  if (user == applied_user_ && password == applied_password_) return;
  applied_user_ = user;
  applied_password_ = password;
  const bool any = !user.empty();
  curl_easy_setopt(easy_.get(), CURLOPT_USERNAME, any ? applied_user_.c_str() : nullptr);
  curl_easy_setopt(easy_.get(), CURLOPT_PASSWORD, any ? applied_password_.c_str() : nullptr);
}

void CurlTransfer::start(Context& context, std::coroutine_handle<> waiting) {
  context_ = &context;
  waiting_ = waiting;
  ++context.requests_in_flight;
  start_ = clock::now();
  if (error_.empty()) {
    hop_start_ = start_;
    send();
  } else {
    fail_soon(std::move(error_));
  }
}

void CurlTransfer::send() {
  connected_ = false;
  open_error_ = 0;
  message_[0] = '\0';
  content_.body.clear();
  content_.header_block.clear();
  reason_.clear();
  in_headers_ = false;
  const auto code = session_.multi().add(easy_.get());
  if (code != CURLM_OK) return fail_soon(std::string("CurlError: ") + curl_multi_strerror(code));
  in_multi_ = true;
  watch_deadline();
}

void CurlTransfer::leave_multi() {
  in_multi_ = false;
  session_.multi().remove(easy_.get());
}

void CurlTransfer::completed(CURLcode code) {
  leave_multi();
  if (code == CURLE_OK && in_headers_ && error_.empty()) {
    error_ = "IncompleteRead: the server closed the connection before the end of the headers (" + place() + ")";
  }
  if (code == CURLE_OK && error_.empty() && follow()) return;
  if (code != CURLE_OK && error_.empty()) {
    long os_error = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_error);
    error_ = curl_error({.code = code,
                         .os_error = open_error_ != 0 ? open_error_ : static_cast<int>(os_error),
                         .message = message_.data(),
                         .answered = !content_.header_block.empty() || !reason_.empty(),
                         .url = url_,
                         .unix_socket = session_.options.unix_socket,
                         .proxy = session_.options.proxy});
  }
  end();
}

bool CurlTransfer::follow() {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  content_.status = static_cast<int>(status);
  if (!follows_ || status < 301 || status > 308 || (status > 303 && status < 307)) return false;
  const char* location = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &location);
  if (!location) return false;
  if (redirects_ >= session_.options.max_redirects) {
    error_ = "TooManyRedirects: Exceeded " + std::to_string(session_.options.max_redirects) + " redirects.";
    return false;
  }
  std::string next;
  assign_url(next, {}, location);
  if (!is_absolute_url(next)) {
    error_ =
        "InvalidSchema: redirected to what is neither http nor https: " + next.substr(0, next.find_first_of(":/?"));
    return false;
  }
  ++redirects_;
  Dropped dropped{.content = false, .credentials = strips_credentials(url_, next)};
  url_ = std::move(next);
  set_url();
  if (redirects_to_get(content_.status, applied_method_)) {
    dropped.content = true;
    set_method(Shape::get, "GET");
  }
  if (dropped.credentials) {
    set_credentials({}, {});
    set_cookies({});
  }
  if (dropped.content || dropped.credentials) {
    auto kept = std::make_shared<CurlHeaders>();
    kept->lines = without(headers_->lines.get(), dropped);
    set_headers(std::move(kept));
  }
  hop_start_ = clock::now();
  send();
  return true;
}

void CurlTransfer::end() {
  const auto now = std::max(loop().now(), start_);
  if (!error_.empty()) {
    content_.status = 0;
    content_.header_block.clear();
    content_.body.clear();
  } else {
    error_ = status_error(content_.status, reason_, name_);
    fit_buffer();
  }
  content_.error = std::move(error_);
  error_.clear();
  content_.url = url_;
  content_.elapsed = now - start_;
  content_.redirects = redirects_;
  if (body_.capacity() > largest_kept_body) body_ = std::string();

  Context& context = *std::exchange(context_, nullptr);
  response_ = Response(std::move(content_));
  content_ = {};
  if (catches_) {
    response_.record_later(context.recorder, method_, name_);
  } else {
    context.recorder.record({.method = method_,
                             .name = name_,
                             .response_time = response_.elapsed(),
                             .response_length = response_.body().size(),
                             .error = response_.error()});
  }
  context.request_done();
  waiting_.resume();  // may destroy the user, and this with it
}

void CurlTransfer::fail_soon(std::string error) {
  error_ = std::move(error);
  loop().arm(*this, armed_for_ = loop().now());
}

void CurlTransfer::release() {
  if (Context* context = std::exchange(context_, nullptr)) {
    if (in_multi_) leave_multi();
    context->recorder.cut_off(method_, name_);
    context->request_done();
  }
  session_.release(*this);
}

CurlTransfer::clock::time_point CurlTransfer::deadline() const {
  auto when = timeout_.count() > 0 ? start_ + timeout_ : clock::time_point::max();
  if (!connected_ && connect_timeout_.count() > 0) when = std::min(when, hop_start_ + connect_timeout_);
  return when;
}

void CurlTransfer::watch_deadline() {
  const auto when = deadline();
  if (when == clock::time_point::max() || (armed() && armed_for_ <= when)) return;
  loop().arm(*this, armed_for_ = when);
}

/// The timer stays armed from one request to the next, so that most requests don't touch the queue: when it rings too
/// early, it is set to the deadline of the day.
void CurlTransfer::on_timer(Timer& self) {
  auto& transfer = static_cast<CurlTransfer&>(self);
  if (!transfer.context_) return;
  if (transfer.error_.empty()) {
    if (transfer.loop().now() < transfer.deadline()) return transfer.watch_deadline();
    transfer.time_out();
  }
  if (transfer.in_multi_) transfer.leave_multi();
  transfer.end();
}

std::string CurlTransfer::place() const { return endpoint({.url = url_, .unix_socket = session_.options.unix_socket}); }

void CurlTransfer::time_out() {
  const bool connecting = !connected_ && connect_timeout_.count() > 0 &&
                          (timeout_.count() == 0 || hop_start_ + connect_timeout_ <= start_ + timeout_);
  error_ = connecting ? "ConnectTimeout: no connection within " + std::to_string(connect_timeout_.count()) + " ms (" +
                            place() + ")"
                      : "Timeout: no complete answer within " + std::to_string(timeout_.count()) + " ms";
}

/// libcurl reads a buffer per turn of the loop: large bodies want a large one, and a user with small ones has no need.
void CurlTransfer::fit_buffer() {
  const auto received = content_.header_block.size() + content_.body.size() + 64;
  auto size = buffer_size_;
  while (size < largest_buffer && static_cast<std::size_t>(size) < received) size *= 2;
  if (size != buffer_size_) curl_easy_setopt(easy_.get(), CURLOPT_BUFFERSIZE, buffer_size_ = size);
}

std::size_t CurlTransfer::on_body(char* data, std::size_t, std::size_t size, void* self) try {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  auto& body = transfer.content_.body;
  const auto limit = transfer.session_.options.max_body;
  if (size > limit || body.size() > limit - size) {
    transfer.error_ = "BodyTooLarge: the answer has more than " + std::to_string(limit) + " bytes (max_body)";
    return 0;
  }
  body.append(data, size);
  return size;
} catch (const std::bad_alloc&) {
  return 0;
}

std::size_t CurlTransfer::on_header(char* data, std::size_t, std::size_t size, void* self) try {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  auto& block = transfer.content_.header_block;
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    block.clear();
    transfer.in_headers_ = true;
    const auto phrase = line.find(' ', line.find(' ') + 1);
    transfer.reason_ = phrase == line.npos ? std::string_view() : line.substr(phrase + 1);
  } else if (block.size() + line.size() > largest_header_block) {
    transfer.error_ = headers_too_large;
    return 0;
  } else if (line.empty()) {
    transfer.in_headers_ = false;
  } else {
    block.append(line).append("\r\n");
  }
  return size;
} catch (const std::bad_alloc&) {
  return 0;
}

int CurlTransfer::on_connected(void* self, char*, char*, int, int) {
  static_cast<CurlTransfer*>(self)->connected_ = true;
  return CURL_PREREQFUNC_OK;
}

curl_socket_t CurlTransfer::on_open(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const int fd = transfer.session_.multi().sockets().open(address->family, address->socktype, address->protocol);
  if (fd < 0) transfer.open_error_ = errno;
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

int CurlTransfer::on_close(void* sockets, curl_socket_t fd) { return static_cast<CurlSockets*>(sockets)->close(fd); }

}  // namespace katydid
