#include <katydid/katydid.hpp>
#include <katydid/worker/program.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Sleeper : User {
  task<> nap() {
    const auto start = std::chrono::steady_clock::now();
    co_await sleep(5ms);
    record({.method = "NAP", .name = "nap", .response_time = std::chrono::steady_clock::now() - start});
  }
};

KATYDID_USER(Sleeper).wait_time(constant(1ms)).task<&Sleeper::nap>();

int main(int argc, char** argv) { return run_program(argc, argv); }
