#pragma once

#include "base/value.hpp"
#include "tests/simulated/greenlet.hpp"
#include "tests/simulated/network.hpp"
#include "tests/simulated/virtual_time.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace katydid::simulated {

using Counts = std::map<std::string, std::int64_t>;

struct MasterOptions {
  int number = 1;  ///< of the masters that this world has had
  std::int64_t stop_timeout = 0;
  bool rebalancing = false;
  std::chrono::milliseconds clock_behind{};
};

/// Locust's master, as runners.py (MasterRunner) and dispatch.py of 2.47 have it, function by function: with its
/// greenlets, its waits, and what it gets wrong. The worker under test is `worker`; `other` is one that obeys at once.
class Master {
 public:
  static constexpr const char* worker = "worker_1";
  static constexpr const char* other = "other_1";
  static inline const std::vector<std::string> classes{"Buyer", "Visitor"};

  /// Who judges what the master hears.
  struct Observer {
    /// The samples that a report has, by the test that they are of.
    virtual void received(const Counts& samples) = 0;
    /// What no worker may do to a master.
    virtual void wrong(std::string what) = 0;

   protected:
    ~Observer() = default;
  };

  Master(VirtualTime& time, Network& network, MasterOptions options, Observer& observer);
  /// As if killed, unless quit() has ended it.
  ~Master();

  /// What the web interface does. @{
  void swarm(std::int64_t users, std::int64_t rate);
  void stop();
  void quit();
  /// @}
  bool ended() const { return ended_; }
  void join_other();
  void leave_other();
  /// Its greenlets do nothing for so long; what comes in waits.
  void stall_for(std::chrono::milliseconds time) { stalled_until_ = std::max(stalled_until_, time_.now() + time); }
  clock::time_point stalled_until() const { return stalled_until_; }
  void tell(const std::string& type) { send(worker, type, {}); }
  void tell_garbage() { network_.send_to_worker("\x93\xa5spawn"); }

  /// The name of the test that runs, which its users' samples have; "" while none does.
  std::string test() const;
  bool knows_worker() const { return clients_.contains(worker); }
  /// Reports that wait to be read.
  template <class Visit>
  void for_each_waiting(Visit visit) const {
    for (const Message& message : inbox_) {
      if (message.id == worker) visit(message.frame);
    }
  }

 private:
  struct Message {
    std::string id, frame;
    std::string type{};  // of `other`, which has no frames
  };
  struct Client {
    std::string state = "ready";
    int heartbeat = 3;
    Counts users;
  };
  struct Dispatcher;
  enum class State { ready, spawning, running, stopping, stopped };

  Greenlet start(std::int64_t users, std::int64_t rate);
  Greenlet stop_test(bool send_stop);
  Greenlet quit_all();
  Greenlet heartbeat_worker();
  Greenlet client_listener();
  Greenlet handle(Message message);
  Greenlet redistribute();
  Greenlet sleep(std::chrono::nanoseconds time);
  Greenlet when_awake(Greenlet then);
  void deliver(Message message);
  void spawn(Greenlet greenlet);
  void send(const std::string& id, const std::string& type, const Value& data);
  void send_spawns(const std::map<std::string, Counts>& users);
  void hear_stats(const std::string& id, const Value& data);
  void check_stopped();
  bool counted(const Client& client) const;
  std::int64_t user_count() const;
  std::size_t worker_count() const;

  VirtualTime& time_;
  Network& network_;
  MasterOptions options_;
  Observer& observer_;
  VirtualThread thread_{time_};
  State state_ = State::ready;
  std::map<std::string, Client> clients_;
  std::map<std::string, int> indexes_;
  std::shared_ptr<Dispatcher> dispatcher_;
  std::int64_t target_users_ = 0, spawn_rate_ = 1;
  bool spawning_completed_ = false, ended_ = false;
  int run_ = 0;
  std::int64_t messages_ = 0;
  clock::time_point stalled_until_{};
  std::deque<Message> inbox_;
  std::unique_ptr<ControlLoop::Timer> inbox_timer_;
  std::coroutine_handle<> listening_;
  Greenlet swarm_;  // web.py's: at most one
  std::list<Greenlet> greenlets_;
};

}  // namespace katydid::simulated
