#pragma once

#include "worker/command/options.hpp"
#include "worker/log/recorder.hpp"
#include "worker/shard.hpp"
#include "worker/user/user_class.hpp"

#include <memory>
#include <string>
#include <vector>

namespace katydid {

/// The registered classes of these names, or all. Throws std::runtime_error for a name that there is not, a class
/// without tasks, and where there is none at all.
std::vector<const UserClass*> user_classes(const std::vector<std::string>& names);

/// What the options ask for, once the user classes are known: a worker, or a test without a master. `make`, when it is
/// not empty, makes the shards. Returns the exit code; throws std::runtime_error when it can't start.
int run_test(const Options& options, const std::vector<const UserClass*>& classes,
             const std::shared_ptr<LogRecorder>& recorder, ShardFactory make = {});

}  // namespace katydid
