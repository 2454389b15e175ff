// Policy: the rules of one --access file, and what they decide. It never waits and asks nobody.
//
// A peer may show several things; the first that allows what it wants counts, in this order: keys,
// signatures, tokens, passwords; then what [anyone] may. `deny` of [anyone] holds for everybody.
//
// Immutable once it is made; any thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/digest.h"
#include "access/permission.h"
#include "access/question.h"
#include "access/secret.h"

namespace srs::access {

struct Rules {
  std::vector<Permission> allow, deny;
};

struct User {
  Rules rules;
  std::string hash;  // of its password
};

struct Key {
  Rules rules;
  std::string digest;  // of its text
  std::string path;    // the stream that it stands for in the place of a name; empty: it does not
};

// A way to show a right that has a file of its own: signatures, tokens. Any thread.
class Verifier {
 public:
  virtual ~Verifier() = default;
  // Nothing: the question shows nothing of the kind. A grant's identity.name is that of its section in the
  // rules.
  virtual std::optional<Verdict> verify(const Question& question, const asio::ip::address& address,
                                        UtcTime now) const = 0;
  // Whether it would still grant what this grant was made from, as far as the rules go; nothing: it made no
  // such.
  virtual std::optional<Verdict> renew(const Question& question, const asio::ip::address& address,
                                       const Grant& grant, UtcTime now) const = 0;
};

class Policy {
 public:
  Rules anyone;
  std::map<std::string, User> users;
  std::map<std::string, Key> keys;
  std::vector<std::unique_ptr<Verifier>> verifiers;

  // To be called once keys are complete.
  void index_keys();

  struct Decision {
    std::optional<Verdict> verdict;  // none: the password has to be checked first
    const User* user = nullptr;      // if so: whose, and then decide_user()
  };
  Decision decide(const Question& question, UtcTime now) const;
  // Once its password was right.
  Verdict decide_user(const Question& question, const User& user, UtcTime now) const;
  // Whether what was granted would be granted now; until when. question.path: as it was granted.
  Verdict decide_again(const Question& question, const Grant& grant, UtcTime now) const;
  // Whether names of streams may hold keys: then a name that nobody knows is not to be logged.
  bool names_may_be_keys() const { return !keys_by_name_.empty(); }

 private:
  struct Facts;
  std::optional<Verdict> decide_keys(const Facts& facts) const;
  std::optional<Verdict> decide_key(const Facts& facts, const std::string& name, const Key& key,
                                    const std::string& path) const;
  Verdict decide_rules(const Facts& facts, const Rules& rules, Grant grant) const;
  bool is_denied(const Facts& facts, const Rules& rules) const;

  std::map<std::string, std::string> names_of_keys_;
  std::map<std::string, std::string> keys_by_name_;  // those that may stand in the place of a name
};

}  // namespace srs::access
