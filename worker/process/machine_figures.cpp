#include "worker/process/machine_figures.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace katydid {
namespace {

// "cpu  user nice system idle iowait irq softirq steal guest guest_nice"; the guests are in user and nice.
void read_processors(MachineFigures& out) {
  std::ifstream file("/proc/stat");
  std::string name;
  file >> name;
  std::uint64_t ticks = 0;
  for (int column = 0; column < 8 && file >> ticks; ++column) {
    out.processor_time += ticks;
    if (column == 7) out.stolen_time = ticks;
  }
}

/// The figures of a protocol in /proc/net/snmp: a line with their names, then one with their values.
void read_segments(MachineFigures& out) {
  std::ifstream file("/proc/self/net/snmp");
  for (std::string names, values; std::getline(file, names) && std::getline(file, values);) {
    if (!names.starts_with("Tcp:")) continue;
    std::istringstream name_of(names), value_of(values);
    for (std::string name, value; name_of >> name && value_of >> value;) {
      if (name == "OutSegs") out.segments_sent = std::stoull(value);
      if (name == "RetransSegs") out.segments_sent_again = std::stoull(value);
    }
    return;
  }
}

// "TCP: inuse 5 orphan 0 tw 12 alloc 7 mem 2"
void read_sockets(MachineFigures& out) {
  for (const char* path : {"/proc/self/net/sockstat", "/proc/self/net/sockstat6"}) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("TCP")) continue;
      std::istringstream words(line);
      std::string protocol, name;
      words >> protocol;
      for (std::uint64_t value = 0; words >> name >> value;)
        if (name == "inuse" || name == "tw") out.sockets += value;
    }
  }
  std::uint64_t first = 0, last = 0;
  if (std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first >> last && last >= first)
    out.ports = last - first + 1;
}

void read_descriptors(MachineFigures& out) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) out.descriptor_limit = limit.rlim_cur;
  // A new descriptor has the lowest number that is free, so all below it are in use.
  const int lowest_free = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  out.descriptors = lowest_free < 0 ? out.descriptor_limit : static_cast<std::uint64_t>(lowest_free);
  if (lowest_free >= 0) ::close(lowest_free);
}

struct Clock {
  std::chrono::nanoseconds resolution{}, cost = std::chrono::nanoseconds::max();
};

Clock measured_clock() {
  Clock out;
  timespec resolution{};
  if (::clock_getres(CLOCK_MONOTONIC, &resolution) == 0)
    out.resolution = std::chrono::seconds(resolution.tv_sec) + std::chrono::nanoseconds(resolution.tv_nsec);
  using clock = std::chrono::steady_clock;
  for (int tries = 0; tries < 20; ++tries) {  // the least of them was not interrupted
    const auto begin = clock::now();
    for (int readings = 0; readings < 9; ++readings) (void)clock::now();
    out.cost = std::min<std::chrono::nanoseconds>(out.cost, (clock::now() - begin) / 10);
  }
  return out;
}

}  // namespace

MachineFigures MachineFigures::now() {
  MachineFigures figures;
  read_processors(figures);
  read_segments(figures);
  read_sockets(figures);
  read_descriptors(figures);
  static const Clock clock = measured_clock();  // which stays as it is
  figures.clock_resolution = clock.resolution;
  figures.clock_cost = clock.cost;
  return figures;
}

}  // namespace katydid
