#pragma once

#include "worker/locustfile/shipped.hpp"
#include "worker/user/user_class.hpp"

#include <string>
#include <vector>

namespace katydid {

/// `--master-locustfile`: a locustfile.py with the names, weights, fixed counts and hosts of `classes`, which is all
/// that a master needs to know of them. It also stops the master from running them by itself.
/// `files` come with it, for workers that ask the master for their locustfile.
std::string master_locustfile(const std::vector<const UserClass*>& classes, const std::vector<ShippedFile>& files);

}  // namespace katydid
