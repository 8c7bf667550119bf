#pragma once

#include "python/src/gevent/exchange.hpp"
#include "python/src/gevent/target.hpp"

#include <optional>
#include <string_view>

namespace katydid::python {

/// The request that an answer leads to: as requests makes it, or geventhttpclient for a session that has an agent.
class Redirect {
 public:
  /// Nothing for an answer that leads nowhere, and where the library has to follow it: by its Location, or for a
  /// request with certificates, a Host or a body of its own kind.
  static std::optional<Redirect> of(const GreenExchange& answered, bool has_agent);

  /// An `Asked`, with the cookies that the session's jar has for it now. Invalid where only the jar knows them.
  nb::object compose(nb::handle session) const;

 private:
  Redirect(const GreenExchange& answered, Target target, bool has_agent)
      : answered_(answered), asked_(value_of<Asked>(answered.asked)), target_(std::move(target)), agent_(has_agent) {}

  void take_method();
  bool keeps_credentials() const;
  bool is_kept(std::string_view field) const;
  void put_kept_fields(std::string& head) const;

  const GreenExchange& answered_;
  const Asked& asked_;
  Target target_;
  bool agent_;
  bool keeps_body_ = false;
  bool keeps_credentials_ = false;
  std::string_view method_;
};

}  // namespace katydid::python
