// Sets of keys, as JSON and as PEM. Every key that is taken is strong enough to be told from others, fits an
// algorithm, and verifies no signature that is none.
#include "access/jwk_set.h"
#include "choices.h"
#include "target.h"

using namespace srs;
using namespace srs::access;

namespace {

void check(const Jwk& key) {
  MUST_HOLD(key.fingerprint() != 0 && key.id().size() <= Jwk::max_id_bytes);
  bool fits = false;
  for (std::size_t i = 0; i < algorithm_count; ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    const bool is_hmac = family_of(algorithm) == AlgorithmFamily::hmac;
    MUST_HOLD(!key.fits(algorithm) || is_hmac == (key.type() == Jwk::Type::secret));
    fits = fits || key.fits(algorithm);
    for (const std::size_t size : {0, 32, 64, 96, 132, 256})
      MUST_HOLD(!key.verify(algorithm, "text", std::string(size, '\x11')));
  }
  MUST_HOLD(fits);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of({data, size});
  const auto all = parse_jwks(text, Secrets::taken), published = parse_jwks(text, Secrets::refused);
  if (all) {
    MUST_HOLD(!all->keys.empty() && all->keys.size() + all->left_out.size() <= JwkSet::max_keys);
    for (const Jwk& key : all->keys) check(key);
  }
  if (published) {
    MUST_HOLD(all.ok() && published->keys.size() <= all->keys.size());
    for (const Jwk& key : published->keys) MUST_HOLD(key.type() != Jwk::Type::secret);
  }
  if (const auto pem = keys_of_pem(text, "id")) {
    MUST_HOLD(!pem->keys.empty() && pem->keys.size() <= JwkSet::max_keys);
    for (const Jwk& key : pem->keys) {
      MUST_HOLD(key.id() == "id" && key.type() != Jwk::Type::secret);
      check(key);
    }
  }
  return 0;
}
