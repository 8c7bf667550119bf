#include "net/sockets/tcp_client.hpp"

#include "net/context.hpp"
#include "net/sleep.hpp"
#include "net/sockets/lookup.hpp"
#include "net/stream.hpp"
#include "net/tls_session.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace katydid {
namespace {

using clock = Loop::clock;

constexpr std::size_t most_unsent = 64 * 1024;   // before write() waits for the kernel to have taken it
constexpr std::size_t much_unread = 256 * 1024;  // holds the peer back

std::string within(const std::string& text, std::chrono::milliseconds limit) {
  return text + " within " + std::to_string(limit.count()) + " ms";
}

}  // namespace

class TcpClient::Connection final : StreamOwner {
 public:
  Connection(const Network& network, std::string_view host, std::uint16_t port, const TcpOptions& options)
      : network_(network),
        options_(options),
        ca_file_(options.ca_file),
        client_certificate_(options.client_certificate),
        client_key_(options.client_key),
        host_(host),
        port_(port) {}

  task<> open() {
    const auto deadline = deadline_after(options_.connect_timeout);
    const auto source = source_of(network_);
    const auto addresses = co_await Lookup(network_, host_, port_, deadline);
    int error = 0;
    for (const SocketAddress& address : addresses) {
      if (source && source->family() != address.family()) {
        error = EAFNOSUPPORT;
        continue;
      }
      stream_ = network_.loop->connect(*this, address, source ? &*source : nullptr);
      if (!stream_) {
        error = errno;
        if (error == EMFILE || error == ENFILE) break;
        continue;
      }
      const bool in_time = co_await Wait(*this, writer_, deadline);
      if (!in_time) fail_connect();
      if (connected_) break;
      error = std::exchange(error_, 0);
    }
    if (!connected_) throw not_reached(network_, place(), error);
    if (options_.tls) co_await open_tls(deadline);
    opened_ = true;
  }

  task<> write(std::string bytes) {
    check_sending();
    if (tls_) {
      tls_->write(bytes, stream_->outgoing());
    } else {
      stream_->outgoing().append(bytes);
    }
    stream_->flush();
    if (tls_ && !tls_->error().empty()) throw SocketError(tls_->error());
    unsent_ += bytes.size();
    if (unsent_ < most_unsent) co_return;
    stream_->tell_when_sent();
    const bool in_time = co_await Wait(*this, writer_, deadline_after(options_.timeout));
    if (!in_time) {
      throw SocketError(with_place(within("Timeout: the server took too little", options_.timeout), place()));
    }
    check_sending();
    unsent_ = 0;
  }

  task<std::string> read(std::size_t most) {
    if (unread().empty() && !ended_) co_await more(deadline_after(options_.timeout));
    if (unread().empty() && error_ != 0) throw SocketError(system_error_text(error_, place()));
    if (unread().empty() && !failure_.empty()) throw SocketError(failure_);
    co_return take(std::min(most, unread().size()));
  }

  task<std::string> read_exactly(std::size_t size) {
    const auto deadline = deadline_after(options_.timeout);
    while (unread().size() < size) {
      check_receiving();
      wanted_ = size;
      co_await more(deadline);
    }
    co_return take(size);
  }

  task<std::string> read_until(std::string delimiter) {
    const auto deadline = deadline_after(options_.timeout);
    std::size_t searched = 0;
    while (true) {
      const auto found = unread().find(delimiter, searched);
      if (found != std::string_view::npos) {
        std::string text = take(found);
        take(delimiter.size());
        co_return text;
      }
      searched = unread().size() < delimiter.size() ? 0 : unread().size() - delimiter.size() + 1;
      if (unread().size() >= options_.most_unread) {
        throw SocketError(with_place(
            "TooLong: no end within " + std::to_string(options_.most_unread) + " bytes (most_unread)", place()));
      }
      check_receiving();
      wanted_ = options_.most_unread;
      co_await more(deadline);
    }
  }

  void close() {
    if (stream_ && connected_ && tls_ && tls_->established() && tls_->error().empty()) {
      tls_->close(stream_->outgoing());
      stream_->flush();
    }
    stream_.reset();
    ended_ = true;
    failure_ = with_place("NotConnected: the connection was closed", place());
    received_.clear();
    taken_ = 0;
    wake_soon();
  }

  bool is_open() const { return opened_ && !ended_; }
  bool was_opened() const { return opened_; }

 private:
  /// For the stream to get on; false when the time runs out.
  class Wait : Timer {
   public:
    Wait(Connection& connection, Wait*& place, clock::time_point deadline)
        : Timer(&Wait::late), connection_(connection), place_(place), deadline_(deadline) {
      if (place) throw std::logic_error("TcpClient: a read, or a write, while another one is under way");
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait() { leave(); }

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waiting) {
      if (waiting.promise().context->parks()) return;
      waiting_ = waiting;
      place_ = this;
      if (deadline_ < clock::time_point::max()) loop().arm(*this, deadline_);
    }
    bool await_resume() const noexcept { return in_time_; }
    /// The connection may be gone after this.
    void wake(bool in_time) {
      leave();
      in_time_ = in_time;
      waiting_.resume();
    }

   private:
    Loop& loop() const { return *connection_.network_.loop; }
    void leave() {
      if (place_ == this) place_ = nullptr;
      if (armed()) loop().disarm(*this);
    }
    static void late(Timer& timer) { static_cast<Wait&>(timer).wake(false); }

    Connection& connection_;
    Wait*& place_;
    clock::time_point deadline_;
    std::coroutine_handle<> waiting_;
    bool in_time_ = false;
  };

  std::string place() const { return place_of(host_, port_); }
  std::string_view unread() const { return std::string_view(received_).substr(taken_); }

  [[noreturn]] void fail_connect() const {
    throw SocketError(with_place(within("ConnectTimeout: no connection", options_.connect_timeout), place()));
  }

  task<> open_tls(clock::time_point deadline) {
    const auto found = network_.tls_contexts->get({.verify = options_.verify,
                                                   .ca_file = ca_file_,
                                                   .client_certificate = client_certificate_,
                                                   .client_key = client_key_,
                                                   .application_protocol = {}});
    if (!found.context) throw SocketError(found.error);
    if (ended_) check_receiving();
    tls_ = std::make_unique<TlsSession>(*found.context, host_, port_);
    tls_->start(stream_->outgoing());
    stream_->flush();
    while (!tls_->established()) {
      if (!failure_.empty()) throw SocketError(failure_);
      if (ended_) check_receiving();
      const bool in_time = co_await Wait(*this, writer_, deadline);
      if (!in_time) fail_connect();
    }
  }

  task<> more(clock::time_point deadline) {
    Context& context = co_await current_context();
    const InFlight in_flight(context);
    if (held_ && unread().size() < wanted_) hold(false);
    const bool in_time = co_await Wait(*this, reader_, deadline);
    if (!in_time) throw SocketError(with_place(within("Timeout: no answer", options_.timeout), place()));
  }

  void check_sending() const {
    if (!failure_.empty()) throw SocketError(failure_);
    if (ended_ || !stream_) throw SocketError(system_error_text(error_ != 0 ? error_ : EPIPE, place()));
  }

  /// More may come.
  void check_receiving() const {
    if (!failure_.empty()) throw SocketError(failure_);
    if (error_ != 0) throw SocketError(system_error_text(error_, place()));
    if (!ended_ && stream_) return;
    throw SocketError(with_place(unread().empty()
                                     ? "RemoteDisconnected: the server closed the connection without an answer"
                                     : "IncompleteRead: the server closed the connection before the end",
                                 place()));
  }

  std::string take(std::size_t size) {
    std::string text(unread().substr(0, size));
    taken_ += text.size();
    wanted_ = 0;
    if (taken_ == received_.size()) {
      taken_ = 0;
      if (received_.capacity() > most_unsent) {
        std::string().swap(received_);
      } else {
        received_.clear();
      }
    } else if (taken_ > received_.size() / 2) {
      received_.erase(0, std::exchange(taken_, 0));
    }
    if (held_ && unread().size() < much_unread / 2) hold(false);
    return text;
  }

  void hold(bool held) {
    held_ = held;
    if (!stream_) return;
    if (held) {
      stream_->pause();
    } else {
      stream_->resume();
    }
  }

  void wake(Wait*& waiting) {
    if (waiting) waiting->wake(true);
  }

  void on_connected() override {
    connected_ = true;
    wake(writer_);
  }

  void on_received(std::string_view bytes) override {
    if (tls_) {
      decrypt(bytes);
    } else {
      received_.append(bytes);
    }
    if (!held_ && !ended_ && unread().size() > std::max(much_unread, wanted_)) hold(true);
    if (!opened_) return wake(writer_);
    if (!unread().empty() || ended_) wake(reader_);
  }

  void decrypt(std::string_view bytes) {
    thread_local std::array<char, 16 * 1024 + 512> scratch;
    tls_->feed(bytes, stream_->outgoing());
    while (true) {
      const auto plaintext = tls_->read(scratch, stream_->outgoing());
      if (plaintext.empty()) break;
      received_.append(plaintext);
    }
    if (!stream_->outgoing().empty()) stream_->flush();
    failure_ = tls_->error();
    if (!failure_.empty() || tls_->peer_closed()) ended_ = true;
  }

  void on_closed(int error) override {
    stream_.reset();
    error_ = error;
    ended_ = connected_;
    if (tls_) {
      tls_->end_of_stream();
      if (!opened_ && error == 0) failure_ = tls_->error();
    }
    wake_soon();
  }

  /// Whoever is woken may let go of this.
  void wake_soon() {
    if (!reader_ && !writer_) return;
    network_.loop->defer([alive = std::weak_ptr<bool>(alive_), this] {
      if (!alive.expired()) wake(writer_);
      if (!alive.expired()) wake(reader_);
    });
  }

  void on_sent() override { wake(writer_); }

  const Network& network_;
  TcpOptions options_;  // its texts are gone after connect()
  std::string ca_file_, client_certificate_, client_key_;
  std::string host_;
  std::uint16_t port_;
  StreamPointer stream_;
  std::unique_ptr<TlsSession> tls_;
  Wait *reader_ = nullptr, *writer_ = nullptr;
  std::string received_, failure_;
  std::size_t taken_ = 0, unsent_ = 0;
  std::size_t wanted_ = 0;  // by the read that is under way
  int error_ = 0;
  bool connected_ = false;  // TCP is
  bool opened_ = false;     // and TLS
  bool ended_ = false, held_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

TcpClient::TcpClient(Network network) : network_(std::move(network)) {}
TcpClient::~TcpClient() { close(); }

task<> TcpClient::connect(std::string_view host, std::uint16_t port, const TcpOptions& options) {
  if (connection_) connection_->close();
  connection_ = std::make_unique<Connection>(network_, host, port, options);
  return open();
}

task<> TcpClient::open() {
  std::exception_ptr failure;
  try {
    co_await connection_->open();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  connection_.reset();
  std::rethrow_exception(failure);
}

task<> TcpClient::write(std::string bytes) { return connection().write(std::move(bytes)); }
task<std::string> TcpClient::read(std::size_t most) { return connection().read(most); }
task<std::string> TcpClient::read_exactly(std::size_t size) { return connection().read_exactly(size); }
task<std::string> TcpClient::read_until(std::string delimiter) { return connection().read_until(std::move(delimiter)); }

void TcpClient::close() {
  if (connection_) connection_->close();
}

bool TcpClient::is_open() const { return connection_ && connection_->is_open(); }

TcpClient::Connection& TcpClient::connection() const {
  if (!connection_ || !connection_->was_opened()) throw SocketError("NotConnected: connect() comes first");
  return *connection_;
}

}  // namespace katydid
