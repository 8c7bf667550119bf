#include "worker/command/task_ratio.hpp"

#include "worker/user/task_set.hpp"

#include <doctest/doctest.h>

using namespace katydid;

TEST_CASE("ratios are Locust's, of each class and of all") {
  TaskSetClass set{.name = "Browse", .tasks = {{.name = "Browse::list", .weight = 3}, {.name = "Browse::look"}}};
  UserClass buyer{.name = "Buyer", .tasks = {{.name = "Buyer::buy"}, {.name = "Browse", .weight = 3, .set = &set}}};
  UserClass admin{.name = "Admin", .tasks = {{.name = "Admin::watch"}}};
  buyer.weight = 3;
  // What locust 2.47 prints for the same classes.
  CHECK(task_ratio_json({&buyer, &admin}, std::nullopt).dump() ==
        R"({"per_class":{"Buyer":{"ratio":0.75,"tasks":{"buy":{"ratio":0.25},"Browse":{"ratio":0.75,"tasks":{)"
        R"("list":{"ratio":0.75},"look":{"ratio":0.25}}}}},"Admin":{"ratio":0.25,"tasks":{"watch":{"ratio":1.0}}}},)"
        R"("total":{"Buyer":{"ratio":0.75,"tasks":{"buy":{"ratio":0.1875},"Browse":{"ratio":0.5625,"tasks":{)"
        R"("list":{"ratio":0.421875},"look":{"ratio":0.140625}}}}},"Admin":{"ratio":0.25,"tasks":{"watch":{"ratio":)"
        R"(0.25}}}}})");
  admin.fixed_count = 1;
  const auto text = task_ratio_text({&buyer, &admin}, 10);
  CHECK(text.starts_with("\n Task ratio per User class\n"));
  CHECK(text.find("\n 90.0       Buyer ") != text.npos);
  CHECK(text.find("\n   25.0       buy ") != text.npos);
  CHECK(text.find("\n 10.0       Admin ") != text.npos);
}
