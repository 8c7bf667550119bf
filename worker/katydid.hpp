#pragma once

// All that a locustfile needs: `#include <katydid/katydid.hpp>`.

#include "base/task.hpp"
#include "base/value.hpp"
#include "http/cookies/jar.hpp"
#include "http/curl/client.hpp"
#include "http/fast/client.hpp"
#include "http/multipart.hpp"
#include "net/descriptor.hpp"
#include "net/several.hpp"
#include "net/sleep.hpp"
#include "net/task_group.hpp"
#include "worker/data/feeder.hpp"
#include "worker/log/log.hpp"
#include "worker/user/arguments.hpp"
#include "worker/user/environment.hpp"
#include "worker/user/hooks.hpp"
#include "worker/user/retry.hpp"
#include "worker/user/task_set.hpp"
#include "worker/user/user.hpp"
#include "worker/user/user_class.hpp"
#include "worker/user/wait_time.hpp"
