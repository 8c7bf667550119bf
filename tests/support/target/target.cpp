#include "tests/support/target/target.hpp"

#include "tests/support/target/connection.hpp"
#include "tests/support/target/listener.hpp"
#include "tests/support/target/routes.hpp"
#include "tests/support/target/tls.hpp"

#include <asio/post.hpp>

#include <csignal>
#include <cstdio>

namespace katydid::target {
namespace {

void log_to_stderr(std::string_view text) {
  std::fprintf(stderr, "katydid-target: %.*s\n", static_cast<int>(text.size()), text.data());
}

/// Signals are the program's business. SIGPIPE among them: OpenSSL writes without MSG_NOSIGNAL.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

std::string in_brackets(const std::string& host) {
  return host.find(':') != std::string::npos && host.front() != '[' ? "[" + host + "]" : host;
}

}  // namespace

struct Target::Impl {
  explicit Impl(Options its_options) : options(std::move(its_options)) {
    shared.log = options.log ? options.log : log_to_stderr;
    if (options.threads == 0) options.threads = 1;
    for (unsigned i = 0; i < options.threads; ++i) loops.push_back(std::make_unique<Loop>(shared, options.max_paths));

    const auto listen = [this](const Address& address, SSL_CTX* context) -> Listener& {
      return *listeners.emplace_back(std::make_shared<Listener>(loops, address, context));
    };
    port = listen(tcp_address(options.host, options.port), nullptr).port();
    if (options.tls) {
      tls.emplace(*options.tls);
      tls_port = listen(tcp_address(options.host, options.tls->port), tls->context()).port();
    }
    if (!options.unix_path.empty()) listen(unix_address(options.unix_path), nullptr);
    start();
  }

  void start() {
    for (const auto& listener : listeners) {
      asio::post(loops.front()->context, [listener] { Listener::start(listener); });
    }
    for (const auto& loop : loops) {
      loop->thread = std::thread([&loop = *loop] {
        block_signals();
        loop.context.run();
      });
    }
  }

  void stop() {
    if (loops.empty() || !loops.front()->thread.joinable()) return;
    asio::post(loops.front()->context, [this] {
      for (const auto& listener : listeners) listener->close();
    });
    for (const auto& loop : loops) {
      asio::post(loop->context, [&loop = *loop] {
        loop.stopping = true;
        for (auto* connection : loop.connections) connection->abort();
        loop.work.reset();
      });
    }
    for (const auto& loop : loops) loop->thread.join();
    if (!options.unix_path.empty()) std::remove(options.unix_path.c_str());
  }

  Options options;
  Shared shared;
  std::optional<Tls> tls;
  Loops loops;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::uint16_t port = 0, tls_port = 0;
};

Target::Target(Options options) {
  routes();  // made first, they outlive a target that is static
  impl_ = std::make_unique<Impl>(std::move(options));
}
Target::~Target() { stop(); }

void Target::stop() { impl_->stop(); }

std::uint16_t Target::port() const { return impl_->port; }
std::uint16_t Target::tls_port() const { return impl_->tls_port; }

std::string Target::url(std::string_view path) const {
  return "http://" + in_brackets(impl_->options.host) + ":" + std::to_string(impl_->port) + std::string(path);
}

std::string Target::tls_url(std::string_view path) const {
  return "https://" + in_brackets(impl_->options.host) + ":" + std::to_string(impl_->tls_port) + std::string(path);
}

std::string Target::certificate_pem() const { return impl_->tls ? impl_->tls->certificate_pem() : std::string(); }

Counts Target::counts() const { return impl_->shared.counters.total(); }

void Target::reset_counts() {
  impl_->shared.counters.reset();
  impl_->shared.failures.reset();
}

std::string describe_paths() {
  std::string text = "Paths (docs/target.md says more):\n";
  for (const auto& route : routes())
    text.append("  ").append(route.usage).append("\n      ").append(route.summary).append("\n");
  return text;
}

}  // namespace katydid::target
