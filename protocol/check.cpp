#include "protocol/codec.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace katydid::protocol {
namespace {

constexpr std::array<std::string_view, 11> own_types = {
    "client_ready", "client_stopped", "exception", "heartbeat",         "locustfile", "logs",
    "quit",         "spawning",       "stats",     "spawning_complete", "ack"};

/// The number that so many digits from `at` on make, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  int number = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

/// What strptime takes for "%Y%m%dT%H:%M:%S.%f", written with all digits: 20260131T10:00:00.250000.
bool is_python_date(std::string_view text) {
  constexpr std::string_view shape = "00000000T00:00:00.";
  if (text.size() <= shape.size() || text.size() > shape.size() + 6) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != '0' && text[i] != shape[i]) return false;
  }
  const auto within = [&](std::size_t at, int low, int high) {
    const int number = digits(text, at, 2);
    return number >= low && number <= high;
  };
  const std::chrono::year_month_day day{std::chrono::year(digits(text, 0, 4)),
                                        std::chrono::month(static_cast<unsigned>(std::max(0, digits(text, 4, 2)))),
                                        std::chrono::day(static_cast<unsigned>(std::max(0, digits(text, 6, 2))))};
  return digits(text, 0, 4) >= 1 && day.ok() && within(9, 0, 23) && within(12, 0, 59) && within(15, 0, 59) &&
         digits(text, shape.size(), text.size() - shape.size()) >= 0;
}

class Checker {
 public:
  explicit Checker(std::string_view type) : type_(type) {}

  void value(const Value& value, std::size_t depth) {
    // The frame's own array is the first level.
    if ((value.is_array() || value.is_object()) && depth >= Limits::depth)
      refuse("nested deeper than " + std::to_string(Limits::depth - 1) + " levels");
    if (++values_ > Limits::values) refuse("more than " + std::to_string(Limits::values) + " values");
    if (value.is_string()) count_bytes(value.as_string().size());
    if (value.is_binary()) count_bytes(value.as_binary().bytes.size());
    if (value.is_array()) {
      for (const Value& item : value.as_array()) this->value(item, depth + 1);
    }
    if (value.is_object()) fields(value, depth);
  }

 private:
  void fields(const Value& object, std::size_t depth) {
    for (const auto& [key, item] : object.as_object()) {
      if (key.is_array() || key.is_object()) refuse(unhashable_key);
      value(key, depth + 1);
      value(item, depth + 1);
    }
    // The master's decoder turns these two into objects wherever they occur.
    if (object.contains("__datetime__")) {
      const Value* text = object.find("as_str");
      if (!text || !text->is_string() || !is_python_date(text->as_string())) {
        refuse("a __datetime__ without a date like \"20260131T10:00:00.250000\" in as_str");
      }
    } else if (object.contains("__ObjectId__")) {
      refuse("an __ObjectId__, which the master may have no type for");
    }
  }

  void count_bytes(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > Limits::frame_bytes) refuse("more than " + std::to_string(Limits::frame_bytes) + " bytes");
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw std::invalid_argument("the message " + Value(type_).dump() + " can't be sent to the master: " + why);
  }

  std::string_view type_;
  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

void check(const CustomMessage& message) {
  if (std::ranges::find(own_types, message.type) != own_types.end()) {
    throw std::invalid_argument("a message can't have the type \"" + message.type +
                                "\", which is one of Locust's own: choose another name");
  }
  Checker(message.type).value(message.data, 1);
}

void check_additions(const Value& additions) {
  for (const std::string_view own : {"stats", "stats_total", "errors", "user_classes_count", "user_count"}) {
    if (additions.contains(own)) {
      throw std::invalid_argument("a listener of report_to_master has set \"" + std::string(own) +
                                  "\", which is one of Locust's own keys: choose another name");
    }
  }
  Checker("report_to_master").value(additions, 1);
}

}  // namespace katydid::protocol
