#include "http/curl/client.hpp"

#include "http/curl/engine.hpp"
#include "http/curl/session.hpp"
#include "http/curl/transfer.hpp"

namespace katydid {

template class PendingRequest<CurlTransfer>;

HttpClient::HttpClient(CurlEngine& engine, ClientOptions options)
    : session_(std::make_unique<CurlSession>(*engine.multi_, std::move(options))) {}

HttpClient::~HttpClient() = default;

ClientOptions& HttpClient::options() { return session_->options; }

PendingRequest<CurlTransfer> HttpClient::start(std::string_view method, std::string_view url, Body body,
                                               const RequestOptions& options) {
  CurlTransfer& transfer = session_->acquire();
  PendingRequest<CurlTransfer> request(transfer);  // gives it back, whatever is thrown
  transfer.prepare(method, url, std::move(body), options);
  return request;
}

}  // namespace katydid
