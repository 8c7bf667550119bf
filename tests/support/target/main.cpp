#include "base/version.hpp"
#include "tests/support/target/target.hpp"

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <fstream>

namespace {

using katydid::target::Options;
using katydid::target::Target;

struct Settings {
  Options target;
  katydid::target::TlsOptions tls;
  std::vector<std::string> certificate_and_key;
  std::string certificate_out;
  bool self_signed = false;
  bool quiet = false;
};

void add_options(CLI::App& app, Settings& settings) {
  app.set_version_flag("--version", std::string(katydid::version));
  app.add_option("--host", settings.target.host, "Address to listen on; [::] takes IPv6 and IPv4")
      ->capture_default_str();
  app.add_option("--port", settings.target.port, "Port for HTTP; 0 takes any free one")->capture_default_str();
  app.add_option("--unix", settings.target.unix_path, "Listen on this Unix socket too")->type_name("PATH");
  auto* pair = app.add_option("--tls", settings.certificate_and_key, "Serve HTTPS too, with these PEM files")
                   ->expected(2)
                   ->type_name("CERT KEY");
  auto* self_signed = app.add_flag("--tls-self-signed", settings.self_signed,
                                   "Serve HTTPS too, with a certificate made now for localhost, 127.0.0.1 and ::1");
  pair->excludes(self_signed);
  app.add_option("--tls-port", settings.tls.port, "Port for HTTPS; 0 takes any free one")->capture_default_str();
  app.add_option("--tls-cert-out", settings.certificate_out, "Write the HTTPS certificate here, for clients to trust")
      ->type_name("FILE");
  app.add_option("--client-ca", settings.tls.client_ca, "Take only HTTPS clients with a certificate signed by this one")
      ->type_name("FILE");
  app.add_option("--threads", settings.target.threads, "Threads that serve")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_flag("--quiet", settings.quiet, "No warnings on standard error");
  app.footer("SIGTERM or SIGINT ends it; it then prints its counts as one line of JSON.\n\n" +
             katydid::target::describe_paths());
}

/// A connection is a descriptor, and the soft limit is often 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(Settings& settings) {
  if (!settings.certificate_and_key.empty() || settings.self_signed) {
    if (!settings.self_signed) {
      settings.tls.certificate = settings.certificate_and_key[0];
      settings.tls.key = settings.certificate_and_key[1];
    }
    settings.target.tls = settings.tls;
  } else if (settings.tls.port != 0 || !settings.tls.client_ca.empty() || !settings.certificate_out.empty()) {
    throw std::runtime_error("--tls-port, --tls-cert-out and --client-ca want --tls CERT KEY or --tls-self-signed");
  }
  if (settings.quiet) settings.target.log = [](std::string_view) {};
  raise_descriptor_limit();

  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGINT);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);  // before the target has threads, so that sigwait gets them

  Target target(settings.target);
  if (!settings.certificate_out.empty()) {
    std::ofstream file(settings.certificate_out);
    file << target.certificate_pem() << std::flush;
    if (!file) throw std::runtime_error("cannot write " + settings.certificate_out);
  }
  std::printf("katydid-target listens on %s\n", target.url().c_str());
  if (settings.target.tls) std::printf("katydid-target listens on %s\n", target.tls_url().c_str());
  if (!settings.target.unix_path.empty()) {
    std::printf("katydid-target listens on unix:%s\n", settings.target.unix_path.c_str());
  }
  std::fflush(stdout);

  int signal = 0;
  sigwait(&ending, &signal);
  target.stop();
  std::printf("%s\n", target.counts().json().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("An HTTP/1.1 server to test load generators against: counts what it serves, misbehaves on request.",
               "katydid-target");
  Settings settings;
  add_options(app, settings);
  CLI11_PARSE(app, argc, argv);
  try {
    return serve(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "katydid-target: %s\n", error.what());
    return 1;
  }
}
