// Asks a language model, by an API as OpenAI's, and counts what its users feel: how long the first token takes, the
// gaps between tokens, and how many of them come in a second.
//   katydid -f examples/chat.cpp --headless -u 4 -t 10s --host http://127.0.0.1:8080
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono;

struct Chatter : HttpUser {
  task<> ask() {
    const auto message = json{{"role", "user"}, {"content", "Tell me a story."}};
    const auto question = json{{"model", "small"}, {"stream", true}, {"messages", json::array(message)}};
    const auto asked = steady_clock::now();
    auto answer = co_await client.post("/v1/chat/completions", question,
                                       {.name = "chat", .stream = true, .catch_response = true});
    int tokens = 0;
    bool done = false;
    auto first = asked, last = asked;
    while (const auto event = co_await answer.next_event()) {  // to the end, so that the connection serves again
      if (event->data == "[DONE]") done = true;
      if (done || !has_token(event->data)) continue;
      const auto now = steady_clock::now();
      record(
          {.method = "LLM", .name = tokens == 0 ? "first token" : "gap between tokens", .response_time = now - last});
      if (++tokens == 1) first = now;
      last = now;
    }
    if (!done && answer.ok()) answer.failure("the answer ended before [DONE]");
    // Locust has milliseconds there; these are tokens a second.
    if (tokens > 1)
      record({.method = "LLM", .name = "tokens a second", .response_time = rate(tokens - 1, last - first)});
  }

  static bool has_token(std::string_view data) {
    const json chunk = json::parse(data);
    return !chunk["choices"][0]["delta"].get("content", "").empty();
  }

  static milliseconds rate(int tokens, nanoseconds time) {
    return milliseconds(static_cast<int>(tokens / duration<double>(time).count()));
  }
};

KATYDID_USER(Chatter).task<&Chatter::ask>();
