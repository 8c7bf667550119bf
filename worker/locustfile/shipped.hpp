#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// A file that travels within another.
struct ShippedFile {
  std::string name;  ///< "users.cpp", "lib/cart.hpp": below the folder that all of them are below
  std::string text;
};

/// These locustfiles in C++ with the files that they include by `#include "…"`, as far as they are there, and the
/// .proto files behind "….pb.h": what a worker needs that has none of them. Throws LocustfileError for one that can't
/// be sent, as it is no UTF-8.
std::vector<ShippedFile> files_to_ship(const std::vector<std::filesystem::path>& locustfiles);

/// As comments of Python, for a master's locustfile: a master gives it to workers that ask for it (`-f -`).
std::string shipped_as_comments(const std::vector<ShippedFile>& files);

/// What is in such comments, wherever they are in the text; nothing where there are none. Throws LocustfileError for
/// comments that were changed: a file that is not whole, or a name that leads elsewhere.
std::vector<ShippedFile> files_shipped_in(std::string_view python);

}  // namespace katydid
