// Users of WebSockets, for the tests of the count.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

/// Asks, one question after another.
struct Asker : WebSocketUser {
  task<> on_start() override { socket = co_await ws.connect("/chat"); }
  task<> on_stop() override { co_await socket.close(); }
  task<> ask() {
    const auto text = "question " + std::to_string(++number);
    if ((co_await socket.ask(text)).data != text) throw std::runtime_error("that is another answer");
  }
  WebSocket socket;
  int number = 0;
};

/// Opens, asks, sends, receives, and closes; the server takes its time.
struct Visitor : WebSocketUser {
  task<> visit() {
    WebSocket visited = co_await ws.connect("/slow");
    co_await visited.ask("hello");
    co_await visited.send("one");
    co_await visited.send_binary("two");
    co_await visited.receive();
    co_await visited.receive();
    co_await visited.close();
  }
};

/// Asks who does not answer.
struct Stubborn : WebSocketUser {
  task<> ask() {
    WebSocket silent = co_await ws.connect("/silent");
    co_await silent.ask("anybody there?");
  }
};

/// Ends by StopUser, in the middle of what it does.
struct Quitter : WebSocketUser {
  task<> ask() {
    WebSocket chat = co_await ws.connect("/chat");
    for (int i = 0; i < 5; ++i) co_await chat.ask("hello");
    throw StopUser();
  }
};

KATYDID_USER(Asker).wait_time(constant(5ms)).task<&Asker::ask>();
KATYDID_USER(Visitor).wait_time(constant(5ms)).task<&Visitor::visit>();
KATYDID_USER(Stubborn).task<&Stubborn::ask>();
KATYDID_USER(Quitter).task<&Quitter::ask>();
