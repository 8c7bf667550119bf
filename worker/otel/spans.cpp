#include "worker/otel/spans.hpp"

#include "http/url.hpp"
#include "worker/otel/common.hpp"

namespace katydid::otel {
namespace {

constexpr Field resource_spans{1, "resourceSpans"}, scope_spans{2, "scopeSpans"}, spans_field{2, "spans"};
constexpr Field trace_id{1, "traceId"}, span_id{2, "spanId"}, parent_span_id{4, "parentSpanId"}, name_field{5, "name"},
    kind{6, "kind"};
constexpr Field start_time{7, "startTimeUnixNano"}, end_time{8, "endTimeUnixNano"}, attributes_field{9, "attributes"};
constexpr Field status_field{15, "status"}, status_message{2, "message"}, status_code{3, "code"};
constexpr unsigned kind_client = 3, status_error = 2;

/// Without a user and a password.
std::string public_url(const std::string& url) {
  const std::string_view user_info = is_absolute_url(url) ? split_url(url).user_info : std::string_view();
  if (user_info.empty()) return url;
  std::string shown = url;
  return shown.erase(shown.find("://") + 3, user_info.size() + 1);
}

void put_server(Attributes& attributes, const std::string& url) {
  if (!is_absolute_url(url)) return;
  const Url parts = split_url(url);
  attributes.put("server.address", parts.host);
  attributes.put("server.port", parts.port.empty() ? (parts.secure ? 443 : 80) : std::int64_t{parts.port_number()});
}

std::string_view path_of(const std::string& url) {
  const std::string_view target = is_absolute_url(url) ? split_url(url).target : std::string_view(url);
  return target.starts_with('/') ? target.substr(1) : target;
}

std::string name_of(const Span& span) {
  if (span.of == SpanOf::grpc) return std::string(path_of(span.url));
  return span.method + " " + span.name;
}

/// As the semantic conventions of HTTP and RPC have it. They have none for messages of WebSockets.
void put_protocol(Attributes& attributes, const Span& span) {
  switch (span.of) {
    case SpanOf::grpc:
      attributes.put("rpc.system.name", "grpc");
      attributes.put("rpc.method", path_of(span.url));
      if (!span.rpc_status.empty()) attributes.put("rpc.response.status_code", span.rpc_status);
      return;
    case SpanOf::message:
      attributes.put("network.protocol.name", "websocket");
      return;
    case SpanOf::websocket:
      attributes.put("http.request.method", "GET");
      break;
    case SpanOf::http:
      attributes.put("http.request.method", span.method);
      break;
  }
  attributes.put("url.full", public_url(span.url));
  if (span.status > 0) attributes.put("http.response.status_code", std::int64_t{span.status});
  if (span.redirects > 0) attributes.put("http.request.resend_count", std::int64_t{span.redirects});
}

void put_error(Attributes& attributes, const Span& span) {
  if (span.status >= 400) {
    attributes.put("error.type", std::to_string(span.status));
  } else if (!span.rpc_status.empty() && span.rpc_status != "OK") {
    attributes.put("error.type", span.rpc_status);
  } else if (!span.error.empty()) {
    attributes.put("error.type", kind_of_error(span.error));
  }
}

void write(Writer& writer, const Span& span) {
  const auto nanoseconds = [](auto time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); };
  writer.begin(spans_field);
  writer.id(trace_id, span.ids.trace);
  writer.id(span_id, span.ids.span);
  if (span.parent != decltype(span.parent){}) writer.id(parent_span_id, span.parent);
  writer.text(name_field, name_of(span));
  writer.choice(kind, kind_client);
  writer.fixed(start_time, nanoseconds(span.start));
  writer.fixed(end_time, nanoseconds(span.start + span.duration));
  {
    Attributes attributes(writer, attributes_field);
    put_protocol(attributes, span);
    put_server(attributes, span.url);
    put_error(attributes, span);
    attributes.put("name", span.name);
    if (!span.user_class.empty()) attributes.put("user_class", span.user_class);
  }
  if (!span.error.empty()) {
    writer.begin(status_field);
    writer.text(status_message, span.error);
    writer.choice(status_code, status_error);
    writer.end();
  }
  writer.end();
}

}  // namespace

Span::Span(const EndedSpan& ended)
    : of(ended.of),
      ids(ended.ids),
      parent(ended.parent),
      user_class(ended.user_class),
      method(ended.method),
      name(ended.name),
      url(ended.url),
      error(ended.error),
      rpc_status(ended.rpc_status),
      status(ended.status),
      redirects(ended.redirects),
      start(ended.start),
      duration(ended.duration) {}

std::string traces_message(std::span<const Span> spans, const Pairs& resource, Format format) {
  const auto writer = Writer::make(format);
  begin_export(*writer, resource_spans, scope_spans, resource);
  writer->begin_list(spans_field);
  for (const Span& span : spans) write(*writer, span);
  writer->end_list();
  end_export(*writer);
  return writer->take();
}

}  // namespace katydid::otel
