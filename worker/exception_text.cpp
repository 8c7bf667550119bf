#include "worker/exception_text.hpp"

#include "worker/process/throw_trace.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <typeinfo>

namespace katydid {
namespace {

std::string type_name(const std::exception& error) {
  int status = 0;
  char* name = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status);
  std::string text = status == 0 ? name : typeid(error).name();
  std::free(name);
  return text;
}

UserException text_of(const std::string& where, const std::string& type, const std::string& what) {
  const std::string trace = thrown_at(std::current_exception()).text(StackTrace::Frames::of_users);
  return {.message = what, .traceback = "  " + where + "\n" + trace + type + ": " + what + "\n"};
}

}  // namespace

UserException current_exception(const std::string& where) {
  try {
    throw;
  } catch (const std::exception& error) {
    const char* const what = error.what();
    return text_of(where, type_name(error), what ? what : "");
  } catch (...) {
    return text_of(where, "unknown exception", "something was thrown that is not a std::exception");
  }
}

}  // namespace katydid
