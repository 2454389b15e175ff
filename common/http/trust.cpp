#include "http/trust.h"

#include <cstdlib>

namespace srs::http {

void set_trust(CURL* curl, const net::TlsContext* trust) {
  const char* file = std::getenv("SSL_CERT_FILE");
  if (trust != nullptr && !trust->authorities().empty()) {
    file = trust->authorities().c_str();
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);  // those and no others
  }
  if (file != nullptr && *file != '\0') curl_easy_setopt(curl, CURLOPT_CAINFO, file);
}

}  // namespace srs::http
