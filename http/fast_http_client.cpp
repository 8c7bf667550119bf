#include "http/fast_http_client.hpp"

#include "http/fast_engine.hpp"
#include "http/fast_session.hpp"
#include "http/fast_transfer.hpp"

namespace katydid {

FastHttpRequest::~FastHttpRequest() { transfer_.release(); }

void FastHttpRequest::start(std::coroutine_handle<> waiting, Context& context) {
  if (!context.parks()) transfer_.start(context, waiting);
}

Response FastHttpRequest::await_resume() { return transfer_.take_response(); }

FastHttpClient::FastHttpClient(FastEngine& engine, ClientOptions options)
    : session_(std::make_unique<FastSession>(engine, std::move(options))) {}

FastHttpClient::~FastHttpClient() = default;

ClientOptions& FastHttpClient::options() { return session_->options(); }

CookieJar& FastHttpClient::cookies() { return session_->cookies(); }

FastHttpRequest FastHttpClient::start(std::string_view method, std::string_view url, Body body,
                                      const RequestOptions& options) {
  FastTransfer& transfer = session_->engine().acquire();
  transfer.prepare(*session_, method, url, std::move(body), options);
  return FastHttpRequest(transfer);
}

}  // namespace katydid
