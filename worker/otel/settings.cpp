#include "worker/otel/settings.hpp"

#include "base/version.hpp"
#include "http/ascii.hpp"
#include "http/header_text.hpp"
#include "http/url.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <type_traits>

namespace katydid::otel {
namespace {

[[noreturn]] void refuse(std::string_view variable, std::string_view value, std::string_view why) {
  throw std::runtime_error("--otel: " + std::string(variable) + "=" + std::string(value) + ": " + std::string(why));
}

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += ascii_lower(c);
  return out;
}

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    if (const auto part = trimmed(text.substr(0, end)); !part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// All of a text. Apple's C++ library has from_chars for whole numbers only, and strtod() takes more than those digits.
template <class Number>
bool is_read(const std::string& text, Number& value) {
  const char* const end = text.data() + text.size();
  if constexpr (std::is_floating_point_v<Number>) {
    char* stop = nullptr;
    value = std::strtod(text.c_str(), &stop);
    return stop == end && text.find_first_not_of("0123456789.eE-") == text.npos;
  } else {
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end;
  }
}

class Environment {
 public:
  explicit Environment(const Variables& variables) : variables_(variables) {}

  /// Without blanks around it; "" of one that is not set.
  std::string text(const std::string& name) const {
    const char* const value = variables_(name.c_str());
    return std::string(trimmed(value ? value : ""));
  }
  std::string word(const std::string& name) const { return lower(text(name)); }
  template <class Number>
  Number number(const std::string& name, Number usual, Number least, Number most, std::string_view expected) const {
    const std::string given = text(name);
    if (given.empty()) return usual;
    Number value{};
    if (!is_read(given, value) || !(value >= least && value <= most)) refuse(name, given, expected);
    return value;
  }
  std::chrono::milliseconds milliseconds(const std::string& name, std::chrono::milliseconds usual) const {
    return std::chrono::milliseconds(
        number<long>(name, usual.count(), 1, 1'000'000'000, "expected a number of milliseconds, from 1 up"));
  }
  std::size_t size(const std::string& name, std::size_t usual) const {
    return number<std::size_t>(name, usual, 1, 1'000'000, "expected a number from 1 to 1000000");
  }
  /// "name=value,name=value", percent-encoded as the Baggage of W3C.
  Pairs pairs(const std::string& name) const {
    Pairs out;
    const std::string given = text(name);
    for (const std::string_view part : parts_of(given)) {
      const auto equals = part.find('=');
      const auto key = trimmed(part.substr(0, equals));
      if (equals == part.npos || key.empty()) refuse(name, "…", "expected name=value, with commas between several");
      out.emplace_back(percent_decoded(key), percent_decoded(trimmed(part.substr(equals + 1))));
    }
    return out;
  }

 private:
  const Variables& variables_;
};

void put(Pairs& pairs, std::string name, std::string value) {
  const auto same = std::ranges::find(pairs, name, &Pairs::value_type::first);
  if (same == pairs.end()) {
    pairs.emplace_back(std::move(name), std::move(value));
  } else {
    same->second = std::move(value);
  }
}

Format format_of(std::string_view variable, std::string_view word) {
  if (word.empty() || word == "http/protobuf" || word == "http") return Format::protobuf;
  if (word == "http/json") return Format::json;
  if (word == "grpc") {
    refuse(variable, word,
           "katydid sends OTLP over HTTP. Set it to http/protobuf, and the endpoint to the collector's port for HTTP, "
           "e.g. OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318");
  }
  refuse(variable, word, "choose from http/protobuf, http/json");
}

/// `signal` is METRICS or TRACES; its own variables come before those of both.
Endpoint endpoint_of(const Environment& environment, const std::string& signal, std::string_view path,
                     std::vector<std::string>& warnings) {
  const std::string both = "OTEL_EXPORTER_OTLP_", own = both + signal + "_";
  const auto chosen = [&](const char* name) { return environment.text(own + name).empty() ? both + name : own + name; };
  Endpoint endpoint;
  const std::string exporter = "OTEL_" + signal + "_EXPORTER", kinds = environment.word(exporter);
  if (!kinds.empty()) {
    endpoint.on = false;
    for (const std::string_view kind : parts_of(kinds)) {
      if (kind == "otlp") {
        endpoint.on = true;
      } else if (kind != "none") {
        warnings.push_back("--otel: " + exporter + "=" + std::string(kind) + " has no effect: there are otlp and none");
      }
    }
  }
  if (!endpoint.on) return endpoint;

  const std::string variable = chosen("ENDPOINT");
  endpoint.url = environment.text(variable);
  if (endpoint.url.empty()) endpoint.url = "http://localhost:4318";
  if (variable.starts_with(own)) {
    if (is_absolute_url(endpoint.url) && split_url(endpoint.url).target.empty()) endpoint.url += '/';
  } else {
    while (endpoint.url.ends_with('/')) endpoint.url.pop_back();
    endpoint.url.append(path);
  }
  if (!is_absolute_url(endpoint.url) || split_url(endpoint.url).host.empty())
    refuse(variable, environment.text(variable), "expected a URL, e.g. http://localhost:4318");

  const std::string protocol = chosen("PROTOCOL");
  endpoint.format = format_of(protocol, environment.word(protocol));
  endpoint.timeout = environment.milliseconds(chosen("TIMEOUT"), endpoint.timeout);
  for (const std::string& group : {both, own}) {
    for (auto& [name, value] : environment.pairs(group + "HEADERS"))
      put(endpoint.headers, lower(name), std::move(value));
  }
  for (const auto& [name, value] : endpoint.headers) {
    if (!is_token(name) || has_control(value)) refuse(chosen("HEADERS"), "…", "this is no header: " + name);
  }
  endpoint.ca_file = environment.text(chosen("CERTIFICATE"));
  endpoint.client_certificate = environment.text(chosen("CLIENT_CERTIFICATE"));
  endpoint.client_key = environment.text(chosen("CLIENT_KEY"));
  const std::string compression = chosen("COMPRESSION"), how = environment.word(compression);
  endpoint.gzip = how == "gzip";
  if (!how.empty() && how != "none" && !endpoint.gzip) refuse(compression, how, "choose from gzip, none");
  return endpoint;
}

double share_of(const Environment& environment) {
  std::string sampler = environment.word("OTEL_TRACES_SAMPLER");
  // No request has a parent: what has none is sampled as the rest of the name says.
  if (constexpr std::string_view prefix = "parentbased_"; sampler.starts_with(prefix)) sampler.erase(0, prefix.size());
  if (sampler.empty() || sampler == "always_on") return 1;
  if (sampler == "always_off") return 0;
  if (sampler != "traceidratio") {
    refuse("OTEL_TRACES_SAMPLER", sampler,
           "choose from always_on, always_off, traceidratio, each also with parentbased_ before it");
  }
  return environment.number<double>("OTEL_TRACES_SAMPLER_ARG", 1, 0, 1, "expected a number from 0 to 1");
}

bool is_delta(const Environment& environment) {
  constexpr const char* variable = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
  const std::string preference = environment.word(variable);
  if (preference.empty() || preference == "cumulative") return false;
  if (preference == "delta" || preference == "lowmemory") return true;
  refuse(variable, preference, "choose from cumulative, delta, lowmemory");
}

bool propagates(const Environment& environment) {
  const std::string given = environment.word("OTEL_PROPAGATORS");
  const auto kinds = parts_of(given);
  return kinds.empty() || std::ranges::find(kinds, "tracecontext") != kinds.end();
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// Locust's attributes, and OpenTelemetry's variables over them.
Pairs resource_of(const Environment& environment, const std::string& locustfile) {
  Pairs resource{{"service.name", "locust"},
                 {"service.version", std::string(version)},
                 {"telemetry.sdk.name", "katydid"},
                 {"telemetry.sdk.language", "cpp"},
                 {"telemetry.sdk.version", std::string(version)},
                 {"host.name", host_name()},
                 {"filename", locustfile}};
  for (auto& [name, value] : environment.pairs("OTEL_RESOURCE_ATTRIBUTES")) put(resource, name, std::move(value));
  if (auto name = environment.text("OTEL_SERVICE_NAME"); !name.empty()) put(resource, "service.name", std::move(name));
  return resource;
}

}  // namespace

Settings settings_from(const Variables& variables, const std::string& locustfile) {
  const Environment environment(variables);
  Settings settings;
  if (environment.word("OTEL_SDK_DISABLED") == "true") {
    settings.on = settings.metrics.on = settings.traces.on = false;
    return settings;
  }
  settings.metrics = endpoint_of(environment, "METRICS", "/v1/metrics", settings.warnings);
  settings.traces = endpoint_of(environment, "TRACES", "/v1/traces", settings.warnings);
  settings.interval = environment.milliseconds("OTEL_METRIC_EXPORT_INTERVAL", settings.interval);
  settings.delta = is_delta(environment);
  settings.share = share_of(environment);
  settings.propagates = propagates(environment);
  settings.most_spans = environment.size("OTEL_BSP_MAX_QUEUE_SIZE", settings.most_spans);
  settings.batch = environment.size("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", settings.batch);
  settings.batch = std::min(settings.batch, settings.most_spans);
  settings.delay = environment.milliseconds("OTEL_BSP_SCHEDULE_DELAY", settings.delay);
  if (settings.share == 0) settings.traces.on = false;
  settings.resource = resource_of(environment, locustfile);
  settings.on = settings.metrics.on || settings.traces.on;
  return settings;
}

}  // namespace katydid::otel
