#include "worker/otel/common.hpp"

#include "base/version.hpp"

#include <algorithm>

namespace katydid::otel {
namespace {

constexpr Field key_field{1, "key"}, value_field{2, "value"};
constexpr Field string_value{1, "stringValue"}, int_value{3, "intValue"};
constexpr Field resource_field{1, "resource"}, resource_attributes{1, "attributes"};
constexpr Field scope_field{1, "scope"}, scope_name{1, "name"}, scope_version{2, "version"};

}  // namespace

template <class WriteValue>
void Attributes::put_with(std::string_view key, WriteValue&& write_value) {
  writer_.begin(field_);
  writer_.text(key_field, key);
  writer_.begin(value_field);
  write_value();
  writer_.end();
  writer_.end();
}

void Attributes::put(std::string_view key, std::string_view value) {
  put_with(key, [&] { writer_.text(string_value, value); });
}

void Attributes::put(std::string_view key, std::int64_t value) {
  put_with(key, [&] { writer_.integer(int_value, value); });
}

void begin_export(Writer& writer, Field of_resource, Field of_scope, const Pairs& resource) {
  writer.begin_list(of_resource);
  writer.begin(of_resource);
  writer.begin(resource_field);
  {
    Attributes attributes(writer, resource_attributes);
    for (const auto& [name, value] : resource) attributes.put(name, value);
  }
  writer.end();
  writer.begin_list(of_scope);
  writer.begin(of_scope);
  writer.begin(scope_field);
  writer.text(scope_name, "katydid");
  writer.text(scope_version, version);
  writer.end();
}

void end_export(Writer& writer) {
  writer.end();
  writer.end_list();
  writer.end();
  writer.end_list();
}

std::string_view kind_of_error(std::string_view error) {
  const auto end = error.find_first_of("(: \n");
  return end == 0 ? error : error.substr(0, std::min(end, error.size()));
}

}  // namespace katydid::otel
