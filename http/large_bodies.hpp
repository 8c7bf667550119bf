#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

/// The memory of large bodies goes from one answer of a thread to the next: to get it from the system and to give it
/// back, with all the faults of its pages, costs more than to receive the body. Some megabytes a thread are kept. @{

/// Makes room in an empty body for so many bytes. A length is a promise only: not for more than a mebibyte.
void reserve_body(std::string& body, std::uint64_t size);
/// Empties it.
void recycle_body(std::string& body) noexcept;
/// A copy.
std::string copy_of_body(std::string_view text);
/// For whoever still sends it when a request is over; the last one gives its memory back.
std::shared_ptr<const std::string> share_body(std::string&& body);
/// From this on it is worth that: what is smaller, malloc has at hand.
inline constexpr std::size_t large_body = 64 * 1024;
/// @}

}  // namespace katydid
