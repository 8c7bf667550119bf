#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace katydid::metrics {

/// A page in Prometheus's text format (version 0.0.4).
class Exposition {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Begins a metric; its samples follow. `type` is counter, gauge or histogram.
  void metric(std::string_view name, std::string_view type, std::string_view help);
  /// A sample of the metric. `suffix` is "_bucket", "_sum" or "_count" of a histogram.
  void sample(Labels labels, double value, std::string_view suffix = "");
  void sample(Labels labels, std::uint64_t value, std::string_view suffix = "");

  std::string take() { return std::move(text_); }

 private:
  void begin_sample(Labels labels, std::string_view suffix);

  std::string text_, name_;
};

/// A number as a label has it: "0.005", "+Inf".
std::string bound_text(double bound);

}  // namespace katydid::metrics
