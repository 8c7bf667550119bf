#pragma once

#include <cstdint>
#include <string>

namespace katydid {

/// The memory of large bodies goes from one answer of a thread to the next: to get it from the system and to give it
/// back, with all the faults of its pages, costs more than to receive the body. Some megabytes a thread are kept. @{

/// Makes room in an empty body for so many bytes. A length is a promise only: not for more than a mebibyte.
void reserve_body(std::string& body, std::uint64_t size);
/// Empties it.
void recycle_body(std::string& body) noexcept;
/// @}

}  // namespace katydid
