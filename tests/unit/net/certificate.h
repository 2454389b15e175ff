// A key and a certificate made on the spot, in one PEM file.
#pragma once

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

// For `name` ("DNS:a.test", "IP:127.0.0.1"), signed by itself or by another. The common name is what stands
// behind the first colon.
class Certificate {
 public:
  explicit Certificate(const char* name, const Certificate* issuer = nullptr, long valid_seconds = 3600)
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    REQUIRE(key_ != nullptr);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_set_version(certificate_, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), valid_seconds);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* subject = X509_get_subject_name(certificate_);
    const auto* text = reinterpret_cast<const unsigned char*>(std::strchr(name, ':') + 1);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(certificate_,
                         issuer == nullptr ? subject : X509_get_subject_name(issuer->certificate()));
    add_extension(NID_subject_alt_name, name);
    if (issuer == nullptr) add_extension(NID_basic_constraints, "CA:TRUE");
    REQUIRE(X509_sign(certificate_, issuer == nullptr ? key_ : issuer->key(), EVP_sha256()) > 0);
    ::close(::mkstemp(path_));
    write_to(path_);
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  ~Certificate() {
    ::unlink(path_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }

  void write_to(const char* path) const {
    FILE* file = std::fopen(path, "w");
    REQUIRE(file != nullptr);
    REQUIRE(PEM_write_X509(file, certificate_) == 1);
    REQUIRE(PEM_write_PrivateKey(file, key_, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    std::fclose(file);
  }

  const char* path() const { return path_; }
  EVP_PKEY* key() const { return key_; }
  X509* certificate() const { return certificate_; }

 private:
  void add_extension(int kind, const char* text) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, text);
    REQUIRE(extension != nullptr);
    X509_add_ext(certificate_, extension, -1);
    X509_EXTENSION_free(extension);
  }

  EVP_PKEY* key_;
  X509* certificate_;
  char path_[32] = "/tmp/srs-unit-tls-XXXXXX";
};
