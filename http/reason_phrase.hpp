#pragma once

#include <string_view>

namespace katydid {

/// "Not Found" for 404: the registered phrase of a status, "" when there is none.
std::string_view reason_phrase(int status);

}  // namespace katydid
