#include "net/join.hpp"

#include "net/context.hpp"

namespace katydid::detail {

std::coroutine_handle<> Join::start(task<>* children, std::size_t count, std::coroutine_handle<> waiting,
                                    Context& context) {
  if (context.parks()) return std::noop_coroutine();
  children_ = children;
  count_ = count;
  waiting_ = waiting;
  context_ = &context;
  starting_ = true;
  for (std::size_t i = 0; i < count && !over(); ++i) children[i].start(context);
  starting_ = false;
  if (!over()) return std::noop_coroutine();
  cancel_all_but(count);
  return waiting;
}

std::coroutine_handle<> Join::child_ended(std::size_t child, std::exception_ptr thrown) {
  if (over()) return std::noop_coroutine();
  if (thrown) {
    thrown_ = std::move(thrown);
  } else if (ended_++ == 0) {
    first_ = child;
  }
  if (starting_) return std::noop_coroutine();
  if (over()) {
    cancel_all_but(child);  // which is still on its way here
    return waiting_;
  }
  // Of a user who is to stop the others may be parked already: then this was the last thing to wait for.
  context_->park();
  return std::noop_coroutine();
}

void Join::cancel_all_but(std::size_t child) {
  for (std::size_t i = count_; i-- > 0;) {
    if (i != child) children_[i] = {};
  }
}

}  // namespace katydid::detail
