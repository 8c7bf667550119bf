// A library that blocks, such as the driver of a database, without holding up the other users.
//   katydid -f examples/blocking.cpp --headless -u 4 -t 10s
#include <katydid/katydid.hpp>

#include <thread>

using namespace katydid;
using namespace std::chrono_literals;

// Stands for the driver.
std::string query(int order) {
  std::this_thread::sleep_for(20ms);
  return "order " + std::to_string(order);
}

struct Clerk : User {
  task<> look_up() {
    const auto start = std::chrono::steady_clock::now();
    const int order = ++orders;
    const std::string row = co_await blocking([order] { return query(order); });
    record({.method = "SQL",
            .name = "order",
            .response_time = std::chrono::steady_clock::now() - start,
            .response_length = row.size()});
  }

  int orders = 0;
};

KATYDID_USER(Clerk).wait_time(constant(10ms)).task<&Clerk::look_up>();
