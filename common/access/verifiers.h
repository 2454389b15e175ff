// What the rules' sections of signatures and tokens prove: Verifiers of a Policy.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "access/jwks_source.h"
#include "access/jwt.h"
#include "access/policy.h"
#include "access/signed_url.h"

namespace srs::access {

// [signed-urls]: a signature allows what `rules` say, for the URLs that it is for.
class UrlVerifier : public Verifier {
 public:
  UrlVerifier(SignedUrls urls, Rules rules) : urls_(std::move(urls)), rules_(std::move(rules)) {}

  std::optional<Verdict> verify(const Question& question, const asio::ip::address& address,
                                UtcTime now) const override;
  std::optional<Verdict> renew(const Question& question, const asio::ip::address& address, const Grant& grant,
                               UtcTime now) const override;

 private:
  const SignedUrls urls_;
  const Rules rules_;
};

// [tokens.NAME]: a token allows what its claim says, or what `rules` say if it names no claim.
class TokenVerifier : public Verifier {
 public:
  // name: "tokens.main". source: of the keys; null: `keys` has them.
  TokenVerifier(std::string name, TokenRules tokens, Rules rules, std::shared_ptr<JwksSource> source,
                std::shared_ptr<const JwkSet> keys);

  std::optional<Verdict> verify(const Question& question, const asio::ip::address& address,
                                UtcTime now) const override;
  std::optional<Verdict> renew(const Question& question, const asio::ip::address& address, const Grant& grant,
                               UtcTime now) const override;

 private:
  std::shared_ptr<const JwkSet> keys() const { return source_ ? source_->keys() : keys_; }

  const std::string name_;
  const TokenRules tokens_;
  const Rules rules_;
  const std::shared_ptr<JwksSource> source_;
  const std::shared_ptr<const JwkSet> keys_;
};

}  // namespace srs::access
