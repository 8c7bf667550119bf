#include "http/fast/client.hpp"

#include "http/fast/engine.hpp"
#include "http/fast/session.hpp"
#include "http/fast/transfer.hpp"

namespace katydid {

template class PendingRequest<FastTransfer>;

FastHttpClient::FastHttpClient(FastEngine& engine, ClientOptions options)
    : session_(std::make_unique<FastSession>(engine, std::move(options))) {}

FastHttpClient::~FastHttpClient() = default;

ClientOptions& FastHttpClient::options() { return session_->options(); }

CookieJar& FastHttpClient::cookies() { return session_->cookies(); }

PendingRequest<FastTransfer> FastHttpClient::start(std::string_view method, std::string_view url, Body body,
                                                   const RequestOptions& options) {
  FastTransfer& transfer = session_->engine().acquire();
  PendingRequest<FastTransfer> request(transfer);  // gives it back, whatever is thrown
  transfer.prepare(*session_, method, url, std::move(body), options);
  return request;
}

}  // namespace katydid
