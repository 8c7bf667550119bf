#pragma once

#include "worker/process/machine_figures.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace katydid {

/// Tells when the machine that the load comes from bends the figures: its processors are somebody else's, its network
/// loses what it sends, or it runs out of descriptors or ports. See LoopLagWatch for what the loops themselves do.
class MachineWatch {
 public:
  using clock = std::chrono::steady_clock;

  /// The warnings that are due, for what happened since the last look. Each is repeated every half minute at most, that
  /// of the clock never. Looks at most once a second, and only where `users` run.
  std::vector<std::string> look(bool users, clock::time_point now);
  /// The same, of figures that were read.
  std::vector<std::string> look(const MachineFigures& figures, clock::time_point now);

 private:
  enum Kind : std::size_t { stolen, sent_again, descriptors, ports, coarse_clock, kinds };

  std::optional<MachineFigures> last_;
  clock::time_point next_look_{};
  std::array<clock::time_point, kinds> quiet_until_{};
};

}  // namespace katydid
