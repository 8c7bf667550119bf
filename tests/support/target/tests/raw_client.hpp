#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

namespace katydid::target {

/// A blocking TCP or Unix connection that says exactly what it is told to, for tests of the target. Everything that
/// goes wrong throws; nothing waits longer than half a minute.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  explicit RawClient(const std::string& unix_path);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }

  void send(std::string_view bytes);
  /// "GET /path HTTP/1.1" with a Host.
  void get(std::string_view path, std::string_view more_headers = "");

  struct Answer {
    int status = 0;
    std::string head;  ///< status line and headers, with the blank line
    std::string body;  ///< by Content-Length; empty without one
    /// Value of a header, as it is spelt; empty when there is none.
    std::string header(std::string_view name) const;
  };
  /// Reads one answer; throws when the connection ends before it.
  Answer read_answer(bool head_only = false);
  Answer fetch(std::string_view path) {
    get(path);
    return read_answer();
  }

  /// Everything up to the end of the connection.
  std::string read_all();
  /// Whether the connection ended with a reset; reads up to there.
  bool ended_by_reset();
  /// Whether something arrives within that time.
  bool arrives(std::chrono::milliseconds within);

  void close();
  /// With a TCP reset.
  void reset();
  /// Ends only what is sent from here.
  void shut();
  void shrink_receive_buffer(int bytes);

 private:
  bool receive();  // false at the end

  int socket_;
  std::string received_;
  bool reset_seen_ = false;
};

/// Waits for what another thread is about to do; false after half a minute.
template <class Predicate>
bool eventually(Predicate&& predicate) {
  for (int i = 0; i < 30'000; ++i) {
    if (predicate()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace katydid::target
