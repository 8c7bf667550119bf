// Users for whom there is not memory enough.
#include "users.cpp"

#include <vector>

template <class Base>
struct Hungry : Base {
  using Base::client;
  task<> body() { co_await client.get("/bytes/400000000"); }
  task<> own() {
    std::vector<char> much(1'000'000'000);
    co_await client.post("/echo", std::string(much.data(), 1));
  }
};
struct HungryCurlUser : Hungry<HttpUser> {};
struct HungryFastUser : Hungry<FastHttpUser> {};
KATYDID_USER(HungryCurlUser).wait_time(constant(300ms)).task<&HungryCurlUser::body>().task<&HungryCurlUser::own>();
KATYDID_USER(HungryFastUser).wait_time(constant(300ms)).task<&HungryFastUser::body>().task<&HungryFastUser::own>();
