// Locust's examples/use_as_lib.py: a program of one's own with its users linked in, in place of `katydid -f`.
//   CMakeLists.txt: find_package(katydid REQUIRED)
//                   add_executable(use_as_lib use_as_lib.cpp)
//                   target_link_libraries(use_as_lib PRIVATE katydid::worker)
#include <katydid/katydid.hpp>
#include <katydid/program.hpp>

#include <vector>

using namespace katydid;

struct MyUser : HttpUser {
  task<> t() { co_await client.get("/"); }
};
KATYDID_USER(MyUser).host("https://docs.locust.io").task<&MyUser::t>();

KATYDID_ON_INIT([](Environment&) { log::info("the program is ready"); });

/// One user for 30 seconds, with the statistics on the console. What is on the command line comes after that.
int main(int argc, char** argv) {
  std::vector<const char*> options = {argv[0], "--headless", "-u", "1", "-r", "10", "-t", "30s"};
  options.insert(options.end(), argv + 1, argv + argc);
  return run_program(static_cast<int>(options.size()), options.data());
}
