// A user of another protocol: lines of text over TCP. What is not done by one of Katydid's clients is reported by
// record().
//   katydid -f examples/custom_client.cpp --master-host HOST
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct LineUser : User {
  // --host line://127.0.0.1:7000
  task<> on_start() override {
    const auto name = host().find("://");
    const auto colon = host().rfind(':');
    if (name == std::string::npos || colon <= name)
      throw std::runtime_error("--host must be like line://127.0.0.1:7000");
    co_await client.connect(host().substr(name + 3, colon - name - 3),
                            static_cast<std::uint16_t>(std::stoi(host().substr(colon + 1))), {.timeout = 5s});
  }

  task<> ask() {
    const auto start = std::chrono::steady_clock::now();
    std::string answer, error;
    try {
      co_await client.write("ping\n");
      answer = co_await client.read_until("\n");
    } catch (const SocketError& problem) {
      error = problem.what();
    }
    record({.method = "LINE",
            .name = "ping",
            .response_time = std::chrono::steady_clock::now() - start,
            .response_length = answer.size(),
            .error = error});
    if (!error.empty()) throw StopUser();
  }

  TcpClient client = make_tcp_client();
};

KATYDID_USER(LineUser).wait_time(constant(10ms)).task<&LineUser::ask>();
