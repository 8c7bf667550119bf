#include "protocol/dealer.hpp"

#include "protocol/zmq_dealer.hpp"

#include <asio/error.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace katydid::protocol {
namespace {

using namespace std::chrono_literals;

/// How long frames in the queue may keep the old socket of a reconnect() open.
constexpr std::chrono::milliseconds reconnect_flush = 500ms;
/// A ROUTER ignores a second connection of an identity until it has noticed the end of the first; Locust's master does
/// that in its own thread, when it comes to it.
constexpr std::chrono::milliseconds reconnect_pause = 500ms;
constexpr std::chrono::milliseconds reopen_pause = 1s;
constexpr std::chrono::milliseconds longest_deafness = 60s;

}  // namespace

/// Shared with a receive() that is under way, which may outlive the Dealer until it has noticed.
struct Dealer::Socket : std::enable_shared_from_this<Dealer::Socket> {
  Socket(const asio::any_io_executor& executor, DealerOptions o)
      : options(std::move(o)),
        address(find_master(options.host, options.port)),
        timer(executor),
        deaf_timer(executor),
        bell(executor),
        deaf_after(options.deaf_after) {
    bell.expires_at(bell.expiry().max());
    open();
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { shut(0ms); }

  void open() {
    zeromq.emplace(address, options.node_id);
    zeromq->connect();
    descriptor.emplace(timer.get_executor(), zeromq->descriptor());  // last: should anything throw, nobody closes it
  }

  void shut(std::chrono::milliseconds linger) {
    forget_answers();
    if (descriptor) descriptor->release();  // ZeroMQ's to close
    descriptor.reset();
    if (zeromq) zeromq->set_linger(linger);
    zeromq.reset();
  }

  void reconnect() {
    if (closed) return;
    shut(reconnect_flush);
    reopen_after(reconnect_pause);
    wake();
  }

  void reopen_after(std::chrono::milliseconds pause) {
    timer.expires_after(pause);
    timer.async_wait([weak = weak_from_this()](const asio::error_code& error) {
      const auto self = weak.lock();
      if (error || !self || self->closed) return;
      try {
        self->open();
      } catch (...) {
        self->shut(0ms);
        self->failure = std::current_exception();
        self->reopen_after(reopen_pause);
      }
      self->wake();
    });
  }

  void close(std::chrono::milliseconds linger) {
    closed = true;
    timer.cancel();
    shut(linger);
    wake();
  }

  bool send(std::string_view frame) {
    if (!zeromq) return false;
    const bool sent = zeromq->send(frame);
    (void)events();
    if (sent && !heard && !asked) expect_answer();
    return sent;
  }

  void expect_answer() {
    asked = true;
    deaf_timer.expires_after(deaf_after);
    deaf_timer.async_wait([weak = weak_from_this()](const asio::error_code& error) {
      const auto self = weak.lock();
      if (error || !self || !self->asked) return;
      self->deaf_after = std::min(2 * self->deaf_after, longest_deafness);
      self->reconnect();
    });
  }

  void answered() {
    heard = true;
    asked = false;
    deaf_timer.cancel();
    deaf_after = options.deaf_after;
  }

  void forget_answers() {
    if (std::exchange(writable, false)) ++losses;
    heard = false;
    asked = false;
    deaf_timer.cancel();
  }

  bool connected() { return zeromq && (events() & ZMQ_POLLOUT) != 0; }

  /// Whoever asks takes the descriptor's signal: a receiver that waits for it has to be woken by hand.
  int events() {
    const int ready = zeromq->events();
    if ((ready & ZMQ_POLLIN) != 0) wake();
    if ((ready & ZMQ_POLLOUT) != 0) {
      writable = true;
    } else {
      forget_answers();  // the connection is gone, or as good as gone
    }
    return ready;
  }

  void wake() {
    if (descriptor) descriptor->cancel();
    bell.cancel();
  }

  static asio::awaitable<std::string> receive(std::shared_ptr<Socket> self) {
    for (;;) {
      if (self->closed) throw asio::system_error(asio::error::operation_aborted);
      if (self->failure) std::rethrow_exception(std::exchange(self->failure, nullptr));
      if (self->zeromq) {
        if (auto frame = self->zeromq->receive()) {
          self->answered();
          co_return *std::move(frame);
        }
        if ((self->events() & ZMQ_POLLIN) != 0) continue;
      }
      asio::error_code woken;  // the reasons to wake up are looked at above, whatever it says
      if (self->descriptor) {
        co_await self->descriptor->async_wait(asio::posix::stream_descriptor::wait_read,
                                              asio::redirect_error(asio::use_awaitable, woken));
      } else {
        co_await self->bell.async_wait(asio::redirect_error(asio::use_awaitable, woken));
      }
    }
  }

  DealerOptions options;
  MasterAddress address;
  std::optional<ZmqDealer> zeromq;
  std::optional<asio::posix::stream_descriptor> descriptor;
  asio::steady_timer timer;
  asio::steady_timer deaf_timer;
  /// What receive() waits for while there is no descriptor.
  asio::steady_timer bell;
  std::exception_ptr failure;
  std::chrono::milliseconds deaf_after;
  /// Of the present connection: whether a frame was sent that is not answered yet, and whether any frame has come.
  bool asked = false;
  bool heard = false;
  bool writable = false;
  std::uint64_t losses = 0;
  bool closed = false;
};

Dealer::Dealer(const asio::any_io_executor& executor, DealerOptions options)
    : socket_(std::make_shared<Socket>(executor, std::move(options))) {}

Dealer::~Dealer() { close({}); }

asio::awaitable<std::string> Dealer::receive() { return Socket::receive(socket_); }
bool Dealer::connected() const { return socket_->connected(); }
bool Dealer::heard() const { return socket_->heard; }
std::uint64_t Dealer::losses() const { return socket_->losses; }
bool Dealer::send(std::string_view frame) { return socket_->send(frame); }
void Dealer::reconnect() { socket_->reconnect(); }
void Dealer::close(std::chrono::milliseconds linger) { socket_->close(linger); }
const std::string& Dealer::warning() const { return socket_->address.warning; }
std::string Dealer::make_node_id() { return protocol::make_node_id(); }

}  // namespace katydid::protocol
