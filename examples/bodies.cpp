// Downloads that are checked and not kept, and uploads that are made as they are sent: large bodies in little
// memory.
//   katydid -f examples/bodies.cpp --headless -u 4 -t 10s --host http://127.0.0.1:8080
#include <katydid/katydid.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

using namespace katydid;
using namespace std::chrono_literals;

constexpr std::string_view known = "7fb3805e303894be6adc98d56363ed942dca378e0c4691ddca55f2176eb2b8fc";

struct Mirror : FastHttpUser {
  task<> download() {
    auto file =
        co_await client.get("/bytes/1000000", {.discard_body = true, .checksum = "sha256", .catch_response = true});
    if (file.checksum() != known) file.failure("the download is damaged");
  }
  task<> upload() { co_await client.put("/upload", file_body(__FILE__), {.name = "a file"}); }

  task<> send() {
    auto taken = co_await client.post("/upload", body_from(&Mirror::fill, 1'000'000), {.name = "what is made"});
    if (taken.json()["bytes"].as_int() != 1'000'000) log::warning("the server has another length");
  }
  static std::size_t fill(std::span<char> room) {
    std::ranges::fill(room, 'x');
    return room.size();
  }

  task<> form() {
    co_await client.post("/upload", Multipart().field("kind", "notes").file("notes", "notes.txt", "remember the milk"),
                         {.name = "a form"});
  }
};

KATYDID_USER(Mirror)
    .wait_time(between(10ms, 50ms))
    .task<&Mirror::download>()
    .task<&Mirror::upload>()
    .task<&Mirror::send>()
    .task<&Mirror::form>();
