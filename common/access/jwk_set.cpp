#include "access/jwk_set.h"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <nlohmann/json.hpp>

#include "access/bounded_json.h"
#include "access/openssl_errors.h"
#include "cli/log.h"

namespace srs::access {
namespace {

constexpr JsonLimits jwks_limits{.bytes = JwkSet::max_bytes, .depth = 8, .values = 16 * 1024};

std::string named_key(const nlohmann::json& object, std::size_t index) {
  const std::string* id = object.is_object() ? text_in(object, "kid") : nullptr;
  return id != nullptr ? fmt::format("key \"{}\"", cli::peer_text(*id)) : fmt::format("key {}", index + 1);
}

Result<Jwk> read_jwk(const nlohmann::json& object, Secrets secrets) {
  auto key = Jwk::from_json(object);
  if (key && key->type() == Jwk::Type::secret && secrets == Secrets::refused)
    return Error{Errc::refused, "a secret, where everybody can read it"};
  return key;
}

struct PemBlock {
  std::string name;
  std::string der;
};

// The next block; nothing at the end.
std::optional<PemBlock> next_block(BIO& bio) {
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(&bio, &name, &header, &data, &size) != 1) return std::nullopt;
  PemBlock block{name, std::string(reinterpret_cast<char*>(data), static_cast<std::size_t>(size))};
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return block;
}

Result<Jwk> key_of_block(const PemBlock& block) {
  const auto* der = reinterpret_cast<const unsigned char*>(block.der.data());
  const long size = static_cast<long>(block.der.size());
  if (block.name.find("PRIVATE KEY") != block.name.npos)
    return Error{Errc::refused, "a private key, which is not needed to verify: give the public one"};
  EVP_PKEY* key = nullptr;
  if (block.name == "PUBLIC KEY") {
    key = d2i_PUBKEY(nullptr, &der, size);
  } else if (block.name == "RSA PUBLIC KEY") {
    key = d2i_PublicKey(EVP_PKEY_RSA, nullptr, &der, size);
  } else if (block.name == "CERTIFICATE") {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(d2i_X509(nullptr, &der, size), X509_free);
    if (certificate) key = X509_get_pubkey(certificate.get());
  } else {
    return Error{Errc::unsupported, fmt::format("PEM of the kind {}", cli::peer_text(block.name))};
  }
  if (key == nullptr) return Error{Errc::invalid_data, "PEM that holds no key that can be read"};
  return Jwk::from_public_key({key, EVP_PKEY_free});
}

}  // namespace

Result<JwkSet> parse_jwks(std::string_view text, Secrets secrets) {
  const auto document = parse_json(text, jwks_limits);
  if (!document) return Error(document.error()).in("JWK Set");
  const auto found = document->is_object() ? document->find("keys") : document->end();
  if (found == document->end() || !found->is_array())
    return Error{Errc::invalid_data, "JWK Set: there is no array \"keys\""};
  if (found->size() > JwkSet::max_keys) return Error{Errc::too_large, "JWK Set: more than 64 keys"};
  JwkSet set;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const nlohmann::json& object = (*found)[i];
    auto key = read_jwk(object, secrets);
    if (key)
      set.keys.push_back(*std::move(key));
    else
      set.left_out.push_back(named_key(object, i) + ": " + key.error().message);
  }
  if (!set.keys.empty()) return set;
  return Error{Errc::refused,
               "JWK Set: " + (set.left_out.empty() ? "there is no key in it" : set.left_out.front())};
}

Result<JwkSet> keys_of_pem(std::string_view text, std::string_view id) {
  const OpensslErrors errors;
  if (text.size() > JwkSet::max_bytes) return Error{Errc::too_large, "PEM: more than 256 KiB"};
  if (id.size() > Jwk::max_id_bytes) return Error{Errc::usage, "a key's id has at most 256 bytes"};
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
  JwkSet set;
  while (bio) {
    const auto block = next_block(*bio);
    if (!block) break;
    if (set.keys.size() == JwkSet::max_keys) return Error{Errc::too_large, "PEM: more than 64 keys"};
    auto key = key_of_block(*block);
    if (!key) return std::move(key).error();
    key->set_id(std::string(id));
    set.keys.push_back(*std::move(key));
  }
  if (set.keys.empty()) return Error{Errc::invalid_data, "there is no public key in PEM"};
  return set;
}

}  // namespace srs::access
