// Reads an answer as it comes, line by line, and judges it by what was in it.
//   katydid -f examples/stream.cpp --headless -u 4 -t 10s --host http://127.0.0.1:8080
#include <katydid/katydid.hpp>

using namespace katydid;

struct Reader : FastHttpUser {
  task<> read_lines() {
    auto answer = co_await client.get("/slow-body?bytes=640&chunk=64&interval_ms=5",
                                      {.name = "/slow-body", .stream = true, .catch_response = true});
    int lines = 0;
    while (const auto line = co_await answer.line()) lines += line->empty() ? 0 : 1;
    if (lines != 10) answer.failure("lines are missing");
  }
};

KATYDID_USER(Reader).task<&Reader::read_lines>();
