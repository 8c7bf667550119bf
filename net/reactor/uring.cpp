#include "net/reactor/uring.hpp"

#if defined(KATYDID_HAS_IO_URING)

#include "net/reactor/uring_buffers.hpp"
#include "net/reactor/uring_stream.hpp"

#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>

namespace katydid {
namespace {

constexpr unsigned submission_entries = 1024;
constexpr unsigned completion_entries = 16 * 1024;
// For a pointer to a stream the lowest bits name the operation; this, and 0, belong to no stream.
constexpr std::uint64_t epoll_tag = 8;

[[noreturn]] void fail(int error, const char* what) { throw std::system_error(error, std::generic_category(), what); }

/// Throws, unless the call did its work or only has to be made again.
void check(int result, const char* what) {
  if (result < 0 && result != -EINTR && result != -EAGAIN && result != -EBUSY) fail(-result, what);
}

int half_of_all_descriptors() {
  rlimit limit{};
  constexpr auto most = std::numeric_limits<int>::max();
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= most) return most;
  return static_cast<int>(limit.rlim_cur / 2);
}

}  // namespace

UringReactor::UringReactor(Waiting waiting) : plenty_(half_of_all_descriptors()), hosted_(waiting == Waiting::outside) {
  io_uring_params parameters{};
  // The ring belongs to the thread that first waits, which is not the one that makes it.
  parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
  // With DEFER_TASKRUN, the ring's descriptor would not wake its own thread where that sleeps in another poll.
  parameters.flags |= hosted_ ? IORING_SETUP_COOP_TASKRUN : IORING_SETUP_DEFER_TASKRUN;
  parameters.cq_entries = completion_entries;
  if (const int error = io_uring_queue_init_params(submission_entries, &ring_, &parameters); error < 0) {
    fail(-error, error == -EINVAL ? "this kernel's io_uring is older than Linux 6.1" : "io_uring_setup");
  }
}

UringReactor::~UringReactor() {
  if (begun_ && thread_ == std::this_thread::get_id()) settle();
  io_uring_queue_exit(&ring_);
}

void UringReactor::submit() {
  if (!begun_) return;
  if (hosted_ && !epoll_polled_) poll_epoll();
  submit_entries();
}

void UringReactor::submit_entries() { check(io_uring_submit(&ring_), "io_uring_submit"); }

bool UringReactor::submit_all() {
  if (!begun_ || thread_ != std::this_thread::get_id()) return false;
  submit_entries();
  return io_uring_sq_ready(&ring_) == 0;
}

void UringReactor::settle() {
  const auto patience = clock::now() + std::chrono::seconds(1);
  while (released_ > 0 && clock::now() < patience) {
    wait(
        clock::now() + std::chrono::milliseconds(10), [](void*) {}, nullptr);
  }
}

int UringReactor::descriptor() const { return ring_.ring_fd; }

void UringReactor::begin() {
  begun_ = true;
  thread_ = std::this_thread::get_id();
  // liburing 2.3 declares io_uring_enable_rings(), but its shared library does not have it.
  if (::syscall(__NR_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0) < 0) {
    fail(errno, "cannot enable the io_uring");
  }
  buffers_ = std::make_unique<UringBuffers>(ring_, buffer_group);
}

StreamPointer UringReactor::connect(StreamOwner& owner, const SocketAddress& address, const SocketAddress* source) {
  if (!begun_) begin();
  return UringStream::connect(*this, owner, address, source);
}

io_uring_sqe& UringReactor::next_entry() {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  while (!entry) {
    if (const int error = io_uring_submit(&ring_); error < 0 && error != -EINTR && error != -EAGAIN && error != -EBUSY)
      fail(-error, "io_uring_submit");
    entry = io_uring_get_sqe(&ring_);
  }
  return *entry;
}

std::string_view UringReactor::received(std::uint32_t flags, int size) const {
  return {buffers_->at(flags >> IORING_CQE_BUFFER_SHIFT), static_cast<std::size_t>(size)};
}

void UringReactor::ran_out_of_buffers() { buffers_->ran_out(); }

void UringReactor::give_back(std::uint32_t flags) { buffers_->give_back(flags >> IORING_CQE_BUFFER_SHIFT); }

void UringReactor::poll_epoll() {
  io_uring_sqe& entry = next_entry();
  io_uring_prep_poll_add(&entry, epoll_.descriptor(), POLLIN);
  io_uring_sqe_set_data64(&entry, epoll_tag);
  epoll_polled_ = true;
}

int UringReactor::enter(clock::time_point deadline) {
  using namespace std::chrono;
  if (deadline == clock::time_point::min() || io_uring_cq_ready(&ring_) > 0) {
    return io_uring_submit_and_get_events(&ring_);
  }
  if (deadline == clock::time_point::max()) return io_uring_submit_and_wait(&ring_, 1);
  const auto left = deadline - clock::now();
  if (left <= clock::duration::zero()) return io_uring_submit_and_get_events(&ring_);
  const auto whole = floor<seconds>(left);
  __kernel_timespec timeout{whole.count(), nanoseconds(left - whole).count()};
  io_uring_cqe* unused = nullptr;
  return io_uring_submit_and_wait_timeout(&ring_, &unused, 1, &timeout, nullptr);
}

bool UringReactor::wait(clock::time_point deadline, void (*woken)(void*), void* argument) {
  if (streams_ == 0 && !hosted_) return epoll_.wait(deadline, woken, argument);
  if (!begun_) begin();
  if (!epoll_polled_) poll_epoll();
  const int result = enter(deadline);
  woken(argument);
  if (result != -ETIME) check(result, "io_uring_enter");
  const bool completed = complete_all();
  if (epoll_ready_) {
    epoll_ready_ = false;
    epoll_.wait(clock::time_point::min(), woken, argument);
  }
  return completed;
}

bool UringReactor::complete_all() {
  // Completions are taken one by one, as what they call may submit, and with that make room in the ring.
  io_uring_cqe* completion = nullptr;
  const unsigned ready = io_uring_cq_ready(&ring_);
  for (unsigned i = 0; i < ready && io_uring_peek_cqe(&ring_, &completion) == 0; ++i) {
    const auto user_data = completion->user_data;
    const int result = completion->res;
    const auto flags = completion->flags;
    io_uring_cqe_seen(&ring_, completion);
    dispatch(user_data, result, flags);
  }
  buffers_->publish();
  return ready > 0;
}

void UringReactor::dispatch(std::uint64_t user_data, int result, std::uint32_t flags) {
  if (user_data == 0) return;
  if (user_data == epoll_tag) {
    epoll_polled_ = false;
    epoll_ready_ = true;
    return;
  }
  UringStream::completed(user_data, result, flags);
}

}  // namespace katydid

#endif
