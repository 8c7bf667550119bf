// Locust's examples/worker_index.py: each worker reads its own part of the data, mythings_0.csv, mythings_1.csv, …
// Of one file for all workers, each row is given once by {.order = Order::once}: see feeders.cpp.
#include <katydid/katydid.hpp>

#include <optional>

using namespace katydid;

std::optional<CsvFeeder> reader;

struct DemoUser : User {
  task<> t() {
    const Row thing = reader->next(*this);
    log::info("{}", thing["name"]);
    co_await wait();
  }
};
KATYDID_USER(DemoUser).wait_time(constant(std::chrono::seconds(1))).task<&DemoUser::t>();

KATYDID_ON_TEST_START([](Environment& environment) {
  reader.emplace("mythings_" + std::to_string(environment.worker_index()) + ".csv");
});
