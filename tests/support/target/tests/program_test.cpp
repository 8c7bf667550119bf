#include "tests/support/target/tests/raw_client.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <vector>

extern char** environ;

namespace katydid::target {
namespace {

/// A running katydid-target.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), KATYDID_TARGET_PROGRAM);
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    int out[2], err[2];
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(err, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    REQUIRE(::posix_spawn(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    ::close(err[1]);
    out_ = out[0];
    err_ = err[0];
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid_ > 0) end(SIGKILL);
    ::close(out_);
    ::close(err_);
  }

  pid_t pid() const { return pid_; }
  std::string line() { return line_of(out_); }
  std::string error_line() { return line_of(err_); }
  /// Exit status, or minus the signal.
  int end(int signal = 0) {
    if (signal != 0) ::kill(pid_, signal);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  static std::string line_of(int file) {
    std::string text;
    for (;;) {
      pollfd readable{file, POLLIN, 0};
      REQUIRE(::poll(&readable, 1, 10'000) == 1);
      char byte = 0;
      if (::read(file, &byte, 1) != 1 || byte == '\n') return text;
      text += byte;
    }
  }

  pid_t pid_ = 0;
  int out_ = -1, err_ = -1;
};

std::uint16_t port_in(const std::string& line, const std::string& before) {
  REQUIRE(line.starts_with(before));
  return static_cast<std::uint16_t>(std::stoi(line.substr(before.size())));
}

const std::string plain = "katydid-target listens on http://127.0.0.1:";

}  // namespace

TEST_CASE("katydid-target says where it listens and ends with its counts") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Program program({"--threads", "2"});
    const auto port = port_in(program.line(), plain);
    RawClient client(port), hanging(port);
    for (int i = 0; i < 5; ++i) client.fetch("/hello");
    hanging.get("/hang");
    REQUIRE(eventually([&] { return nlohmann::json::parse(RawClient(port).fetch("/counts").body)["started"] == 6; }));
    const int status = program.end(signal);
    CHECK(status == 0);
    const auto counts = nlohmann::json::parse(program.line());
    CHECK(counts["started"] == 6);
    CHECK(counts["completed"] == 5);
    CHECK(counts["aborted"] == 1);
    CHECK(counts["by_path"]["GET /hello"]["completed"] == 5);
    CHECK(counts["connections"] == 2);
    CHECK(counts["connections_closed"] == 2);
  }
}

TEST_CASE("katydid-target listens on all that it is asked for") {
  const auto folder = std::filesystem::temp_directory_path();
  const auto socket = folder / ("katydid-target-program-" + std::to_string(::getpid()));
  const auto certificate = folder / ("katydid-target-program-" + std::to_string(::getpid()) + ".crt");
  Program program({"--unix", socket, "--tls-self-signed", "--tls-cert-out", certificate});
  const auto port = port_in(program.line(), plain);
  CHECK(port_in(program.line(), "katydid-target listens on https://127.0.0.1:") != port);
  CHECK(program.line() == "katydid-target listens on unix:" + socket.string());
  CHECK(RawClient(socket.string()).fetch("/hello").status == 200);
  CHECK(std::filesystem::file_size(certificate) > 200);
  CHECK(program.end(SIGTERM) == 0);
  CHECK_FALSE(std::filesystem::exists(socket));
  std::filesystem::remove(certificate);
}

TEST_CASE("katydid-target says what is wrong with its options") {
  Program first({});
  const auto port = std::to_string(port_in(first.line(), plain));
  Program second({"--port", port});
  CHECK(second.error_line() == "katydid-target: cannot listen on 127.0.0.1:" + port + ": Address already in use");
  CHECK(second.end() == 1);
  Program third({"--tls-port", "1"});
  CHECK(third.error_line() ==
        "katydid-target: --tls-port, --tls-cert-out and --client-ca want --tls CERT KEY or --tls-self-signed");
  CHECK(third.end() == 1);
  Program fourth({"--bogus"});
  CHECK(fourth.end() > 1);
}

TEST_CASE("without descriptors it waits, says so once, and takes the connections later") {
  Program program({});
  const auto port = port_in(program.line(), plain);
  RawClient(port).fetch("/delay/1");  // UBSan needs a descriptor when it first meets a type, the timer's here
  const rlimit low{24, 24};
  REQUIRE(::prlimit(program.pid(), RLIMIT_NOFILE, &low, nullptr) == 0);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 40; ++i) clients.push_back(std::make_unique<RawClient>(port));
  CHECK(program.error_line() ==
        "katydid-target: cannot accept on 127.0.0.1:" + std::to_string(port) +
            ": Too many open files; waiting for connections to close (raise the limit of open files, ulimit -n)");
  clients.back()->get("/hello");
  CHECK_FALSE(clients.back()->arrives(std::chrono::milliseconds(100)));
  clients.front()->get("/hello");
  CHECK(clients.front()->read_answer().status == 200);
  clients.erase(clients.begin(), clients.begin() + 30);
  CHECK(clients.back()->read_answer().status == 200);
  CHECK(program.end(SIGTERM) == 0);
  CHECK(program.error_line().empty());  // once
  CHECK(nlohmann::json::parse(program.line())["completed"] == 3);
}

}  // namespace katydid::target
