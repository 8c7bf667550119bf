#pragma once

#include "net/host_overrides.hpp"
#include "net/lookup_pool.hpp"
#include "net/loop.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace katydid {

class Resolver;

/// Somebody who waits for a host's addresses. Its owner keeps it in place while it is pending, and may destroy or
/// cancel it at any time: it is not called then.
class Resolution {
 public:
  using Done = void (*)(Resolution&);
  explicit Resolution(Done done) : done_(done) {}
  ~Resolution() { cancel(); }
  Resolution(const Resolution&) = delete;
  Resolution& operator=(const Resolution&) = delete;

  bool pending() const { return next_ != nullptr; }
  void cancel();
  /// Set when the resolution is over; it may be kept. Shared with others, hence const.
  const HostAnswer& answer() const { return answer_; }

 private:
  friend class Resolver;
  Resolution() = default;  // the head of a ring
  void join(Resolution& head);

  Done done_ = nullptr;
  Resolution *previous_ = nullptr, *next_ = nullptr;
  HostAnswer answer_;
};

struct ResolverSettings {
  const HostOverrides* overrides = &HostOverrides::of_process();
  LookupPool* pool = &LookupPool::shared();           ///< must outlive the resolver
  std::chrono::milliseconds keep{60'000};             ///< answers, as libcurl keeps them
  std::chrono::milliseconds keep_failure{1'000};      ///< so that users who fail do not ask without end
  std::function<Loop::clock::time_point()> now = {};  ///< for tests; else the loop's
};

/// Names to addresses for the clients of one loop, never blocking it.
///
/// Each loop has its own cache, so that a new connection takes no lock; loops that ask for the same name at the same
/// time share one lookup of the pool's. All is of the loop's thread.
class Resolver {
 public:
  explicit Resolver(Loop& loop, ResolverSettings settings = {});
  /// Whoever waits is no longer called.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// True: the answer is there (a literal address, or it was in the cache). False: `resolution` is called later, from
  /// the loop. The addresses have port 0, see SocketAddress::with_port(); that of the connection is for overrides.
  bool resolve(Resolution& resolution, std::string_view host, std::uint16_t port = 0);

  /// Names that are known or being asked for.
  std::size_t size() const { return hosts_.size(); }

 private:
  using time_point = Loop::clock::time_point;
  struct Host {
    HostAnswer answer;  // null while a lookup is under way
    time_point expires;
    Resolution waiting;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct Link;

  time_point now() const { return settings_.now ? settings_.now() : loop_.now(); }
  void keep(Host& host, HostAnswer answer);
  void look_up(const std::string& host);
  void finish(const std::string& host, const HostAnswer& answer);
  void forget_expired();

  Loop& loop_;
  ResolverSettings settings_;
  std::unordered_map<std::string, Host, Hash, std::equal_to<>> hosts_;
  std::size_t forget_at_ = 256;
  std::shared_ptr<Link> link_;
};

}  // namespace katydid
