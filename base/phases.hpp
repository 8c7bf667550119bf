#pragma once

#include <chrono>

namespace katydid {

/// Where the time of a request went. Redirects, and tries that are repeated, are added up. What did not happen is
/// `none`: a connection that was kept open needs no name, no connect and no TLS.
struct Phases {
  static constexpr std::chrono::nanoseconds none{-1};

  std::chrono::nanoseconds name_lookup = none;  ///< by the system; an address, or a name known from before, needs none
  std::chrono::nanoseconds connect = none;      ///< TCP, over all addresses tried, and a proxy's tunnel
  std::chrono::nanoseconds tls = none;          ///< the handshake
  /// From the start of the request until its last byte was handed to the system, as curl's time_posttransfer. HttpUser
  /// with a libcurl before 8.10: until its first was.
  std::chrono::nanoseconds request_sent = none;
  /// From the start of the request to the first byte of its answer, after redirects the last one's: curl's
  /// time_starttransfer.
  std::chrono::nanoseconds first_byte = none;

  bool operator==(const Phases&) const = default;
};

/// More of the same phase.
inline void add_time(std::chrono::nanoseconds& phase, std::chrono::nanoseconds time) {
  if (phase < phase.zero()) phase = phase.zero();
  if (time > time.zero()) phase += time;
}

}  // namespace katydid
