#pragma once

#include "net/socket_address.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// What is known of a host: addresses (with port 0) in the order in which to try them, or an error.
struct ResolvedHost {
  std::vector<SocketAddress> addresses;
  std::string error;  ///< "NameResolutionError: cannot resolve host 'x'", or ""
};
using HostAnswer = std::shared_ptr<const ResolvedHost>;

/// Asks the system (getaddrinfo: hosts file, name servers, RFC 6724's order); blocks for as long as that takes.
/// Families of which this machine has no address are left out, except for localhost.
ResolvedHost look_up_host(const std::string& host);

/// "NameResolutionError: cannot resolve host 'x'", and the reason where it says more.
std::string name_resolution_error(std::string_view host, std::string_view reason = "");

/// Threads that block in getaddrinfo, so that no event loop does. They start when there is something to do, and equal
/// lookups that are under way at the same time are one. It keeps no answers: see Resolver.
///
/// Its threads are detached and nothing waits for them, since a name server that is silent holds one for half a minute:
/// neither the pool's end nor the process's does.
class LookupPool {
 public:
  using Lookup = std::function<ResolvedHost(const std::string&)>;
  /// Called on one of the pool's threads.
  using Done = std::function<void(HostAnswer)>;

  explicit LookupPool(Lookup lookup = look_up_host, std::size_t most_threads = 4);
  /// Drops what waits for a thread; what is being looked up is still answered.
  ~LookupPool();
  LookupPool(const LookupPool&) = delete;
  LookupPool& operator=(const LookupPool&) = delete;

  /// From any thread. When no thread can be made, `done` is called with an error before this returns.
  void look_up(const std::string& host, Done done);

  /// The process's own, for all resolvers.
  static LookupPool& shared();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace katydid
