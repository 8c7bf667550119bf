#include "worker/process/stack_trace.hpp"

#include "base/demangled.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

#ifdef KATYDID_HAS_BACKTRACE
#include <backtrace.h>
#endif

namespace katydid {
namespace {

/// One function at one address, which may have several by inlining.
struct Frame {
  std::string function, file;
  int line = 0;
};

/// With a slash at the end of each.
std::vector<std::string>& own_folders() {
  static std::vector<std::string> folders;
  return folders;
}

/// Distributions' libraries name their sources by "/usr/…", or by paths that are not whole.
bool is_of_users(const Frame& frame) {
  return frame.file.starts_with('/') && !frame.file.starts_with("/usr/") &&
         std::ranges::none_of(own_folders(), [&](const auto& folder) { return frame.file.starts_with(folder); });
}

void append(std::string& text, const Frame& frame) {
  text += "  File \"" + frame.file + "\", line " + std::to_string(frame.line) + ", in " +
          (frame.function.empty() ? "?" : frame.function) + "\n";
}

/// What is known of an address without a line.
void append_place(std::string& text, std::uintptr_t address) {
  Dl_info found{};
  // NOLINTNEXTLINE(performance-no-int-to-ptr): libbacktrace gives addresses as numbers
  const bool known = ::dladdr(reinterpret_cast<const void*>(address), &found) != 0 && found.dli_fname;
  text += "  " + (known ? std::filesystem::path(found.dli_fname).filename().string() : std::string("?"));
  if (known && found.dli_sname) text += ", in " + short_function_name(demangled(found.dli_sname));
  text += "\n";
}

#ifdef KATYDID_HAS_BACKTRACE
void ignore_error(void*, const char*, int) {}

/// Once for the process, and never given back.
backtrace_state* state() {
  static backtrace_state* const made = backtrace_create_state(nullptr, 1, ignore_error, nullptr);
  return made;
}

/// The innermost inlined function first.
std::vector<Frame> frames_at(std::uintptr_t address) {
  std::vector<Frame> frames;
  const auto add = [](void* list, std::uintptr_t, const char* file, int line, const char* function) {
    auto& all = *static_cast<std::vector<Frame>*>(list);
    if (file && line > 0) {
      all.push_back({.function = function ? short_function_name(demangled(function)) : std::string(),
                     .file = std::filesystem::path(file).lexically_normal().string(),
                     .line = line});
    }
    return 0;
  };
  backtrace_pcinfo(state(), address, add, ignore_error, &frames);
  return frames;
}
#else
std::vector<Frame> frames_at(std::uintptr_t) { return {}; }
#endif

}  // namespace

std::string short_function_name(std::string_view name) {
  constexpr std::string_view call = "operator()";
  std::string kept;
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (depth == 0 && name.substr(i).starts_with(call)) {
      kept += call;
      i += call.size() - 1;
    } else if (name[i] == '<') {
      ++depth;
    } else if (name[i] == '>' && depth > 0) {
      --depth;
    } else if (depth > 0) {
      continue;
    } else if (name[i] == '(' && !name.substr(i).starts_with("(anonymous namespace)")) {
      break;
    } else if (name[i] == ' ' && !name.substr(i).starts_with(" namespace)")) {
      kept.clear();  // that was the type of its result
    } else {
      kept += name[i];
    }
  }
  return kept;
}

void StackTrace::set_own_folders(const std::vector<std::filesystem::path>& folders) {
  own_folders().clear();
  for (const auto& folder : folders) own_folders().push_back((folder / "").lexically_normal().string());
}

bool StackTrace::is_supported() noexcept {
#ifdef KATYDID_HAS_BACKTRACE
  return true;
#else
  return false;
#endif
}

StackTrace StackTrace::here([[maybe_unused]] int skip) noexcept {
  StackTrace trace;
#ifdef KATYDID_HAS_BACKTRACE
  const auto add = [](void* found, std::uintptr_t address) {
    auto& into = *static_cast<StackTrace*>(found);
    if (into.size_ == into.frames_.size()) return 1;
    into.frames_[into.size_++] = address;
    return 0;
  };
  backtrace_simple(state(), skip + 1, add, ignore_error, &trace);
#endif
  return trace;
}

std::string StackTrace::text(Frames which) const {
  std::string text;
  for (std::size_t i = size_; i-- > 0;) {
    const auto frames = frames_at(frames_[i]);
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
      if (which == Frames::all || is_of_users(*frame)) append(text, *frame);
    }
    if (frames.empty() && which == Frames::all) append_place(text, frames_[i]);
  }
  return text;
}

}  // namespace katydid
