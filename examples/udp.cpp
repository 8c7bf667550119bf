// Questions over UDP, where an answer may never come.
//   katydid -f examples/udp.cpp --headless -u 4 -t 10s --host 127.0.0.1:7000
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Asker : User {
  task<> on_start() override {
    const auto colon = host().rfind(':');
    if (colon == std::string::npos) throw std::runtime_error("--host must be like 127.0.0.1:7000");
    co_await client.connect(host().substr(0, colon), static_cast<std::uint16_t>(std::stoi(host().substr(colon + 1))));
  }

  task<> ask() {
    ++number;
    const auto start = std::chrono::steady_clock::now();
    std::string answer, error;
    try {
      co_await client.send("question " + std::to_string(number));
      answer = co_await client.receive(500ms);
    } catch (const SocketError& problem) {
      error = problem.what();
    }
    const auto time = std::chrono::steady_clock::now() - start;
    record(
        {.method = "UDP", .name = "question", .response_time = time, .response_length = answer.size(), .error = error});
  }

  int number = 0;
  UdpClient client = make_udp_client();
};

KATYDID_USER(Asker).wait_time(constant(10ms)).task<&Asker::ask>();
