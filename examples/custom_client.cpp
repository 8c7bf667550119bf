// A user of another protocol: lines of text over TCP. What is not done by one of Katydid's clients is reported by
// record().
//   katydid -f examples/custom_client.cpp --master-host HOST
#include <arpa/inet.h>
#include <katydid/katydid.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

using namespace katydid;
using namespace std::chrono_literals;

// A connection that sends a line and waits for a line; waiting suspends its user, not the others.
class LineClient {
 public:
  ~LineClient() { close(); }

  task<> connect(std::string address, std::uint16_t port) {
    close();
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port);
    if (::inet_pton(AF_INET, address.c_str(), &peer.sin_addr) != 1)
      throw std::runtime_error("not an address: " + address);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&peer), sizeof peer) < 0 && errno != EINPROGRESS)
      fail("connect");
    if (!co_await writable(socket_, 5s)) throw std::runtime_error("connect: timed out");
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    if ((errno = error)) fail("connect");
  }

  task<std::string> ask(std::string line) {
    line += '\n';
    if (::send(socket_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) fail("send");
    std::string answer;
    while (answer.empty() || answer.back() != '\n') {
      if (!co_await readable(socket_, 5s)) throw std::runtime_error("no answer in 5 s");
      char bytes[4096];
      const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
      if (count < 0) fail("recv");
      if (count == 0) throw std::runtime_error("the server closed the connection");
      answer.append(bytes, static_cast<std::size_t>(count));
    }
    answer.pop_back();
    co_return answer;
  }

 private:
  [[noreturn]] void fail(const char* what) {
    throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
  }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  int socket_ = -1;
};

struct LineUser : User {
  // --host line://127.0.0.1:7000
  task<> on_start() override {
    const auto name = host().find("://");
    const auto colon = host().rfind(':');
    if (name == std::string::npos || colon <= name)
      throw std::runtime_error("--host must be like line://127.0.0.1:7000");
    co_await client.connect(host().substr(name + 3, colon - name - 3),
                            static_cast<std::uint16_t>(std::stoi(host().substr(colon + 1))));
  }

  task<> ask() {
    const auto start = std::chrono::steady_clock::now();
    std::string answer, error;
    try {
      answer = co_await client.ask("ping");
    } catch (const std::exception& problem) {
      error = problem.what();
    }
    record({.method = "LINE",
            .name = "ping",
            .response_time = std::chrono::steady_clock::now() - start,
            .response_length = answer.size(),
            .error = error});
    if (!error.empty()) throw StopUser();
  }

  LineClient client;
};

KATYDID_USER(LineUser).wait_time(constant(10ms)).task<&LineUser::ask>();
