#include "python/src/worker/link.hpp"

#include "base/signals_blocked.hpp"
#include "protocol/codec.hpp"
#include "python/src/cpython/seconds.hpp"
#include "worker/log/log.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <fcntl.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace katydid::python {
namespace {

namespace nb = nanobind;
using clock = std::chrono::steady_clock;

constexpr log::Logger logger{"katydid.link"};
constexpr std::chrono::milliseconds tick_interval{100};
constexpr std::chrono::milliseconds shortest_heartbeat{10};
constexpr std::chrono::nanoseconds longest_heartbeat = std::chrono::hours(24);
constexpr std::chrono::milliseconds longest_linger{60'000};

/// A thread with all signals blocked: they are for Python's.
std::thread start_thread(auto&& run) {
  const SignalsBlocked blocked;
  return std::thread(std::forward<decltype(run)>(run));
}

}  // namespace

LinkObject::LinkObject(std::string host, std::uint16_t port, std::string node_id) : node_id_(std::move(node_id)) {
  protocol::DealerOptions options;
  options.host = std::move(host);
  options.port = port;
  options.node_id = node_id_;
  dealer_.emplace(context_.get_executor(), std::move(options));
  warning_ = dealer_->warning();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot create a pipe");
  readable_ = ends[0];
  wake_ = ends[1];
  asio::co_spawn(context_, receive_all(), asio::detached);
  next_tick();
  thread_ = start_thread([this] { context_.run(); });
}

LinkObject::~LinkObject() {
  close({});
  ::close(readable_);
  ::close(wake_);
}

void LinkObject::send(std::string frame, std::string_view type, std::uint64_t requests) {
  Outgoing message{std::move(frame), type == "client_ready", type == "stats", requests};
  asio::post(context_, [this, message = std::move(message)]() mutable {
    if (closing_) return;
    if (outgoing_.size() == most_frames) {
      logger.error("the master takes nothing: the oldest of {} messages to it was dropped", most_frames);
      outgoing_.pop_front();
    }
    outgoing_.push_back(std::move(message));
    flush();
  });
}

std::optional<std::string> LinkObject::receive() {
  const std::lock_guard lock(mutex_);
  if (incoming_.empty()) return std::nullopt;
  std::string frame = std::move(incoming_.front());
  incoming_.pop_front();
  char byte = 0;
  if (incoming_.empty()) [[maybe_unused]]
    const auto size = ::read(readable_, &byte, 1);
  return frame;
}

void LinkObject::heartbeat(protocol::State state, std::chrono::nanoseconds interval) {
  asio::post(context_, [this, state, interval] {
    state_ = state;
    const auto before =
        std::exchange(heartbeat_interval_, std::max<std::chrono::nanoseconds>(interval, shortest_heartbeat));
    if (heartbeat_interval_ < before) timer_.cancel();  // ticks at once
  });
}

void LinkObject::reconnect() {
  asio::post(context_, [this] {
    if (!closing_) dealer_->reconnect();
  });
}

void LinkObject::close(std::chrono::milliseconds linger) {
  if (!thread_.joinable()) return;
  const auto until = clock::now() + linger;
  asio::post(context_, [this, until] {
    closing_ = true;
    while (!outgoing_.empty() && clock::now() < until) {
      flush();
      if (!outgoing_.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    timer_.cancel();
    dealer_->close(std::max(std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()),
                            std::chrono::milliseconds(0)));
    work_.reset();
    context_.stop();
  });
  thread_.join();
}

asio::awaitable<void> LinkObject::receive_all() {
  while (!closing_) {
    std::string frame;
    bool failed = false;
    try {
      frame = co_await dealer_->receive();
    } catch (const std::exception& error) {
      if (closing_) co_return;
      logger.error("receiving from the master failed: {}", error.what());
      failed = true;
    }
    if (failed) {
      dealer_->reconnect();
    } else {
      if (learn_from(frame)) keep(std::move(frame));
    }
  }
}

bool LinkObject::learn_from(std::string_view frame) {
  look_for_loss();
  const auto decoded = protocol::decode_from_master(frame, node_id_);
  if (const auto* other = std::get_if<protocol::ForAnother>(&decoded)) {
    if (const auto warning = wrong_address_.warning(*other, node_id_)) logger.error("{}", *warning);
    return false;
  }
  last_heard_ = clock::now();
  broke_since_heard_ = told_lost_ = false;
  const auto* message = std::get_if<protocol::FromMaster>(&decoded);
  if (!message) return true;
  if (std::holds_alternative<protocol::from_master::Ack>(*message)) under_way_.acked();
  if (std::holds_alternative<protocol::from_master::HeartbeatReply>(*message)) under_way_.heartbeat_answered();
  return true;
}

void LinkObject::look_for_loss() {
  const auto in_doubt = under_way_.look_for_loss(dealer_->losses());
  if (!in_doubt) return;
  broke_since_heard_ = true;
  if (*in_doubt > 0) logger.warning("{}", reports_in_doubt(*in_doubt));
}

/// As MasterLink does it. Locust's runner knows of no such thing, but of an order to stop: its users stop, and it
/// registers again.
void LinkObject::look_for_lost_master() {
  if (!dealer_->connected()) broke_since_heard_ = true;
  const bool tests = state_ == protocol::State::spawning || state_ == protocol::State::running;
  if (!tests || told_lost_ || !broke_since_heard_ || clock::now() - last_heard_ <= LinkTiming{}.lost) return;
  told_lost_ = true;
  logger.warning("the connection to the master broke: all users stop now, and the worker registers again");
  keep("\x93\xa4stop\xc0\xc0");  // ["stop", None, None]
}

/// As MasterLink::answering(), but for the last ones, which have no time to wait, and those that client_ready waits
/// for.
bool LinkObject::takes_reports() const {
  if (closing_ || !state_ || std::ranges::any_of(outgoing_, &Outgoing::is_ready)) return true;
  return dealer_->heard() && still_answers(clock::now() - last_heard_, heartbeat_interval_);
}

void LinkObject::keep(std::string frame) {
  const std::lock_guard lock(mutex_);
  const bool first = incoming_.empty();
  incoming_.push_back(std::move(frame));
  if (first) [[maybe_unused]]
    const auto size = ::write(wake_, "", 1);
}

void LinkObject::next_tick() {
  const auto now = clock::now();
  auto next = now + tick_interval;
  if (state_ && last_heartbeat_)
    if (const auto due = *last_heartbeat_ + heartbeat_interval_; due > now) next = std::min(next, due);
  timer_.expires_at(next);
  timer_.async_wait([this](asio::error_code) {
    if (closing_) return;
    tick();
    next_tick();
  });
}

void LinkObject::tick() {
  look_for_lost_master();
  look_for_loss();
  flush();
  if (!state_ || !dealer_->connected()) return;
  if (last_heartbeat_ && clock::now() - *last_heartbeat_ < heartbeat_interval_) return;
  last_heartbeat_ = clock::now();
  const protocol::to_master::Heartbeat beat{
      .state = *state_, .cpu_usage = usage_.cpu_percent(), .memory_bytes = ProcessUsage::memory_bytes()};
  if (dealer_->send(protocol::encode(beat, node_id_))) under_way_.sent_heartbeat();  // the next one follows anyway
}

void LinkObject::flush() {
  while (!outgoing_.empty()) {
    const Outgoing& next = outgoing_.front();
    look_for_loss();
    if (next.is_report && !takes_reports()) return;
    if (!dealer_->send(next.frame)) return;
    if (next.is_report) under_way_.sent_report(next.requests);
    if (next.is_ready) under_way_.sent_ready();
    outgoing_.pop_front();
  }
}

void bind_link(nb::module_& m) {
  nb::class_<LinkObject>(m, "Link")
      .def(nb::init<std::string, std::uint16_t, std::string>(), nb::arg("host"), nb::arg("port"), nb::arg("node_id"))
      .def("fileno", &LinkObject::fileno)
      .def(
          "send",
          [](LinkObject& self, const nb::bytes& frame, std::string_view type, std::uint64_t requests) {
            self.send(std::string(frame.c_str(), frame.size()), type, requests);
          },
          nb::arg("frame"), nb::arg("type") = "", nb::arg("requests") = 0)
      .def("receive",
           [](LinkObject& self) -> nb::object {
             const auto frame = self.receive();
             if (!frame) return nb::none();
             return nb::bytes(frame->data(), frame->size());
           })
      .def(
          "heartbeat",
          [](LinkObject& self, std::string_view state, double interval) {
            const auto known = protocol::state_from(state);
            if (!known) throw nb::value_error(("no state of a worker: " + std::string(state)).c_str());
            self.heartbeat(*known, within(interval, longest_heartbeat));
          },
          nb::arg("state"), nb::arg("interval") = 1.0)
      .def("reconnect", &LinkObject::reconnect)
      .def(
          "close",
          [](LinkObject& self, double linger) {
            const nb::gil_scoped_release released;
            self.close(std::chrono::duration_cast<std::chrono::milliseconds>(within(linger, longest_linger)));
          },
          nb::arg("linger") = 0.0)
      .def_prop_ro("warning", &LinkObject::warning);
}

}  // namespace katydid::python
