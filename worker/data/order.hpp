#pragma once

namespace katydid {

/// Which row of its data a feeder gives next.
enum class Order {
  sequential,  ///< one after another, whichever of this worker's users asks; each worker goes through all of them
  random,      ///< any of them, each time; it never ends
  once         ///< each row once in a test, for one user of one worker
};

/// What happens to a user that asks for a row when all were given.
enum class AtEnd {
  wrap,       ///< the first row comes again; with Order::once, the first one of this worker's
  stop_user,  ///< it ends, as by StopUser
  stop_test   ///< the test ends, as by StopTest
};

}  // namespace katydid
