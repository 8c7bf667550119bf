// The users of tools/bench/accuracy: they ask a katydid-target for answers that are late by a known time, and keep what
// was measured before statistics round it.
#include <arpa/inet.h>
#include <katydid/katydid.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

constexpr std::array<const char*, 5> delays{"0.2", "1", "5", "20", "100"};

std::string path_of(const char* delay) { return std::string("/delay/") + delay + "?exact=1"; }

/// A line for each request: what was asked for, what the target says it was, what the client measured, in milliseconds.
void keep(const char* delay, std::string_view said, std::chrono::nanoseconds measured) {
  static std::FILE* const file = std::fopen(std::getenv("ACCURACY_OUTPUT"), "w");
  if (!file) throw std::runtime_error("ACCURACY_OUTPUT names no file that can be written");
  const std::chrono::duration<double, std::milli> ms = measured;
  std::fprintf(file, "%s,%.*s,%.6f\n", delay, static_cast<int>(said.size()), said.data(), ms.count());
}

/// The short ones more often, as they take less time.
int times_of(const char* delay) { return std::atof(delay) < 10 ? 5 : 2; }

template <class Base>
struct Measuring : Base {
  /// From the second one on the target counts from when a request arrived in its kernel.
  task<> on_start() override { co_await this->client.get(path_of("0")); }

  task<> measure() {
    for (const char* delay : delays) {
      for (int i = 0; i < times_of(delay); ++i) {
        const std::string path = path_of(delay);
        const Response response = co_await this->client.get(path);
        if (response) keep(delay, response.header("X-Delayed"), response.elapsed());
        co_await sleep(3ms);
      }
    }
  }
};

/// Of an answer with events: its first byte, how long each event took since the request, and the gaps between them.
template <class Base>
struct Streaming : Base {
  task<> on_start() override { co_await this->client.get("/events?count=1&first_ms=0&interval_ms=0"); }

  task<> measure() {
    const auto asked = std::chrono::steady_clock::now();
    auto answer = co_await this->client.get("/events?count=20&first_ms=20&interval_ms=5", {.stream = true});
    if (answer) keep("first byte", answer.header("X-Delayed"), answer.phases().first_byte);
    double last_said = 0;
    auto last = asked;
    while (const auto event = co_await answer.next_event()) {
      const auto now = std::chrono::steady_clock::now();
      const double said = std::stod(std::string(event->data));
      keep("event", event->data, now - asked);
      if (last != asked) keep("gap", std::to_string(said - last_said), now - last);
      last = now;
      last_said = said;
    }
  }
};

}  // namespace

struct FastUser : Measuring<FastHttpUser> {};
KATYDID_USER(FastUser).wait_time(between(1ms, 20ms)).task<&FastUser::measure>();

struct CurlUser : Measuring<HttpUser> {};
KATYDID_USER(CurlUser).wait_time(between(1ms, 20ms)).task<&CurlUser::measure>();

struct FastStreamUser : Streaming<FastHttpUser> {};
KATYDID_USER(FastStreamUser).wait_time(between(1ms, 20ms)).task<&FastStreamUser::measure>();

struct CurlStreamUser : Streaming<HttpUser> {};
KATYDID_USER(CurlStreamUser).wait_time(between(1ms, 20ms)).task<&CurlStreamUser::measure>();

/// What no client can be better than: a socket, two system calls, and nothing else on its thread.
struct SocketUser : User {
  task<> on_start() override {
    const auto colon = host().rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host().substr(colon + 1))));
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
      throw std::runtime_error("cannot connect to " + host());
    exchange("0");
    co_return;
  }
  ~SocketUser() override { ::close(socket_); }

  task<> measure() {
    for (const char* delay : delays) {
      for (int i = 0; i < times_of(delay); ++i) {
        exchange(delay);
        co_await sleep(3ms);
      }
    }
  }

 private:
  void exchange(const char* delay) {
    const std::string request = "GET " + path_of(delay) + " HTTP/1.1\r\nHost: target\r\n\r\n";
    char answer[4096];
    const auto start = std::chrono::steady_clock::now();
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) < 0) throw std::runtime_error("cannot send");
    const auto size = ::recv(socket_, answer, sizeof answer, 0);  // it comes in one piece
    const auto took = std::chrono::steady_clock::now() - start;
    const std::string_view head(answer, size > 0 ? static_cast<std::size_t>(size) : 0);
    constexpr std::string_view name = "X-Delayed: ";
    const auto found = head.find(name);
    if (found == head.npos) throw std::runtime_error("no answer of a katydid-target");
    const auto said = head.substr(found + name.size());
    keep(delay, said.substr(0, said.find('\r')), took);
  }

  int socket_ = -1;
};
KATYDID_USER(SocketUser).wait_time(between(1ms, 20ms)).task<&SocketUser::measure>();
