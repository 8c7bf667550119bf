#include "worker/wrong_address.hpp"

#include <bit>

namespace katydid {

std::optional<std::string> WrongAddress::warning(const protocol::ForAnother& message, std::string_view node_id) {
  if (!std::has_single_bit(++count_)) return std::nullopt;
  std::string text = "a message \"" + message.type + "\" of the master was for worker " + message.node_id;
  text.append(" and came to this one, ").append(node_id);
  text += ": it was dropped. What stands between them mixes their connections up, or the master their names";
  if (count_ > 1) text += " (" + std::to_string(count_) + " such messages so far)";
  return text;
}

}  // namespace katydid
