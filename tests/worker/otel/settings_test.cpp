#include "worker/otel/settings.hpp"

#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace katydid;
using namespace katydid::otel;
using namespace std::chrono_literals;

namespace {

using Given = std::map<std::string, std::string>;

Settings settings(const Given& given) {
  return settings_from(
      [&given](const char* name) {
        const auto found = given.find(name);
        return found == given.end() ? nullptr : found->second.c_str();
      },
      "shop.cpp");
}

std::string value(const Pairs& pairs, std::string_view name) {
  for (const auto& [key, text] : pairs) {
    if (key == name) return text;
  }
  return "none";
}

}  // namespace

TEST_CASE("without variables it is as OpenTelemetry has it") {
  const Settings usual = settings({});
  CHECK(usual.on);
  CHECK(usual.metrics.url == "http://localhost:4318/v1/metrics");
  CHECK(usual.traces.url == "http://localhost:4318/v1/traces");
  CHECK(usual.metrics.format == Format::protobuf);
  CHECK(usual.metrics.timeout == 10s);
  CHECK(usual.interval == 60s);
  CHECK_FALSE(usual.delta);
  CHECK(usual.share == 1);
  CHECK(usual.propagates);
  CHECK(usual.most_spans == 2'048);
  CHECK(usual.batch == 512);
  CHECK(usual.delay == 5s);
  CHECK(value(usual.resource, "service.name") == "locust");
  CHECK(value(usual.resource, "filename") == "shop.cpp");
  CHECK(usual.warnings.empty());
}

TEST_CASE("what is said for one signal comes before what is said for both") {
  const Settings given = settings({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4318/base/"},
                                   {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:1"},
                                   {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
                                   {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf"},
                                   {"OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20x, tenant=a"},
                                   {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "tenant=b=c"},
                                   {"OTEL_EXPORTER_OTLP_TIMEOUT", "2000"},
                                   {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "300"}});
  CHECK(given.metrics.url == "https://collector:4318/base/v1/metrics");
  CHECK(given.traces.url == "http://traces:1/");
  CHECK(given.metrics.format == Format::protobuf);
  CHECK(given.traces.format == Format::json);
  CHECK(given.metrics.headers == Pairs{{"authorization", "Bearer x"}, {"tenant", "a"}});
  CHECK(given.traces.headers == Pairs{{"authorization", "Bearer x"}, {"tenant", "b=c"}});
  CHECK(given.metrics.timeout == 2s);
  CHECK(given.traces.timeout == 300ms);
}

TEST_CASE("samplers, temporality, propagators, and what a process is called") {
  CHECK(settings({{"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "0.25"}}).share ==
        0.25);
  CHECK(settings({{"OTEL_TRACES_SAMPLER", "traceidratio"}}).share == 1);
  const Settings off = settings({{"OTEL_TRACES_SAMPLER", "always_off"}});
  CHECK_FALSE(off.traces.on);
  CHECK(off.on);
  CHECK(settings({{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Delta"}}).delta);
  CHECK_FALSE(settings({{"OTEL_PROPAGATORS", "b3"}}).propagates);
  CHECK(settings({{"OTEL_PROPAGATORS", "baggage, tracecontext"}}).propagates);
  const Settings named = settings({{"OTEL_RESOURCE_ATTRIBUTES", "service.name=a,region=west%2C1"}});
  CHECK(value(named.resource, "service.name") == "a");
  CHECK(value(named.resource, "region") == "west,1");
  CHECK(value(settings({{"OTEL_SERVICE_NAME", "b"}, {"OTEL_RESOURCE_ATTRIBUTES", "service.name=a"}}).resource,
              "service.name") == "b");
}

TEST_CASE("it can be switched off, in part or all of it") {
  CHECK_FALSE(settings({{"OTEL_SDK_DISABLED", "true"}}).on);
  CHECK_FALSE(settings({{"OTEL_METRICS_EXPORTER", "none"}, {"OTEL_TRACES_EXPORTER", "none"}}).on);
  const Settings metrics = settings({{"OTEL_TRACES_EXPORTER", "none"}});
  CHECK(metrics.metrics.on);
  CHECK_FALSE(metrics.traces.on);
  CHECK(settings({{"OTEL_TRACES_EXPORTER", "console,otlp"}}).warnings.size() == 1);
}

TEST_CASE("exports are compressed where that is asked for") {
  CHECK_FALSE(settings({}).metrics.gzip);
  const Settings both = settings({{"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"}});
  CHECK(both.metrics.gzip);
  CHECK(both.traces.gzip);
  const Settings one =
      settings({{"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"}, {"OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none"}});
  CHECK_FALSE(one.metrics.gzip);
  CHECK(one.traces.gzip);
  CHECK(test::error_of([] {
          settings({{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"}});
        }) == "--otel: OTEL_EXPORTER_OTLP_COMPRESSION=zstd: choose from gzip, none");
}

TEST_CASE("what can't be followed is named, and what to do") {
  const auto error = [](const Given& given) { return test::error_of([&] { settings(given); }); };
  const auto says = [](const std::string& text, std::string_view part) { return text.find(part) != text.npos; };
  const std::string grpc = error({{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}});
  CHECK(grpc.starts_with("--otel: OTEL_EXPORTER_OTLP_PROTOCOL=grpc: "));
  CHECK(says(grpc, "http/protobuf"));
  CHECK(says(grpc, ":4318"));
  CHECK(says(error({{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "udp"}}), "choose from http/protobuf, http/json"));
  CHECK(says(error({{"OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"}}), "expected a URL"));
  CHECK(says(error({{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s"}}), "expected a number of milliseconds"));
  CHECK(says(error({{"OTEL_BSP_MAX_QUEUE_SIZE", "0"}}), "expected a number from 1"));
  CHECK(says(error({{"OTEL_TRACES_SAMPLER", "jaeger_remote"}}), "choose from always_on"));
  CHECK(says(error({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "1.5"}}), "from 0 to 1"));
  CHECK(says(error({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "nan"}}), "from 0 to 1"));
  CHECK(says(error({{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "sometimes"}}), "choose from cumulative"));
  const std::string secret = error({{"OTEL_EXPORTER_OTLP_HEADERS", "authorization:secret"}});
  CHECK(says(secret, "expected name=value"));
  CHECK_FALSE(says(secret, "secret"));
  CHECK(says(error({{"OTEL_EXPORTER_OTLP_HEADERS", "a%0d%0ab=1"}}), "this is no header"));
}
