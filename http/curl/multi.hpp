#pragma once

#include "http/content/decoder.hpp"
#include "http/curl/handles.hpp"
#include "http/curl/sockets.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"

#include <coroutine>
#include <cstddef>
#include <vector>

namespace katydid {

class CurlTransfer;

/// A shard's one libcurl multi handle on its loop. No coroutine runs inside a call of libcurl, and nothing is thrown
/// through one: its timer is always armed, as arming it then needs no memory.
class CurlMulti : Timer {
 public:
  explicit CurlMulti(Loop& loop);
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  Loop& loop() const { return loop_; }
  CurlSockets& sockets() { return sockets_; }
  ContentDecoder& decoder() { return decoder_; }
  /// For those who choose among the addresses of a name; libcurl has its own.
  Resolver& resolver() { return resolver_; }

  /// Sends the request at once if a connection is at hand. Its end comes later, by CurlTransfer::completed(); unless
  /// this returns an error, then it was not taken.
  CURLMcode add(CURL* easy);
  void remove(CURL* easy);

  /// Bytes that a transfer may bring in one turn of the loop, so that the others, and all else, have theirs.
  std::size_t part_of_turn() const;
  /// The paused transfer's go_on() is called in the loop's next turn; once, unless it is forgotten.
  void continue_soon(CurlTransfer& transfer);

  /// The transfer's tell() is called from the loop, outside of libcurl; once, unless it is forgotten. @{
  void tell_soon(CurlTransfer& transfer);
  void forget(CurlTransfer& transfer);
  /// @}

 private:
  void run(int fd, int bits);
  void collect();
  void collect_ended();

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* unused);
  static int on_timeout(CURLM*, long milliseconds, void* self);
  static void on_ready(void* self, int fd, int bits);
  static void on_timer(Timer& self);

  Loop& loop_;
  CurlSockets sockets_;
  CurlMultiHandle multi_;
  ContentDecoder decoder_;
  Resolver resolver_{loop_};
  std::vector<CurlTransfer*> news_, paused_, continuing_;
  int in_multi_ = 0;  // handles added and not removed
  int alive_ = 0;     // of those, the ones that libcurl has not finished
  bool adding_ = false;
  bool running_ = false;
  bool collecting_ = false;
};

}  // namespace katydid
