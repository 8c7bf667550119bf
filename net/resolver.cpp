#include "net/resolver.hpp"

#include <mutex>
#include <utility>

namespace katydid {

/// What a lookup holds of the resolver that asked, which may be gone, with its loop, by the time of the answer.
struct Resolver::Link {
  std::mutex mutex;  // held while posting, so that the loop stays for that long
  Resolver* resolver;
};

void Resolution::cancel() {
  if (!next_) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  previous_ = next_ = nullptr;
}

void Resolution::join(Resolution& head) {
  if (!head.next_) head.previous_ = head.next_ = &head;
  previous_ = head.previous_;
  next_ = &head;
  previous_->next_ = head.previous_ = this;
}

Resolver::Resolver(Loop& loop, ResolverSettings settings)
    : loop_(loop), settings_(std::move(settings)), link_(std::make_shared<Link>()) {
  link_->resolver = this;
}

Resolver::~Resolver() {
  {
    std::lock_guard lock(link_->mutex);
    link_->resolver = nullptr;
  }
  for (auto& [name, host] : hosts_) {
    while (host.waiting.next_ && host.waiting.next_ != &host.waiting) host.waiting.next_->cancel();
  }
}

bool Resolver::resolve(Resolution& resolution, std::string_view host, std::uint16_t port) {
  resolution.cancel();
  resolution.answer_ = settings_.overrides->find(host, port);
  if (resolution.answer_) return true;
  auto known = hosts_.find(host);
  if (known != hosts_.end() && known->second.answer) {
    if (now() < known->second.expires) {
      resolution.answer_ = known->second.answer;
      return true;
    }
    known->second.answer.reset();
    resolution.join(known->second.waiting);
    look_up(known->first);
    return false;
  }
  if (known != hosts_.end()) {
    resolution.join(known->second.waiting);
    return false;
  }
  if (host.empty() || host.find('\0') != host.npos) {
    resolution.answer_ = std::make_shared<ResolvedHost>(
        ResolvedHost{.addresses = {}, .error = name_resolution_error(host.substr(0, host.find('\0')))});
    return true;
  }
  if (hosts_.size() >= forget_at_) forget_expired();
  auto& [name, added] = *hosts_.try_emplace(std::string(host)).first;
  if (const auto address = SocketAddress::literal(host)) {
    keep(added, std::make_shared<ResolvedHost>(ResolvedHost{.addresses = {*address}, .error = {}}));
    resolution.answer_ = added.answer;
    return true;
  }
  resolution.join(added.waiting);
  look_up(name);
  return false;
}

void Resolver::look_up(const std::string& host) {
  settings_.pool->look_up(host, [link = link_, host](HostAnswer answer) {
    std::lock_guard lock(link->mutex);
    if (!link->resolver) return;
    link->resolver->loop_.post([link, host, answer = std::move(answer)] {
      // Only the loop's thread, which this is, sets it.
      if (link->resolver) link->resolver->finish(host, answer);
    });
  });
}

void Resolver::keep(Host& host, HostAnswer answer) {
  host.expires = now() + (answer->error.empty() ? settings_.keep : settings_.keep_failure);
  host.answer = std::move(answer);
}

void Resolver::finish(const std::string& name, const HostAnswer& answer) {
  Host& host = hosts_.find(name)->second;
  keep(host, answer);
  Resolution waiting;  // on the stack: a call may end the resolver
  waiting.join(host.waiting);
  host.waiting.cancel();
  while (waiting.next_ != &waiting) {
    Resolution& next = *waiting.next_;
    next.cancel();
    next.answer_ = answer;
    const auto link = link_;
    next.done_(next);
    if (link->resolver) continue;
    while (waiting.next_ != &waiting) waiting.next_->cancel();
  }
}

void Resolver::forget_expired() {
  const auto time = now();
  std::erase_if(hosts_, [&](const auto& each) { return each.second.answer && each.second.expires <= time; });
  forget_at_ = std::max<std::size_t>(256, 2 * hosts_.size());
}

}  // namespace katydid
