// Locust's examples/browse_docs_sequence_test.py: a user who reads documentation, page after page.
#include <katydid/katydid.hpp>

#include <regex>

using namespace katydid;
using namespace std::chrono_literals;

struct BrowseDocumentationSequence : SequentialTaskSet<HttpUser> {
  std::vector<std::string> toc_urls, urls_on_current_page;

  static std::vector<std::string> links_of(const std::string& page) {
    static const std::regex link(R"re(<a class="[^"]*internal[^"]*" href="([^"#]+))re");
    std::vector<std::string> urls;
    for (std::sregex_iterator found(page.begin(), page.end(), link), end; found != end; ++found)
      urls.push_back((*found)[1]);
    return urls;
  }
  const std::string& one_of(const std::vector<std::string>& urls) const {
    if (urls.empty()) throw RescheduleTask();
    return urls[user().random_source().below(urls.size())];
  }

  // All users arrive at the index page.
  task<> index_page() {
    auto page = co_await client().get("/");
    toc_urls = links_of(page.text());
    co_await client().get("/favicon.ico");
  }
  task<> load_page() {
    auto page = co_await client().get(one_of(toc_urls));
    urls_on_current_page = links_of(page.text());
  }
  task<> load_sub_page() { co_await client().get(one_of(urls_on_current_page)); }
};
using Browse = BrowseDocumentationSequence;
KATYDID_TASK_SET(Browse).task<&Browse::index_page>().task<&Browse::load_page>().task<&Browse::load_sub_page>();

struct AwesomeUser : HttpUser {};
KATYDID_USER(AwesomeUser)
    .host("https://docs.locust.io/en/latest/")
    .wait_time(between(20s, 600s))
    .task<BrowseDocumentationSequence>();
