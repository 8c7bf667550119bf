// Locust's examples/custom_xmlrpc_client/xmlrpc_locustfile.py: calls of procedures by XML-RPC, for its server.py.
#include <katydid/katydid.hpp>

using namespace katydid;

/// A base for users of XML-RPC. Each call is counted under the procedure's name, a fault as a failure.
struct XmlRpcUser : HttpUser {
  template <class... Numbers>
  task<> call(std::string procedure, Numbers... values) {
    std::string xml = "<?xml version='1.0'?><methodCall><methodName>" + procedure + "</methodName><params>";
    ((xml += "<param><value><int>" + std::to_string(values) + "</int></value></param>"), ...);
    xml += "</params></methodCall>";
    auto response = co_await client.post("/RPC2", Body(xml, "text/xml"), {.name = procedure, .catch_response = true});
    const auto fault = response.text().find("<fault>");
    if (fault != std::string::npos) response.failure("Fault: " + std::string(response.text().substr(fault, 250)));
  }
};

// The only thing that is about the service under test.
struct MyUser : XmlRpcUser {
  task<> get_time() { co_await call("get_time"); }
  task<> get_random_number() { co_await call("get_random_number", 0, 100); }
};
KATYDID_USER(MyUser).host("http://127.0.0.1:8877").task<&MyUser::get_time>().task<&MyUser::get_random_number>();
