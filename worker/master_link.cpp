#include "worker/master_link.hpp"

#include "worker/log/log.hpp"

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <utility>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.worker"};
using clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds tick_interval{100};
constexpr std::chrono::seconds quiet_retries{30};  // Locust says nothing above debug for so long
constexpr int seldom = 12;                         // of the retries after announce_retries, one in so many is logged

}  // namespace

struct MasterLink::State : std::enable_shared_from_this<MasterLink::State> {
  State(const asio::any_io_executor& control, protocol::DealerOptions o, LinkTiming t, Listener& l)
      : options(std::move(o)), timing(t), listener(&l), dealer(control, options), timer(control), executor(control) {}

  void start() {
    if (!dealer.warning().empty()) logger.warning("{}", dealer.warning());
    asio::co_spawn(executor, receive_all(shared_from_this()), asio::detached);
    next_tick();
  }

  static asio::awaitable<void> receive_all(std::shared_ptr<State> self) {
    while (self->listener) {
      std::string frame;
      try {
        frame = co_await self->dealer.receive();
      } catch (const std::exception& error) {
        if (!self->listener) co_return;
        logger.error("receiving from the master failed: {}", error.what());
        self->dealer.reconnect();
        continue;
      }
      if (self->listener) self->handle(frame);
    }
  }

  void handle(std::string_view frame) {
    last_heard = clock::now();
    broke_since_heard = false;
    auto decoded = protocol::decode_from_master(frame);
    if (auto* error = std::get_if<protocol::DecodeError>(&decoded)) {
      logger.error("a message from the master could not be read and was dropped: {}", error->text);
      return;
    }
    auto& message = std::get<protocol::FromMaster>(decoded);
    if (auto* ack = std::get_if<protocol::from_master::Ack>(&message)) {
      acked = true;
      listener->acked(ack->index);
    } else if (std::holds_alternative<protocol::from_master::Reconnect>(message)) {
      logger.warning("Received reconnect message from master. Resetting RPC connection.");
      dealer.reconnect();
    } else if (std::holds_alternative<protocol::from_master::HeartbeatReply>(message)) {
      listener->heartbeat_answered();
    } else {
      listener->received(std::move(message));
    }
  }

  void next_tick() {
    timer.expires_after(tick_interval);
    timer.async_wait([self = shared_from_this()](asio::error_code error) {
      if (error || !self->listener) return;
      self->tick(clock::now());
      if (self->listener) self->next_tick();
    });
  }

  void tick(clock::time_point now) {
    const bool connected = dealer.connected();
    if (!connected) broke_since_heard = true;
    if (acked) {
      if (connected && now - last_heartbeat >= timing.heartbeat) {
        last_heartbeat = now;
        (void)send(listener->heartbeat());  // the next one follows anyway
      }
      if (broke_since_heard && now - last_heard > timing.lost)
        return lose("the connection to the master at " + address() + " broke");
    } else if (announcing) {
      if (connected && now - last_announced >= timing.announce) {
        last_announced = now;
        (void)send(protocol::to_master::ClientReady{});
      }
      if (now - last_counted >= timing.announce) {
        last_counted = now;
        ++retries;
        tell_retry(now);
      }
    }
    check_silence(now);
  }

  void tell_retry(clock::time_point now) {
    const bool beyond = retries > timing.announce_retries;
    if (beyond && retries % seldom != 0) return;
    std::string text = "Failed to connect to master " + address() + ", retry " + std::to_string(retries);
    if (!timing.forever) text += "/" + std::to_string(timing.announce_retries);
    now - announced_first < quiet_retries ? logger.debug("{}.", text) : logger.info("{}.", text);
  }

  void check_silence(clock::time_point now) {
    if (told_silent) return;
    const bool ever_heard = last_heard != clock::time_point{};
    const std::string no_heartbeat =
        "Didn't get heartbeat from master in over " + std::to_string(timing.master_silent.count() / 1000) + "s";
    if (timing.forever) {
      if (!acked || now - last_heard <= timing.master_silent) return;
      stale_connection = true;
      lose(no_heartbeat);
    } else if (ever_heard ? now - last_heard > timing.master_silent : retries > timing.announce_retries) {
      told_silent = true;
      listener->master_silent(ever_heard ? no_heartbeat : "no master answered at " + address());
    }
  }

  void lose(std::string_view why) {
    acked = false;
    announcing = false;
    listener->master_lost(why);
  }

  void announce() {
    // Nobody may be left at its other end. Only now, as the last report had to go over it, in case somebody is.
    if (std::exchange(stale_connection, false)) dealer.reconnect();
    acked = false;
    announcing = true;
    retries = 0;
    announced_first = last_counted = clock::now();
    last_announced = {};
    tick(clock::now());
  }

  std::string address() const { return options.host + ":" + std::to_string(options.port); }

  bool send(const protocol::ToMaster& message) { return dealer.send(protocol::encode(message, options.node_id)); }

  protocol::DealerOptions options;
  LinkTiming timing;
  Listener* listener;
  protocol::Dealer dealer;
  asio::steady_timer timer;
  asio::any_io_executor executor;

  bool acked = false, announcing = false, broke_since_heard = false, told_silent = false, stale_connection = false;
  int retries = 0;
  clock::time_point last_heard{}, last_heartbeat{}, last_announced{}, last_counted{}, announced_first{};
};

MasterLink::MasterLink(const asio::any_io_executor& executor, protocol::DealerOptions options, LinkTiming timing,
                       Listener& listener)
    : state_(std::make_shared<State>(executor, std::move(options), timing, listener)) {
  state_->start();
}

MasterLink::~MasterLink() { close({}); }

void MasterLink::announce() { state_->announce(); }
bool MasterLink::send(const protocol::ToMaster& message) { return state_->send(message); }
bool MasterLink::connected() const { return state_->dealer.connected() && state_->dealer.heard(); }
const std::string& MasterLink::node_id() const { return state_->options.node_id; }

void MasterLink::close(std::chrono::milliseconds linger) {
  state_->listener = nullptr;
  state_->timer.cancel();
  state_->dealer.close(linger);
}

}  // namespace katydid
