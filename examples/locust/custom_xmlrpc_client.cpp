// Locust's examples/custom_xmlrpc_client/xmlrpc_locustfile.py: calls of procedures by XML-RPC, for its server.py.
#include <katydid/katydid.hpp>

#include <initializer_list>

using namespace katydid;

/// A base for users of XML-RPC. Each call is counted under the procedure's name, a fault as a failure.
struct XmlRpcUser : HttpUser {
  static std::string call_of(std::string_view procedure, std::initializer_list<int> values) {
    std::string xml =
        "<?xml version='1.0'?><methodCall><methodName>" + std::string(procedure) + "</methodName><params>";
    for (const int value : values) xml += "<param><value><int>" + std::to_string(value) + "</int></value></param>";
    return xml + "</params></methodCall>";
  }

  task<> call(std::string procedure, std::string xml) {
    auto response = co_await client.post("/RPC2", Body(xml, "text/xml"), {.name = procedure, .catch_response = true});
    const auto fault = response.text().find("<fault>");
    if (fault != std::string::npos) response.failure("Fault: " + std::string(response.text().substr(fault, 250)));
  }
  task<> call(std::string_view procedure, std::initializer_list<int> values = {}) {
    return call(std::string(procedure), call_of(procedure, values));
  }
};

// The only thing that is about the service under test.
struct MyUser : XmlRpcUser {
  task<> get_time() { co_await call("get_time"); }
  task<> get_random_number() { co_await call("get_random_number", {0, 100}); }
};
KATYDID_USER(MyUser).host("http://127.0.0.1:8877").task<&MyUser::get_time>().task<&MyUser::get_random_number>();
