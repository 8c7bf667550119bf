#include "http/fast/tunnel.hpp"

#include "http/fast/session.hpp"
#include "http/reason_phrase.hpp"

namespace katydid {

std::string proxy_authorization_line(const Proxy& proxy) {
  if (proxy.user.empty() && proxy.password.empty()) return {};
  return "Proxy-Authorization: " + basic_authorization(proxy.user, proxy.password) + "\r\n";
}

void Tunnel::ask(const Url& origin, std::string& out) {
  answer_ = std::make_unique<Answer>();
  answer_->parser.start({.to_head = true}, 0);  // no answer to CONNECT that is of use has a body
  const std::string authority = std::string(origin.host) + ":" + std::to_string(origin.port_number());
  out.append("CONNECT ").append(authority).append(" HTTP/1.1\r\nHost: ").append(authority).append("\r\n");
  out.append(proxy_authorization_line(proxy_)).append("\r\n");
}

Tunnel::State Tunnel::feed(std::string_view bytes) {
  const auto progress = answer_->parser.feed(bytes, answer_->content);
  if (progress == ResponseParser::Progress::more) return State::asked;
  if (progress == ResponseParser::Progress::failed) {
    const std::string_view error = answer_->parser.error();
    return refuse(error.substr(error.find(": ") + 2));
  }
  const int status = answer_->content.status;
  if (status < 200 || status > 299) {
    const auto& reason = answer_->parser.reason();
    std::string why = "the proxy refused a tunnel with " + std::to_string(status) + " ";
    return refuse(why.append(reason.empty() ? reason_phrase(status) : std::string_view(reason)));
  }
  if (!bytes.empty()) return refuse("the proxy sent more than its answer to CONNECT");
  answer_.reset();
  return State::open;
}

Tunnel::State Tunnel::refuse(std::string_view why) {
  error_ = "ProxyError: " + std::string(why);
  answer_.reset();
  return State::refused;
}

}  // namespace katydid
