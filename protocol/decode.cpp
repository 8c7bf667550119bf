#include "protocol/codec.hpp"
#include "protocol/msgpack.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace katydid::protocol {
namespace {

/// Reads `what` and puts its name before whatever is wrong with it.
auto in(const std::string& what, auto&& read) {
  try {
    return read();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(what + ": " + error.what());
  }
}

std::string in_quotes(std::string_view text) { return Value(text.substr(0, 60)).dump(); }

/// The data of one message as an object; a field that is missing or None counts as absent.
class Fields {
 public:
  explicit Fields(const Value& data) : data_(data) { data.as_object(); }

  const Value* find(std::string_view key) const {
    const Value* value = data_.find(key);
    return value && !value->is_null() ? value : nullptr;
  }
  auto required(std::string_view key, auto&& read) const {
    return in("field " + in_quotes(key),
              [&] { return read(data_.contains(key) ? *data_.find(key) : throw_missing()); });
  }
  template <class T>
  T optional(std::string_view key, T fallback, auto&& read) const {
    const Value* value = find(key);
    return value ? in("field " + in_quotes(key), [&] { return T(read(*value)); }) : fallback;
  }

 private:
  [[noreturn]] static const Value& throw_missing() { throw std::runtime_error("missing"); }

  const Value& data_;
};

std::string text(const Value& value) { return value.as_string(); }

double finite(const Value& value) {
  const double number = value.as_double();
  if (!std::isfinite(number)) throw std::runtime_error("expected a finite number");
  return number;
}

std::int64_t user_number(const Value& value) {
  const std::int64_t number = value.as_int();
  if (number < 0 || number > Limits::users) {
    throw std::runtime_error("expected 0 to " + std::to_string(Limits::users) + " users, have " +
                             std::to_string(number));
  }
  return number;
}

UserClassesCount user_classes(const Value& value) {
  UserClassesCount counts;
  std::int64_t total = 0;
  for (const auto& [key, number] : value.as_object()) {
    const std::string& name = key.as_string();
    const std::int64_t count = in("class " + in_quotes(name), [&value = number] { return user_number(value); });
    counts[name] = count;
    total += count;
    if (total > Limits::users) throw std::runtime_error("more than " + std::to_string(Limits::users) + " users");
  }
  return counts;
}

Seconds stop_timeout(const Value& value) {
  constexpr double longest = 1e9;  // no clock of ours overflows when it is added to now
  const double number = value.as_double();
  if (std::isnan(number)) throw std::runtime_error("expected a number of seconds, have NaN");
  return Seconds(std::clamp(number, 0.0, longest));
}

/// A list; from an environment variable some releases make one text of it.
std::vector<std::string> tags(const Value& value) {
  std::vector<std::string> result;
  if (value.is_string()) {
    std::string_view rest = value.as_string();
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      if (end > 0) result.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return result;
  }
  for (const Value& tag : value.as_array()) result.push_back(tag.as_string());
  return result;
}

from_master::Ack ack(const Value& data) {
  from_master::Ack message;
  if (!data.is_null()) {
    message.index =
        Fields(data).optional("index", std::optional<std::int64_t>(), [](const Value& v) { return v.as_int(); });
  }
  return message;
}

from_master::Spawn spawn(const Value& data) {
  const Fields fields(data);
  from_master::Spawn message;
  message.timestamp = EpochTime(Seconds(fields.required("timestamp", finite)));
  message.user_classes_count = fields.required("user_classes_count", user_classes);
  message.host = fields.optional("host", std::optional<std::string>(), text);
  if (message.host && message.host->empty()) message.host.reset();  // a cleared field of the web UI
  message.stop_timeout = fields.optional("stop_timeout", Seconds(), stop_timeout);
  if (const Value* options = fields.find("parsed_options")) {
    in("field \"parsed_options\"", [&] {
      const Fields parsed(*options);
      message.tags = parsed.optional("tags", std::vector<std::string>(), tags);
      message.exclude_tags = parsed.optional("exclude_tags", std::vector<std::string>(), tags);
    });
    message.parsed_options = *options;
  }
  return message;
}

from_master::Locustfile::Source source(const Value& value) {
  if (value.is_string()) return {value.as_string(), std::nullopt};
  const Fields fields(value);
  return {fields.required("filename", text), fields.required("contents", text)};
}

from_master::Locustfile locustfile(const Value& data) {
  const Fields fields(data);
  from_master::Locustfile message;
  message.error = fields.optional("error", std::optional<std::string>(), text);
  if (message.error) return message;
  if (const Value* files = fields.find("locustfiles")) {
    in("field \"locustfiles\"", [&] {
      for (const Value& file : files->as_array()) message.files.push_back(source(file));
    });
  } else {
    message.files.push_back(source(data));  // releases before 2.31 have one file and no list
  }
  return message;
}

FromMaster message(const std::string& type, Value& data) {
  if (type == "ack") return ack(data);
  if (type == "spawn") return spawn(data);
  if (type == "spawning_complete") {
    return from_master::SpawningComplete{Fields(data).required("user_count", user_number)};
  }
  if (type == "stop") return from_master::Stop{};
  if (type == "quit") return from_master::Quit{};
  if (type == "reconnect") return from_master::Reconnect{};
  if (type == "heartbeat") return from_master::HeartbeatReply{};
  if (type == "update_user_class") {
    std::string name = Fields(data).required("user_class_name", text);
    return from_master::UpdateUserClass{std::move(name), std::move(data)};
  }
  if (type == "locustfile") return locustfile(data);
  return CustomMessage{type, std::move(data)};
}

bool is_for_another(const Value& addressee, std::string_view node_id) {
  if (node_id.empty() || !addressee.is_string()) return false;
  const std::string& name = addressee.as_string();
  return !name.empty() && name != node_id;
}

}  // namespace

DecodeResult decode_from_master(std::string_view frame, std::string_view node_id) {
  try {
    Value content = unpack(frame);
    if (!content.is_array() || content.size() != 3 || !content[0].is_string()) {
      return DecodeError{"expected a message [type, data, node id], have " + content.dump().substr(0, 100)};
    }
    const std::string& type = content[0].as_string();
    if (is_for_another(content[2], node_id)) return ForAnother{type, content[2].as_string()};
    return in("message " + in_quotes(type), [&] { return message(type, content.as_array()[1]); });
  } catch (const std::runtime_error& error) {
    return DecodeError{error.what()};
  }
}

}  // namespace katydid::protocol
