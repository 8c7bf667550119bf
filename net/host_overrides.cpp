#include "net/host_overrides.hpp"

#include "base/bad_value.hpp"

#include <algorithm>
#include <charconv>
#include <memory>

namespace katydid {
namespace {

[[noreturn]] void refuse() { throw BadValue("expected HOST:PORT:ADDRESS, as in shop.example:443:127.0.0.1"); }

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& each : lower) each = each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
  return lower;
}

std::uint16_t port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) refuse();
  return port;
}

/// What comes before the next such character; `rest` goes on behind it.
std::string_view cut(std::string_view& rest, char mark) {
  const auto end = rest.find(mark);
  const auto part = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return part;
}

}  // namespace

void HostOverrides::add(std::string_view entry) {
  const auto host = cut(entry, ':');
  const auto port = port_of(cut(entry, ':'));
  if (host.empty() || entry.empty()) refuse();
  auto resolved = std::make_shared<ResolvedHost>();
  while (!entry.empty()) {
    const auto text = cut(entry, ',');
    const auto address = SocketAddress::literal(text);
    if (!address) throw BadValue("'" + std::string(text) + "' is not an IP address");
    resolved->addresses.push_back(*address);
  }
  entries_.push_back({lower_case(host), port, std::move(resolved)});
}

HostAnswer HostOverrides::find(std::string_view host, std::uint16_t port) const {
  const auto of = [&](std::string_view name) {
    const auto found = std::ranges::find_if(entries_.rbegin(), entries_.rend(),
                                            [&](const Entry& each) { return each.port == port && each.host == name; });
    return found == entries_.rend() ? nullptr : found->answer;
  };
  if (entries_.empty()) return nullptr;
  auto own = of(lower_case(host));
  return own ? own : of("*");
}

std::vector<std::string> HostOverrides::texts() const {
  std::vector<std::string> all;
  for (const Entry& each : entries_) {
    std::string text = each.host + ":" + std::to_string(each.port);
    char separator = ':';
    for (const SocketAddress& address : each.answer->addresses) {
      const std::string with_port = address.text();
      text += separator + with_port.substr(0, with_port.rfind(':'));
      separator = ',';
    }
    all.push_back(std::move(text));
  }
  return all;
}

HostOverrides& HostOverrides::of_process() {
  static HostOverrides overrides;
  return overrides;
}

}  // namespace katydid
