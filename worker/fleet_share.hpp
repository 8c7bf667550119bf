#pragma once

#include "worker/any_shard.hpp"
#include "worker/user/user_class.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// What part of all users of a class this worker has, by what the master says: its part of an arrival rate.
///
/// Masters send each worker its own users only. How many there are to be in all stands among their options (num_users,
/// which edits in the web UI change, too), and in `spawning_complete` when all are there. While the first users of a
/// test are ramped up, a worker's part is that of the users that it has, so the rate grows with them. While an edit is
/// ramped, parts stay as they were, so the rate holds; they change for all workers together when the ramp is over.
class FleetShare {
 public:
  /// How a number of users divides among the classes.
  using Distribution = std::function<UserCounts(std::int64_t users)>;
  /// Per class, from 0 to 1 where the rates are as they were given.
  using Parts = std::map<std::string, double>;

  /// A test begins.
  void begin_test() { *this = {}; }
  /// The master asks this worker for so many users; `all`: of how many in the end, where it says so.
  void set_targets(const UserCounts& here, std::optional<std::int64_t> all, const Distribution& distribution);
  /// All are there, so many.
  void complete(std::int64_t all, const Distribution& distribution);

  /// From now on all rates are so many times what they were in the beginning: a search for the limit changes them, here
  /// (--find-max) or on the master, which says so in a message of the type below. False when that is no factor. @{
  bool scale(double factor);
  static constexpr std::string_view factor_message = "katydid_rate_factor";
  /// `data`: {"factor": 1.5}.
  bool scale(const Value& data);
  /// @}

  Parts parts() const;
  /// Per class: of all workers, as far as it is known. For constant_total_throughput().
  const UserCounts& users() const { return users_; }

 private:
  void divide(std::int64_t all, const Distribution& distribution);

  UserCounts here_;
  UserCounts users_;
  Parts parts_;                      // from 0 to 1
  std::optional<std::int64_t> all_;  // that the parts go by
  double factor_ = 1;
  bool completed_ = false;
};

/// The classes of these names as masters divide users among them, with what the class picker changed.
FleetShare::Distribution distribution_of(const std::vector<const UserClass*>& classes, const UserCounts& names,
                                         const std::map<std::string, ClassEdit>& edits);

/// A master's num_users; nothing where it does not say, or says less than `here`, as under a LoadTestShape.
std::optional<std::int64_t> users_of_fleet(const Value& parsed_options, std::int64_t here);

}  // namespace katydid
