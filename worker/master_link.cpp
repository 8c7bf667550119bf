#include "worker/master_link.hpp"

#include "worker/log/log.hpp"
#include "worker/reports_under_way.hpp"
#include "worker/wrong_address.hpp"

#include <deque>
#include <utility>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.worker"};
using clock = ControlLoop::clock;
constexpr std::chrono::milliseconds tick_interval{100};
constexpr std::chrono::seconds quiet_retries{30};  // Locust says nothing above debug for so long
constexpr std::size_t most_unsaid = 1'000;
constexpr int seldom = 12;  // of the retries after announce_retries, one in so many is logged

}  // namespace

struct MasterLink::State {
  State(ControlLoop& l, std::unique_ptr<MasterWire> w, protocol::DealerOptions m, LinkTiming t, Listener& heard_by)
      : loop(l), wire(std::move(w)), master(std::move(m)), timing(t), listener(&heard_by), timer(loop.make_timer()) {}

  void start() {
    wire->listen([this](std::string_view frame) { handle(frame); });
    next_tick();
  }

  void handle(std::string_view frame) {
    look_for_loss();
    auto decoded = protocol::decode_from_master(frame, master.node_id);
    if (const auto* other = std::get_if<protocol::ForAnother>(&decoded)) {
      if (const auto warning = wrong_address.warning(*other, master.node_id)) logger.error("{}", *warning);
      return;
    }
    last_heard = loop.now();
    broke_since_heard = false;
    say_what_waits();
    if (auto* error = std::get_if<protocol::DecodeError>(&decoded)) {
      logger.error("a message from the master could not be read and was dropped: {}", error->text);
      return;
    }
    auto& message = std::get<protocol::FromMaster>(decoded);
    if (auto* ack = std::get_if<protocol::from_master::Ack>(&message)) {
      acked = true;
      under_way.acked();
      listener->acked(ack->index);
    } else if (std::holds_alternative<protocol::from_master::Reconnect>(message)) {
      logger.warning("Received reconnect message from master. Resetting RPC connection.");
      wire->reconnect();
    } else if (std::holds_alternative<protocol::from_master::HeartbeatReply>(message)) {
      under_way.heartbeat_answered();
      listener->heartbeat_answered();
    } else {
      listener->received(std::move(message));
    }
  }

  void next_tick() {
    timer->start(tick_interval, [this] {
      tick(loop.now());
      if (listener) next_tick();
    });
  }

  void tick(clock::time_point now) {
    const bool connected = wire->connected();
    look_for_loss();
    if (!connected) note_break();
    if (acked) {
      if (connected && now - last_heartbeat >= timing.heartbeat) {
        last_heartbeat = now;
        if (send(listener->heartbeat())) under_way.sent_heartbeat();  // the next one follows anyway
      }
      if (broke_since_heard && now - last_heard > timing.lost)
        return lose("the connection to the master at " + address() + " broke");
    } else if (announcing) {
      if (connected && now - last_announced >= timing.announce) {
        last_announced = now;
        if (send(protocol::to_master::ClientReady{})) under_way.sent_ready();
      }
      if (now - last_counted >= timing.announce) {
        last_counted = now;
        ++retries;
        tell_retry(now);
      }
    }
    check_silence(now);
  }

  void note_break() {
    if (!std::exchange(broke_since_heard, true)) listener->disconnected();
  }

  void look_for_loss() {
    const auto in_doubt = under_way.look_for_loss(wire->losses());
    if (!in_doubt) return;
    note_break();
    if (*in_doubt > 0) listener->in_doubt(*in_doubt);
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
    unsaid.clear();
    listener->master_lost(why);
  }

  void announce() {
    // Nobody may be left at its other end. Only now, as the last report had to go over it, in case somebody is.
    if (std::exchange(stale_connection, false)) wire->reconnect();
    acked = false;
    announcing = true;
    unsaid.clear();
    retries = 0;
    announced_first = last_counted = loop.now();
    last_announced = {};
    tick(loop.now());
  }

  std::string address() const { return master.host + ":" + std::to_string(master.port); }

  bool heard() const { return wire->connected() && wire->heard(); }

  void say(protocol::ToMaster message) {
    if (unsaid.empty() && heard() && send(message)) return;
    if (unsaid.size() == most_unsaid) {
      logger.error("a message to the master was dropped, because too many wait for the connection");
      unsaid.pop_front();
    }
    unsaid.push_back(std::move(message));
  }

  void say_what_waits() {
    while (!unsaid.empty() && send(unsaid.front())) unsaid.pop_front();
  }

  bool send(const protocol::ToMaster& message) { return wire->send(protocol::encode(message, master.node_id)); }

  bool send_report(const protocol::to_master::Stats& report) {
    look_for_loss();
    const bool sent = send(report);
    if (sent) under_way.sent_report(report.total.num_requests);
    return sent;
  }

  bool answering() const { return heard() && still_answers(loop.now() - last_heard, timing.heartbeat); }

  ControlLoop& loop;
  std::unique_ptr<MasterWire> wire;
  protocol::DealerOptions master;
  LinkTiming timing;
  Listener* listener;  // none after close()
  std::unique_ptr<ControlLoop::Timer> timer;
  std::deque<protocol::ToMaster> unsaid;

  ReportsUnderWay under_way;
  WrongAddress wrong_address;
  bool acked = false, announcing = false, broke_since_heard = false, told_silent = false, stale_connection = false;
  int retries = 0;
  clock::time_point last_heard{}, last_heartbeat{}, last_announced{}, last_counted{}, announced_first{};
};

MasterLink::MasterLink(ControlLoop& loop, std::unique_ptr<MasterWire> wire, protocol::DealerOptions master,
                       LinkTiming timing, Listener& listener)
    : state_(std::make_unique<State>(loop, std::move(wire), std::move(master), timing, listener)) {
  state_->start();
}

MasterLink::~MasterLink() { close({}); }

void MasterLink::announce() { state_->announce(); }
bool MasterLink::send(const protocol::ToMaster& message) { return state_->send(message); }
bool MasterLink::send_report(const protocol::to_master::Stats& report) { return state_->send_report(report); }
void MasterLink::say(protocol::ToMaster message) { state_->say(std::move(message)); }

bool MasterLink::answering() const { return state_->answering(); }
bool MasterLink::connected() const { return state_->heard(); }
const std::string& MasterLink::node_id() const { return state_->master.node_id; }

void MasterLink::close(std::chrono::milliseconds linger) {
  state_->listener = nullptr;
  state_->timer->cancel();
  state_->wire->close(linger);
}

}  // namespace katydid
