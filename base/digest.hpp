#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace katydid {

/// SHA-256 over a sequence of texts.
class Digest {
 public:
  Digest();

  /// Adds the text and its length, so that {"ab", "c"} is not {"a", "bc"}.
  Digest& add(std::string_view text);
  /// Adds bare bytes.
  Digest& add_bytes(std::string_view bytes);
  /// In hexadecimal; ends the digest.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// The content of a file; nothing when it can't be read.
std::optional<std::string> read_file(const std::filesystem::path& file);
/// SHA-256 of a file's content, as sha256sum prints it; nothing when it can't be read.
std::optional<std::string> digest_of_file(const std::filesystem::path& file);

}  // namespace katydid
