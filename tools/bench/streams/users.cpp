// The users of locustfile.py in C++: each reads 200 events of an answer as they come.
#include <katydid/katydid.hpp>

#include <stdexcept>

#ifndef BASE
#define BASE FastHttpUser
#endif

using namespace katydid;

struct Listener : BASE {
  task<> listen() {
    int lines = 0;
    auto response = co_await client.get("/events", {.stream = true});
    while (const auto line = co_await response.line()) {
      if (!line->empty()) ++lines;
    }
    if (lines != 200) throw std::runtime_error("events are missing");
  }
};
KATYDID_USER(Listener).task<&Listener::listen>();
