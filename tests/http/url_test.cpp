#include "http/url.hpp"

#include "http/fast/base_url.hpp"
#include "http/idna.hpp"

#include <doctest/doctest.h>

using namespace katydid;

namespace {

std::string joined(std::string_view base, std::string_view path) {
  std::string url = "what was there before";
  assign_url(url, base, path);
  return url;
}

std::string error_of(std::string_view url) { return host_error(split_url(url), url); }

}  // namespace

TEST_CASE("a path is added to the base URL, a whole URL is taken as it is") {
  CHECK(joined("http://host:8080", "/items") == "http://host:8080/items");
  CHECK(joined("http://host/api", "/items?x=1") == "http://host/api/items?x=1");
  CHECK(joined("http://host/", "/items") == "http://host//items");  // as Locust
  CHECK(joined("http://host", "https://other/x") == "https://other/x");
  CHECK(joined("http://host", "HTTP://OTHER/x") == "HTTP://OTHER/x");
  CHECK(joined("http://host", "httpbin") == "http://hosthttpbin/");
}

TEST_CASE("a missing path becomes a slash") {
  CHECK(joined("http://host", "") == "http://host/");
  CHECK(joined("http://host", "?q=1") == "http://host/?q=1");
  CHECK(joined("", "https://host") == "https://host/");
}

TEST_CASE("what may not stand in a URL is quoted, the fragment is left out") {
  CHECK(joined("http://host", "/a b") == "http://host/a%20b");
  CHECK(joined("http://host", "/\xC3\xA9?q=\"x\"") == "http://host/%C3%A9?q=%22x%22");
  CHECK(joined("http://host", "/100%25/%7Ex") == "http://host/100%25/%7Ex");
  CHECK(joined("http://host", "/a\r\nHost: evil") == "http://host/a%0D%0AHost:%20evil");
  CHECK(joined("http://host", "/page#part two") == "http://host/page");
}

TEST_CASE("an international host is written in ASCII, and nothing else of the URL is") {
  const auto result = ascii_host(
      "b\xC3\xBC"
      "cher.example");
  if (result.name.empty()) {
    CHECK(result.error == "this katydid was built without libidn2, so it knows only names in ASCII");
    CHECK(error_of(joined("http://b\xC3\xBC"
                          "cher.example",
                          "/")) ==
          "InvalidURL: the host is no name that can be looked up (" + result.error + "): http://b%C3%BCcher.example/");
    return;
  }
  CHECK(result.name == "xn--bcher-kva.example");
  CHECK(joined("http://b\xC3\xBC"
               "cher.example:8080",
               "/\xC3\xBC?\xC3\xBC") == "http://xn--bcher-kva.example:8080/%C3%BC?%C3%BC");
  CHECK(joined("",
               "https://ann:p\xC3\xBC@B\xC3\x9C"
               "CHER.example") == "https://ann:p%C3%BC@xn--bcher-kva.example/");
  CHECK(joined("http://host", "http://b%C3%BCcher.example/x") == "http://xn--bcher-kva.example/x");
  CHECK(joined("", "http://fa\xC3\x9F.de/") == "http://xn--fa-hia.de/");
  CHECK(joined("",
               "http://a\xE3\x80\x82"
               "b\xC3\xBC/") == "http://a.xn--b-eha/");
  CHECK(joined("", "http://[fe80::1%25eth0]/") == "http://[fe80::1%25eth0]/");
  CHECK(joined("", "http://a%41b/") == "http://a%41b/");
  CHECK(error_of("http://xn--bcher-kva.example/").empty());
  CHECK(error_of("http://[fe80::1%25eth0]/").empty());
  CHECK(resolve_reference("http://b\xC3\xBC"
                          "cher.example/a/b",
                          "//b\xC3\xBC"
                          "cher.example/c") == "http://xn--bcher-kva.example/c");
  CHECK_FALSE(strips_credentials(joined("http://b\xC3\xBC"
                                        "cher.example",
                                        "/"),
                                 joined("http://B\xC3\x9C"
                                        "CHER.example",
                                        "/x")));
}

TEST_CASE("a host that is no name stays quoted, and the error says why") {
  for (const std::string host : {"\xFF", "b\xC3", "\xE2\x84\x80",
                                 "a\xEF\xBC\x8F"
                                 "b",
                                 "b\xC3\xBC "}) {
    CAPTURE(host);
    const auto url = joined("http://" + host, "/");
    CHECK(url.find("%") != url.npos);
    CHECK(error_of(url).starts_with("InvalidURL: the host is no name that can be looked up ("));
    CHECK(error_of(url).ends_with("): " + url));
  }
  CHECK(ascii_host(std::string_view("b\xC3\xBC\0", 4)).name.empty());
}

TEST_CASE("a URL without a host stays recognisable as none") {
  CHECK_FALSE(is_absolute_url(joined("", "/items")));
  CHECK_FALSE(is_absolute_url("ftp://host/"));
  CHECK_FALSE(is_absolute_url("http:/host"));
  CHECK_FALSE(is_absolute_url(""));
  CHECK(is_absolute_url("https://host"));
}

TEST_CASE("a request is named by its path and query") {
  CHECK(path_of_url("http://host/items?x=1") == "/items?x=1");
  CHECK(path_of_url("https://ann:secret@host:1/") == "/");
  CHECK(path_of_url("/items") == "/items");
}

TEST_CASE("a URL is taken apart") {
  const Url url = split_url("https://ann:p%40ss@[::1]:8443/a?b#c");
  CHECK(url.secure);
  CHECK(url.user_info == "ann:p%40ss");
  CHECK(url.host == "[::1]");
  CHECK(url.port == "8443");
  CHECK(url.port_number() == 8443);
  CHECK(url.target == "/a?b");
  CHECK(url.authority() == "[::1]:8443");
  CHECK(split_url("http://[::1]").host == "[::1]");
  CHECK(split_url("http://host?q").target == "?q");
  CHECK(split_url("http://host").port_number() == 80);
  CHECK(split_url("https://host/").port_number() == 443);
  CHECK(split_url("http://host:no/").port_number() == 0);
  CHECK(split_url("http://host:70000/").port_number() == 0);
}

TEST_CASE("credentials don't follow a redirect to another place") {
  CHECK_FALSE(strips_credentials("http://host/a", "http://host/b"));
  CHECK_FALSE(strips_credentials("http://host/a", "http://HOST:80/b"));
  CHECK_FALSE(strips_credentials("http://host/a", "https://host/b"));
  CHECK_FALSE(strips_credentials("https://host:443/", "https://host/"));
  CHECK(strips_credentials("http://host/", "http://other/"));
  CHECK(strips_credentials("http://host/", "http://host:8080/"));
  CHECK(strips_credentials("https://host/", "http://host/"));
  CHECK(strips_credentials("http://host:8080/", "https://host:8443/"));
}

TEST_CASE("percent-encoded text is decoded, and left alone where it is none") {
  CHECK(percent_decoded("p%40ss%2fw") == "p@ss/w");
  CHECK(percent_decoded("100%") == "100%");
  CHECK(percent_decoded("%4") == "%4");
  CHECK(percent_decoded("%zz%41") == "%zzA");
}

TEST_CASE("a base URL that was looked at before makes the same of a path") {
  for (const char* base : {"http://host",
                           "https://host:8443",
                           "HTTP://Host/api",
                           "http://host/",
                           "http://host?x",
                           "http://host/a?b",
                           "http://ann:secret@host:1/x",
                           "http://[::1]:80",
                           "http://host/#there",
                           "http://host#there",
                           "http://h st/\xC3\xA9",
                           "http://b\xC3\xBC"
                           "cher.example",
                           "http://\xFF.example/",
                           "",
                           "host",
                           "ftp://host/",
                           "http://",
                           "http://:80",
                           "http://host:port",
                           "http://a:b:c",
                           "http://host:0"}) {
    const BaseUrl known(base);
    for (const char* path : {"/", "/items/7?a=b#c", "", "?q=1", "items", "/a b\xC3\xA9", "//other/x", "/x?/y@z:1",
                             "#end", "https://other:1/x", "/http://a"}) {
      CAPTURE(base);
      CAPTURE(path);
      std::string url = "what was there before";
      const auto made = known.assign(url, path);
      CHECK(url == joined(base, path));
      const Url parts = split_url(url);
      CHECK(made.parts.secure == parts.secure);
      CHECK(made.parts.user_info == parts.user_info);
      CHECK(made.parts.host == parts.host);
      CHECK(made.parts.port == parts.port);
      CHECK(made.parts.target == parts.target);
      if (!made.checked) continue;
      CHECK(is_absolute_url(url));
      CHECK(leads_somewhere(parts));
      CHECK(error_of(url).empty());
      CHECK(path_of_url(url) == parts.target);
    }
  }
  std::string url;
  CHECK(BaseUrl("http://host").assign(url, "/x").checked);
  CHECK_FALSE(BaseUrl("http://host:port").assign(url, "/x").checked);
}
