// A user who blocks its thread while there is a file of the name that HANGS says.
#include <katydid/katydid.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

using namespace katydid;
using namespace std::chrono_literals;

class HangingUser : public FastHttpUser {
 public:
  task<> hello() {
    co_await client.get("/hello");
    while (std::filesystem::exists(std::getenv("HANGS"))) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
};

KATYDID_USER(HangingUser).wait_time(constant(20ms)).task<&HangingUser::hello>();
