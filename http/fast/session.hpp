#pragma once

#include "http/client_options.hpp"
#include "http/cookies/jar.hpp"
#include "http/fast/connection.hpp"
#include "http/request.hpp"
#include "http/request_fields.hpp"
#include "net/tls_session.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

class FastEngine;
class FastTransfer;

/// What belongs to one user: connections, cookies, TLS tickets and settings.
class FastSession {
 public:
  FastSession(FastEngine& engine, ClientOptions options);
  /// Has the connections of several others.
  static std::shared_ptr<FastSession> make_pool(FastEngine& engine, ClientOptions options);
  ~FastSession();
  FastSession(const FastSession&) = delete;
  FastSession& operator=(const FastSession&) = delete;

  /// The user's to change at any time, from the first call on.
  ClientOptions& options();
  /// Makes what was changed count; before each request.
  void adopt_options();

  FastEngine& engine() const { return engine_; }
  /// Those that count.
  const ClientOptions& settings() const { return *settings_; }
  CookieJar& cookies() { return cookies_; }
  /// The base URL without its credentials, and these as a value for Authorization, "" without.
  const std::string& base_url() const { return credentials_ ? credentials_->base_url : settings_->base_url; }
  std::string_view authorization() const {
    return credentials_ ? std::string_view(credentials_->authorization) : std::string_view();
  }
  const std::string& unix_socket() const { return settings_->unix_socket; }
  /// What a request's connection is to have. The choice stays good, whatever becomes of the options.
  TlsChoice tls_for(const RequestOptions& options) {
    if (options.has_certificates()) return own_tls(options);
    return settings_->verify && options.verify ? TlsChoice::checked : TlsChoice::unchecked;
  }
  TlsSettings tls_settings(TlsChoice tls) const;
  /// Of a request without headers of its own.
  const std::shared_ptr<const RequestFields>& default_fields(const BodyKind& body);

  /// One that is free, or a new one; null where the origin has all that it may have: `transfer` is told when to try
  /// again, unless it is forgotten. @{
  FastConnection* connection(FastTransfer& transfer, TlsChoice tls);
  void forget(FastTransfer& transfer);
  bool has_waiting() const { return !waiting_.empty(); }
  /// A connection to the URL's origin has become free, or its place has.
  void freed(const Url& url);
  /// @}
  /// A server that had the choice took HTTP/1.1. @{
  bool knows_http1() const { return knows_http1_; }
  void learn_http1() { knows_http1_ = true; }
  /// @}
  FastConnection& new_connection(const FastTransfer& transfer, TlsChoice tls);
  FastConnection& new_connection(const Url& origin, TlsChoice tls, const Proxy* tunnel, HttpVersion version);
  /// Of HTTP/2, for another protocol's request: one that has room, or a new one; or, where there may be no more, that
  /// with the fewest, in which it waits its turn.
  FastConnection& http2_connection(const Url& origin, TlsChoice tls, const Proxy* tunnel);
  void remove(FastConnection& connection);
  /// Those that are busy finish what they do.
  void close_idle();

  SSL_SESSION* ticket(const Url& url, TlsChoice tls) const;
  void keep(TlsTicket ticket, std::string_view host, std::string_view port, TlsChoice tls);

 private:
  /// Where its connections are: here, or in what it shares with others.
  FastSession& home(TlsChoice tls) { return pool_ && tls < TlsChoice::first_of_requests ? *pool_ : *this; }
  FastConnection* own_connection(FastTransfer& transfer, TlsChoice tls);
  FastConnection& own_http2_connection(const Url& origin, TlsChoice tls, const Proxy* tunnel);
  FastConnection& own_new_connection(const FastTransfer& transfer, TlsChoice tls);
  FastConnection* available(const FastTransfer& transfer, TlsChoice tls);
  FastTransfer* next_for(const Url& url) const;
  TlsChoice own_tls(const RequestOptions& options);
  void limit_idle_of_requests();
  void use_options();

  struct Credentials {
    std::string base_url, authorization;
  };
  struct KeptTicket {
    std::string host, port;
    TlsChoice tls;
    TlsTicket ticket;
  };

  FastEngine& engine_;
  std::shared_ptr<const ClientOptions> settings_;  // equal ones are those of many users
  std::unique_ptr<ClientOptions> options_;         // once the user has laid hands on them
  bool knows_http1_ = false, is_pool_ = false;
  std::unique_ptr<Credentials> credentials_;  // when there are some in the base URL
  std::shared_ptr<FastSession> pool_;         // with share_connections
  CookieJar cookies_;
  std::unique_ptr<DefaultHeaders<RequestFields>> fields_;     // only with headers that are not everybody's
  std::vector<std::unique_ptr<FastConnection>> connections_;  // the oldest in front
  std::vector<KeptTicket> tickets_;
  std::unique_ptr<std::vector<TlsSettings>> tls_of_requests_;  // each one once, in the order of their choices
  std::vector<FastTransfer*> waiting_;                         // the first in front
};

/// "Basic …" for an Authorization header (RFC 7617).
std::string basic_authorization(std::string_view user, std::string_view password);

}  // namespace katydid
