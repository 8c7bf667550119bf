#include "worker/compare/run.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace katydid::compare {

Run read_run(const std::string& file, std::chrono::duration<double> skip) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file + ": there is no such file, or it can't be read");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  try {
    if (first == text.npos) throw std::runtime_error("the file is empty");
    // A log begins with a comment, or with its table's head.
    Run run = text[first] == '[' || text[first] == '{' ? json_run(text, skip) : hdr_run(text, skip);
    if (run.total.requests == 0) throw std::runtime_error("there is no request in it");
    run.file = file;
    return run;
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(file + ": " + error.what());
  }
}

}  // namespace katydid::compare
