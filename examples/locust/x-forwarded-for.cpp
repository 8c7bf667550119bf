// Locust's examples/x-forwarded-for.py: each user says that it comes from an address of its own.
#include <katydid/katydid.hpp>

#include <random>

using namespace katydid;

struct ForwardedForUser : HttpUser {
  ForwardedForUser() {
    std::uniform_int_distribution<int> part(0, 254);
    const auto fake_ip = "10.10." + std::to_string(part(random_source())) + "." + std::to_string(part(random_source()));
    client.options().headers.emplace_back("X-Forwarded-For", fake_ip);
  }
};

struct WebsiteUser : ForwardedForUser {
  task<> index() { co_await client.get("/"); }
};
KATYDID_USER(WebsiteUser).task<&WebsiteUser::index>();
