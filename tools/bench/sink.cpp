// The cheapest target there is: answers every request with the same bytes, and counts. A thread for each core, and a
// connection belongs to the thread of the core that it was opened from, so that load generators with a thread on each
// core meet nothing of each other's. No parser: a request ends with an empty line and has no body. One that asks for a
// WebSocket gets one, whose messages of up to 125 bytes are echoed, and GET /events 200 server-sent events of 60 bytes,
// one a millisecond. With --arrivals it keeps the kernel's time stamp of each request, so that its own wake-ups are not
// in them.
#include "websocket/frame.hpp"
#include "websocket/handshake.hpp"

#include <CLI/CLI.hpp>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace {

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

/// In chunks, of which an event is one. @{
constexpr std::string_view events_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view one_event = "3c\r\ndata: a token of an answer that comes in pieces ..........\n\n\r\n";
constexpr std::string_view last_event = "0\r\n\r\n";
static_assert(one_event.size() == 0x3c + 6);
/// @}

/// Counted by one thread, read by all.
struct alignas(64) Counter {
  std::atomic<unsigned long> answered{0};
};

/// When requests came, by the kernel's clock: nanoseconds since 1970. Kept by one thread, read by another.
class Arrivals {
 public:
  void reserve(std::size_t most) { times_.resize(most); }
  bool wanted() const { return !times_.empty(); }
  void keep(std::uint64_t time) {
    const auto kept = kept_.load(std::memory_order_relaxed);
    if (kept == times_.size()) return;
    times_[kept] = time;
    kept_.store(kept + 1, std::memory_order_release);
  }
  void write(std::FILE* file) const {
    std::fwrite(times_.data(), sizeof(std::uint64_t), kept_.load(std::memory_order_acquire), file);
  }

 private:
  std::vector<std::uint64_t> times_;
  std::atomic<std::size_t> kept_{0};
};

/// Of the listeners on one port, a connection goes to that whose number is the core's which opens it.
void choose_by_core(int listener, unsigned threads) {
  std::array<sock_filter, 3> code{{{BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<unsigned>(SKF_AD_OFF + SKF_AD_CPU)},
                                   {BPF_ALU | BPF_MOD | BPF_K, 0, 0, threads},
                                   {BPF_RET | BPF_A, 0, 0, 0}}};
  const sock_fprog program{.len = code.size(), .filter = code.data()};
  checked(setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program), "reuseport program");
}

int listen_on(int port) {
  const int listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  const int yes = 1;
  checked(setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes), "SO_REUSEPORT");
  const sockaddr_in address{.sin_family = AF_INET,
                            .sin_port = htons(static_cast<std::uint16_t>(port)),
                            .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
                            .sin_zero = {}};
  checked(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(listen(listener, 8192), "listen");
  return listener;
}

/// The connections of one core.
class Server {
 public:
  Server(int listener, std::deque<Counter>& counters, Arrivals& arrivals, std::size_t index)
      : epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
        listener_(listener),
        timer_(checked(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create")),
        counters_(counters),
        arrivals_(arrivals),
        index_(index) {
    watch(listener_);
    watch(timer_);
  }

  void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
        descriptor == listener_ ? accept_all() : descriptor == timer_ ? send_events() : serve(descriptor);
      }
    }
  }

 private:
  void watch(int descriptor) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = descriptor}};
    checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
  }

  void accept_all() {
    const int yes = 1;
    for (int peer; (peer = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      if (arrivals_.wanted()) setsockopt(peer, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
      watch(peer);
    }
  }

  void serve(int peer) {
    const auto length = arrivals_.wanted() ? read_with_time(peer) : read(peer, input_.data(), input_.size());
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const std::string_view bytes(input_.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
    if (length <= 0 || !answer_all(peer, bytes)) {
      unfinished_.erase(peer);
      websockets_.erase(peer);
      set_ticking(std::erase_if(streams_, [&](const Stream& each) { return each.peer == peer; }) > 0);
      close(peer);
    }
  }

  ssize_t read_with_time(int peer) {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control;
    iovec into{.iov_base = input_.data(), .iov_len = input_.size()};
    msghdr message{};
    message.msg_iov = &into;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto length = recvmsg(peer, &message, 0);
    for (cmsghdr* each = length > 0 ? CMSG_FIRSTHDR(&message) : nullptr; each; each = CMSG_NXTHDR(&message, each)) {
      if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
      timespec time{};
      std::memcpy(&time, CMSG_DATA(each), sizeof time);
      arrivals_.keep(std::uint64_t(time.tv_sec) * 1'000'000'000 + std::uint64_t(time.tv_nsec));
    }
    return length;
  }

  bool answer_all(int peer, std::string_view bytes) {
    return websockets_.contains(peer) ? echo_all(peer, bytes) : answer_requests(peer, bytes);
  }

  /// False when it closes, or when a frame is long or comes in pieces: that is no load of a benchmark.
  bool echo_all(int peer, std::string_view bytes) {
    std::string answers;
    while (!bytes.empty()) {
      constexpr std::size_t header = 6;
      const std::size_t size = bytes.size() < header ? 127 : static_cast<unsigned char>(bytes[1]) & 0x7FU;
      if (size > katydid::most_control_bytes || bytes.size() < header + size) return false;
      std::uint32_t key = 0;
      std::memcpy(&key, bytes.data() + 2, sizeof key);
      answers.append({bytes[0], static_cast<char>(size)}).append(bytes.substr(header, size));
      katydid::apply_mask(answers.data() + answers.size() - size, size, key);
      if ((bytes[0] & 0x0F) == static_cast<char>(katydid::Opcode::close)) {
        send(peer, answers.data(), answers.size(), MSG_NOSIGNAL);
        return false;
      }
      count_one();
      bytes.remove_prefix(header + size);
    }
    return send(peer, answers.data(), answers.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(answers.size());
  }

  bool open_websocket(int peer, std::string_view head) {
    constexpr std::string_view name = "Sec-WebSocket-Key: ";
    const auto key = head.substr(head.find(name) + name.size());
    websockets_.insert(peer);
    return send_whole(peer,
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: " +
                          katydid::accept_of(key.substr(0, key.find("\r\n"))) + "\r\n\r\n");
  }

  struct Stream {
    int peer;
    int left = 200;  ///< events to come
  };

  bool open_stream(int peer) {
    streams_.push_back({peer});
    set_ticking(streams_.size() == 1);
    return send_whole(peer, events_head);
  }

  /// The timer runs while there are streams; nothing without a change.
  void set_ticking(bool changed) {
    if (!changed) return;
    const timespec each{.tv_sec = 0, .tv_nsec = streams_.empty() ? 0 : 1'000'000};
    const itimerspec when{.it_interval = each, .it_value = each};
    checked(timerfd_settime(timer_, 0, &when, nullptr), "timerfd_settime");
  }

  /// One for each stream. What a socket doesn't take is missed by its reader, who says so.
  void send_events() {
    std::uint64_t times = 0;
    if (read(timer_, &times, sizeof times) < 0) return;
    for (Stream& each : streams_) {
      const auto bytes = each.left-- > 0 ? one_event : last_event;
      send(each.peer, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    set_ticking(std::erase_if(streams_, [](const Stream& each) { return each.left < 0; }) > 0);
  }

  /// False when the peer must go: it asks for more at once than its socket takes.
  bool answer_requests(int peer, std::string_view bytes) {
    std::string kept;
    if (const auto begun = unfinished_.find(peer); begun != unfinished_.end()) {
      kept = std::move(begun->second) + std::string(bytes);
      unfinished_.erase(begun);
      bytes = kept;
    }
    for (std::size_t end; (end = bytes.find("\r\n\r\n")) != bytes.npos; bytes.remove_prefix(end + 4)) {
      if (bytes.substr(0, end).find("Sec-WebSocket-Key: ") != bytes.npos) {
        if (!open_websocket(peer, bytes.substr(0, end))) return false;
        continue;
      }
      if (bytes.starts_with("GET /events ")) {
        if (!open_stream(peer)) return false;
        continue;
      }
      if (bytes.starts_with("GET /count ") ? !tell(peer) : !send_whole(peer, hello_)) return false;
    }
    if (!bytes.empty()) unfinished_[peer] = bytes;
    return true;
  }

  bool send_whole(int peer, std::string_view bytes) {
    if (send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) return false;
    count_one();
    return true;
  }

  void count_one() {
    auto& mine = counters_[index_].answered;
    mine.store(mine.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  bool tell(int peer) const {
    unsigned long sum = 0;
    for (const auto& counter : counters_) sum += counter.answered.load(std::memory_order_relaxed);
    const auto bytes = answer(std::to_string(sum));
    return send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  int epoll_;
  int listener_;
  int timer_;
  std::deque<Counter>& counters_;
  Arrivals& arrivals_;
  std::size_t index_;
  std::array<char, 65536> input_;
  std::unordered_map<int, std::string> unfinished_;  ///< of requests that came in pieces
  std::unordered_set<int> websockets_;
  std::vector<Stream> streams_;
  const std::string hello_ = answer("Hello, World! 0123456789012345678901234567890123456789");
};

void stay_on(std::size_t core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  if (const int error = pthread_setaffinity_np(pthread_self(), sizeof cores, &cores)) {
    throw std::system_error(error, std::generic_category(), "core " + std::to_string(core));
  }
}

void write_all(const std::deque<Arrivals>& arrivals, const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) throw std::system_error(errno, std::generic_category(), path);
  for (const Arrivals& each : arrivals) each.write(file);
  if (std::fclose(file) != 0) throw std::system_error(errno, std::generic_category(), path);
}

/// Until SIGTERM; `arrivals_path` may be empty.
void serve(int port, unsigned threads, unsigned first_core, const std::string& arrivals_path) {
  constexpr std::size_t most_arrivals = 8'000'000;
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);
  std::deque<Counter> counters(threads);
  std::deque<Arrivals> arrivals(threads);
  std::deque<int> listeners;
  for (unsigned i = 0; i < threads; ++i) listeners.push_back(listen_on(port));
  choose_by_core(listeners.front(), threads);
  std::deque<std::thread> running;
  for (unsigned i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      try {
        stay_on(first_core + i);
        if (!arrivals_path.empty()) arrivals[i].reserve(most_arrivals);
        Server(listeners[i], counters, arrivals[i], i).run();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "katydid_sink: %s\n", error.what());
        std::_Exit(1);
      }
    });
  }
  std::printf("katydid_sink listens on http://127.0.0.1:%d\n", port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&end, &signal);
  if (!arrivals_path.empty()) write_all(arrivals, arrivals_path);
  std::fflush(nullptr);
  std::_Exit(0);  // its threads never end
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A target that costs next to nothing. GET /count tells how many requests it has answered.",
               "katydid_sink");
  int port = 8080;
  unsigned threads = 1, first_core = 0;
  std::string arrivals;
  app.add_option("--port", port)->capture_default_str()->check(CLI::Range(1, 65535));
  app.add_option("--first-core", first_core)->capture_default_str();
  app.add_option("--threads", threads, "One on each core, from the first core on")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--arrivals", arrivals, "Write here at SIGTERM when requests came: 64-bit nanoseconds");
  CLI11_PARSE(app, argc, argv);
  try {
    serve(port, threads, first_core, arrivals);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "katydid_sink: %s\n", error.what());
    return 1;
  }
}
