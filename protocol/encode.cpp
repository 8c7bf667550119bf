#include "protocol/codec.hpp"
#include "protocol/packer.hpp"

#include <cmath>

namespace katydid::protocol {
namespace {

double seconds(EpochTime time) { return time.time_since_epoch().count(); }

/// Packs the data of each message; the type and the node id around it are the caller's.
class DataPacker {
 public:
  DataPacker(Packer& packer, std::string_view node_id) : out_(packer), node_id_(node_id) {}

  void operator()(const to_master::ClientReady& message) {
    // -1 is the master's own word for "don't compare versions"; nil is taken for a worker from before 2.0.
    message.version ? out_.text(*message.version) : out_.integer(-1);
  }

  void operator()(const to_master::Heartbeat& message) {
    out_.map(3);
    out_.text("state");
    out_.text(to_string(message.state));
    out_.text("current_cpu_usage");
    out_.real(message.cpu_usage);
    out_.text("current_memory_usage");
    out_.integer(message.memory_bytes);
  }

  void operator()(const to_master::SpawningComplete& message) {
    out_.map(2);
    users(message.user_classes_count, message.user_count);
  }

  void operator()(const to_master::Stats& message) {
    const auto additions = message.additions.is_object() ? message.additions.as_object() : Value::Object{};
    out_.map(5 + additions.size());
    out_.text("stats");
    out_.array(message.stats.size());
    for (const StatsEntry& item : message.stats) entry(item, item.name, item.method);
    out_.text("stats_total");
    entry(message.total, "Aggregated", "");
    out_.text("errors");
    out_.map(message.errors.size());
    for (const StatsError& item : message.errors) error(item);
    users(message.user_classes_count, message.user_count);
    for (const auto& [key, value] : additions) {
      out_.value(key);
      out_.value(value);
    }
  }

  void operator()(const to_master::Exception& message) {
    out_.map(2);
    out_.text("msg");
    out_.text(message.message);
    out_.text("traceback");
    out_.text(message.traceback);
  }

  void operator()(const to_master::Logs& message) {
    out_.map(2);
    out_.text("worker_id");
    out_.text(node_id_);
    out_.text("logs");
    out_.array(message.lines.size());
    for (const std::string& line : message.lines) out_.text(line);
  }

  void operator()(const to_master::LocustfileRequest& message) {
    out_.map(1);
    out_.text("version");
    out_.text(message.version);
  }

  void operator()(const CustomMessage& message) {
    check(message);
    out_.value(message.data);
  }

  void operator()(const to_master::Spawning&) { out_.nil(); }
  void operator()(const to_master::ClientStopped&) { out_.nil(); }
  void operator()(const to_master::Quit&) { out_.nil(); }

 private:
  void users(const UserClassesCount& classes, std::int64_t count) {
    out_.text("user_classes_count");
    out_.map(classes.size());
    for (const auto& [name, number] : classes) {
      out_.text(name);
      out_.integer(number);
    }
    out_.text("user_count");
    out_.integer(count);
  }

  void entry(const StatsEntry& entry, std::string_view name, std::string_view method) {
    out_.map(14);
    out_.text("name");
    out_.text(name);
    out_.text("method");
    out_.text(method);
    out_.text("last_request_timestamp");
    time(entry.last_request_timestamp);
    out_.text("start_time");
    out_.real(seconds(entry.start_time));
    out_.text("num_requests");
    out_.natural(entry.num_requests);
    out_.text("num_none_requests");
    out_.natural(entry.num_none_requests);
    out_.text("num_failures");
    out_.natural(entry.num_failures);
    out_.text("total_response_time");
    out_.real(entry.total_response_time.count());
    out_.text("max_response_time");
    out_.real(entry.max_response_time.count());
    out_.text("min_response_time");
    entry.min_response_time ? out_.real(entry.min_response_time->count()) : out_.nil();
    out_.text("total_content_length");
    out_.natural(entry.total_content_length);
    out_.text("response_times");
    out_.map(entry.response_times.size());
    for (const auto& [time, count] : entry.response_times) {
      histogram_key(time.count());
      out_.natural(count);
    }
    out_.text("num_reqs_per_sec");
    per_second(entry.num_reqs_per_sec);
    out_.text("num_fail_per_sec");
    per_second(entry.num_fail_per_sec);
  }

  void error(const StatsError& error) {
    out_.text(error.key.empty() ? error.method + '\x1f' + error.name + '\x1f' + error.error : error.key);
    out_.map(6);
    out_.text("name");
    out_.text(error.name);
    out_.text("method");
    out_.text(error.method);
    out_.text("error");
    out_.text(error.error);
    out_.text("occurrences");
    out_.natural(error.occurrences);
    out_.text("first_seen");
    time(error.first_seen);
    out_.text("last_seen");
    time(error.last_seen);
  }

  void time(const std::optional<EpochTime>& time) { time ? out_.real(seconds(*time)) : out_.nil(); }

  /// An integer where Python has one, so that both kinds of worker count into the same bucket under the same key.
  void histogram_key(double milliseconds) {
    constexpr double exact = 9007199254740992.0;  // 2^53
    if (std::abs(milliseconds) < exact && std::trunc(milliseconds) == milliseconds) {
      out_.integer(static_cast<std::int64_t>(milliseconds));
    } else {
      out_.real(milliseconds);
    }
  }

  void per_second(const std::vector<std::pair<std::chrono::sys_seconds, std::uint64_t>>& counts) {
    out_.map(counts.size());
    for (const auto& [second, count] : counts) {
      out_.integer(second.time_since_epoch().count());
      out_.natural(count);
    }
  }

  Packer& out_;
  std::string_view node_id_;
};

struct TypeName {
  std::string_view operator()(const to_master::ClientReady&) const { return "client_ready"; }
  std::string_view operator()(const to_master::Heartbeat&) const { return "heartbeat"; }
  std::string_view operator()(const to_master::Spawning&) const { return "spawning"; }
  std::string_view operator()(const to_master::SpawningComplete&) const { return "spawning_complete"; }
  std::string_view operator()(const to_master::Stats&) const { return "stats"; }
  std::string_view operator()(const to_master::Exception&) const { return "exception"; }
  std::string_view operator()(const to_master::Logs&) const { return "logs"; }
  std::string_view operator()(const to_master::ClientStopped&) const { return "client_stopped"; }
  std::string_view operator()(const to_master::Quit&) const { return "quit"; }
  std::string_view operator()(const to_master::LocustfileRequest&) const { return "locustfile"; }
  std::string_view operator()(const CustomMessage& message) const { return message.type; }
};

}  // namespace

std::string encode(const ToMaster& message, std::string_view node_id) {
  Packer packer;
  packer.array(3);
  packer.text(std::visit(TypeName{}, message));
  std::visit(DataPacker(packer, node_id), message);
  packer.text(node_id);
  return packer.take();
}

}  // namespace katydid::protocol
