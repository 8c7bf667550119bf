#include "http/curl/easy.hpp"

#include "http/curl/version.hpp"
#include "http/proxy.hpp"
#include "http/request_tls.hpp"
#include "http/tracer.hpp"
#include "http/url.hpp"
#include "net/host_overrides.hpp"

#include <filesystem>
#include <new>

namespace katydid {
namespace {

constexpr long smallest_buffer = 1024;  // libcurl's own minimum; it is allocated anew for every transfer
constexpr long largest_buffer = 256 * 1024;
/// libcurl would drop a connection that was idle for two minutes, but a user may well wait for longer.
constexpr long longest_idle_seconds = 24 * 60 * 60;
/// A server forgets a QUIC connection without a word, often after 30 s; what is sent on it then is never answered.
constexpr long longest_idle_seconds_of_http3 = 20;
/// Told nothing, libcurl gives up connecting after this time.
constexpr std::chrono::milliseconds usual_connect_timeout{300'000};
constexpr long no_connect_timeout_ms = 24 * 60 * 60 * 1000;

/// Those of the process, for all handles.
curl_slist* host_overrides() {
  static const CurlList list = [] {
    CurlList made;
    for (const auto& text : HostOverrides::of_process().texts()) {
      curl_slist* const longer = curl_slist_append(made.get(), text.c_str());
      if (!longer) throw std::bad_alloc();
      static_cast<void>(made.release());
      made.reset(longer);
    }
    return made;
  }();
  return list.get();
}

/// Before 8.0 a connection without TLS that was kept open serves no second request by HTTP/2.
bool loses_plain_http2() { return curl_version_info(CURLVERSION_NOW)->version_num < 0x080000; }

const char* text_or_none(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

}  // namespace

CurlEasy::CurlEasy(CURLSH* share) : parsed_url_(curl_url()), handle_(curl_easy_init()) {
  CURL* const easy = get();
  if (!easy || !parsed_url_) throw std::bad_alloc();
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_SHARE, share);
  curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");  // keeps cookies, in the share
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, message_.data());
  curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  curl_easy_setopt(easy, CURLOPT_CURLU, parsed_url_.get());
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");  // or the environment is searched with every request
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, buffer_size_ = smallest_buffer);
  if (curl_slist* const overrides = host_overrides()) curl_easy_setopt(easy, CURLOPT_RESOLVE, overrides);
}

void CurlEasy::adopt(const ClientOptions& options, std::uint32_t version) {
  if (version == version_) return;
  version_ = version;
  CURL* const easy = get();
  use_proxy(options, proxy_of_request(options, {}));
  set_version(options.http_version, split_url(options.base_url).secure);
  curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, text_or_none(options.unix_socket));
  const std::string source = options.source_address.empty() ? "" : "host!" + options.source_address;
  curl_easy_setopt(easy, CURLOPT_INTERFACE, text_or_none(source));
  set_certificate(options.client_certificate, options.client_key);
  const bool patient = options.connect_timeout.count() == 0 || options.connect_timeout > usual_connect_timeout;
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, patient ? no_connect_timeout_ms : 0L);
  set_authorities(options.ca_file);
  set_tracer(options.tracer);
}

void CurlEasy::set_version(HttpVersion version, bool base_is_secure) {
  curl_easy_setopt(get(), CURLOPT_HTTP_VERSION, curl_http_version(version));
  curl_easy_setopt(get(), CURLOPT_MAXAGE_CONN,
                   version == HttpVersion::http3 ? longest_idle_seconds_of_http3 : longest_idle_seconds);
  const bool always_anew = version == HttpVersion::http2 && !base_is_secure && loses_plain_http2();
  curl_easy_setopt(get(), CURLOPT_FRESH_CONNECT, always_anew ? 1L : 0L);
  // Rather wait whether a connection that is being made takes several requests than make one for each.
  curl_easy_setopt(get(), CURLOPT_PIPEWAIT, version == HttpVersion::http1 || always_anew ? 0L : 1L);
  if (version != HttpVersion::http1)
    fit_buffer(
        largest_buffer);  // libcurl 7.88 stalls with a small one, as what it has read is not in the socket any more
}

void CurlEasy::use_proxy(const ClientOptions& client, std::string_view proxy) {
  proxy_ = proxy;
  curl_easy_setopt(get(), CURLOPT_PROXY, proxy_.c_str());  // "": not the environment's either
  // For the request to a proxy to make a tunnel: requests have it among their own headers.
  curl_easy_setopt(get(), CURLOPT_USERAGENT, proxy_.empty() ? nullptr : std::string(user_agent(client)).c_str());
}

void CurlEasy::set_proxy(const ClientOptions& client, const RequestOptions& options) {
  if (const auto proxy = proxy_of_request(client, options); proxy != proxy_) use_proxy(client, proxy);
}

void CurlEasy::set_authorities(const std::string& ca_file) {
  if (ca_file.empty() && !has_own_authorities_) return;  // libcurl has the system's
  has_own_authorities_ = !ca_file.empty();
  const auto* built = curl_version_info(CURLVERSION_NOW);
  std::error_code unknown;
  const bool is_folder = std::filesystem::is_directory(ca_file, unknown);
  const char* const own = ca_file.c_str();
  curl_easy_setopt(get(), CURLOPT_CAINFO, !has_own_authorities_ ? built->cainfo : is_folder ? nullptr : own);
  curl_easy_setopt(get(), CURLOPT_CAPATH, !has_own_authorities_ ? built->capath : is_folder ? own : nullptr);
}

void CurlEasy::set_certificate(const std::string& certificate, const std::string& key) {
  curl_easy_setopt(get(), CURLOPT_SSLCERT, text_or_none(certificate));
  curl_easy_setopt(get(), CURLOPT_SSLKEY, text_or_none(key));
}

void CurlEasy::set_tracer(Tracer* tracer) {
  if (!tracer && !traces_) return;
  traces_ = tracer;
  curl_easy_setopt(get(), CURLOPT_VERBOSE, tracer ? 1L : 0L);
  curl_easy_setopt(get(), CURLOPT_DEBUGFUNCTION, &CurlEasy::on_debug);
  curl_easy_setopt(get(), CURLOPT_DEBUGDATA, tracer);
}

int CurlEasy::on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* tracer) try {
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
} catch (const std::bad_alloc&) {  // what is traced has a gap
  return 0;
}

/// Parsed here and once, because libcurl parses the text of a URL, and puts it together again, for every transfer.
std::string CurlEasy::set_url(const std::string& url) {
  if (url == url_) return {};
  url_.clear();
  const Url parts = split_url(url);
  if (parts.host.empty()) return "InvalidURL: no host: " + url;
  if (auto error = host_error(parts, url); !error.empty()) return error;
  if (const auto code = curl_url_set(parsed_url_.get(), CURLUPART_URL, url.c_str(), 0); code != CURLUE_OK) {
    return "InvalidURL: " + std::string(curl_url_strerror(code)) + ": " + url;
  }
  if (!parts.user_info.empty()) {  // not libcurl's business: set_credentials() says which to use
    curl_url_set(parsed_url_.get(), CURLUPART_USER, nullptr, 0);
    curl_url_set(parsed_url_.get(), CURLUPART_PASSWORD, nullptr, 0);
  }
  url_ = url;
  curl_easy_setopt(get(), CURLOPT_URL, nullptr);  // what libcurl remembers of the last one
  return {};
}

void CurlEasy::set_method(Shape shape, std::string_view method, const std::string& body) {
  set_shape(shape);
  if (shape == Shape::body) {
    curl_easy_setopt(get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(get(), CURLOPT_POSTFIELDS, body.c_str());
  }
  set_name(method);
}

void CurlEasy::set_upload(std::string_view method, std::optional<std::uint64_t> size) {
  set_shape(Shape::upload);
  curl_easy_setopt(get(), CURLOPT_INFILESIZE_LARGE, size ? static_cast<curl_off_t>(*size) : curl_off_t{-1});
  set_name(method);
}

void CurlEasy::set_shape(Shape shape) {
  if (shape == shape_) return;
  if (shape_ == Shape::head) curl_easy_setopt(get(), CURLOPT_NOBODY, 0L);
  if (shape_ == Shape::upload) curl_easy_setopt(get(), CURLOPT_UPLOAD, 0L);
  if (shape == Shape::get) curl_easy_setopt(get(), CURLOPT_HTTPGET, 1L);
  if (shape == Shape::head) curl_easy_setopt(get(), CURLOPT_NOBODY, 1L);
  if (shape == Shape::upload) curl_easy_setopt(get(), CURLOPT_UPLOAD, 1L);
  shape_ = shape;
  method_.clear();
}

void CurlEasy::set_name(std::string_view method) {
  if (method == method_) return;
  method_ = method;
  constexpr std::string_view own[] = {"GET", "HEAD", "POST", "PUT"};  // of each shape
  curl_easy_setopt(get(), CURLOPT_CUSTOMREQUEST,
                   method == own[static_cast<std::size_t>(shape_)] ? nullptr : method_.c_str());
}

void CurlEasy::set_headers(std::shared_ptr<const CurlHeaders> headers) {
  if (headers == headers_) return;
  headers_ = std::move(headers);
  curl_easy_setopt(get(), CURLOPT_HTTPHEADER, headers_->lines.get());
}

void CurlEasy::set_cookies(const std::string& cookies) {
  if (cookies.empty() && !has_cookies_) return;
  has_cookies_ = !cookies.empty();
  curl_easy_setopt(get(), CURLOPT_COOKIE, has_cookies_ ? cookies.c_str() : nullptr);
}

void CurlEasy::set_credentials(std::string_view user, std::string_view password) {
  if (user == user_ && password == password_) return;
  user_ = user;
  password_ = password;
  const bool none = user.empty() && password.empty();
  curl_easy_setopt(get(), CURLOPT_USERNAME, none ? nullptr : user_.c_str());
  curl_easy_setopt(get(), CURLOPT_PASSWORD, none ? nullptr : password_.c_str());
}

void CurlEasy::set_tls(const ClientOptions& client, const RequestOptions& options) {
  if (!options.has_certificates() && !has_requests_tls_) {
    return set_verify(client.verify && options.verify, client.verify_host);
  }
  has_requests_tls_ = options.has_certificates();
  const TlsSettings settings = tls_of_request(client, options);
  set_verify(settings.verify, settings.verify_host);
  set_authorities(settings.ca_file);
  set_certificate(settings.client_certificate, settings.client_key);
}

void CurlEasy::set_verify(bool verify, bool host) {
  host = host && verify;
  if (verify == verifies_ && host == verifies_host_) return;
  verifies_ = verify;
  verifies_host_ = host;
  curl_easy_setopt(get(), CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  curl_easy_setopt(get(), CURLOPT_SSL_VERIFYHOST, host ? 2L : 0L);
}

/// libcurl reads a buffer per turn of the loop: large bodies want a large one, and a user with small ones has no need.
void CurlEasy::fit_buffer(std::size_t received) {
  auto size = buffer_size_;
  while (size < largest_buffer && static_cast<std::size_t>(size) < received) size *= 2;
  if (size != buffer_size_) curl_easy_setopt(get(), CURLOPT_BUFFERSIZE, buffer_size_ = size);
}

}  // namespace katydid
