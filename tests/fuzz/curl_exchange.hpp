#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

/// libcurl with a server of the fuzzer's choice: one that has said all that it will ever say, and closed.
class CurlExchange {
 public:
  struct Result {
    CURLcode code = CURLE_OK;
    long status = 0;
    std::string head;  // the last, without the status line and the line that ends it
    std::string body;
    std::string request;  // head and all
  };

  CurlExchange();

  Result run(const char* url, std::string_view answer, bool to_head = false);
  void forget_cookies();

 private:
  struct Release {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  static int on_connected(void* self, char*, char*, int, int);
  static std::size_t take_line(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t take(char* data, std::size_t size, std::size_t count, void* body);

  std::unique_ptr<CURL, Release> easy_;
  std::string_view answer_;
  std::string head_;
  bool in_head_ = false;
  int listener_ = -1, server_ = -1;
};
