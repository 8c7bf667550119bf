// A listener that throws with each request.
#include "users.cpp"

#include <stdexcept>

KATYDID_ON_REQUEST([](const RequestEvent&) { throw std::runtime_error("this listener is broken"); });
