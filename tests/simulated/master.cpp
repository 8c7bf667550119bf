#include "tests/simulated/master.hpp"

#include "protocol/msgpack.hpp"
#include "tests/simulated/dispatcher.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace katydid::simulated {

using namespace std::chrono_literals;

namespace {

constexpr int liveness = 3, dead = -60;  // HEARTBEAT_LIVENESS, HEARTBEAT_DEAD_INTERNAL

Value to_value(const Counts& counts) {
  Value value = Value::object();
  for (const auto& [name, count] : counts) value.set(name, count);
  return value;
}

Counts to_counts(const Value& value) {
  Counts counts;
  for (const auto& [name, count] : value.as_object()) counts[name.as_string()] = count.as_int();
  return counts;
}

std::int64_t sum_of(const Counts& counts) {
  std::int64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

}  // namespace

Master::Master(VirtualTime& time, Network& network, MasterOptions options, Observer& observer)
    : time_(time), network_(network), options_(options), observer_(observer), inbox_timer_(thread_.make_timer()) {
  spawn(heartbeat_worker());
  spawn(client_listener());
  network_.master_comes([this](std::string frame) { deliver({.id = worker, .frame = std::move(frame)}); });
}

Master::~Master() { network_.master_goes(); }

void Master::spawn(Greenlet greenlet) {
  std::erase_if(greenlets_, [](const Greenlet& each) { return each.done(); });
  greenlets_.push_back(std::move(greenlet));
  greenlets_.back().start();
}

Greenlet Master::sleep(std::chrono::nanoseconds time) {
  co_await Sleep(thread_, time);
  while (stalled_until_ > time_.now()) co_await Sleep(thread_, stalled_until_ - time_.now());
}

Greenlet Master::when_awake(Greenlet then) {
  if (stalled_until_ > time_.now()) co_await sleep(stalled_until_ - time_.now());
  co_await std::move(then);
}

std::string Master::test() const {
  if (state_ != State::spawning && state_ != State::running) return {};
  return std::to_string(options_.number) + "/" + std::to_string(run_);
}

// --- what the web interface does (web.py) ---
void Master::swarm(std::int64_t users, std::int64_t rate) {
  swarm_ = when_awake(start(users, rate));
  swarm_.start();
}

void Master::stop() {
  swarm_.kill();
  spawn(when_awake(stop_test(true)));
}

void Master::quit() {
  swarm_.kill();
  spawn(when_awake(quit_all()));
}

void Master::join_other() { deliver({.id = other, .frame = {}, .type = "client_ready"}); }
void Master::leave_other() { deliver({.id = other, .frame = {}, .type = "quit"}); }

// --- MasterRunner ---
Greenlet Master::start(std::int64_t users, std::int64_t rate) {
  spawning_completed_ = false;
  target_users_ = users;
  std::vector<std::string> active;
  for (const auto& [id, client] : clients_) {
    if (counted(client)) active.push_back(id);
  }
  if (active.empty()) co_return;
  spawn_rate_ = rate;
  if (!dispatcher_) dispatcher_ = std::make_shared<Dispatcher>(active);
  if (state_ != State::running && state_ != State::spawning) ++run_;  // stats.clear_all()
  state_ = State::spawning;
  const auto dispatcher = dispatcher_;
  dispatcher->new_dispatch(users, rate);
  const auto mine = dispatcher->generation;

  Counts targets;
  while (const auto* dispatched = dispatcher->next()) {
    send_spawns(*dispatched);
    for (const auto& [id, counts] : *dispatched) targets[id] = sum_of(counts);
    if (dispatcher->sleeps()) co_await sleep(dispatcher->wait());
    if (dispatcher->generation != mine) break;  // another start() has gone on with it
  }
  // The workers get a second to tell of their users.
  const auto patience = time_.now() + 1s;
  while (user_count() != target_users_ && time_.now() < patience) co_await sleep(20ms);
  state_ = State::running;
  Value complete = Value::object();
  complete.set("user_count", sum_of(targets));
  for (const auto& [id, client] : clients_) send(id, "spawning_complete", complete);
  spawning_completed_ = true;
}

Greenlet Master::stop_test(bool send_stop) {
  if (state_ == State::ready || state_ == State::stopped || state_ == State::stopping) co_return;
  state_ = State::stopping;
  dispatcher_ = nullptr;
  if (!send_stop) co_return;
  for (const auto& [id, client] : clients_) send(id, "stop", {});
  const auto patience = time_.now() + std::chrono::seconds(options_.stop_timeout + 60);
  while (user_count() != 0 && time_.now() < patience) co_await sleep(1s);
}

Greenlet Master::quit_all() {
  co_await stop_test(false);
  for (const auto& [id, client] : clients_) send(id, "quit", {});
  co_await sleep(500ms);
  ended_ = true;
}

void Master::check_stopped() {
  const auto all = [&](auto holds) {
    return std::ranges::all_of(clients_, [&](const auto& each) { return holds(each.second); });
  };
  if ((state_ == State::stopping && all([](const Client& c) { return c.state == "ready"; })) ||
      all([&](const Client& c) { return !counted(c); }))
    state_ = State::stopped;
}

Greenlet Master::heartbeat_worker() {
  for (;;) {
    co_await sleep(1s);
    std::vector<std::string> removed, ids;
    for (auto& [id, client] : clients_) ids.push_back(id);
    for (const std::string& id : ids) {
      const auto found = clients_.find(id);
      if (found == clients_.end()) continue;
      Client& client = found->second;
      if (id == other) client.heartbeat = liveness;
      if (client.state == "missing" && client.heartbeat <= dead) removed.push_back(id);
      if (client.heartbeat < 0 && client.state != "missing") {
        client.state = "missing";
        client.users.clear();
        if (dispatcher_) {
          dispatcher_->remove_worker(id);
          if (options_.rebalancing && state_ == State::running && spawning_completed_)
            co_await start(target_users_, spawn_rate_);
        }
        if (worker_count() == 0) {
          co_await stop_test(true);
          check_stopped();
        }
      } else {
        --client.heartbeat;
      }
    }
    if (removed.empty()) continue;
    for (const std::string& id : removed) clients_.erase(id);
    if (state_ != State::running && state_ != State::spawning) continue;
    dispatcher_ = nullptr;
    co_await start(target_users_, spawn_rate_);
  }
}

void Master::deliver(Message message) {
  inbox_.push_back(std::move(message));
  if (!listening_) return;
  inbox_timer_->start(std::max<std::chrono::nanoseconds>(stalled_until_ - time_.now(), 0ns),
                      [this] { std::exchange(listening_, nullptr).resume(); });
}

Greenlet Master::client_listener() {
  struct Arrival {
    Master& master;
    bool await_ready() const { return !master.inbox_.empty() && master.stalled_until_ <= master.time_.now(); }
    void await_suspend(std::coroutine_handle<> listening) {
      master.listening_ = listening;
      if (master.inbox_.empty()) return;
      master.inbox_timer_->start(master.stalled_until_ - master.time_.now(),
                                 [&m = master] { std::exchange(m.listening_, nullptr).resume(); });
    }
    void await_resume() {}
  };
  for (;;) {
    co_await Arrival{*this};
    if (inbox_.empty()) continue;
    Message message = std::move(inbox_.front());
    inbox_.pop_front();
    co_await handle(std::move(message));
  }
}

Greenlet Master::redistribute() {
  if (!dispatcher_->in_progress && state_ == State::running) co_await start(target_users_, spawn_rate_);
}

Greenlet Master::handle(Message message) {
  std::string type = message.type;
  Value data;
  if (type.empty()) {
    const Value content = protocol::unpack(message.frame);
    type = content[0].as_string();
    data = content[1];
    if (content[2].as_string() != message.id) observer_.wrong("a frame with another node id");
  }
  const std::string& id = message.id;
  const bool known = clients_.contains(id);
  if (type == "client_ready") {
    if (id == worker && !(data.is_int() && data.as_int() == -1)) observer_.wrong("client_ready with a version");
    Value index = Value::object();
    index.set("index", indexes_.try_emplace(id, static_cast<int>(indexes_.size())).first->second);
    send(id, "ack", index);
    clients_[id] = {};
    if (dispatcher_) {
      dispatcher_->add_worker(id);
      co_await redistribute();
    }
    if (options_.rebalancing && state_ == State::running && spawning_completed_)
      co_await start(target_users_, spawn_rate_);
  } else if (type == "client_stopped") {
    if (!known) {
      if (id == worker) observer_.wrong("client_stopped of a worker that the master doesn't know");
      co_return;
    }
    clients_.erase(id);
    if (dispatcher_) {
      dispatcher_->remove_worker(id);
      co_await redistribute();
    }
  } else if (type == "heartbeat") {
    if (!known) co_return check_stopped();
    Client& client = clients_[id];
    client.heartbeat = liveness;
    const std::string state = data["state"].as_string();
    if (client.state == "missing" && dispatcher_) {
      dispatcher_->add_worker(id);
      co_await redistribute();
    }
    if (const auto found = clients_.find(id); found != clients_.end()) found->second.state = state;
    (void)data["current_cpu_usage"].as_double();
    send(id, "heartbeat", {});
  } else if (type == "stats") {
    hear_stats(id, data);
  } else if (type == "spawning" || type == "spawning_complete") {
    if (!known) {
      observer_.wrong(type + " of a worker that the master doesn't know");
      send(id, "quit", {});
    } else if (type == "spawning") {
      clients_[id].state = "spawning";
    } else {
      clients_[id].state = "running";
      clients_[id].users = to_counts(data["user_classes_count"]);
    }
  } else if (type == "quit") {
    if (!known) co_return check_stopped();
    clients_.erase(id);
    if (dispatcher_) {
      dispatcher_->remove_worker(id);
      co_await redistribute();
    }
    if (worker_count() == 0) co_await stop_test(true);
  } else if (type != "exception" && type != "logs") {
    observer_.wrong("a message of an unknown type: " + type);
  }
  check_stopped();
}

void Master::hear_stats(const std::string& id, const Value& data) {
  if (const auto found = clients_.find(id); found != clients_.end())
    found->second.users = to_counts(data["user_classes_count"]);
  Counts samples;
  for (const Value& entry : data["stats"].as_array()) {
    if (samples.contains(entry["name"].as_string())) observer_.wrong("a report with an entry twice");
    samples[entry["name"].as_string()] = entry["num_requests"].as_int();
  }
  if (sum_of(samples) != data["stats_total"]["num_requests"].as_int())
    observer_.wrong("a report whose total is not the sum of its entries");
  observer_.received(samples);
}

void Master::send(const std::string& id, const std::string& type, const Value& data) {
  if (id == worker) {
    network_.send_to_worker(protocol::pack(Value::array(type, data, id)));
  } else if (type == "stop") {
    deliver({.id = id, .frame = {}, .type = "client_stopped"});
    deliver({.id = id, .frame = {}, .type = "client_ready"});
  }
}

void Master::send_spawns(const std::map<std::string, Counts>& users) {
  const double wall =
      1.8e9 + std::chrono::duration<double>(time_.now().time_since_epoch() - options_.clock_behind).count();
  for (const auto& [id, counts] : users) {
    if (id == other) {
      if (const auto found = clients_.find(id); found != clients_.end())
        found->second = {.state = "running", .users = counts};
      continue;
    }
    Value options = Value::object();
    options.set("build_path", "")
        .set("num_users", target_users_)
        .set("test", std::to_string(options_.number) + "/" + std::to_string(run_));
    Value data = Value::object();
    data.set("timestamp", wall + 1e-6 * static_cast<double>(++messages_));
    data.set("user_classes_count", to_value(counts));
    data.set("host", nullptr);
    data.set("stop_timeout", static_cast<double>(options_.stop_timeout));
    data.set("parsed_options", options);
    send(id, "spawn", data);
  }
}

bool Master::counted(const Client& client) const {
  return client.state == "ready" || client.state == "running" || client.state == "spawning";
}

std::int64_t Master::user_count() const {
  std::int64_t sum = 0;
  for (const auto& [id, client] : clients_) sum += sum_of(client.users);
  return sum;
}

std::size_t Master::worker_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(clients_, [&](const auto& each) { return counted(each.second); }));
}

}  // namespace katydid::simulated
