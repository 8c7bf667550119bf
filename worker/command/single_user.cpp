#include "worker/command/local_runner.hpp"
#include "worker/command/printing_tracer.hpp"

namespace katydid {

int run_single_user(const LocalRunOptions& options, const UserClass& user_class) {
  PrintingTracer tracer;
  LocalRunOptions single = options;
  single.users = 1;
  single.shards = 1;
  single.only_summary = true;
  single.ends_with_users = true;
  single.print_interval = std::chrono::milliseconds(100);  // how soon that is seen
  single.shard.tracer = &tracer;
  return run_locally(single, {&user_class});
}

}  // namespace katydid
