#include "worker/arrivals/arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace katydid {
namespace {

// More than that are due at once only after the loop was held up: what has arrived at its sockets comes in between.
constexpr int most_at_once = 100;

}  // namespace

Arrivals::Arrivals(Loop& loop, const ArrivalRate& rate, Recorder& recorder, std::string user_class, std::uint64_t seed)
    : loop_(loop), rate_(rate), recorder_(recorder), user_class_(std::move(user_class)), random_(seed) {}

Arrivals::~Arrivals() {
  if (timer_.armed()) loop_.disarm(timer_);
}

void Arrivals::begin_test(std::optional<std::uint64_t> seed) {
  if (seed) random_ = RandomSource(*seed);
  if (timer_.armed()) loop_.disarm(timer_);
  begun_ = false;
  part_ = share_ = 0;
  users_ = ready_ = 0;
}

double Arrivals::gap() { return rate_.is_poisson() ? -std::log1p(-random_.fraction()) : 1.0; }

void Arrivals::set_part(double part, std::int64_t users, double first) {
  part_ = part;
  users_ = users;
  first_ = first;
  update();
}

void Arrivals::user_is_ready() {
  ++ready_;
  if (ready_ <= users_) update();
}

double Arrivals::share() const {
  if (ready_ >= users_) return part_;
  return part_ * static_cast<double>(ready_) / static_cast<double>(users_);
}

void Arrivals::update() {
  const auto now = clock::now();
  if (!begun_) {
    if (!(share() > 0)) return;
    begun_ = true;
    start_ = now;
    counted_ = 0;
    left_ = gap() * (1 - first_);
  }
  // One that is due, and only waits for its turn, stays due.
  const double since = std::chrono::duration<double>(now - start_).count();
  const double elapsed = timer_.armed() ? std::min(since, due_) : since;
  if (elapsed > counted_) {
    left_ = std::max(0.0, left_ - rate_.expected(counted_, elapsed) * share_);
    counted_ = elapsed;
  }
  share_ = share();
  arm(counted_);
}

void Arrivals::arm(double from) {
  constexpr double as_good_as_never = 1e9;
  due_ = share_ > 0 ? rate_.when(from, left_ / share_) : as_good_as_never;
  if (due_ < as_good_as_never) {
    loop_.arm(timer_, start_ + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(due_)));
  } else if (timer_.armed()) {
    loop_.disarm(timer_);
  }
}

void Arrivals::serve() {
  const double now = std::chrono::duration<double>(loop_.now() - start_).count();
  for (int i = 0; i < most_at_once; ++i) {
    const auto due = start_ + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(due_));
    counted_ = due_;
    left_ = gap();
    arm(counted_);  // before a user runs, which may end the test
    give(due);
    if (!timer_.armed() || due_ > now) return;
  }
}

void Arrivals::give(clock::time_point due) {
  if (!newest_) {
    recorder_.record(
        {.method = dropped_method, .name = user_class_, .response_time = std::chrono::nanoseconds(-1), .apart = true});
    return;
  }
  Idle& idle = *newest_;
  leave(idle);
  idle.arrived(idle, due);
}

void Arrivals::wait(Idle& idle) {
  idle.waits = true;
  idle.newer = nullptr;
  idle.older = newest_;
  if (newest_) newest_->newer = &idle;
  newest_ = &idle;
}

void Arrivals::leave(Idle& idle) {
  if (!std::exchange(idle.waits, false)) return;
  (idle.newer ? idle.newer->older : newest_) = idle.older;
  if (idle.older) idle.older->newer = idle.newer;
}

}  // namespace katydid
