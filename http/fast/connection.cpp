#include "http/fast/connection.hpp"

#include "http/error_text.hpp"
#include "http/fast/engine.hpp"
#include "http/fast/http2/connection.hpp"
#include "http/fast/session.hpp"

#include <openssl/ssl3.h>

#include <cerrno>
#include <optional>
#include <utility>

namespace katydid {

/// What is needed until there is a connection.
struct FastConnection::Connecting : Resolution {
  explicit Connecting(FastConnection& c) : Resolution(&Connecting::resolved), connection(c) {}
  static void resolved(Resolution& resolution) {
    FastConnection& connection = static_cast<Connecting&>(resolution).connection;
    connection.made(ConnectStep::resolved);
    connection.try_next_address();
  }

  FastConnection& connection;
  std::optional<SocketAddress> source{};
  std::size_t next_address = 0;
  int last_error = 0;
};

FastConnection::FastConnection(FastSession& session, const Url& origin, TlsChoice tls, const Proxy* tunnel,
                               HttpVersion version)
    : engine_(session.engine()),
      session_(&session),
      tunnel_(tunnel ? std::make_unique<Tunnel>(*tunnel) : nullptr),
      host_(origin.host),
      port_(origin.port),
      tls_choice_(tls),
      version_(version),
      secure_(origin.secure) {
  if (version != HttpVersion::http1) http2_ = std::make_unique<Http2Connection>(*this, engine_);
}

FastConnection::~FastConnection() = default;

std::string FastConnection::place() const {
  if (session_ && !session_->unix_socket().empty()) return "unix:" + session_->unix_socket();
  const std::string place = host_ + ":" + std::to_string(origin().port_number());
  return tunnel_ ? through_proxy(place, tunnel_->proxy().text) : place;
}

/// To a proxy that forwards, the connection is one as to any other server.
std::string FastConnection::wanted_place() const { return user_ ? user_->place() : place(); }

Channel FastConnection::channel(ConnectionUser& user) { return Channel(*this, http2_ ? &http2_->add(user) : nullptr); }

void FastConnection::begin(ConnectionUser& user) {
  if (open_) {
    if (!http2_) user_ = &user;
    return user.on_open();
  }
  const bool connects = user_ != nullptr;
  user_ = http2_ ? static_cast<ConnectionUser*>(http2_.get()) : &user;
  if (!connects) connect();
}

bool FastConnection::is_idle_http2() const { return http2_->idle(); }

/// While it is made it is everybody's, unless the server may choose HTTP/1.1, as it did before.
bool FastConnection::has_room_http2() const {
  const bool may_join = open_ || version_ == HttpVersion::http2 || (session_ && !session_->knows_http1());
  return may_join && !given_up_ && http2_->has_room();
}

bool FastConnection::takes_more_http2() const { return http2_ && !given_up_ && http2_->takes_more(); }

void FastConnection::doubt(std::chrono::steady_clock::time_point asked) {
  if (http2_ && open_) http2_->doubt(asked);
}

bool FastConnection::is_shared() const { return open_ && takes_more_http2(); }

std::size_t FastConnection::load() const { return http2_ ? http2_->active() : user_ ? 1 : 0; }

bool FastConnection::used_before() const { return http2_ ? http2_->has_answered() : used_before_; }

/// What comes first over a TLS connection that nobody uses may be a ticket, which is no end.
bool FastConnection::has_been_ended() const {
  if (http2_ || !open_ || user_) return false;
  const int first = stream_->peek();
  return first >= 0 && (!tls_ || first == Stream::end || first == SSL3_RT_ALERT);
}

void FastConnection::connect() {
  connecting_ = std::make_unique<Connecting>(*this);
  if (const std::string& path = session_->unix_socket(); !path.empty()) {
    const auto address = SocketAddress::unix_socket(path);
    if (!address) return user_->fail_soon("InvalidURL: not a usable path of a Unix socket: " + path);
    stream_ = engine_.loop().connect(*this, *address);
    if (!stream_) user_->fail_soon(system_error_text(errno, wanted_place()));
    return;
  }
  if (const std::string& source = session_->settings().source_address; !source.empty()) {
    connecting_->source = SocketAddress::literal(source);
    if (!connecting_->source) return user_->fail_soon("InvalidSourceAddress: not an IP address: " + source);
  }
  const Url to = tunnel_ ? tunnel_->proxy().address() : origin();
  if (engine_.resolver().resolve(*connecting_, to.host, to.port_number())) try_next_address();
}

/// Of the system's errors those that may be due to the address that it is to come from name that one.
std::string FastConnection::connect_error(int error) const {
  const bool from = session_ && connecting_ && connecting_->source && (error == EADDRNOTAVAIL || error == EAFNOSUPPORT);
  return system_error_text(error,
                           from ? wanted_place() + ", from " + session_->settings().source_address : wanted_place());
}

/// The first that answers, in the order of the system's resolver, as Python does it.
void FastConnection::try_next_address() {
  const ResolvedHost& host = *connecting_->answer();
  if (!host.error.empty()) {
    return user_->fail_soon(user_->proxy() ? unresolved_proxy(user_->proxy()->text) : host.error);
  }
  const auto port = tunnel_ ? tunnel_->proxy().address().port_number() : origin().port_number();
  stream_.reset();
  const auto& source = connecting_->source;
  const std::size_t turn = session_ ? session_->settings().address_turn : 0;
  while (connecting_->next_address < host.addresses.size()) {
    const auto place = (connecting_->next_address++ + turn) % host.addresses.size();
    const auto address = host.addresses[place].with_port(port);
    if (source && source->family() != address.family()) {
      connecting_->last_error = EAFNOSUPPORT;
      continue;
    }
    stream_ = engine_.loop().connect(*this, address, source ? &*source : nullptr);
    if (stream_) return;
    connecting_->last_error = errno;
    if (errno == EMFILE || errno == ENFILE) break;
  }
  user_->fail_soon(connect_error(connecting_->last_error));
}

void FastConnection::on_connected() {
  connecting_.reset();
  if (tunnel_) {
    tunnel_->ask(origin(), stream_->outgoing());
    return stream_->flush();
  }
  connected();
}

void FastConnection::received_from_proxy(std::string_view bytes) {
  const auto state = tunnel_->feed(bytes);
  if (state == Tunnel::State::open) return connected();
  if (state == Tunnel::State::refused) fail(with_place(tunnel_->error(), place()));
}

void FastConnection::connected() {
  made(ConnectStep::connected);
  secure_ ? start_tls() : opened();
}

void FastConnection::start_tls() {
  TlsSettings settings = session_->tls_settings(tls_choice_);
  if (version_ == HttpVersion::http2) settings.application_protocol = "h2";
  if (version_ == HttpVersion::automatic) settings.application_protocol = "h2,http/1.1";
  const auto found = engine_.tls_contexts().get(settings);
  if (!found.context) return fail(found.error);
  const Url url = origin();
  tls_ = std::make_unique<TlsSession>(*found.context, host_, url.port_number(), session_->ticket(url, tls_choice_));
  tls_->start(stream_->outgoing());
  stream_->flush();
}

void FastConnection::opened() {
  open_ = true;
  if (http2_) return choose_version();
  if (user_) user_->on_open();
}

void FastConnection::choose_version() {
  if (!tls_ || tls_->application_protocol() == "h2") return http2_->on_open();
  if (version_ == HttpVersion::http2) return fail(with_place(not_http2, place()));
  if (session_) session_->learn_http1();
  const auto waiting = std::exchange(http2_, nullptr);
  user_ = nullptr;
  waiting->hand_back();
}

std::string& FastConnection::outgoing() { return tls_ ? engine_.to_encrypt() : stream_->outgoing(); }

/// What outgoing() has, and then a text. False: that failed.
bool FastConnection::encrypt(std::string_view text) {
  tls_->write(engine_.to_encrypt(), stream_->outgoing());
  engine_.to_encrypt().clear();
  if (!text.empty()) tls_->write(text, stream_->outgoing());
  if (tls_->error().empty()) return true;
  user_->fail_soon(tls_->error());
  return false;
}

void FastConnection::send() {
  if (!tls_ || encrypt({})) stream_->flush();
}

void FastConnection::send(std::shared_ptr<const std::string> text) {
  if (!tls_) return stream_->flush(std::move(text));
  if (encrypt(*text)) stream_->flush();
}

void FastConnection::on_received(std::string_view bytes) {
  if (tls_) return received_ciphertext(bytes);
  if (tunnel_ && !open_) return received_from_proxy(bytes);
  if (user_) return user_->on_received(bytes);
  give_up();  // nobody has asked for anything
}

/// For whom discard() was asked.
void FastConnection::on_discarded(std::uint64_t bytes) {
  if (user_) return user_->on_discarded(bytes);
  give_up();
}

void FastConnection::received_ciphertext(std::string_view bytes) {
  const auto flush = [this] {
    if (!stream_->outgoing().empty()) stream_->flush();
  };
  tls_->feed(bytes, stream_->outgoing());
  if (!open_ && tls_->established()) {
    flush();
    made(ConnectStep::secured);
    opened();
    if (given_up_) return;
  }
  while (true) {
    const auto plaintext = tls_->read(engine_.plaintext(), stream_->outgoing());
    if (plaintext.empty()) break;
    if (!user_) return give_up();
    user_->on_received(plaintext);
    if (given_up_) return;
  }
  if (auto ticket = tls_->take_session(); ticket && session_)
    session_->keep(std::move(ticket), host_, port_, tls_choice_);
  flush();
  if (!tls_->error().empty()) return fail(tls_->error());
  if (tls_->peer_closed()) ended(0);
}

void FastConnection::on_closed(int error) {
  stream_.reset();
  if (connecting_) {
    connecting_->last_error = error;
    if (connecting_->answer()) return try_next_address();
    return fail(system_error_text(error, wanted_place()));
  }
  if (tunnel_ && !tls_ && !open_) {
    return fail(error != 0 ? system_error_text(error, place()) : with_place(proxy_closed, place()));
  }
  if (tls_) tls_->end_of_stream();
  if (tls_ && !open_) {
    if (error != 0 && user_) return fail(system_error_text(error, place()));
    if (!tls_->error().empty()) return fail(tls_->error());
  }
  ended(error);
}

void FastConnection::ended(int error) {
  if (!user_) return give_up();
  if (tls_ && tls_->truncated() && error == 0)
    return std::exchange(user_, nullptr)->on_truncated(tls_->truncation_error());
  std::exchange(user_, nullptr)->on_ended(error);
}

void FastConnection::fail(std::string error) {
  if (!user_) return give_up();
  std::exchange(user_, nullptr)->on_failed(std::move(error));
}

void FastConnection::hold(bool held) {
  if (!stream_ || held_ == held) return;
  held_ = held;
  if (held) {
    stream_->pause();
  } else {
    stream_->resume();
  }
}

void FastConnection::finish() {
  hold(false);
  user_ = nullptr;
  used_before_ = true;
  freed();
}

void FastConnection::freed() {
  if (session_ && session_->has_waiting()) session_->freed(origin());
}

void FastConnection::abandon() {
  orphan();
  ConnectionUser* const user = std::exchange(user_, nullptr);
  give_up();
  if (user) user->on_abandoned();
}

void FastConnection::give_up() {
  if (std::exchange(given_up_, true)) return;
  user_ = nullptr;
  open_ = false;
  connecting_.reset();
  if (stream_ && tls_ && tls_->established() && tls_->error().empty()) {
    tls_->close(stream_->outgoing());
    stream_->flush();
  }
  stream_.reset();
  if (session_) session_->remove(*this);
}

}  // namespace katydid
