#include "worker/shard_counts.hpp"

#include "worker/log/log.hpp"

#include <string>
#include <utility>

namespace katydid {
namespace {
constexpr log::Logger logger{"katydid.shard"};
constexpr std::size_t most_exceptions = 200;
}  // namespace

void ShardCounts::report_exception(UserException exception) {
  if (exceptions_.size() >= most_exceptions && !exceptions_.contains(exception)) {
    exception = {.message = "(more than " + std::to_string(most_exceptions) + " different exceptions in one report)",
                 .traceback = "  not listed one by one\n"};
  }
  if (exceptions_[exception]++ == 0) logger.error("{}\n{}", exception.message, exception.traceback);
}

void ShardCounts::clear() {
  exceptions_.clear();
  tasks_cut_short_ = 0;
}

ShardReport ShardCounts::take(Statistics& statistics, Loop& loop) {
  while (const auto warning = statistics.take_warning()) logger.warning("{}", *warning);
  const auto usage = ThreadUsage::now();
  const auto before = std::exchange(reported_usage_, usage);
  const auto at = Loop::clock::now();
  ShardReport report{.statistics = {},
                     .users = {},
                     .exceptions = std::exchange(exceptions_, {}),
                     .tasks_cut_short = std::exchange(tasks_cut_short_, 0),
                     .lag = loop.take_lag(),
                     .wall = at - std::exchange(reported_at_, at),
                     .cpu = usage.cpu - before.cpu - loop.take_idle_polling(),
                     .waited = usage.waited - before.waited};
  report.statistics.push_back(statistics.take());
  return report;
}

}  // namespace katydid
