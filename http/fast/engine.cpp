#include "http/fast/engine.hpp"

#include "http/fast/connection.hpp"
#include "http/fast/http2/connection.hpp"
#include "http/fast/session.hpp"
#include "http/fast/transfer.hpp"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

namespace katydid {
namespace {
// A user that has its answer soon asks again: few are idle for long, however many are under way. What a burst leaves
// over is given back.
constexpr std::size_t most_idle = 128;
constexpr std::size_t most_settings = 8, most_base_urls = 8;
}  // namespace

FastEngine::FastEngine(Loop& loop) : loop_(loop), resolver_(loop) {}

FastEngine::~FastEngine() {
  *alive_ = false;
  clear_buried();
}

/// Room for its return is made now: that may be in a destructor, which must not want memory.
FastTransfer& FastEngine::acquire() {
  if (idle_.empty()) {
    if (idle_.capacity() <= lent_) idle_.reserve(2 * lent_ + 8);
    auto* const made = new FastTransfer(*this);
    ++lent_;
    return *made;
  }
  FastTransfer* transfer = idle_.back().release();
  idle_.pop_back();
  ++lent_;
  return *transfer;
}

void FastEngine::release(FastTransfer& transfer) {
  --lent_;
  idle_.emplace_back(&transfer);
  if (idle_.size() > most_idle) tidy_later();  // functions of the one that comes back may still be running
}

std::shared_ptr<const ClientOptions> FastEngine::shared(ClientOptions options) {
  const auto known = std::ranges::find_if(settings_, [&](const auto& each) { return *each == options; });
  if (known != settings_.end()) return *known;
  if (settings_.size() == most_settings) settings_.pop_back();
  return *settings_.insert(settings_.begin(), std::make_shared<const ClientOptions>(std::move(options)));
}

const BaseUrl& FastEngine::base_url(const std::string& text) {
  const auto known = std::ranges::find(base_urls_, text, &BaseUrl::text);
  if (known != base_urls_.end()) {
    std::rotate(base_urls_.begin(), known, std::next(known));
  } else {
    if (base_urls_.size() == most_base_urls) base_urls_.pop_back();
    base_urls_.emplace(base_urls_.begin(), text);
  }
  return base_urls_.front();
}

std::shared_ptr<FastSession> FastEngine::pool(const ClientOptions& options) {
  const ClientOptions of_connections{.http_version = options.http_version,
                                     .max_connections = options.max_connections,
                                     .verify = options.verify,
                                     .verify_host = options.verify_host,
                                     .ca_file = options.ca_file,
                                     .client_certificate = options.client_certificate,
                                     .client_key = options.client_key,
                                     .proxy = options.proxy,
                                     .unix_socket = options.unix_socket,
                                     .source_address = options.source_address};
  std::erase_if(pools_, [](const auto& pool) { return pool.expired(); });
  for (const auto& known : pools_) {
    if (auto pool = known.lock(); pool && pool->settings() == of_connections) return pool;
  }
  auto made = FastSession::make_pool(*this, of_connections);
  pools_.push_back(made);
  return made;
}

void FastEngine::tidy_later() {
  if (std::exchange(tidying_planned_, true)) return;
  try {
    loop_.defer([this, alive = alive_] {
      if (!*alive) return;
      tidying_planned_ = false;
      clear_buried();
      if (idle_.size() > most_idle) idle_.resize(most_idle);
    });
  } catch (const std::bad_alloc&) {  // then with what comes next
    tidying_planned_ = false;
  }
}

void FastEngine::bury(std::unique_ptr<FastConnection> connection) {
  connection->buried_before = std::move(buried_);
  buried_ = std::move(connection);
  tidy_later();
}

/// One by one, as there may be thousands.
void FastEngine::clear_buried() {
  while (buried_) buried_ = std::move(buried_->buried_before);
}

void FastEngine::flush_later(Http2Connection& connection) {
  to_flush_.push_back(&connection);
  if (flush_planned_) return;
  loop_.defer([this, alive = alive_] {
    if (!*alive) return;
    flush_planned_ = false;
    flushing_.swap(to_flush_);
    for (std::size_t i = 0; i < flushing_.size(); ++i) {
      if (flushing_[i]) flushing_[i]->flush();
    }
    flushing_.clear();
  });
  flush_planned_ = true;
}

void FastEngine::flush_no_more(Http2Connection& connection) {
  std::ranges::replace(to_flush_, &connection, nullptr);
  std::ranges::replace(flushing_, &connection, nullptr);
}

}  // namespace katydid
