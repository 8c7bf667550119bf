// The users of locustfile.py in C++: each reads 200 server-sent events as they come.
#include <katydid/katydid.hpp>

#include <stdexcept>

#ifndef BASE
#define BASE FastHttpUser
#endif

using namespace katydid;

struct Listener : BASE {
  task<> listen() {
    int events = 0;
    auto response = co_await client.get("/events", {.stream = true});
    while (co_await response.next_event()) ++events;
    if (events != 200) throw std::runtime_error("events are missing");
  }
};
KATYDID_USER(Listener).task<&Listener::listen>();
