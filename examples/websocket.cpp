// Chats over a WebSocket: asks and waits for the answer, and hears what others say.
//   katydid -f examples/websocket.cpp --headless -u 4 -t 10s --host ws://127.0.0.1:8765
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Talker : WebSocketUser {
  task<> talk() {
    WebSocket socket = co_await ws.connect("/chat");
    for (int i = 0; i < 5; ++i) {
      const auto answer = co_await socket.ask("hello " + std::to_string(i), {.name = "hello"});
      if (answer.data.empty()) throw std::runtime_error("an empty answer");
      co_await wait();
    }
    co_await socket.close();
  }
};

struct Listener : WebSocketUser {
  task<> listen() {
    WebSocket socket = co_await ws.connect("/news", {.subprotocols = {"news.v2", "news.v1"}, .compression = true});
    co_await socket.send("subscribe");
    while (const auto message = co_await socket.receive()) {
      if (message->data == "bye") co_await socket.close(1000, "thanks");
    }
  }
};

KATYDID_USER(Talker).wait_time(constant(20ms)).task<&Talker::talk>();
KATYDID_USER(Listener).wait_time(constant(20ms)).task<&Listener::listen>();
