#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace katydid {

class Value;

/// `--request-log FILE`: a line of JSON for each request, with the names of Locust's `request` event. A thread of its
/// own writes, and only so much waits for it: where a disk does not keep up, lines are dropped, counted and told.
class RequestFile {
 public:
  struct Line {
    std::string_view request_type, name;
    std::chrono::nanoseconds response_time;  ///< negative: null
    std::uint64_t response_length = 0;
    int status = 0;                  ///< 0: null
    std::string_view exception{};    ///< "": null
    std::string_view url{};          ///< "": null
    const Value* context = nullptr;  ///< of the user and the request; empty or nullptr: null
    std::chrono::system_clock::time_point start_time;
  };

  static constexpr std::size_t most_waiting = std::size_t(16) << 20;

  /// Adds to the file, or makes it. Throws std::runtime_error. Several processes may write to one file: it is made
  /// before they part, and each begins with its first line.
  explicit RequestFile(const std::string& path, std::size_t most = most_waiting);
  ~RequestFile();
  RequestFile(const RequestFile&) = delete;
  RequestFile& operator=(const RequestFile&) = delete;

  /// From any thread.
  void write(const Line& line);
  /// Writes what is left, and tells in the log what could not be written. Later lines are not taken.
  void finish();
  std::uint64_t dropped() const { return dropped_; }

  /// The one that there is, or null.
  static RequestFile* of_process();

 private:
  void run();
  void put(std::string text);

  const std::string path_;
  const std::size_t most_;
  int descriptor_ = -1;
  std::once_flag begun_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;  // lines that nobody has written yet
  bool ends_ = false, told_ = false;
  bool cut_ = false;  // the file ends within a line
  std::atomic<std::uint64_t> dropped_ = 0;
};

}  // namespace katydid
