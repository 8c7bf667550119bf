#include "worker/arrivals/intended_start.hpp"

#include "worker/arrivals/second_view.hpp"

#include <algorithm>
#include <utility>

namespace katydid {

void IntendedStart::record(const Sample& sample) {
  const bool timed = is_timed_request(sample);
  if (service_ && timed) service_->record(second_view(sample, " [service]", name_));  // before a listener can throw
  const auto late = std::exchange(late_, {});
  if (!timed || late <= late.zero()) return next_.record(sample);
  Sample felt = sample;
  felt.response_time += late;
  next_.record(felt);
}

}  // namespace katydid
