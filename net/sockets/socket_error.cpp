#include "net/sockets/socket_error.hpp"

#include <cerrno>
#include <system_error>

namespace katydid {
namespace {

std::string_view python_name(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "ConnectionRefusedError";
    case ECONNRESET:
      return "ConnectionResetError";
    case ECONNABORTED:
      return "ConnectionAbortedError";
    case EPIPE:
      return "BrokenPipeError";
    case ETIMEDOUT:
      return "TimeoutError";
    case ENOENT:
      return "FileNotFoundError";
    case EACCES:
    case EPERM:
      return "PermissionError";
    default:
      return "OSError";
  }
}

}  // namespace

std::string system_error_text(int error, std::string_view place) {
  std::string text(python_name(error));
  text += ": [Errno " + std::to_string(error) + "] " + std::generic_category().message(error);
  if (error == EMFILE || error == ENFILE) return text += ": raise the limit of open files (ulimit -n)";
  return with_place(std::move(text), place);
}

std::string with_place(std::string text, std::string_view place) { return text.append(" (").append(place).append(")"); }

}  // namespace katydid
