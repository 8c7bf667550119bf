#pragma once

// All that a locustfile needs: `#include <katydid/katydid.hpp>`.

#include "base/task.hpp"
#include "base/value.hpp"
#include "http/cookie_jar.hpp"
#include "http/descriptor.hpp"
#include "http/fast_http_client.hpp"
#include "http/http_client.hpp"
#include "http/sleep.hpp"
#include "worker/environment.hpp"
#include "worker/hooks.hpp"
#include "worker/log.hpp"
#include "worker/user.hpp"
#include "worker/user_class.hpp"
#include "worker/wait_time.hpp"
