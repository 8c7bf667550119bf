#include "worker/machine_watch.hpp"

#include <fmt/format.h>

#include <utility>

namespace katydid {
namespace {

using namespace std::chrono_literals;
constexpr auto between_looks = 1s, quiet_time = 30s;
constexpr double much_stolen = 0.05, much_sent_again = 0.001, nearly_all = 0.9;
constexpr std::uint64_t least_sent_again = 10;
constexpr auto coarse = 10us, dear = 1us;

double share(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

/// Without a descriptor left, none of the system's files can be read.
bool both_told(std::uint64_t before, std::uint64_t now) { return before > 0 && now > 0; }

}  // namespace

std::vector<std::string> MachineWatch::look(bool users, clock::time_point now) {
  if (!users) {
    last_.reset();
    return {};
  }
  if (last_ && now < next_look_) return {};
  next_look_ = now + between_looks;
  return look(MachineFigures::now(), now);
}

std::vector<std::string> MachineWatch::look(const MachineFigures& figures, clock::time_point now) {
  std::vector<std::string> due;
  const auto warn = [&](Kind kind, bool holds, auto text) {
    if (!holds || now < quiet_until_[kind]) return;
    quiet_until_[kind] = kind == coarse_clock ? clock::time_point::max() : now + quiet_time;
    due.push_back(text());
  };
  if (const auto last = std::exchange(last_, figures)) {
    const double steal = share(figures.stolen_time - last->stolen_time, figures.processor_time - last->processor_time);
    warn(stolen, both_told(last->processor_time, figures.processor_time) && steal >= much_stolen, [&] {
      return fmt::format(
          "this virtual machine did not have its processors for {:.0f} % of the time (steal): its host gave them to "
          "others. Response times can be too long by such pauses. Take a machine with processors of its own.",
          100 * steal);
    });
    const std::uint64_t again = figures.segments_sent_again - last->segments_sent_again;
    const double lost = share(again, figures.segments_sent - last->segments_sent + again);
    const bool told = both_told(last->segments_sent, figures.segments_sent);
    warn(sent_again, told && again >= least_sent_again && lost >= much_sent_again, [&] {
      return fmt::format(
          "this machine had to send {:.2f} % of its TCP segments again. The network loses packets, or the target does "
          "not take its connections in time (its backlog is full). Each of them waits for 200 ms and more, which is "
          "in the response times.",
          100 * lost);
    });
  }
  warn(descriptors, share(figures.descriptors, figures.descriptor_limit) >= nearly_all, [&] {
    return fmt::format(
        "this process has {} of {} file descriptors in use. When it has all, requests fail with \"Too many open "
        "files\". Raise the limit (ulimit -n), or use more workers.",
        figures.descriptors, figures.descriptor_limit);
  });
  warn(ports, share(figures.sockets, figures.ports) >= nearly_all, [&] {
    return fmt::format(
        "this machine has {} TCP sockets, also those that wait after their end (TIME_WAIT), and {} ports for the "
        "connections of an address to a target. When they are used up, requests fail with \"Cannot assign requested "
        "address\". Keep connections open, give further addresses (--source-address), or use more machines.",
        figures.sockets, figures.ports);
  });
  warn(coarse_clock, figures.clock_resolution > coarse || figures.clock_cost > dear, [&] {
    return fmt::format(
        "the clock of this machine has steps of {} ns, and reading it takes {} ns. Response times are no more exact "
        "than that. On Linux, /sys/devices/system/clocksource/clocksource0/current_clocksource should be tsc or that "
        "of the hypervisor.",
        figures.clock_resolution.count(), figures.clock_cost.count());
  });
  return due;
}

}  // namespace katydid
