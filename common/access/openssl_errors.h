// OpensslErrors: takes back what OpenSSL notes of failures while it lives. A thread has one list of them, and
// TLS connections of the same thread would take them for their own (SSL_get_error(3)).
#pragma once

#include <openssl/err.h>

namespace srs::access {

class OpensslErrors {
 public:
  OpensslErrors() { ERR_set_mark(); }
  ~OpensslErrors() { ERR_pop_to_mark(); }
  OpensslErrors(const OpensslErrors&) = delete;
  OpensslErrors& operator=(const OpensslErrors&) = delete;
};

}  // namespace srs::access
