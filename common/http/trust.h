// Whom a transfer of libcurl trusts for https://.
#pragma once

#include <curl/curl.h>

#include "net/tls_context.h"

namespace srs::http {

// A client's context, for its authorities; null: the system's, or those in the file that SSL_CERT_FILE names
// in the environment.
void set_trust(CURL* curl, const net::TlsContext* trust);

}  // namespace srs::http
