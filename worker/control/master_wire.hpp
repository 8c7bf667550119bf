#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace katydid {

/// The line to the master, as its link sees it: frames, in their order, over connections that break and are made again.
/// In a process it is a Dealer's, by DealerWire. protocol/dealer.hpp says what each call means.
class MasterWire {
 public:
  virtual ~MasterWire() = default;

  /// Who hears the master's frames, until close().
  virtual void listen(std::function<void(std::string_view frame)> received) = 0;
  virtual bool connected() const = 0;
  virtual bool heard() const = 0;
  virtual std::uint64_t losses() const = 0;
  [[nodiscard]] virtual bool send(std::string_view frame) = 0;
  virtual void reconnect() = 0;
  virtual void close(std::chrono::milliseconds linger) = 0;
};

}  // namespace katydid
