#pragma once

#include "net/lookup_pool.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// Addresses that stand in place of a name's own: `--resolve shop.example:443:127.0.0.1`, as curl has it.
class HostOverrides {
 public:
  /// "HOST:PORT:ADDRESS", or several addresses with commas between them; an IPv6 address may be in brackets. The host *
  /// is any that no other entry names. Throws BadValue.
  void add(std::string_view entry);

  bool empty() const { return entries_.empty(); }
  /// Null when there is nothing for that host and port.
  HostAnswer find(std::string_view host, std::uint16_t port) const;
  /// All of them in libcurl's words.
  std::vector<std::string> texts() const;

  /// Those of the process, which resolvers go by. They are set before the first request.
  static HostOverrides& of_process();

 private:
  struct Entry {
    std::string host;  // in lower case, or "*"
    std::uint16_t port;
    HostAnswer answer;
  };
  std::vector<Entry> entries_;
};

}  // namespace katydid
