#include "net/lookup_pool.hpp"

#include "base/signals_blocked.hpp"

#include <netdb.h>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace katydid {
namespace {

bool is_localhost(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host == "localhost" || host.ends_with(".localhost");
}

/// "" where it says no more than that the name does not resolve.
std::string reason_of(int failure, int os_error) {
  if (failure == EAI_SYSTEM) return std::generic_category().message(os_error);
  if (failure == EAI_NONAME) return "";
#if defined(EAI_NODATA)
  if (failure == EAI_NODATA) return "";
#endif
  return ::gai_strerror(failure);
}

}  // namespace

std::string name_resolution_error(std::string_view host, std::string_view reason) {
  std::string text = "NameResolutionError: cannot resolve host '";
  text.append(host).append("'");
  if (!reason.empty()) text.append(" (").append(reason).append(")");
  return text;
}

ResolvedHost look_up_host(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  // It does not count the loopback interface, so that it would hide a server that listens on ::1 alone.
  hints.ai_flags = is_localhost(host) ? 0 : AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  errno = 0;
  const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const int os_error = errno;
  if (failure != 0) return {.addresses = {}, .error = name_resolution_error(host, reason_of(failure, os_error))};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  ResolvedHost result;
  for (const addrinfo* each = found; each; each = each->ai_next) {
    if (each->ai_family == AF_INET || each->ai_family == AF_INET6) {
      result.addresses.emplace_back(each->ai_addr, each->ai_addrlen);
    }
  }
  if (result.addresses.empty()) result.error = name_resolution_error(host);
  return result;
}

struct LookupPool::State {
  State(Lookup l, std::size_t most) : lookup(std::move(l)), most_threads(most) {}

  const Lookup lookup;
  const std::size_t most_threads;

  std::mutex mutex;  // guards all below
  std::condition_variable changed;
  std::map<std::string, std::vector<Done>> under_way;  // those in the queue and those that a thread has
  std::deque<std::string> queue;
  std::size_t threads = 0, idle = 0;
  bool ended = false;

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      ++idle;
      changed.wait(lock, [this] { return ended || !queue.empty(); });
      --idle;
      if (ended) return;
      const std::string host = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      const auto answer = answer_for(host);
      lock.lock();
      auto waiting = under_way.extract(host);
      lock.unlock();
      for (const auto& done : waiting.mapped()) done(answer);
      lock.lock();
    }
  }

  HostAnswer answer_for(const std::string& host) const {
    try {
      return std::make_shared<ResolvedHost>(lookup(host));
    } catch (const std::exception& error) {
      return std::make_shared<ResolvedHost>(
          ResolvedHost{.addresses = {}, .error = name_resolution_error(host, error.what())});
    }
  }
};

LookupPool::LookupPool(Lookup lookup, std::size_t most_threads)
    : state_(std::make_shared<State>(std::move(lookup), most_threads)) {}

LookupPool::~LookupPool() {
  std::lock_guard lock(state_->mutex);
  state_->ended = true;
  for (const auto& host : state_->queue) state_->under_way.erase(host);
  state_->queue.clear();
  state_->changed.notify_all();
}

void LookupPool::look_up(const std::string& host, Done done) {
  std::unique_lock lock(state_->mutex);
  auto& waiting = state_->under_way[host];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;
  state_->queue.push_back(host);
  if (state_->queue.size() <= state_->idle || state_->threads == state_->most_threads) {
    return state_->changed.notify_one();
  }
  try {
    const SignalsBlocked blocked;
    std::thread([state = state_] { state->work(); }).detach();
    ++state_->threads;
  } catch (const std::system_error& error) {
    if (state_->threads > 0) return;  // one of those will come to it
    state_->queue.pop_back();
    auto failed = state_->under_way.extract(host);
    lock.unlock();
    const auto answer = std::make_shared<ResolvedHost>(ResolvedHost{
        .addresses = {},
        .error = name_resolution_error(host, "no thread could be started to look it up: " + error.code().message())});
    for (const auto& each : failed.mapped()) each(answer);
  }
}

LookupPool& LookupPool::shared() {
  // Never destroyed: a thread may use it while the process exits.
  static auto* const pool = new LookupPool;
  return *pool;
}

}  // namespace katydid
