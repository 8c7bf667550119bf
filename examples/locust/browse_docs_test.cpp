// Locust's examples/browse_docs_test.py: someone who browses Locust's documentation by its links.
#include <katydid/katydid.hpp>

#include <regex>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

struct AwesomeUser : HttpUser {
  struct BrowseDocumentation : TaskSet<AwesomeUser> {
    std::vector<std::string> toc_urls{"/"}, urls_on_current_page{"/"};

    task<> on_start() override {
      co_await index_page();  // assume all users arrive at the index page
      urls_on_current_page = toc_urls;
    }
    task<> index_page() {
      auto page = co_await client().get("/");
      toc_urls = links_of(page.text());
    }
    task<> load_page() {
      auto page = co_await client().get(one_of(toc_urls));
      urls_on_current_page = links_of(page.text());
    }
    task<> load_sub_page() { co_await client().get(one_of(urls_on_current_page)); }

    static std::vector<std::string> links_of(const std::string& page) {
      static const std::regex link(R"re(<a class="[^"]*internal[^"]*" href="([^"#]+))re");
      std::vector<std::string> links;
      for (std::sregex_iterator each(page.begin(), page.end(), link), end; each != end; ++each)
        links.push_back((*each)[1]);
      return links.empty() ? std::vector<std::string>{"/"} : links;
    }
    const std::string& one_of(const std::vector<std::string>& links) {
      return links[user().random_source()() % links.size()];
    }
  };
};
using BrowseDocumentation = AwesomeUser::BrowseDocumentation;
KATYDID_TASK_SET(BrowseDocumentation)
    .task<&BrowseDocumentation::index_page>(10)
    .task<&BrowseDocumentation::load_page>(50)
    .task<&BrowseDocumentation::load_sub_page>(30);
// Someone who reads has a long waiting time: there is a bunch of text on each page.
KATYDID_USER(AwesomeUser)
    .host("https://docs.locust.io/en/latest/")
    .wait_time(between(20s, 600s))
    .task<BrowseDocumentation>();
