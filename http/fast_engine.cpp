#include "http/fast_engine.hpp"

#include "http/fast_connection.hpp"
#include "http/fast_transfer.hpp"

#include <utility>

namespace katydid {

FastEngine::FastEngine(Loop& loop) : loop_(loop), resolver_(loop) {}

FastEngine::~FastEngine() { *alive_ = false; }

FastTransfer& FastEngine::acquire() {
  if (idle_.empty()) return *new FastTransfer(*this);
  FastTransfer* transfer = idle_.back().release();
  idle_.pop_back();
  return *transfer;
}

void FastEngine::release(FastTransfer& transfer) { idle_.emplace_back(&transfer); }

void FastEngine::bury(std::unique_ptr<FastConnection> connection) {
  buried_.push_back(std::move(connection));
  if (std::exchange(burial_planned_, true)) return;
  loop_.defer([this, alive = alive_] {
    if (!*alive) return;
    burial_planned_ = false;
    buried_.clear();
  });
}

}  // namespace katydid
