// katydid_http_bench URL [USERS [SECONDS [WARM-UP SECONDS]]]: that many users on one loop, each with an HttpClient,
// without any wait. Prints what a request costs this process in CPU time, and what a user costs in memory and
// descriptors.
#include "base/task.hpp"
#include "http/curl/client.hpp"
#include "http/curl/engine.hpp"
#include "net/loop.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

struct Totals final : Recorder {
  void record(const Sample& sample) override {
    ++requests;
    slowest = std::max(slowest, sample.response_time);
    if (!sample.error.empty()) ++errors[std::string(sample.error)];
  }
  void cut_off(std::string_view, std::string_view) override { ++cut; }

  std::uint64_t requests = 0, cut = 0;
  std::chrono::nanoseconds slowest{};
  std::map<std::string, std::uint64_t> errors;
};

struct User final : Context {
  User(Loop& l, Recorder& r, CurlEngine& engine, const std::string& url)
      : Context(l, r), client(engine, {.base_url = url}) {}
  void on_parked() override {}

  HttpClient client;
  task<> work;
};

task<> work(HttpClient& client, const bool& stopping) {
  while (!stopping) co_await client.get("");
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

struct Usage {
  double user = 0, system = 0;
  static Usage now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return {seconds(usage.ru_utime), seconds(usage.ru_stime)};
  }
};

/// KiB of memory in use, from the kernel's account of it.
double resident_kib() {
  long pages = 0, resident = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / 1024;
}

int open_descriptors() {
  int count = -3;  // ".", ".." and the folder itself
  if (DIR* folder = opendir("/proc/self/fd")) {
    while (readdir(folder)) ++count;
    closedir(folder);
  }
  return count;
}

void run_for(Loop& loop, Clock::duration duration) {
  struct End : Timer {
    End() : Timer([](Timer& timer) { static_cast<End&>(timer).loop->stop(); }) {}
    Loop* loop = nullptr;
  } end;
  end.loop = &loop;
  loop.arm(end, Clock::now() + duration);
  loop.run();
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: %s URL [USERS [SECONDS [WARM-UP SECONDS]]]\n", arguments[0]);
    return 2;
  }
  const std::string url = arguments[1];
  const int users = count > 2 ? std::atoi(arguments[2]) : 50;
  const std::chrono::duration<double> duration(count > 3 ? std::atof(arguments[3]) : 5);
  const std::chrono::duration<double> warm_up(count > 4 ? std::atof(arguments[4]) : 1);

  Loop loop;
  CurlEngine engine(loop);
  Totals totals;
  const double empty_kib = resident_kib();
  const int empty_descriptors = open_descriptors();
  bool stopping = false;
  std::deque<User> all;
  for (int i = 0; i < users; ++i) {
    User& user = all.emplace_back(loop, totals, engine, url);
    user.work = work(user.client, stopping);
    user.work.start(user);
  }
  run_for(loop, std::chrono::duration_cast<Clock::duration>(warm_up));

  const auto requests_before = totals.requests;
  const auto usage_before = Usage::now();
  const auto start = Clock::now();
  run_for(loop, std::chrono::duration_cast<Clock::duration>(duration));
  const std::chrono::duration<double> took = Clock::now() - start;
  const auto usage = Usage::now();
  const auto requests = static_cast<double>(totals.requests - requests_before);

  stopping = true;
  const auto deadline = Clock::now() + 10s;
  const auto busy = [&] { return std::any_of(all.begin(), all.end(), [](User& user) { return !user.work.done(); }); };
  while (busy() && Clock::now() < deadline) loop.poll();
  const double user_us = (usage.user - usage_before.user) / requests * 1e6;
  const double system_us = (usage.system - usage_before.system) / requests * 1e6;
  std::printf(
      "%d users: %.0f requests, %.0f/s, CPU %.2f us/request (user %.2f, kernel %.2f), slowest %.1f ms; "
      "idle: %.1f KiB, %.2f descriptors per user\n",
      users, requests, requests / took.count(), user_us + system_us, user_us, system_us,
      std::chrono::duration<double, std::milli>(totals.slowest).count(), (resident_kib() - empty_kib) / users,
      static_cast<double>(open_descriptors() - empty_descriptors) / users);
  for (const auto& [error, times] : totals.errors)
    std::printf("%8llu times: %s\n", static_cast<unsigned long long>(times), error.c_str());
  return totals.errors.empty() ? 0 : 1;
}
