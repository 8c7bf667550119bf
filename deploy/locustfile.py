# The user classes of a Katydid worker, for its master: `katydid --master-locustfile` wrote this.
#   locust --master -f THIS_FILE
from locust import User, tag, task


class Visitor(User):
    weight = 1

    @task(3)
    def front_page(self):
        raise NotImplementedError("this user class runs on Katydid workers")

    @task
    def search(self):
        raise NotImplementedError("this user class runs on Katydid workers")


# For workers that are started with `katydid -f -`: what they compile and run.
# katydid: 12 lines of locustfile.cpp
#|// The users of the fleet in compose.yaml. Put your own in their place; docs/deploy.md says what goes with them.
#|#include <katydid/katydid.hpp>
#|
#|using namespace katydid;
#|using namespace std::chrono_literals;
#|
#|struct Visitor : HttpUser {
#|  task<> front_page() { co_await client.get("/hello"); }
#|  task<> search() { co_await client.get("/delay/25", {.name = "/delay/[ms]"}); }
#|};
#|
#|KATYDID_USER(Visitor).wait_time(between(50ms, 250ms)).task<&Visitor::front_page>(3).task<&Visitor::search>(1);
