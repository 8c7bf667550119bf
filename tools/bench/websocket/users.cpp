// The users of locustfile.py in C++: each asks an echo, by one WebSocket that stays open.
#include <katydid/katydid.hpp>

#include <stdexcept>

using namespace katydid;

struct Asker : WebSocketUser {
  task<> on_start() override { socket = co_await ws.connect("/echo"); }
  task<> ask() {
    const auto answer = co_await socket.ask("a message that has thirty-two b.");
    if (answer.data.size() != 32) throw std::runtime_error("that is no echo");
  }
  WebSocket socket;
};
KATYDID_USER(Asker).task<&Asker::ask>();
