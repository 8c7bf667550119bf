#include "worker/request_listening.hpp"

#include "base/value.hpp"
#include "worker/log/log.hpp"
#include "worker/running_user.hpp"
#include "worker/shard.hpp"
#include "worker/user/hooks.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.user"};

}  // namespace

Value RequestListening::context_of(const User& user, const Value* of_request) {
  Value context = Value::object();
  try {
    context = user.context();
    if (of_request) context.update(*of_request);
  } catch (...) {
    user_.report("context()");
    if (of_request) context = *of_request;
  }
  return context;
}

void RequestListening::record(const Sample& sample) {
  statistics_.record(sample);
  // A client of another library may report while its user is being made.
  User* const user = user_.user();
  if (!user) return;
  const Value context = context_of(*user, sample.context);
  const auto passed = std::max(sample.response_time, std::chrono::nanoseconds::zero());
  const RequestEvent event{.user = *user,
                           .request_type = sample.method,
                           .name = sample.name,
                           .response_time = sample.response_time,
                           .response_length = sample.response_length,
                           .response = sample.response,
                           .context = context,
                           .exception = sample.error,
                           .url = sample.url,
                           .start_time = std::chrono::system_clock::now() -
                                         std::chrono::duration_cast<std::chrono::system_clock::duration>(passed)};
  for (const auto& listener : Hooks::registered().request) {
    try {
      listener(event);
    } catch (const StopUser&) {
      user_.stop_after_task();
      return throw_to_task();
    } catch (const StopTest& stop) {
      user_.stop_after_task();
      user_.shard().stop_test("in a listener of request, user class " + user_.user_class().name, stop.what());
      user_.thrown = std::make_exception_ptr(StopUser());
      return;
    } catch (const RescheduleTask&) {
      return throw_to_task();
    } catch (const RescheduleTaskImmediately&) {
      return throw_to_task();
    } catch (const InterruptTaskSet&) {
      return throw_to_task();
    } catch (const std::exception& error) {
      logger.error("uncaught exception in a request hook: {}", error.what());
    } catch (...) {
      logger.error("uncaught exception in a request hook");
    }
  }
}

/// What is being handled; as in Locust, other listeners don't hear of the request any more.
void RequestListening::throw_to_task() { user_.thrown = std::current_exception(); }

void RequestListening::cut_off(std::string_view method, std::string_view name) { statistics_.cut_off(method, name); }

}  // namespace katydid
