#pragma once

#include "protocol/codec.hpp"
#include "protocol/dealer.hpp"
#include "worker/control/control_loop.hpp"
#include "worker/control/master_wire.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// How long things take between a worker and its master, runners.py's constants.
struct LinkTiming {
  std::chrono::milliseconds heartbeat{1'000};       ///< HEARTBEAT_INTERVAL
  std::chrono::milliseconds announce{5'000};        ///< CONNECT_TIMEOUT: client_ready again until there is an ack
  int announce_retries = 60;                        ///< CONNECT_RETRY_COUNT
  std::chrono::milliseconds master_silent{60'000};  ///< MASTER_HEARTBEAT_TIMEOUT
  /// A master whose connection broke and that has not answered since is lost: it has marked this worker as missing by
  /// then, and a master that was started again answers no heartbeat of a worker that it doesn't know.
  std::chrono::milliseconds lost{4'000};
  /// --reconnect-forever: announcing has no end, and a master that falls silent counts as lost.
  bool forever = false;
};

/// The conversation with the master: registration, heartbeats, and noticing that the master is gone or is another one.
/// Lives on the control plane's loop.
class MasterLink {
 public:
  struct Listener {
    virtual void received(protocol::FromMaster message) = 0;
    /// The master has answered a heartbeat.
    virtual void heartbeat_answered() {}
    virtual void acked(std::optional<std::int64_t> index) = 0;
    /// Not lost yet: it may come back, or another one.
    virtual void disconnected() {}
    /// Once per loss; announce() starts over.
    virtual void master_lost(std::string_view why) = 0;
    /// No sign of a master for LinkTiming::master_silent, or no ack for all announce_retries. Never with
    /// LinkTiming::forever.
    virtual void master_silent(std::string_view why) = 0;
    /// The connection broke while reports of so many requests were on their way: the master has them or not.
    virtual void in_doubt(std::uint64_t /*requests*/) {}
    /// State and usage for the next heartbeat.
    virtual protocol::to_master::Heartbeat heartbeat() = 0;

   protected:
    ~Listener() = default;
  };

  /// `master`: who is called over the wire, and by what name. `loop` and `listener` must outlive the link.
  MasterLink(ControlLoop& loop, std::unique_ptr<MasterWire> wire, protocol::DealerOptions master, LinkTiming timing,
             Listener& listener);
  ~MasterLink();

  /// Sends client_ready, and again until there is an ack.
  void announce();
  /// False when it could not be handed to ZeroMQ: the caller keeps what it wanted to say.
  [[nodiscard]] bool send(const protocol::ToMaster& message);
  /// Sends it now, or as soon as this master is heard again over the present connection: another one, which knows
  /// nothing of what the last one wanted, may be at its end. What waits is dropped when the master is lost, and with
  /// announce().
  void say(protocol::ToMaster message);
  /// The same for a report, which the master has for certain when it has answered a later heartbeat.
  [[nodiscard]] bool send_report(const protocol::to_master::Stats& report);
  /// True when the master has said something over the present connection: what is sent over one that it ignores is
  /// lost.
  bool connected() const;
  /// True when it is connected, and the master has answered of late: over a connection that has died unnoticed, as
  /// where a cable was pulled, reports would be lost.
  bool answering() const;
  const std::string& node_id() const;
  /// Gives what is queued so long to leave; no call to the listener comes after it.
  void close(std::chrono::milliseconds linger);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace katydid
