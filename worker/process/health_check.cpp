#include "worker/process/health_check.hpp"

#include "worker/process/health_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace katydid {
namespace {

#ifdef __linux__

using clock = std::chrono::steady_clock;

/// Names in the abstract namespace: /proc/net/unix has each socket in a line, and the name last, with an @ for the NUL.
std::set<std::string> names_of_sockets() {
  const std::string wanted = "@" + std::string(health_socket_prefix);
  std::set<std::string> names;
  std::ifstream sockets("/proc/net/unix");
  for (std::string line; std::getline(sockets, line);) {
    const auto at = line.find(wanted);
    if (at != line.npos) names.insert(line.substr(at + 1));
  }
  return names;
}

std::optional<pid_t> parent_of(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("PPid:")) return static_cast<pid_t>(std::stol(line.substr(5)));
  }
  return std::nullopt;
}

class Asked {
 public:
  Asked(const std::string& name, std::chrono::milliseconds patience)
      : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) return;
    // A process that stands still has not taken those who asked before.
    const timeval limit{.tv_sec = patience.count() / 1000, .tv_usec = patience.count() % 1000 * 1000};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(&address.sun_path[1], sizeof address.sun_path - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) != 0) return;
    socklen_t peer_size = sizeof peer_;
    connected_ = ::getsockopt(descriptor_, SOL_SOCKET, SO_PEERCRED, &peer_, &peer_size) == 0;
  }
  ~Asked() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Asked(Asked&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), connected_(other.connected_), peer_(other.peer_) {}
  Asked& operator=(Asked&&) = delete;

  pid_t process() const { return peer_.pid; }
  /// Not one that is gone, and not one of another container, whose process id means nothing here.
  bool counts(const std::vector<pid_t>& wanted) const {
    if (!connected_ || peer_.pid <= 0) return false;
    if (::geteuid() != 0 && peer_.uid != ::geteuid()) return false;
    if (wanted.empty()) return true;
    const auto is_wanted = [&](pid_t process) { return std::ranges::find(wanted, process) != wanted.end(); };
    return is_wanted(peer_.pid) || is_wanted(parent_of(peer_.pid).value_or(0));
  }

  Health answer(clock::time_point until) const {
    std::string line;
    while (!line.ends_with('\n')) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
      pollfd waited{.fd = descriptor_, .events = POLLIN, .revents = 0};
      const int ready = ::poll(&waited, 1, std::max(0, static_cast<int>(left.count())));
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return {.well = false, .text = "it does not answer: it is stopped, or its event loop hangs"};
      std::array<char, 512> bytes{};
      const ssize_t size = ::read(descriptor_, bytes.data(), bytes.size());
      if (size <= 0) return {.well = false, .text = "it closed the connection without an answer"};
      line.append(bytes.data(), static_cast<std::size_t>(size));
    }
    line.pop_back();
    const auto space = line.find(' ');
    return {.well = line.substr(0, space) == "well", .text = space == line.npos ? "" : line.substr(space + 1)};
  }

 private:
  int descriptor_;
  bool connected_ = false;
  ucred peer_{};
};

#endif

}  // namespace

#ifdef __linux__
Health check_health(const std::vector<pid_t>& processes, std::chrono::milliseconds patience) {
  const auto until = clock::now() + patience;
  std::vector<Asked> asked;  // all of them first: then they look at the same time
  for (const std::string& name : names_of_sockets()) {
    Asked one(name, patience);
    if (one.counts(processes)) asked.push_back(std::move(one));
  }
  if (asked.empty()) {
    std::string which;
    for (const pid_t process : processes)
      which += (which.empty() ? ", or none with the process id " : ", ") + std::to_string(process);
    return {.well = false, .text = "katydid: there is no worker here" + which + "\n"};
  }
  Health all;
  for (const Asked& one : asked) {
    const Health health = one.answer(until);
    all.well = all.well && health.well;
    all.text += "katydid: process " + std::to_string(one.process()) + (health.well ? " is well: " : " is ill: ") +
                health.text + "\n";
  }
  return all;
}
#else
Health check_health(const std::vector<pid_t>&, std::chrono::milliseconds) {
  return {.well = false, .text = "katydid: --health works on Linux only\n"};
}
#endif

}  // namespace katydid
