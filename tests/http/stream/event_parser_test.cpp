#include "http/stream/event_parser.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// "type|id|data" of each event, and " retry" with the milliseconds where one was named.
std::vector<std::string> events(const std::vector<std::string_view>& lines) {
  EventParser parser(1000);
  std::vector<std::string> all;
  for (const auto line : lines) {
    if (parser.take(line) != EventParser::Progress::event) continue;
    const ServerSentEvent& event = parser.event();
    std::string text(event.type);
    text.append("|").append(event.id).append("|").append(event.data);
    if (event.retry) text.append(" retry ").append(std::to_string(event.retry->count()));
    all.push_back(std::move(text));
  }
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the examples of WHATWG's standard") {
  CHECK(events({"data: YHOO", "data: +2", "data: 10", ""}) == Texts{"message||YHOO\n+2\n10"});
  CHECK(events({": test stream", "", "data: first event", "id: 1", "", "data:second event", "id", "",
                "data:  third event", ""}) ==
        Texts{"message|1|first event", "message||second event", "message|| third event"});
  CHECK(events({"data", "", "data", "data", "", "data:"}) == Texts{"message||", "message||\n"});
  CHECK(events({"data:test", "", "data: test", ""}) == Texts{"message||test", "message||test"});
  CHECK(events({"event: add", "data: 73857293", "", "event: remove", "data: 2153", "", "data: x", ""}) ==
        Texts{"add||73857293", "remove||2153", "message||x"});
}

TEST_CASE("an event without data is none, and its type is not the next one's") {
  CHECK(events({"event: lost", "", "data: a", ""}) == Texts{"message||a"});
  CHECK(events({"id: 7", "", "data: a", ""}) == Texts{"message|7|a"});
  CHECK(events({"", "", ""}).empty());
}

TEST_CASE("the last id stays until another one is named, and one with a NUL is none") {
  CHECK(events({"id: 1", "data: a", "", "data: b", "", "id: 2", "data: c", "", "id", "data: d", ""}) ==
        Texts{"message|1|a", "message|1|b", "message|2|c", "message||d"});
  CHECK(events({"id: 1", std::string_view("id: 2\0", 6), "data: a", ""}) == Texts{"message|1|a"});
}

TEST_CASE("retry is a number of milliseconds, and stays") {
  CHECK(events({"retry: 1500", "data: a", "", "data: b", ""}) ==
        Texts{"message||a retry 1500", "message||b retry 1500"});
  for (const std::string_view line : {"retry", "retry:", "retry: -1", "retry: +1", "retry: 1s", "retry: 1.5",
                                      "retry:  1", "retry: 99999999999999999999", "retry: 0x10"}) {
    CAPTURE(line);
    CHECK(events({line, "data: a", ""}) == Texts{"message||a"});
  }
}

TEST_CASE("names are exact, and what nobody knows is passed over") {
  CHECK(events({"Data: a", "data : b", " data: c", "dat: d", "datax", "foo: bar", ":", "data: e", ""}) ==
        Texts{"message||e"});
}

TEST_CASE("one space after the colon is no part of the value") {
  CHECK(events({"data:  a: b ", "event:", "event:  x", ""}) == Texts{" x|| a: b "});
  CHECK(events({"data:\ta", ""}) == Texts{"message||\ta"});
}

TEST_CASE("a byte order mark counts only in front of all") {
  CHECK(events({"\xEF\xBB\xBF"
                "data: a",
                ""}) == Texts{"message||a"});
  CHECK(events({"\xEF\xBB\xBF\xEF\xBB\xBF"
                "data: a",
                ""})
            .empty());
  CHECK(events({"",
                "\xEF\xBB\xBF"
                "data: a",
                ""})
            .empty());
  CHECK(events({"data: \xEF\xBB\xBF", ""}) == Texts{"message||\xEF\xBB\xBF"});
}

TEST_CASE("what is not UTF-8 is replaced") {
  CHECK(events({"data: gr\xC3\xBC\xC3\x9F"
                "e",
                ""}) == Texts{"message||gr\xC3\xBC\xC3\x9F"
                              "e"});
  CHECK(events({"event: \xFF", "id: \xC3", "data: \xE2\x82", "data: \x80", ""}) ==
        Texts{"\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBF\xBD\n\xEF\xBF\xBD"});
}

TEST_CASE("what follows an event does not change it before it is asked for") {
  EventParser parser(100);
  CHECK(parser.take("data: a") == EventParser::Progress::more);
  CHECK(parser.take("") == EventParser::Progress::event);
  const ServerSentEvent event = parser.event();
  CHECK(event.data == "a");
  CHECK(parser.take("data: b") == EventParser::Progress::more);
  CHECK(parser.take("") == EventParser::Progress::event);
  CHECK(parser.event().data == "b");
}

TEST_CASE("an event has a limit, and many small ones don't") {
  EventParser parser(10);
  for (int i = 0; i < 100; ++i) {
    CHECK(parser.take("data: 12345") == EventParser::Progress::more);
    CHECK(parser.take("") == EventParser::Progress::event);
  }
  CHECK(parser.take("data: 12345") == EventParser::Progress::more);
  CHECK(parser.take("data: 12345") == EventParser::Progress::too_large);
}
