#include "worker/otel/exporter.hpp"

#include "tests/support/captured_stderr.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

using namespace katydid;
using namespace katydid::otel;
using namespace std::chrono_literals;

namespace {

/// Nobody listens there.
Settings nowhere() {
  Settings settings;
  settings.metrics.url = settings.traces.url = "http://127.0.0.1:1/v1/x";
  settings.most_spans = 100;
  settings.batch = 10;
  settings.resource = {{"host.name", "here"}};
  return settings;
}

void take(SpanSink& sink, int count) {
  for (int i = 0; i < count; ++i)
    sink.take({.ids = {}, .method = "GET", .name = "/", .url = "http://h/", .duration = 1ms});
}

}  // namespace

TEST_CASE("an endpoint that is not there costs bounded memory and no time at the end") {
  CapturedStderr captured;
  Exporter exporter(nowhere());
  CHECK(SpanSink::of_process() == &exporter);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { take(exporter, 1'000); });
  for (auto& thread : threads) thread.join();
  CHECK(exporter.dropped() >= 3'000 - 110);
  const auto receipt = exporter.send_metrics("x");
  const auto begun = Exporter::clock::now();
  exporter.hurry();
  exporter.wait_for_metrics();
  CHECK(receipt->load() == Exporter::Delivery::failed);
  exporter.finish();
  CHECK(Exporter::clock::now() - begun < 3s);
  CHECK(SpanSink::of_process() == nullptr);
  const auto before = exporter.dropped();
  take(exporter, 1);
  CHECK(exporter.dropped() == before + 1);
}

TEST_CASE("a process is told from others of its host") {
  CHECK(Exporter(nowhere()).resource().back().first == "service.instance.id");
  Settings named = nowhere();
  named.resource.emplace_back("service.instance.id", "mine");
  CHECK(Exporter(named).resource().back().second == "mine");
}

TEST_CASE("without spans requests are not traced") {
  Settings settings = nowhere();
  settings.traces.on = false;
  const Exporter exporter(settings);
  CHECK(SpanSink::of_process() == nullptr);
}
