#pragma once

#include "http/client_options.hpp"
#include "http/context.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/verbs.hpp"

#include <coroutine>
#include <memory>
#include <string_view>

namespace katydid {

class CookieJar;
class FastEngine;
class FastSession;
class FastTransfer;

/// What FastHttpClient::get() and the others return, to be awaited at once. Destroyed before its time, it ends the
/// request.
class [[nodiscard]] FastHttpRequest {
 public:
  explicit FastHttpRequest(FastTransfer& transfer) noexcept : transfer_(transfer) {}
  FastHttpRequest(const FastHttpRequest&) = delete;
  FastHttpRequest& operator=(const FastHttpRequest&) = delete;
  ~FastHttpRequest();

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    start(waiting, *waiting.promise().context);
  }
  Response await_resume();

 private:
  void start(std::coroutine_handle<> waiting, Context& context);

  FastTransfer& transfer_;
};

/// The client of a FastHttpUser: Katydid's own HTTP/1.1 over the event loop, with the methods, options and errors of
/// HttpClient at a fraction of its cost. It has TLS, client certificates, Unix sockets, cookies, redirects, compression
/// and Basic authentication; no proxies and no HTTP/2.
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

  /// For Verbs.
  FastHttpRequest start(std::string_view method, std::string_view url, Body body, const RequestOptions& options);

 private:
  std::unique_ptr<FastSession> session_;
};

}  // namespace katydid
