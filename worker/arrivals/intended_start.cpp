#include "worker/arrivals/intended_start.hpp"

#include <algorithm>
#include <utility>

namespace katydid {

void IntendedStart::record(const Sample& sample) {
  const bool timed = sample.response_time >= std::chrono::nanoseconds::zero() && !sample.apart;
  if (service_ && timed) {  // before a listener can throw
    name_.assign(sample.name).append(" [service]");
    Sample served = sample;
    served.name = name_;
    served.apart = true;
    served.error = {};
    service_->record(served);
  }
  const auto late = std::exchange(late_, {});
  if (!timed || late <= late.zero()) return next_.record(sample);
  Sample felt = sample;
  felt.response_time += late;
  next_.record(felt);
}

}  // namespace katydid
