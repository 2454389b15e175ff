#include "hooks/answers.h"

#include <fmt/format.h>

#include "access/digest.h"
#include "hooks/format.h"

namespace srs::hooks {

std::string key_of(const Event& event) {
  const access::Question& about = event.about;
  std::string text;
  for (const std::string& part :
       {std::string(action_of(event)), about.path, about.protocol, ip_of(about), about.credentials.query,
        about.credentials.user, about.credentials.password, about.credentials.token, about.credentials.key,
        event.client.tc_url, event.client.page_url})
    text += fmt::format("{}:{}", part.size(), part);
  return access::digest_of(access::Digest::sha256, text);
}

const Decision* Answers::find(const std::string& key, TimePoint now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  if (now < found->second->until) return &found->second->decision;
  erase(key);
  return nullptr;
}

void Answers::put(const std::string& key, Decision decision, TimePoint until) {
  erase(key);
  by_age_.push_back({key, std::move(decision), until});
  by_key_[key] = std::prev(by_age_.end());
  if (by_age_.size() > most) erase(std::string(by_age_.front().key));
}

void Answers::erase(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  by_age_.erase(found->second);
  by_key_.erase(found);
}

}  // namespace srs::hooks
