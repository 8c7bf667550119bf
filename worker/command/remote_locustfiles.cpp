#include "worker/command/remote_locustfiles.hpp"

#include "base/digest.hpp"
#include "base/version.hpp"
#include "protocol/codec.hpp"
#include "protocol/dealer.hpp"
#include "worker/locustfile/compile_cache.hpp"
#include "worker/locustfile/locustfile.hpp"
#include "worker/locustfile/shipped.hpp"
#include "worker/log/log.hpp"
#include "worker/process/health_server.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <variant>

namespace katydid {
namespace {

namespace fs = std::filesystem;
constexpr log::Logger logger{"katydid.locustfile"};
constexpr std::size_t largest_download = 16 << 20;
constexpr long most_seconds = 60;
// Locust's CONNECT_TIMEOUT times CONNECT_RETRY_COUNT.
constexpr std::chrono::seconds patience_with_master{5 * 60};
constexpr std::chrono::seconds quiet{10}, seldom{60};

bool is_url(std::string_view name) { return name.find("://") != name.npos; }

std::size_t append_body(char* data, std::size_t, std::size_t size, void* into) {
  auto& text = *static_cast<std::string*>(into);
  if (size > largest_download - text.size()) return 0;
  text.append(data, size);
  return size;
}

std::string download(const std::string& url) {
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    throw LocustfileError("'" + url + "' can't be fetched: a locustfile's URL begins with http:// or https://");
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(), &curl_easy_cleanup);
  if (!easy) throw LocustfileError("'" + url + "' can't be fetched: libcurl does not start");
  std::string text;
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &text);
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, why);
  curl_easy_setopt(easy.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_MAXREDIRS, 30L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT, most_seconds);
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_USERAGENT, ("katydid/" + std::string(version)).c_str());
  const CURLcode code = curl_easy_perform(easy.get());
  if (code == CURLE_WRITE_ERROR)
    throw LocustfileError("'" + url + "' is larger than 16 MiB, too large for a locustfile");
  if (code != CURLE_OK)
    throw LocustfileError("'" + url + "' can't be fetched: " + (*why ? why : curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200)
    throw LocustfileError("'" + url + "' can't be fetched: the server answers " + std::to_string(status));
  return text;
}

/// "users.cpp" of "https://host/tests/users.cpp?version=3".
std::string name_in(const std::string& url) {
  std::string path = url.substr(url.find("://") + 3);
  path.resize(std::min(path.find_first_of("?#"), path.size()));
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string() : path.substr(slash + 1);
}

/// In a folder of their own, so that what was there for other texts is not in the way. Returns those to compile.
std::vector<std::string> keep(const std::vector<ShippedFile>& files, const Options& options) {
  Digest digest;
  for (const ShippedFile& file : files) digest.add(file.name).add(file.text);
  const fs::path folder = CompileCache(options.cache_dir).directory() / "fetched" / digest.hex().substr(0, 32);
  std::vector<std::string> sources;
  for (const ShippedFile& file : files) {
    const fs::path path = folder / file.name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    // By rename, as another process may be reading it.
    const fs::path temporary = path.string() + "." + std::to_string(::getpid());
    std::ofstream written(temporary, std::ios::binary);
    written << file.text;
    written.close();
    if (!written) throw LocustfileError("'" + temporary.string() + "' can't be written");
    fs::rename(temporary, path, error);
    if (error) throw LocustfileError("'" + path.string() + "' can't be written: " + error.message());
    if (is_cpp_source(path)) sources.push_back(path.string());
  }
  return sources;
}

std::vector<std::string> fetch(const std::string& url, const Options& options) {
  const std::string name = name_in(url);
  if (!is_cpp_source(name)) {
    throw LocustfileError("'" + url + "' is no C++ locustfile: its name must end with '.cpp'");
  }
  logger.info("Fetching {}", url);
  return keep({{name, download(url)}}, options);
}

/// Asks once a second until the master answers.
class Question {
 public:
  explicit Question(const Options& options)
      : options_(options),
        dealer_(io_.get_executor(), {.host = options.master_host, .port = options.master_port, .node_id = node_id_}),
        timer_(io_) {}

  protocol::from_master::Locustfile answer() {
    asio::co_spawn(io_, receive(), asio::detached);
    asio::co_spawn(io_, ask(), asio::detached);
    io_.run();
    dealer_.close(std::chrono::milliseconds(0));
    if (!answer_) {
      throw LocustfileError("no locustfile came from the master at " + options_.master_host + ":" +
                            std::to_string(options_.master_port) + " within " +
                            std::to_string(patience_with_master.count()) +
                            " s: is 'locust --master' running there, of Locust 2.23 or newer?");
    }
    return std::move(*answer_);
  }

 private:
  using clock = std::chrono::steady_clock;

  asio::awaitable<void> receive() {
    while (!answer_) {
      const std::string frame = co_await dealer_.receive();
      auto decoded = protocol::decode_from_master(frame);
      if (const auto* error = std::get_if<protocol::DecodeError>(&decoded)) {
        logger.error("a message from the master could not be read and was dropped: {}", error->text);
        continue;
      }
      auto& message = std::get<protocol::FromMaster>(decoded);
      if (auto* locustfile = std::get_if<protocol::from_master::Locustfile>(&message)) answer_ = std::move(*locustfile);
    }
    io_.stop();
  }

  asio::awaitable<void> ask() {
    const auto began = clock::now();
    auto say_at = began + quiet;
    const std::string question = protocol::encode(
        protocol::to_master::LocustfileRequest{.version = "katydid " + std::string(version)}, node_id_);
    while (options_.reconnect_forever || clock::now() < began + patience_with_master) {
      if (!dealer_.send(question) && clock::now() >= say_at) {
        logger.info("Waiting to connect to master to receive locustfile...");
        say_at = clock::now() + seldom;
      }
      timer_.expires_after(std::chrono::seconds(1));
      co_await timer_.async_wait(asio::use_awaitable);
    }
    io_.stop();
  }

  const Options& options_;
  const std::string node_id_ = protocol::Dealer::make_node_id();
  asio::io_context io_{1};
  protocol::Dealer dealer_;
  asio::steady_timer timer_;
  std::optional<protocol::from_master::Locustfile> answer_;
  HealthServer health_{io_.get_executor(), [this](const HealthCallback& told) {
                         told({.text = "waits for the locustfile of the master at " + options_.master_host + ":" +
                                       std::to_string(options_.master_port)});
                       }};
};

std::vector<std::string> fetch_from_master(const Options& options) {
  if (options.mode != Mode::worker)
    throw LocustfileError("-f - takes the locustfile from the master, so it is for workers alone");
  const auto answer = Question(options).answer();
  if (answer.error) throw LocustfileError("the master gives no locustfile: " + *answer.error);
  std::vector<ShippedFile> files;
  std::string names;
  for (const auto& source : answer.files) {
    const std::string text = source.contents ? *source.contents : download(source.name_or_url);
    names += (names.empty() ? "'" : ", '") + source.name_or_url + "'";
    for (ShippedFile& file : files_shipped_in(text)) files.push_back(std::move(file));
  }
  if (files.empty()) {
    throw LocustfileError("the master's locustfile " + names +
                          " holds no C++. Start the master with what 'katydid -f users.cpp --master-locustfile' "
                          "prints, or give this worker a locustfile of its own (-f users.cpp)");
  }
  logger.info("Got {} files from the master's locustfile", files.size());
  return keep(files, options);
}

}  // namespace

std::vector<std::string> fetch_locustfiles(const Options& options) {
  std::vector<std::string> names;
  for (const std::string& name : options.locustfiles) {
    if (name != "-" && !is_url(name)) {
      names.push_back(name);
      continue;
    }
    const auto fetched = name == "-" ? fetch_from_master(options) : fetch(name, options);
    names.insert(names.end(), fetched.begin(), fetched.end());
  }
  return names;
}

}  // namespace katydid
