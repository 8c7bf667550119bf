// Compiles, and has no user.
#include <katydid/katydid.hpp>
