// What is hard to find without a debugger.
#include <katydid/katydid.hpp>

#include <cstdlib>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {
int eighth(const std::vector<int>& numbers) { return numbers.at(7); }  // out of range

struct Record {
  int number;
};
}  // namespace

struct DebuggedUser : FastHttpUser {
  task<> work() {
    const std::string trouble = std::getenv("TROUBLE") ? std::getenv("TROUBLE") : "";
    co_await client.get("/hello");
    if (trouble == "throw") {
      const std::vector<int> numbers(3);
      eighth(numbers);
    }
    if (trouble == "crash") {
      Record* volatile record = nullptr;
      record->number = 7;  // the crash
    }
    if (trouble == "abort") std::abort();
    if (trouble == "overflow") overflow(1);
  }

  __attribute__((noinline)) int overflow(int depth) {
    volatile char room[4096];
    room[0] = static_cast<char>(depth);
    if (depth > 0) overflow(depth + 1);
    return room[0];
  }
};
KATYDID_USER(DebuggedUser).wait_time(constant(100ms)).task<&DebuggedUser::work>();
