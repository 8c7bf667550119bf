#include "net/reactor/asio_reactor.hpp"

#include <asio.hpp>

#include <unordered_set>
#include <vector>

namespace katydid {
namespace {

class AsioReactor final : public Reactor {
 public:
  ~AsioReactor() override {
    for (State* state : states_) {
      state->descriptor.release();
      state->watch = nullptr;
    }
    io_.restart();
    io_.poll();  // the cancelled waits let go of their states
  }

  EventLoop kind() const override { return EventLoop::asio; }
  int descriptor() const override { return -1; }

  void watch(Watch& watch, Interest interest) override {
    auto state = std::make_shared<State>(io_, watch);
    watch.state = state.get();
    states_.insert(state.get());
    state->self = state;
    state->interest = interest;
    arm(*state);
  }

  void change(Watch& watch, Interest interest) override {
    State& state = *static_cast<State*>(watch.state);
    state.interest = interest;
    arm(state);
  }

  void unwatch(Watch& watch) override {
    State* state = static_cast<State*>(std::exchange(watch.state, nullptr));
    if (!state) return;
    states_.erase(state);
    state->watch = nullptr;
    state->descriptor.release();  // its owner closes it
    state->self.reset();
  }

  bool wait(clock::time_point deadline, void (*woken)(void*), void* argument) override {
    woken_ = woken;
    argument_ = argument;
    arm_again();
    io_.restart();
    auto called = deadline == clock::time_point::max() ? io_.run_one() : io_.run_one_until(deadline);
    woken(argument);
    io_.restart();
    called += io_.poll();
    return called > 0;
  }

 private:
  struct State {
    State(asio::io_context& io, Watch& w) : descriptor(io, w.descriptor), watch(&w) {}
    asio::posix::stream_descriptor descriptor;
    Watch* watch;
    Interest interest;
    bool reading = false, writing = false;
    std::shared_ptr<State> self;
  };

  void arm(State& state) {
    if (state.interest.read && !state.reading) {
      state.reading = true;
      state.descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                                  [this, state = state.self](asio::error_code error) {
                                    state->reading = false;
                                    ready(*state, error, {.read = true});
                                  });
    }
    if (state.interest.write && !state.writing) {
      state.writing = true;
      state.descriptor.async_wait(asio::posix::descriptor_base::wait_write,
                                  [this, state = state.self](asio::error_code error) {
                                    state->writing = false;
                                    ready(*state, error, {.write = true});
                                  });
    }
  }

  void ready(State& state, asio::error_code error, Ready what) {
    if (error == asio::error::operation_aborted || !state.watch) return;
    woken_(argument_);  // Asio does not tell which events it got together
    if (error) what = {.read = true, .write = true, .error = true};
    if ((what.read && state.interest.read) || (what.write && state.interest.write))
      state.watch->ready(*state.watch, what);
    // Armed again in this turn, a watch that stays ready would never let the turn end.
    if (state.watch) again_.push_back(state.self);
  }

  void arm_again() {
    for (auto& state : again_) {
      if (state->watch) arm(*state);
    }
    again_.clear();
  }

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  std::unordered_set<State*> states_;
  std::vector<std::shared_ptr<State>> again_;
  void (*woken_)(void*) = nullptr;
  void* argument_ = nullptr;
};

}  // namespace

std::unique_ptr<Reactor> make_asio_reactor() { return std::make_unique<AsioReactor>(); }

}  // namespace katydid
