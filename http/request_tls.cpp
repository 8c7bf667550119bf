#include "http/request_tls.hpp"

namespace katydid {

TlsSettings tls_of_request(const ClientOptions& client, const RequestOptions& options) {
  TlsSettings settings{.verify = options.verify && (client.verify || !options.ca_file.empty()),
                       .verify_host = client.verify_host,
                       .ca_file = client.ca_file,
                       .client_certificate = client.client_certificate,
                       .client_key = client.client_key};
  if (!options.ca_file.empty()) settings.ca_file = options.ca_file;
  if (!options.client_certificate.empty()) {
    settings.client_certificate = options.client_certificate;
    settings.client_key = options.client_key;  // or none: a key goes with its certificate
  }
  return settings;
}

}  // namespace katydid
