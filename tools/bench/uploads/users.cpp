// The users of locustfile.py in C++: each sends a mebibyte again and again.
#include <katydid/katydid.hpp>

#include <memory>
#include <string>

using namespace katydid;

#ifndef BASE
#define BASE FastHttpUser
#endif

const auto body = std::make_shared<const std::string>(1 << 20, 'x');

struct Sender : BASE {
  task<> send() { co_await client.put("/upload", body); }
};
KATYDID_USER(Sender).task<&Sender::send>();
