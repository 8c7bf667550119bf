#pragma once

#include "http/request.hpp"
#include "http/rest.hpp"

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace katydid {

/// The methods of Locust's client, the same for every client: `Client` has
/// `start(method, url, const Body&, const RequestOptions&)` and returns something to co_await that gives a Response.
///
/// A verb takes a body, options, both or neither. Those with options alone, `client.post("/x", {.name = "/y"})`, are
/// templates so that they come second: braces without names, `{}` and `{"text"}`, are a body.
template <class Client>
class Verbs {
 public:
  /// See rename_request().
  class [[nodiscard("the name lasts as long as this object")]] Renaming {
   public:
    Renaming(Verbs& client, std::string name)
        : client_(client),
          name_(std::move(name)),
          before_(std::exchange(client.request_name_, name_.empty() ? nullptr : &name_)) {}
    Renaming(const Renaming&) = delete;
    Renaming& operator=(const Renaming&) = delete;
    ~Renaming() { client_.request_name_ = before_; }

   private:
    Verbs& client_;
    const std::string name_;
    const std::string* before_;
  };

  auto get(std::string_view url) { return ask("GET", url, {}, no_options); }
  auto get(std::string_view url, const RequestOptions& options) { return ask("GET", url, {}, options); }
  auto head(std::string_view url) { return ask("HEAD", url, {}, no_options); }
  auto head(std::string_view url, const RequestOptions& options) { return ask("HEAD", url, {}, options); }
  auto options(std::string_view url) { return ask("OPTIONS", url, {}, no_options); }
  auto options(std::string_view url, const RequestOptions& opts) { return ask("OPTIONS", url, {}, opts); }
  auto post(std::string_view url, Body body = {}) { return ask("POST", url, std::move(body), no_options); }
  auto post(std::string_view url, Body body, const RequestOptions& options) {
    return ask("POST", url, std::move(body), options);
  }
  template <std::same_as<RequestOptions> Options = RequestOptions>
  auto post(std::string_view url, const std::type_identity_t<Options>& options) {
    return ask("POST", url, {}, options);
  }
  auto put(std::string_view url, Body body = {}) { return ask("PUT", url, std::move(body), no_options); }
  auto put(std::string_view url, Body body, const RequestOptions& options) {
    return ask("PUT", url, std::move(body), options);
  }
  template <std::same_as<RequestOptions> Options = RequestOptions>
  auto put(std::string_view url, const std::type_identity_t<Options>& options) {
    return ask("PUT", url, {}, options);
  }
  auto patch(std::string_view url, Body body = {}) { return ask("PATCH", url, std::move(body), no_options); }
  auto patch(std::string_view url, Body body, const RequestOptions& options) {
    return ask("PATCH", url, std::move(body), options);
  }
  template <std::same_as<RequestOptions> Options = RequestOptions>
  auto patch(std::string_view url, const std::type_identity_t<Options>& options) {
    return ask("PATCH", url, {}, options);
  }
  /// `delete` is a word of C++ already.
  auto delete_(std::string_view url, Body body = {}) { return ask("DELETE", url, std::move(body), no_options); }
  auto delete_(std::string_view url, Body body, const RequestOptions& options) {
    return ask("DELETE", url, std::move(body), options);
  }
  template <std::same_as<RequestOptions> Options = RequestOptions>
  auto delete_(std::string_view url, const std::type_identity_t<Options>& options) {
    return ask("DELETE", url, {}, options);
  }
  /// Any method. `url` is a path, added to the client's base URL, or a whole URL.
  auto request(std::string_view method, std::string_view url, Body body = {}) {
    return ask(method, url, std::move(body), no_options);
  }
  auto request(std::string_view method, std::string_view url, Body body, const RequestOptions& options) {
    return ask(method, url, std::move(body), options);
  }
  template <std::same_as<RequestOptions> Options = RequestOptions>
  auto request(std::string_view method, std::string_view url, const std::type_identity_t<Options>& options) {
    return ask(method, url, {}, options);
  }

  /// A request for JSON, which gives a RestResponse: Locust's `rest()`, always with `catch_response`. @{
  auto rest(std::string_view method, std::string_view url, Body body = {}) {
    return rest(method, url, std::move(body), no_options);
  }
  auto rest(std::string_view method, std::string_view url, Body body, const RequestOptions& options) {
    return PendingRest([&] {
      const RestHeaders headers(options.headers, body);
      RequestOptions caught = options;
      caught.headers = headers.fields();
      caught.catch_response = true;
      return ask(method, url, std::move(body), caught);
    });
  }
  template <std::same_as<RequestOptions> Options = RequestOptions>
  auto rest(std::string_view method, std::string_view url, const std::type_identity_t<Options>& options) {
    return rest(method, url, Body(), options);
  }
  /// @}
  /// The same with a parameter `_` that tells the time, for caches: Locust's `rest_()`. It is named `url`. @{
  auto rest_(std::string_view method, std::string_view url, Body body = {}) {
    return rest_(method, url, std::move(body), no_options);
  }
  auto rest_(std::string_view method, std::string_view url, Body body, const RequestOptions& options) {
    RequestOptions named = options;
    if (named.name.empty()) named.name = url;
    return rest(method, with_time(url), std::move(body), named);
  }
  template <std::same_as<RequestOptions> Options = RequestOptions>
  auto rest_(std::string_view method, std::string_view url, const std::type_identity_t<Options>& options) {
    return rest_(method, url, Body(), options);
  }
  /// @}

  /// Names the requests that begin while the result lives, and have no name of their own, as Locust's `with
  /// client.rename_request(name):` does: `const auto renamed = client.rename_request("/item/[id]");`.
  Renaming rename_request(std::string name) { return Renaming(*this, std::move(name)); }

 private:
  auto ask(std::string_view method, std::string_view url, Body&& body, const RequestOptions& options) {
    auto& client = static_cast<Client&>(*this);
    if (!request_name_ || !options.name.empty()) return client.start(method, url, std::move(body), options);
    RequestOptions named = options;
    named.name = *request_name_;
    return client.start(method, url, std::move(body), named);
  }

  const std::string* request_name_ = nullptr;
  // Default arguments would be made anew for each request, in the frame of the task that awaits it.
  static inline const RequestOptions no_options;
};

}  // namespace katydid
