// How a GrpcCall begins: what it asks for, and over which connection.
#include "grpc/call.hpp"
#include "http/error_text.hpp"
#include "http/fast/connection.hpp"
#include "http/fast/engine.hpp"
#include "http/fast/http2/head.hpp"
#include "http/fast/http2/stream.hpp"
#include "http/fast/session.hpp"
#include "http/header_text.hpp"
#include "http/tracer.hpp"

#include <utility>

namespace katydid {
namespace {

/// "localhost:50051" and "grpc://…" are plain text, "grpcs://…" is TLS.
std::string grpc_base_url(std::string_view host) {
  if (host.starts_with("grpc://")) return "http" + std::string(host.substr(4));
  if (host.starts_with("grpcs://")) return "https" + std::string(host.substr(5));
  if (host.empty() || host.find("://") != host.npos) return std::string(host);
  return "http://" + std::string(host);
}

}  // namespace

void GrpcCall::prepare(std::string_view method, const GrpcOptions& options, const GrpcMetadata& metadata) {
  session_->adopt_options();
  const ClientOptions& client = session_->settings();
  connect_timeout_ = client.connect_timeout;
  name_ = options.name.empty() ? method : options.name;
  std::string error;
  assign_url(url_, grpc_base_url(session_->base_url()), method);
  parts_ = split_url(url_);
  if (!is_absolute_url(url_)) {
    error = "a call needs a host, as localhost:50051: " + url_;
  } else if (parts_.host.empty() || (!parts_.port.empty() && parts_.port_number() == 0)) {
    error = "the URL has no valid host and port: " + url_;
  } else {
    error = host_error(parts_, url_);
  }
  if (!method.starts_with('/')) error = "a method is written as /package.Service/Method, and not " + name_;
  if (!client.proxy.empty()) {
    proxy_.emplace(client.proxy);
    if (error.empty()) error = proxy_->error;
  }
  lines_ = "te: trailers\r\ncontent-type: application/grpc\r\nuser-agent: ";
  lines_.append(client.user_agent.empty() ? grpc_user_agent() : client.user_agent).append("\r\n");
  lines_.append("grpc-accept-encoding: identity,gzip\r\n");
  if (compresses_) lines_.append("grpc-encoding: gzip\r\n");
  if (timeout_.count() > 0) lines_.append("grpc-timeout: ").append(grpc_timeout(timeout_)).append("\r\n");
  const auto add = [&](std::string_view key, std::string_view value) {
    says_traceparent_ = says_traceparent_ || same_name(key, traceparent_header);
    if (auto wrong = append_metadata(lines_, key, value); !wrong.empty() && error.empty()) error = std::move(wrong);
  };
  for (const auto& [key, value] : metadata) add(key, value);
  for (const Field& each : options.metadata) add(each.name, each.value);
  if (!error.empty()) soon_ = GrpcStatus{GrpcCode::internal, std::move(error)};
}

void GrpcCall::connect() {
  const TlsChoice tls = session_->tls_for(RequestOptions());
  const Proxy* const tunnel = proxy();
  FastConnection& connection = session_->http2_connection(parts_, tls, tunnel);
  channel_ = connection.channel(*this);
  connection.begin(*this);
  set_alarm();
}

void GrpcCall::on_open() {
  open_ = true;
  send_head();
  pump();
}

void GrpcCall::send_head() {
  const std::string authority = parts_.authority();
  const Http2Head head{.method = "POST",
                       .scheme = parts_.secure ? "https" : "http",
                       .authority = authority,
                       .path = parts_.target,
                       .lines = lines_,
                       .authorization = session_->authorization(),
                       .traceparent = span_ ? std::string_view(span_->traceparent()) : std::string_view()};
  channel_.stream()->begin(head, Http2Stream::Body::follows);
  if (Tracer* tracer = session_->settings().tracer) tracer->trace(Tracer::Part::request_head, text_of(head));
}

}  // namespace katydid
