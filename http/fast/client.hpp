#pragma once

#include "http/client_options.hpp"
#include "http/pending_request.hpp"
#include "http/request.hpp"
#include "http/verbs.hpp"

#include <memory>
#include <string_view>

namespace katydid {

class CookieJar;
class FastEngine;
class FastSession;
class FastTransfer;

/// The client of a FastHttpUser: Katydid's own HTTP/1.1 and HTTP/2 over the event loop, with the methods, options and
/// errors of HttpClient at a fraction of its cost. It has TLS, client certificates, HTTP proxies, Unix sockets,
/// cookies, redirects, compression and Basic authentication. ClientOptions::http_version chooses the version; HTTP/3 is
/// HttpClient's alone.
///
/// Each client has connections, cookies and TLS tickets of its own. Several requests may be under way at once. A
/// request never throws: what went wrong is in the response, and in the statistics.
class FastHttpClient : public Verbs<FastHttpClient> {
 public:
  /// The engine, on whose thread all this happens, must outlive the client, and the client its requests.
  explicit FastHttpClient(FastEngine& engine, ClientOptions options = {});
  ~FastHttpClient();
  FastHttpClient(const FastHttpClient&) = delete;
  FastHttpClient& operator=(const FastHttpClient&) = delete;

  /// Settings; a change counts from the next request on.
  ClientOptions& options();
  using Verbs::options;  // HTTP's OPTIONS
  /// What servers have set; Locust's `client.cookies`.
  CookieJar& cookies();

  /// For other protocols of the same user.
  FastSession& session() { return *session_; }
  /// For Verbs.
  PendingRequest<FastTransfer> start(std::string_view method, std::string_view url, Body body,
                                     const RequestOptions& options);

 private:
  std::unique_ptr<FastSession> session_;
};

}  // namespace katydid
