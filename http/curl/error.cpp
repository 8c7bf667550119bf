#include "http/curl/error.hpp"

#include "http/proxy.hpp"
#include "http/reason_phrase.hpp"
#include "http/url.hpp"
#include "net/lookup_pool.hpp"

#include <cerrno>

namespace katydid {
namespace {

constexpr char no_quic[] = "no connection over UDP";

/// libcurl's words. Those with figures in them that vary (times, lengths) are of errors that get words of our own.
std::string words(const CurlFailure& failure) {
  std::string_view text = failure.message;
  if (text.empty()) text = curl_easy_strerror(failure.code);
  constexpr std::string_view no_errno = ", errno 0";
  if (text.ends_with(no_errno)) text.remove_suffix(no_errno.size());
  return std::string(text.substr(0, text.find_last_not_of(' ') + 1));
}

/// While sending or receiving: the system's error, TLS, a proxy's tunnel, or HTTP that makes no sense.
std::string transport_error(const CurlFailure& failure, const std::string& place) {
  const auto says = [&](std::string_view text) { return failure.message.find(text) != failure.message.npos; };
  // The errno of an earlier failure may still be there when this one has none.
  if (failure.os_error != 0 && (says("Recv failure") || says("Send failure"))) {
    return system_error_text(failure.os_error, place);
  }
  if (split_url(failure.url).secure && !failure.answered && !says("CONNECT")) {
    if (says("alert")) return with_place("SSLError: " + words(failure), place);
    // With TLS 1.3 a server refuses a client's certificate when the client believes to be connected, and libcurl runs
    // into that in several ways.
    return with_place("SSLError: the server broke off after the handshake; it may want a client certificate", place);
  }
  if (says("SSL")) return with_place("SSLError: " + words(failure), place);
  if (says("CONNECT")) return "ProxyError: " + words(failure);
  if (says("getpeername")) return system_error_text(ECONNRESET, place);  // gone as soon as it was there
  if (says("Too large response headers")) return headers_too_large;
  return "ProtocolError: " + words(failure);
}

/// libcurl names the stream by its number, which differs from one occurrence to the next.
std::string stream_error(const CurlFailure& failure, const std::string& place) {
  std::string text = words(failure);
  const bool is_http3 = failure.version == HttpVersion::http3;
  const std::string_view numbered = is_http3 ? "HTTP/3 stream " : "HTTP/2 stream ";
  if (text.starts_with(numbered)) {
    const auto end = text.find(' ', numbered.size());
    text.replace(0, end == text.npos ? text.size() : end, "the stream");
  }
  if (text == "the stream reset by server") text = "the server reset the stream";
  return with_place((is_http3 ? "HTTP3Error: " : "HTTP2Error: ") + text, place);
}

/// Over UDP there is no refusal and no end of a connection that the system would tell.
std::string quic_error(std::string_view what, const CurlFailure& failure, const std::string& place) {
  return with_place("HTTP3Error: " + std::string(what) + ": " + words(failure), place);
}

}  // namespace

std::string curl_error(const CurlFailure& failure) {
  const auto place = endpoint({.url = failure.url, .unix_socket = failure.unix_socket});
  const auto via = failure.proxy.empty() ? place : through_proxy(place, failure.proxy);
  if (failure.tunnel_status >= 300) {
    return with_place("ProxyError: the proxy refused a tunnel with " + std::to_string(failure.tunnel_status) + " " +
                          std::string(reason_phrase(failure.tunnel_status)),
                      via);
  }
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return name_resolution_error(split_url(failure.url).host);
    case CURLE_COULDNT_RESOLVE_PROXY:
      return unresolved_proxy(failure.proxy);
    case CURLE_COULDNT_CONNECT:
      if (failure.version == HttpVersion::http3) return quic_error(no_quic, failure, via);
      if (failure.os_error != 0) return system_error_text(failure.os_error, via);
      return with_place("ConnectionError: " + std::string(curl_easy_strerror(failure.code)), via);
    case CURLE_INTERFACE_FAILED:
      return system_error_text(EADDRNOTAVAIL, via + ", from " + std::string(failure.source_address));
    case CURLE_OPERATION_TIMEDOUT:
      return with_place("ConnectTimeout: no connection within libcurl's own limit", via);
    case CURLE_GOT_NOTHING:
      return with_place(no_answer, place);
    case CURLE_PARTIAL_FILE:
      return with_place(incomplete_body, place);
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      if (failure.version == HttpVersion::http3)
        return quic_error("the connection ended before the answer", failure, place);
      return transport_error(failure, place);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return "ProtocolError: the answer is not HTTP/1: " + words(failure);
    case CURLE_BAD_CONTENT_ENCODING:
      return "ContentDecodingError: " + words(failure).substr(0, words(failure).find(". "));
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_HTTP3:
      return stream_error(failure, place);
    case CURLE_QUIC_CONNECT_ERROR:
      return quic_error(no_quic, failure, place);
    case CURLE_URL_MALFORMAT:
      return "InvalidURL: " + words(failure);
    case CURLE_PROXY:
      return "ProxyError: " + words(failure);
    case CURLE_OUT_OF_MEMORY:  // also what libcurl before 8.6 says of a header line above 100 KB
      return failure.answered ? headers_too_large : "MemoryError";
    case CURLE_WRITE_ERROR:
      return no_room;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return with_place("SSLError: " + words(failure), place);
    default:
      if (failure.message.find("private key") != failure.message.npos) return "SSLError: " + words(failure);
      if (static_cast<int>(failure.code) == 100) return headers_too_large;  // CURLE_TOO_LARGE, since 8.6
      return "CurlError " + std::to_string(failure.code) + ": " + words(failure);
  }
}

}  // namespace katydid
