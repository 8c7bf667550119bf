#include "worker/shard.hpp"

#include "worker/data/share.hpp"
#include "worker/exception_text.hpp"
#include "worker/log/log.hpp"
#include "worker/process/cores.hpp"
#include "worker/process/crash_watch.hpp"

#include <unistd.h>

#include <algorithm>
#include <new>
#include <string_view>

namespace katydid {
namespace {
// Between batches the loop serves the users that are there already.
constexpr int users_per_turn = 100;
constexpr std::size_t buried_per_turn = 20;
constexpr log::Logger logger{"katydid.shard"};

/// The moment at which the loop woke up is when the kernel handed over what is being recorded.
StatisticsOptions with_clock(StatisticsOptions options, const Loop& loop) {
  options.steady_clock = [&loop] { return loop.now(); };
  return options;
}

}  // namespace

Shard::Shard(const ShardOptions& options, const std::vector<const UserClass*>& classes)
    : options_(options),
      loop_(options.event_loop),
      statistics_(with_clock(options.statistics, loop_)),
      curl_(std::make_unique<CurlEngine>(loop_)),
      fast_(std::make_unique<FastEngine>(loop_)) {
  for (const UserClass* user_class : classes) {
    auto& added = classes_.emplace_back(std::make_unique<ClassOnShard>());
    added->definition = user_class;
    if (!user_class->arrival_rate) continue;
    added->arrivals =
        std::make_unique<Arrivals>(loop_, *user_class->arrival_rate, statistics_, user_class->name, random_source()());
    precise_timers_ = true;
  }
  begin_test({});
}

Shard::~Shard() {
  const auto clear = [this] {
    for (auto& users : classes_) users->users.clear();
    gone_.clear();
  };
  if (!thread_.joinable()) {
    clear();
    return;
  }
  loop_.post([&] {  // an io_uring serves no other thread
    clear();
    loop_.stop();
  });
  thread_.join();
}

void Shard::start_thread() {
  thread_ = std::thread([this] {
    CrashWatch::begin_thread();
    if (precise_timers_) wake_thread_on_time();
    try {
      loop_.run();
    } catch (const std::bad_alloc&) {
      constexpr std::string_view said =
          "katydid: no memory is left, not even for what one request needs: the worker ends. Give it more memory, or "
          "fewer users.\n";
      [[maybe_unused]] const auto written = ::write(STDERR_FILENO, said.data(), said.size());  // a log wants memory
      throw;
    }
  });
  if (options_.cores.empty()) return;
  const int core = options_.cores[options_.index % options_.cores.size()];
  if (!pin(thread_, core)) {
    logger.warning("--pin: a thread could not be kept on core {}, so the system chooses its core", core);
  }
}

void Shard::begin_test(TestSettings settings) {
  settings_ = std::move(settings);
  plan_.clear();
  statistics_.reset();
  counts_.clear();
  test_stopped_ = false;
  for (auto& users : classes_) {
    users->broken = false;
    users->started = 0;
    if (users->arrivals) users->arrivals->begin_test(seed_of_arrivals(*users->definition));
    users->tasks = TaskChoice(users->definition->tasks_in(settings_));
    users->host = std::make_shared<const std::string>(settings_.host.empty() ? users->definition->host_in(settings_)
                                                                             : settings_.host);
  }
}

void Shard::set_targets(UserTargets targets, StopPolicy policy, std::function<void()> reached) {
  policy_ = policy;
  reached_ = std::move(reached);
  loop_.busy_poll(options_.busy_poll &&
                  std::ranges::any_of(targets.users, [](const auto& users) { return users.second > 0; }));
  for (auto& users : classes_) {
    const std::string& name = users->definition->name;
    const auto found = targets.users.find(name);
    users->target = found == targets.users.end() ? 0 : found->second;
    const auto fleet = targets.fleet.find(name);
    users->fleet = fleet == targets.fleet.end() ? 0 : fleet->second;
    if (users->arrivals) {
      const auto part = targets.parts.find(name);
      const double first = static_cast<double>(options_.index) / static_cast<double>(options_.count);
      users->arrivals->set_part(part == targets.parts.end() ? 0 : part->second, users->target, first);
    }
    stop_surplus(*users);
  }
  if (!starting_) start_some();
}

void Shard::stop_surplus(ClassOnShard& users) {
  // Those that are stopping already only get the new policy when all are to go: it may be a shorter one.
  if (users.target == 0) {
    for (std::size_t i = users.users.size(); i-- > 0;) {
      tell_to_stop(*users.users[i]);
    }
    return;
  }
  for (std::size_t i = users.users.size(); i-- > 0 && users.live() > users.target;) {
    if (!users.users[i]->told_to_stop) tell_to_stop(*users.users[i]);
  }
}

void Shard::tell_to_stop(RunningUser& user) {
  if (!std::exchange(user.told_to_stop, true)) ++user.on_shard().stopping;
  user.stop();
}

void Shard::start_some() {
  int left = users_per_turn;
  for (auto& users : classes_) {
    while (users->live() < users->target && !users->broken) {
      if (left-- == 0) {
        starting_ = true;
        loop_.post([this] { start_some(); });
        return;
      }
      std::unique_ptr<RunningUser> user;
      try {
        if (users->tasks.empty())
          throw std::runtime_error("--tags, --exclude-tags or the class picker leave it no task to run");
        user = std::make_unique<RunningUser>(*this, *users);
      } catch (const StopTest& stop) {
        users->broken = true;
        stop_test("in the constructor of user class " + users->definition->name, stop.what());
        break;
      } catch (...) {
        users->broken = true;
        auto exception = current_exception("in the constructor of user class " + users->definition->name);
        exception.message.insert(0, "cannot start users of class " + users->definition->name + ": ");
        report_exception(std::move(exception));
        break;
      }
      RunningUser& started = *user;
      started.position = users->users.size();
      users->users.push_back(std::move(user));
      started.start();
    }
  }
  starting_ = false;
  check_reached();
}

/// Once: the other users may throw it as well before they are told to stop.
void Shard::stop_test(std::string_view where, std::string_view why) {
  if (std::exchange(test_stopped_, true)) return;
  logger.error("{} ({}, by StopTest)", why, where);
  logger.warning("Stopping the test");
  environment().quit();
}

std::optional<std::uint64_t> Shard::next_seed(ClassOnShard& users) const {
  if (!options_.seed) return std::nullopt;
  const std::uint64_t number = users.started++ * options_.count + options_.index;
  return seed_of_user(*options_.seed, data_share().worker, users.definition->name, number);
}

/// Of this shard of this worker: those who draw the same gaps would send at the same time.
std::optional<std::uint64_t> Shard::seed_of_arrivals(const UserClass& user_class) const {
  if (!options_.seed) return std::nullopt;
  return seed_of_user(*options_.seed, data_share().worker, user_class.name + " arrivals", options_.index);
}

void Shard::check_reached() {
  if (!reached_ || starting_) return;
  for (const auto& users : classes_) {
    if (users->stopping > 0) return;
  }
  std::exchange(reached_, nullptr)();
}

void Shard::user_is_ending(RunningUser& user) {
  // One that ended by itself counts as stopping from here on; the others were counted when they were told to stop.
  if (!std::exchange(user.told_to_stop, true)) ++user.on_shard().stopping;
}

void Shard::remove(RunningUser& user) {
  ClassOnShard& users = user.on_shard();
  const std::size_t position = user.position;
  if (position + 1 != users.users.size()) {
    std::swap(users.users[position], users.users.back());
    users.users[position]->position = position;
  }
  if (gone_.empty()) loop_.post([this] { bury_some(); });
  gone_.push_back(std::move(users.users.back()));
  users.users.pop_back();
  --users.stopping;
  check_reached();
}

// A user's connections and handles take longer to tear down than a request to be answered: while others still wait for
// answers that are to be counted, these come first.
void Shard::bury_some() {
  const bool waiting = std::ranges::any_of(classes_, [](const auto& users) { return users->stopping > 0; });
  const std::size_t now = std::min(gone_.size(), waiting ? std::size_t{1} : buried_per_turn);
  gone_.erase(gone_.begin(), gone_.begin() + static_cast<std::ptrdiff_t>(now));
  if (!gone_.empty()) loop_.post([this] { bury_some(); });
}

ShardReport Shard::report() {
  ShardReport report = counts_.take(statistics_, loop_);
  for (const auto& users : classes_) {
    report.users[users->definition->name] = static_cast<std::int64_t>(users->users.size());
  }
  return report;
}

}  // namespace katydid
