#include "tests/support/nghttpx.hpp"

#include "tests/support/raw_server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

extern char** environ;

namespace katydid {
namespace {

constexpr std::array programs{"/usr/sbin/nghttpx", "/usr/bin/nghttpx", "/usr/local/bin/nghttpx"};

const char* program() {
  for (const char* path : programs) {
    if (::access(path, X_OK) == 0) return path;
  }
  return nullptr;
}

pid_t start(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t process = -1;
  if (::posix_spawn(&process, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) process = -1;
  posix_spawn_file_actions_destroy(&actions);
  return process;
}

void wait_for(std::uint16_t port) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < end) {
    try {
      ::close(RawServer::connect(port));
      return;
    } catch (const std::exception&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  throw std::runtime_error("nghttpx does not listen");
}

}  // namespace

bool Nghttpx::is_installed() { return program() != nullptr; }

Nghttpx::Nghttpx(std::uint16_t port)
    : made_("127.0.0.1", {.subject_alt_name = "IP:127.0.0.1"}),
      certificate_(made_.certificate_pem),
      key_(made_.key_pem) {
  {
    const ClosedPort plain, secure;  // both at once, so that they differ
    port_ = plain.port();
    tls_port_ = secure.port();
  }
  const std::string here = "127.0.0.1,";
  process_ = start({program(), "--conf=/dev/null", "--workers=1", "--single-process", "--errorlog-file=/dev/null",
                    "--no-server-rewrite", "-f" + here + std::to_string(port_) + ";no-tls",
                    "-f" + here + std::to_string(tls_port_), "-b" + here + std::to_string(port) + ";;proto=http/1.1",
                    "--backend-connections-per-host=1000", "--no-add-x-forwarded-proto", "--no-ocsp", key_.path(),
                    certificate_.path()});
  wait_for(port_);
  wait_for(tls_port_);
}

Nghttpx::~Nghttpx() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace katydid
