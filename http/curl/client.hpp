#pragma once

#include "http/client_options.hpp"
#include "http/pending_request.hpp"
#include "http/request.hpp"
#include "http/verbs.hpp"

#include <memory>
#include <string_view>

namespace katydid {

class CurlEngine;
class CurlSession;
class CurlTransfer;

/// The client of an HttpUser: Locust's HttpSession, on libcurl. HTTP/1.1, TLS, client certificates, proxies, Unix
/// sockets, cookies, redirects, compression, Basic authentication.
///
///     auto response = co_await client.get("/items/42", {.name = "/items/[id]"});
///
/// Each client has connections, cookies and TLS sessions of its own. Several requests may be under way at once. A
/// request never throws: what went wrong is in the response, and in the statistics. Redirects are followed as requests
/// does it (POST becomes GET on 301, 302 and 303), and a request is recorded under its first path and with the time of
/// all.
class HttpClient : public Verbs<HttpClient> {
 public:
  /// The engine, on whose thread all this happens, must outlive the client, and the client its requests.
  explicit HttpClient(CurlEngine& engine, ClientOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Settings; a change counts from the next request on.
  ClientOptions& options();
  using Verbs::options;  // HTTP's OPTIONS

  /// For Verbs.
  PendingRequest<CurlTransfer> start(std::string_view method, std::string_view url, Body body,
                                     const RequestOptions& options);

 private:
  std::unique_ptr<CurlSession> session_;
};

}  // namespace katydid
