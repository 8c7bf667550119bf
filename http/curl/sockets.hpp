#pragma once

#include "net/loop.hpp"

#include <curl/curl.h>
#include <sys/types.h>

#include <memory>
#include <vector>

namespace katydid {

/// The sockets of an engine, on the loop.
///
/// libcurl asks to watch a connection when a transfer starts and not to when it ends: two system calls a request. A
/// socket that was opened here therefore stays watched for reading between transfers, until it is closed here, or until
/// it becomes readable while idle (a server that closed it), which libcurl finds out by itself with the next transfer.
/// Until its first transfer has ended it can't be trusted to be closed here: libcurl 7.87 and 7.88 close a socket whose
/// connection did not come about by themselves, and tell afterwards, when its number may belong to another one.
class CurlSockets {
 public:
  /// Gets CURL_CSELECT_* bits.
  using OnReady = void (*)(void* owner, int fd, int bits);

  CurlSockets(Loop& loop, OnReady ready, void* owner) : loop_(loop), ready_(ready), owner_(owner) {}
  ~CurlSockets();
  CurlSockets(const CurlSockets&) = delete;
  CurlSockets& operator=(const CurlSockets&) = delete;

  /// As socket(2): -1 and errno when it fails.
  int open(int family, int type, int protocol);
  int close(int fd);
  /// `what` is CURL_POLL_*. Throws std::system_error when the kernel refuses.
  void set_interest(int fd, int what);

 private:
  struct Socket : Watch {
    CurlSockets* all = nullptr;
    Interest wanted{}, watched{};
    bool ours = false;     // opened here
    bool settled = false;  // and to be closed here
    ino_t identity = 0;
  };
  Socket& socket(int fd);
  void take(int fd);
  void apply(Socket& socket, Interest interest);
  static bool settles(Socket& socket);
  static void on_ready(Watch& watch, Ready ready);

  Loop& loop_;
  OnReady ready_;
  void* owner_;
  std::vector<std::unique_ptr<Socket>> sockets_;  // by descriptor; never freed before the end, so events can't dangle
};

}  // namespace katydid
