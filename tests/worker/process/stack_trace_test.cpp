#include "worker/process/stack_trace.hpp"

#include "worker/process/throw_trace.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace katydid;

TEST_CASE("a function is told by its name, without what it takes and gives") {
  CHECK(short_function_name("main") == "main");
  CHECK(short_function_name("Shopper::browse()") == "Shopper::browse");
  CHECK(short_function_name("Shopper::browse(Shopper::browse()::_ZN7Shopper6browseEv.Frame*) [clone .actor]") ==
        "Shopper::browse");
  CHECK(short_function_name("katydid::task<void> Shop<std::vector<int, x> >::buy<3>(int)") == "Shop::buy");
  CHECK(short_function_name("(anonymous namespace)::deep(std::vector<int> const&)") == "(anonymous namespace)::deep");
  CHECK(short_function_name("Shopper::browse()::{lambda(int)#1}::operator()(int) const") == "Shopper::browse");
  CHECK(short_function_name("std::function<void (int)>::operator()(int) const") == "std::function::operator()");
  CHECK(short_function_name("Less::operator<(Less const&) const").starts_with("Less::operator"));
  CHECK(short_function_name("") == "");
}

TEST_CASE("a trace tells the functions of this program") {
  const StackTrace nothing;
  CHECK(nothing.empty());
  CHECK(nothing.text(StackTrace::Frames::all).empty());
  const StackTrace here = StackTrace::here();
  CHECK(here.empty() == !StackTrace::is_supported());
  CHECK(here.text(StackTrace::Frames::all).empty() == here.empty());
}

TEST_CASE("where an exception was thrown is known of the last one that was noted") {
  const auto thrown = [](const auto& error) { return std::make_exception_ptr(error); };
  const auto first = thrown(std::runtime_error("first"));
  CHECK(thrown_at(first).empty());
  CHECK(thrown_at(nullptr).empty());
  const auto note = [](const std::exception_ptr& exception, const std::type_info& type) {
    note_throw(*reinterpret_cast<void* const*>(&exception), type);
  };
  note(first, typeid(std::runtime_error));
  CHECK(thrown_at(first).empty() == !StackTrace::is_supported());
  const auto second = thrown(std::runtime_error("second"));
  CHECK(thrown_at(second).empty());
  note(second, typeid(StackTrace));  // one of Katydid's own, as StopUser is
  CHECK(thrown_at(second).empty());
  CHECK(thrown_at(first).empty());
}
