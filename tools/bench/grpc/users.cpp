// Unary calls with 32 bytes both ways. echo.proto is beside this file, and katydid runs protoc.
#include "echo.grpc.pb.h"

#include <katydid/katydid.hpp>

#include <stdexcept>

using namespace katydid;

struct Caller : GrpcUser {
  echo::Echo::Stub stub{client};

  Caller() { message.set_text("a message that has thirty-two b."); }
  task<> call() {
    auto answer = co_await stub.Say(message);
    if (answer && answer->text().size() != 32) throw std::runtime_error("that is no answer");
  }
  echo::Message message;
};
KATYDID_USER(Caller).task<&Caller::call>();
