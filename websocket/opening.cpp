// How a WebSocketConnection is opened: the request, and what the server answers to it.
#include "base/recorder.hpp"
#include "http/error_text.hpp"
#include "http/fast/engine.hpp"
#include "http/fast/session.hpp"
#include "http/header_text.hpp"
#include "http/merged_fields.hpp"
#include "http/reason_phrase.hpp"
#include "http/redirect.hpp"
#include "http/tracer.hpp"
#include "websocket/connection.hpp"
#include "websocket/url.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace katydid {
namespace {

constexpr std::size_t most_of_a_refusal = 64 * 1024;  // is kept

std::string as_websocket(const std::string& url) { return "ws" + url.substr(4); }

}  // namespace

void WebSocketConnection::prepare(std::string_view url, const WebSocketOptions& options) {
  session_->adopt_options();
  const ClientOptions& client = session_->settings();
  const std::string path = http_url_of(options.params.empty() ? std::string(url) : with_params(url, options.params));
  assign_url(url_, http_url_of(session_->base_url()), path);
  parts_ = split_url(url_);
  name_ = options.name.empty() ? path_of_url(url_) : options.name;
  if (!is_absolute_url(url_)) {
    error_ = "InvalidURL: a WebSocket needs a ws:// or wss:// URL, or a host: " + url_;
  } else if (parts_.host.empty() || (!parts_.port.empty() && parts_.port_number() == 0)) {
    error_ = "InvalidURL: the URL has no valid host and port: " + url_;
  } else {
    error_ = host_error(parts_, url_);
  }
  for (const std::string& each : offer_.subprotocols) {
    if (!is_token(each)) error_ = "InvalidHeader: a subprotocol's name is no token: '" + each + "'";
  }
  if (const auto proxy = proxy_of_request(client, {}); !proxy.empty()) {
    proxy_.emplace(proxy);
    if (error_.empty()) error_ = proxy_->error;
  }

  const HandshakeFields wanted(offer_, options.origin, options.headers);
  const RequestFields fields = make_request_fields(client, wanted.all(), {});
  if (error_.empty()) error_ = fields.error;
  says_traceparent_ = fields.traced;
  cookies_ = fields.cookies;
  append_cookies(cookies_, options.cookies);
  if (has_control(cookies_)) error_ = broken_cookie;
  head_.append("GET ").append(parts_.target).append(" HTTP/1.1\r\nHost: ");
  head_.append(fields.host.empty() ? parts_.authority() : fields.host).append("\r\n").append(fields.lines);
  if (!fields.authorized && !is_absolute_url(path) && !session_->authorization().empty())
    head_.append("Authorization: ").append(session_->authorization()).append("\r\n");
}

void WebSocketConnection::on_open() {
  std::string& out = connection_->outgoing();
  out.append(head_);
  std::string line = "Cookie: ";
  const auto without_any = line.size();
  session_->cookies().append_header(line, parts_, std::chrono::system_clock::now());
  if (!cookies_.empty()) line.append(line.size() > without_any ? "; " : "").append(cookies_);
  if (line.size() > without_any) out.append(line).append("\r\n");
  if (span_ && !span_->traceparent().empty())
    out.append(traceparent_header).append(": ").append(span_->traceparent()).append("\r\n");
  out.append("\r\n");
  if (Tracer* tracer = session_->settings().tracer) tracer->trace(Tracer::Part::request_head, out);
  answer_ = std::make_unique<Answer>();
  answer_->parser.start({.switches = true}, std::numeric_limits<std::uint64_t>::max());
  connection_->send();
}

void WebSocketConnection::read_answer(std::string_view& bytes) {
  if (!answer_) return fail(with_place("ProtocolError: the server spoke before it was asked", place()), 0);
  const auto progress = answer_->parser.feed(bytes, answer_->content);
  const Response::Content& content = answer_->content;
  if (progress == ResponseParser::Progress::failed) {
    if (is_refused()) return refused();  // however its body is
    return fail(with_place(answer_->parser.error(), place()), 0);
  }
  const bool is_long = content.body.size() > most_of_a_refusal;
  if (progress == ResponseParser::Progress::more && !is_long) return;
  store_cookies(content.header_block);
  if (Tracer* tracer = session_->settings().tracer) {
    tracer->trace(Tracer::Part::response_head,
                  "HTTP/1.1 " + std::to_string(content.status) + "\r\n" + content.header_block + "\r\n");
  }
  if (content.status != 101) return refused();
  Agreement agreement = agreement_of(offer_, content.header_block);
  if (!agreement.error.empty()) return fail(with_place(std::move(agreement.error), place()), 0);
  opened(std::move(agreement));
}

void WebSocketConnection::store_cookies(const std::string& header_block) {
  if (!answer_->parser.has_cookies()) return;
  const auto now = std::chrono::system_clock::now();
  visit_fields(header_block, [&](Field field) {
    if (same_name(field.name, "Set-Cookie")) session_->cookies().store(field.value, parts_, now);
    return false;
  });
}

void WebSocketConnection::opened(Agreement agreement) {
  subprotocol_ = std::move(agreement.subprotocol);
  if (agreement.deflate) {
    reader_.inflate_by(*agreement.deflate);
    deflater_ = std::make_unique<MessageDeflater>(*agreement.deflate);
  }
  answer_.reset();
  std::string().swap(head_);
  std::string().swap(cookies_);
  state_ = State::open;
  error_.clear();
  if (ping_interval_.count() > 0) ping_at_ = Loop::clock::now() + ping_interval_;
  set_alarm();
  WebSocketOperation& operation = *waiting_.front();
  record(operation, "WS", {}, 0, true);
  finish(operation);
}

bool WebSocketConnection::is_refused() const {
  return answer_ && answer_->parser.has_head() && answer_->content.status != 101;
}

void WebSocketConnection::refused() {
  Response::Content& content = answer_->content;
  refused_status_ = content.status;
  refused_body_ = std::move(content.body);
  refused_body_.resize(std::min(refused_body_.size(), most_of_a_refusal));
  const std::string& own = answer_->parser.reason();
  std::string error = "HandshakeRefused: " + std::to_string(content.status) + " ";
  error.append(own.empty() ? reason_phrase(content.status) : std::string_view(own));
  if (is_redirect(content.status)) {
    visit_fields(content.header_block, [&](Field field) {
      if (!same_name(field.name, "Location")) return false;
      error.append(" to ").append(as_websocket(resolve_reference(url_, field.value)));
      return true;
    });
    error.append("; a WebSocket follows no redirect");
  }
  fail(with_place(std::move(error), place()), 0);
}

}  // namespace katydid
