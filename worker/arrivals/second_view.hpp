#pragma once

#include "base/recorder.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace katydid {

/// Whether it is a request that took a time, and not already a second view of one.
inline bool is_timed_request(const Sample& sample) {
  return sample.response_time >= std::chrono::nanoseconds::zero() && !sample.apart;
}

/// A request as an entry apart, with that behind its name, which is kept in `name`. What failed failed once.
inline Sample second_view(const Sample& sample, std::string_view suffix, std::string& name) {
  name.assign(sample.name).append(suffix);
  Sample view = sample;
  view.name = name;
  view.apart = true;
  view.error = {};
  return view;
}

}  // namespace katydid
