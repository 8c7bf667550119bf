#pragma once

#include "tests/simulated/master.hpp"
#include "tests/simulated/virtual_time.hpp"
#include "worker/worker_state.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace katydid::simulated {

/// What the judge sees of the worker, of its users and of what stands in their way.
struct Sight {
  worker_state::Phase phase{};
  std::int64_t users = 0;         ///< those that are stopping as well
  Counts live{};                  ///< without these
  std::set<std::string> tests{};  ///< that they are of: a shard that is blocked may still have the last one
  bool leaving = false;           ///< it has been told to
  /// Since when nothing stands between the worker and its master, or hinders the one or the other.
  clock::time_point free_since{};
  clock::time_point shards_free_since{};
  std::string masters_test{};  ///< that the master runs; "" while it runs none
};

/// Says what should never be. It looks at each frame and, each second, at everything.
class Judge final : public Network::Observer, public Master::Observer {
 public:
  /// `slack`: what users may take to end by the world's stop_timeout.
  Judge(VirtualTime& time, std::chrono::milliseconds slack) : time_(time), slack_(slack) {}

  void sent(std::string_view frame) override;
  void lost(std::string_view frame) override;
  void arrived(std::string_view frame) override;
  void received(const Counts& samples) override;
  void wrong(std::string what) override;

  void made(const std::string& test) { ++made_[test]; }
  /// A master went with this, which nobody had read.
  void held(std::string_view frame) { lost(frame); }
  /// The samples of its tests that are not reported yet are nobody's any more.
  void master_is_gone(int number);
  /// From now on every sample must reach the master.
  void allow_no_loss() { strict_ = true; }
  /// Whether the master is silent, or was just now, for as long as a worker waits that does not wait forever.
  bool master_silent() const { return since(heard_at_) >= patience || silent_at_ + patience > time_.now(); }
  void signalled() { leave_since_ = std::min(leave_since_.value_or(time_.now()), time_.now()); }

  /// Every second.
  void look(const Sight& sight);
  void left(int exit_code, bool by_force, const Sight& sight);
  /// When all has come to rest.
  void end(const Sight& sight);

  const std::optional<std::string>& verdict() const { return wrong_; }
  std::function<Sight()> sight;
  std::function<void(const std::string&)> log;

 private:
  static constexpr auto patience = std::chrono::seconds(59);
  std::int64_t unaccounted(const std::string& test) const;
  void hear_spawn(const Value& data);
  void hear_stop();
  void want_nothing();
  void begin_test(const std::string& test, const Sight& sight);
  bool excused(const std::string& test) const;
  void check_phase(const Sight& sight);
  void check_users(const Sight& sight);
  void check_samples(const Sight& sight);
  clock::duration since(clock::time_point when) const { return time_.now() - when; }

  VirtualTime& time_;
  std::chrono::milliseconds slack_;
  std::optional<std::string> wrong_;

  // What the master wants, as far as the worker has heard.
  std::optional<Counts> wanted_;
  clock::time_point wanted_since_{}, heard_since_{}, heard_at_ = time_.now(), silent_at_{}, reconnected_{};
  double last_timestamp_ = 0;
  std::string last_master_;
  std::optional<clock::time_point> owes_stopped_, owes_complete_, leave_since_;
  bool spawn_waits_ = false, unsure_ = false;
  int completes_due_ = 0;
  bool strict_ = false;

  worker_state::Phase phase_{};
  clock::time_point phase_since_{};
  std::string test_, stopped_test_;
  Counts made_, sent_, received_, lost_;
  std::set<std::string> excused_, gone_masters_;
  std::deque<std::pair<clock::time_point, Counts>> history_;  // of made_
};

}  // namespace katydid::simulated
