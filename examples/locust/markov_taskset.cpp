// Locust's examples/markov_taskset.py.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct TransitionsExample : MarkovTaskSet<> {
  task<> tell(const char* what) {
    log::info("{}", what);
    co_return;
  }
  task<> method1() { return tell("Method 1. Next: will transition to method2"); }
  task<> method2() { return tell("Method 2. Next: method3 (weight 2) or method1 (weight 1)"); }
  task<> method3() { return tell("Method 3. Next: method4 (weight 3), method2 (weight 1), or method1 (weight 1)"); }
  task<> method4() { return tell("Method 4. Next: method5 or method3 with equal probability"); }
  task<> method5() { return tell("Method 5. Next: method6 (weight 4) or method4 (weight 1)"); }
  task<> method6() { return tell("Method 6. Next: method1 (weight 2) or method5 (weight 1)"); }
};
using T = TransitionsExample;
KATYDID_TASK_SET(T)
    .task<&T::method1>()
    .transition<&T::method2>()
    .task<&T::method2>()
    .transition<&T::method3>(2)
    .transition<&T::method1>()
    .task<&T::method3>()
    .transition<&T::method4>(3)
    .transition<&T::method2>()
    .transition<&T::method1>()
    .task<&T::method4>()
    .transition<&T::method5>()
    .transition<&T::method3>()
    .task<&T::method5>()
    .transition<&T::method6>(4)
    .transition<&T::method4>()
    .task<&T::method6>()
    .transition<&T::method1>(2)
    .transition<&T::method5>();

struct TransitionsUser : User {};
KATYDID_USER(TransitionsUser).wait_time(constant(1s)).task<TransitionsExample>();
