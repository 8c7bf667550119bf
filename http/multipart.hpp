#pragma once

#include "http/fields.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// A form with files, sent as multipart/form-data (RFC 7578), written as requests and urllib3 write it:
/// `client.post("/upload", Multipart().field("title", "A cat").file("picture", "cat.png", bytes, "image/png"))`.
class Multipart {
 public:
  /// A part as it can be; all but the name and the content may be missing.
  struct Part {
    std::string_view name;
    std::string_view filename{};
    bool has_filename = false;
    std::string_view content_type{};
    Fields headers{};  ///< further ones
    std::string_view content{};
  };

  Multipart();

  /// These throw std::invalid_argument for a header that would break the form. @{
  Multipart& add(const Part& part);
  Multipart& field(std::string_view name, std::string_view value) { return add({.name = name, .content = value}); }
  Multipart& file(std::string_view name, std::string_view filename, std::string_view content,
                  std::string_view content_type = {}) {
    return add({.name = name,
                .filename = filename,
                .has_filename = true,
                .content_type = content_type,
                .headers = {},
                .content = content});
  }
  /// @}

  /// "multipart/form-data; boundary=…".
  std::string content_type() const;
  std::string body() const;

 private:
  void put_boundary();
  void avoid(std::string_view content);

  std::string boundary_, text_;
  std::vector<std::size_t> boundaries_;  // where they stand in the text
};

}  // namespace katydid
