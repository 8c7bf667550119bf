#pragma once

#include "net/resolver.hpp"

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

/// The order in which a user's connections try the addresses of a name, where it is not the usual one: see
/// ClientOptions::address_turn.
///
/// libcurl looks up names itself, and tries what it found in its own order. But each time it asks for a socket it may
/// be told another address.
class CurlRotation : Resolution {
 public:
  using Found = void (*)(void* owner);

  /// `found` is called with `owner` when addresses are there that begin() had to wait for.
  CurlRotation(Resolver& resolver, Found found, void* owner)
      : Resolution(&CurlRotation::resolved), resolver_(resolver), found_(found), owner_(owner) {}

  /// For a request to that absolute URL, the proxy's if there is one. False: its addresses have to be waited for.
  bool begin(std::string_view url, std::uint32_t turn);
  void cancel() { Resolution::cancel(); }
  /// The next one to try, in place of the one that libcurl has chosen. A name that was not found is left to libcurl.
  void replace(curl_sockaddr& address);

 private:
  static void resolved(Resolution& self);

  Resolver& resolver_;
  Found found_;
  void* owner_;
  std::string host_;
  std::uint16_t port_ = 0;
  HostAnswer known_;  // of host_ and port_
  std::uint32_t turn_ = 0;
  std::size_t tried_ = 0;
};

}  // namespace katydid
