// Streams of a GiB each, one after another, and how much more memory the process has had by then.
#include <katydid/katydid.hpp>

#include <cstdio>
#include <fstream>
#include <string>

using namespace katydid;

long most_memory() {  // KiB
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  }
  throw std::runtime_error("no VmHWM");
}

template <class Kind>
struct Reader : Kind {
  task<std::size_t> all_of(std::string_view path) {
    std::size_t bytes = 0;
    auto response = co_await this->client.get(path, {.stream = true});
    for (auto piece = co_await response.read(); !piece.empty(); piece = co_await response.read()) bytes += piece.size();
    co_return bytes;
  }
  task<> read() {
    co_await all_of("/bytes/1048576");
    const long before = most_memory();
    const auto bytes = co_await all_of("/bytes/1073741824");
    std::printf("%s: %zu bytes, %ld KiB more\n", Kind::name, bytes, most_memory() - before);
    std::fflush(stdout);
    throw StopUser();
  }
};

struct Fast : FastHttpUser {
  static constexpr const char* name = "fast";
};
struct Curl : HttpUser {
  static constexpr const char* name = "curl";
};
struct FastReader : Reader<Fast> {};
KATYDID_USER(FastReader).task<&FastReader::read>();
struct CurlReader : Reader<Curl> {};
KATYDID_USER(CurlReader).task<&CurlReader::read>();
