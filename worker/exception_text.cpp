#include "worker/exception_text.hpp"

#include "base/demangled.hpp"
#include "worker/process/throw_trace.hpp"

#include <exception>
#include <typeinfo>

namespace katydid {
namespace {

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
    return text_of(where, demangled(typeid(error).name()), what ? what : "");
  } catch (...) {
    return text_of(where, "unknown exception", "something was thrown that is not a std::exception");
  }
}

}  // namespace katydid
