#include "http/fast/engine.hpp"

#include "http/fast/connection.hpp"
#include "http/fast/http2/connection.hpp"
#include "http/fast/transfer.hpp"

#include <algorithm>
#include <utility>

namespace katydid {
namespace {
// A user that has its answer soon asks again: few are idle for long, however many are under way. What a burst leaves
// over is given back.
constexpr std::size_t most_idle = 128;
}  // namespace

FastEngine::FastEngine(Loop& loop) : loop_(loop), resolver_(loop) {}

FastEngine::~FastEngine() { *alive_ = false; }

FastTransfer& FastEngine::acquire() {
  if (idle_.empty()) return *new FastTransfer(*this);
  FastTransfer* transfer = idle_.back().release();
  idle_.pop_back();
  return *transfer;
}

void FastEngine::release(FastTransfer& transfer) {
  idle_.emplace_back(&transfer);
  if (idle_.size() > most_idle) tidy_later();  // functions of the one that comes back may still be running
}

void FastEngine::tidy_later() {
  if (std::exchange(tidying_planned_, true)) return;
  loop_.defer([this, alive = alive_] {
    if (!*alive) return;
    tidying_planned_ = false;
    buried_.clear();
    if (idle_.size() > most_idle) idle_.resize(most_idle);
  });
}

void FastEngine::bury(std::unique_ptr<FastConnection> connection) {
  buried_.push_back(std::move(connection));
  tidy_later();
}

void FastEngine::flush_later(Http2Connection& connection) {
  to_flush_.push_back(&connection);
  if (std::exchange(flush_planned_, true)) return;
  loop_.defer([this, alive = alive_] {
    if (!*alive) return;
    flush_planned_ = false;
    flushing_.swap(to_flush_);
    for (std::size_t i = 0; i < flushing_.size(); ++i) {
      if (flushing_[i]) flushing_[i]->flush();
    }
    flushing_.clear();
  });
}

void FastEngine::flush_no_more(Http2Connection& connection) {
  std::ranges::replace(to_flush_, &connection, nullptr);
  std::ranges::replace(flushing_, &connection, nullptr);
}

}  // namespace katydid
