#include "http/curl_error.hpp"

#include "http/url.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

namespace katydid {
namespace {

std::string_view python_name(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "ConnectionRefusedError";
    case ECONNRESET:
      return "ConnectionResetError";
    case ECONNABORTED:
      return "ConnectionAbortedError";
    case EPIPE:
      return "BrokenPipeError";
    case ETIMEDOUT:
      return "TimeoutError";
    case ENOENT:
      return "FileNotFoundError";
    case EACCES:
    case EPERM:
      return "PermissionError";
    default:
      return "OSError";
  }
}

/// "ConnectionRefusedError: [Errno 111] Connection refused", as Python shows it.
std::string python_error(int error) {
  return std::string(python_name(error)) + ": [Errno " + std::to_string(error) + "] " +
         std::generic_category().message(error);
}

std::string with_place(std::string text, std::string_view place) { return text.append(" (").append(place).append(")"); }

/// libcurl's words without figures that belong to one occurrence, such as its "after 12 ms".
std::string stable(std::string_view message, CURLcode code) {
  if (message.empty()) message = curl_easy_strerror(code);
  return std::string(message);
}

std::string transport_error(const CurlFailure& failure, const std::string& place) {
  const auto says = [&](std::string_view text) { return failure.message.find(text) != failure.message.npos; };
  // The errno of an earlier failure may still be there when this one has none.
  if (failure.os_error != 0 && (says("Recv failure") || says("Send failure") || says("errno"))) {
    return with_place(python_error(failure.os_error), place);
  }
  if (says("CONNECT tunnel failed") || says("from proxy after CONNECT") || says("Proxy CONNECT")) {
    return "ProxyError: " + stable(failure.message, failure.code);
  }
  if (says("unexpected eof") || says("closed")) {
    return with_place("RemoteDisconnected: the server closed the connection before the end of the answer", place);
  }
  return "ProtocolError: " + stable(failure.message, failure.code);
}

}  // namespace

std::string endpoint(const Destination& destination) {
  if (!destination.unix_socket.empty()) return "unix:" + std::string(destination.unix_socket);
  const Url url = split_url(destination.url);
  return std::string(url.host) + ":" + std::to_string(url.port_number());
}

std::string curl_error(const CurlFailure& failure) {
  const auto place = endpoint({.url = failure.url, .unix_socket = failure.unix_socket});
  const auto via = failure.proxy.empty() ? place : place + " through proxy " + std::string(failure.proxy);
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "NameResolutionError: cannot resolve host '" + std::string(split_url(failure.url).host) + "'";
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "NameResolutionError: cannot resolve the proxy's host '" + std::string(failure.proxy) + "'";
    case CURLE_COULDNT_CONNECT:
      if (failure.os_error == EMFILE || failure.os_error == ENFILE)
        return python_error(failure.os_error) + ": raise the limit of open files (ulimit -n)";
      if (failure.os_error != 0) return with_place(python_error(failure.os_error), via);
      return with_place("ConnectionError: " + stable({}, failure.code), via);
    case CURLE_OPERATION_TIMEDOUT:
      return with_place("ConnectTimeout: no connection within libcurl's own limit", via);
    case CURLE_GOT_NOTHING:
      return with_place("RemoteDisconnected: the server closed the connection without an answer", place);
    case CURLE_PARTIAL_FILE:
      return with_place("IncompleteRead: the server closed the connection before the end of the body", place);
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return transport_error(failure, place);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return "ProtocolError: the answer is not HTTP/1: " + stable(failure.message, failure.code);
    case CURLE_BAD_CONTENT_ENCODING:
      return "ContentDecodingError: the body is not what its Content-Encoding says: " +
             stable(failure.message, failure.code);
    case CURLE_URL_MALFORMAT:
      return "InvalidURL: " + stable(failure.message, failure.code);
    case CURLE_PROXY:
      return "ProxyError: " + stable(failure.message, failure.code);
    case CURLE_OUT_OF_MEMORY:
      return "MemoryError";
    case CURLE_WRITE_ERROR:
      return "MemoryError: no room for the answer";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return with_place("SSLError: " + stable(failure.message, failure.code), place);
    default:
      return "CurlError " + std::to_string(failure.code) + ": " + stable(failure.message, failure.code);
  }
}

}  // namespace katydid
