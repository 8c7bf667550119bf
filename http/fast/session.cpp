#include "http/fast/session.hpp"

#include "base/base64.hpp"
#include "http/fast/engine.hpp"
#include "http/fast/transfer.hpp"
#include "http/request_tls.hpp"
#include "http/url.hpp"

#include <algorithm>

namespace katydid {
namespace {
constexpr std::size_t most_tickets = 8;
/// As many pools of connections has a session of requests.
constexpr std::size_t most_idle_of_requests = 10;
}  // namespace

std::string basic_authorization(std::string_view user, std::string_view password) {
  std::string credentials(user);
  credentials.append(":").append(password);
  return "Basic " + base64(credentials);
}

FastSession::FastSession(FastEngine& engine, ClientOptions options)
    : engine_(engine), settings_(engine.shared(std::move(options))) {
  use_options();
}

FastSession::~FastSession() {
  for (auto& connection : connections_) {
    connection->abandon();
    engine_.bury(std::move(connection));
  }
}

ClientOptions& FastSession::options() {
  if (!options_) options_ = std::make_unique<ClientOptions>(*settings_);
  return *options_;
}

void FastSession::adopt_options() {
  if (!options_ || *options_ == *settings_) return;
  settings_ = engine_.shared(*options_);
  use_options();
}

std::shared_ptr<FastSession> FastSession::make_pool(FastEngine& engine, ClientOptions options) {
  auto made = std::make_shared<FastSession>(engine, std::move(options));
  made->is_pool_ = true;
  return made;
}

void FastSession::use_options() {
  pool_ = settings_->share_connections ? engine_.pool(*settings_) : nullptr;
  const bool everybodys = settings_->headers.empty() && settings_->user_agent.empty();
  fields_ = everybodys ? nullptr : std::make_unique<DefaultHeaders<RequestFields>>();
  credentials_.reset();
  close_idle();  // where they lead may have changed
  tickets_.clear();
  if (!is_absolute_url(settings_->base_url)) return;
  const Url base = split_url(settings_->base_url);
  const auto found = credentials_of(base);
  if (!found.exist()) return;
  credentials_ =
      std::make_unique<Credentials>(Credentials{settings_->base_url, basic_authorization(found.user, found.password)});
  std::string& url = credentials_->base_url;
  url.erase(url.find("://") + 3, base.user_info.size() + 1);
}

/// In a list of its own, as few users have such requests, and of few kinds.
TlsChoice FastSession::own_tls(const RequestOptions& options) {
  if (!tls_of_requests_) tls_of_requests_ = std::make_unique<std::vector<TlsSettings>>();
  auto& known = *tls_of_requests_;
  TlsSettings settings = tls_of_request(*settings_, options);
  const auto position = static_cast<std::uint32_t>(std::ranges::find(known, settings) - known.begin());
  if (position == known.size()) known.push_back(std::move(settings));
  return TlsChoice{static_cast<std::uint32_t>(TlsChoice::first_of_requests) + position};
}

TlsSettings FastSession::tls_settings(TlsChoice tls) const {
  if (tls >= TlsChoice::first_of_requests) {
    const auto position = static_cast<std::uint32_t>(tls) - static_cast<std::uint32_t>(TlsChoice::first_of_requests);
    return (*tls_of_requests_)[position];
  }
  return {.verify = tls == TlsChoice::checked,
          .verify_host = settings_->verify_host,
          .ca_file = settings_->ca_file,
          .client_certificate = settings_->client_certificate,
          .client_key = settings_->client_key};
}

const std::shared_ptr<const RequestFields>& FastSession::default_fields(const BodyKind& body) {
  return (fields_ ? *fields_ : engine_.default_fields()).get(body, [&] {
    return make_request_fields(*settings_, {}, body);
  });
}

FastConnection* FastSession::connection(FastTransfer& transfer, TlsChoice tls) {
  return home(tls).own_connection(transfer, tls);
}

FastConnection* FastSession::own_connection(FastTransfer& transfer, TlsChoice tls) {
  const bool waits = std::ranges::find(waiting_, &transfer) != waiting_.end();
  const FastTransfer* const next = next_for(transfer.destination());
  FastConnection* const found = !next || next == &transfer ? available(transfer, tls) : nullptr;
  if (found && waits) forget(transfer);  // and the next one that waits looks as well
  if (!found && !waits) waiting_.push_back(&transfer);
  return found;
}

/// One that is free, or a new one, or null.
FastConnection* FastSession::available(const FastTransfer& transfer, TlsChoice tls) {
  const std::uint32_t most = settings_->max_connections;
  std::uint32_t serving = 0;
  FastConnection* least = nullptr;  // busy, of those that requests are to spread over
  for (auto& connection : connections_) {
    if (!connection->serves(transfer.destination(), tls, transfer.tunnel(), transfer.version())) continue;
    if (connection->is_leaving()) continue;
    ++serving;
    if (connection->has_room()) {
      if (!is_pool_ || most == 0 || connection->idle()) return connection.get();
      if (!least || connection->load() < least->load()) least = connection.get();
    } else if (connection->is_shared() && !is_pool_) {
      return nullptr;
    }
  }
  if (most > 0 && serving >= most) return least;
  return &own_new_connection(transfer, tls);
}

/// Whose turn it is, of those that wait.
FastTransfer* FastSession::next_for(const Url& url) const {
  const auto next = std::ranges::find_if(waiting_, [&](const FastTransfer* each) { return each->waits_for(url); });
  return next == waiting_.end() ? nullptr : *next;
}

void FastSession::freed(const Url& url) {
  if (FastTransfer* const next = next_for(url)) next->try_soon();
}

void FastSession::forget(FastTransfer& transfer) {
  if (pool_) pool_->forget(transfer);
  if (std::erase(waiting_, &transfer) == 0) return;
  freed(transfer.destination());
}

FastConnection& FastSession::new_connection(const FastTransfer& transfer, TlsChoice tls) {
  return home(tls).own_new_connection(transfer, tls);
}

FastConnection& FastSession::own_new_connection(const FastTransfer& transfer, TlsChoice tls) {
  return new_connection(transfer.destination(), tls, transfer.tunnel(), transfer.version());
}

FastConnection& FastSession::new_connection(const Url& origin, TlsChoice tls, const Proxy* tunnel,
                                            HttpVersion version) {
  if (tls >= TlsChoice::first_of_requests || tunnel) limit_idle_of_requests();
  return *connections_.emplace_back(std::make_unique<FastConnection>(*this, origin, tls, tunnel, version));
}

FastConnection& FastSession::http2_connection(const Url& origin, TlsChoice tls, const Proxy* tunnel) {
  return home(tls).own_http2_connection(origin, tls, tunnel);
}

/// As available(); but where there may be no more connections and none has room, nghttp2 holds the stream back.
FastConnection& FastSession::own_http2_connection(const Url& origin, TlsChoice tls, const Proxy* tunnel) {
  const std::uint32_t most = settings_->max_connections;
  std::uint32_t serving = 0;
  FastConnection* least = nullptr;
  for (auto& connection : connections_) {
    if (!connection->serves(origin, tls, tunnel, HttpVersion::http2) || !connection->takes_more_http2()) continue;
    ++serving;
    if (connection->has_room() && (!is_pool_ || most == 0 || connection->idle())) return *connection;
    if (!least || connection->load() < least->load()) least = connection.get();
  }
  if (most > 0 && serving >= most) return *least;
  return new_connection(origin, tls, tunnel, HttpVersion::http2);
}

/// A user who takes another certificate or proxy for each request would keep a connection open for each.
void FastSession::limit_idle_of_requests() {
  std::size_t idle = 0;
  for (std::size_t i = connections_.size(); i-- > 0;) {  // the newest first
    FastConnection& each = *connections_[i];
    if (each.idle() && each.is_of_requests() && ++idle >= most_idle_of_requests) each.give_up();
  }
}

void FastSession::close_idle() {
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (connections_[i]->idle()) connections_[i]->give_up();
  }
}

void FastSession::remove(FastConnection& connection) {
  const auto found = std::ranges::find(connections_, &connection, &std::unique_ptr<FastConnection>::get);
  auto removed = std::move(*found);
  connections_.erase(found);
  removed->orphan();
  if (has_waiting()) freed(removed->origin());
  engine_.bury(std::move(removed));
}

SSL_SESSION* FastSession::ticket(const Url& url, TlsChoice tls) const {
  for (const auto& kept : tickets_) {
    if (kept.tls == tls && kept.host == url.host && kept.port == url.port) return kept.ticket.get();
  }
  return nullptr;
}

void FastSession::keep(TlsTicket ticket, std::string_view host, std::string_view port, TlsChoice tls) {
  for (auto& kept : tickets_) {
    if (kept.tls == tls && kept.host == host && kept.port == port) {
      kept.ticket = std::move(ticket);
      return;
    }
  }
  if (tickets_.size() == most_tickets) tickets_.erase(tickets_.begin());
  tickets_.push_back({std::string(host), std::string(port), tls, std::move(ticket)});
}

}  // namespace katydid
