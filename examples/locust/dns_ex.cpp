// Locust's examples/dns_ex.py, with what it has from locust.contrib.dns: questions to a name server.
//   katydid -f examples/locust/dns_ex.cpp --headless --host 127.0.0.1:53
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

/// A base for users of DNS. Each question is counted, and is a failure where the answer has no address.
struct DnsUser : User {
  /// Asks for a host's IPv4 address.
  task<> ask(std::string transport, std::string asked, std::string name = {}) {
    const auto start = std::chrono::steady_clock::now();
    const std::string question = question_for(asked);
    std::string answer, error;
    try {
      if (transport == "tcp") {
        co_await tcp.connect(server, port);
        co_await tcp.write(number(question.size()) + question);
        const std::string size = co_await tcp.read_exactly(2);
        answer =
            co_await tcp.read_exactly(static_cast<unsigned char>(size[0]) * 256 + static_cast<unsigned char>(size[1]));
        tcp.close();
      } else {
        co_await udp.connect(server, port);
        co_await udp.send(question);
        do answer = co_await udp.receive(5s);
        while (answer.substr(0, 2) != question.substr(0, 2));  // of one that came too late
      }
      if (answer.size() < 12 || answer.substr(6, 2) == number(0)) error = "No answer in DNS response";
    } catch (const SocketError& problem) {
      error = problem.what();
    }
    record({.method = "DNS",
            .name = name.empty() ? transport : name,
            .response_time = std::chrono::steady_clock::now() - start,
            .response_length = answer.size(),
            .error = error});
  }

  static std::string number(std::size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }
  std::string question_for(std::string_view asked) {
    std::string message = number(++questions) + number(0x0100) + number(1) + number(0) + number(0) + number(0);
    for (std::size_t dot = 0; dot != asked.npos; asked.remove_prefix(std::min(asked.size(), dot + 1))) {
      dot = asked.find('.');
      const auto label = asked.substr(0, dot);
      message.append(1, static_cast<char>(label.size())).append(label);
    }
    return message + '\0' + number(1) + number(1);  // type A, class IN
  }

  const std::string server = host().substr(0, host().rfind(':'));
  const std::uint16_t port = static_cast<std::uint16_t>(std::stoi(host().substr(host().rfind(':') + 1)));
  std::size_t questions = 0;
  UdpClient udp = make_udp_client();
  TcpClient tcp = make_tcp_client();
};

struct MyDnsUser : DnsUser {
  task<> t() {
    co_await ask("udp", "example.com");
    co_await ask("tcp", "example.com");
    co_await ask("udp", "doesnot-exist-1234234.com", "You can rename requests");
    co_await sleep(10s);  // don't spam other people's DNS servers
  }
};
KATYDID_USER(MyDnsUser).host("1.1.1.1:53").task<&MyDnsUser::t>();
