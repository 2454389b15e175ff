#include "gate/seats.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "access/network.h"
#include "net/admission.h"

namespace srs::gate {

class Seats::Seat {
 public:
  Seat(std::shared_ptr<Counts> counts, std::vector<std::string> names)
      : counts_(std::move(counts)), names_(std::move(names)) {}
  ~Seat() {
    const std::lock_guard lock(counts_->mutex);
    for (const std::string& name : names_)
      if (const auto found = counts_->taken.find(name); --found->second == 0) counts_->taken.erase(found);
  }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

 private:
  const std::shared_ptr<Counts> counts_;
  const std::vector<std::string> names_;
};

namespace {

struct Limit {
  std::string counted;
  std::size_t most;
  const char* what;
  const char* option;
};

}  // namespace

Result<std::shared_ptr<const void>> Seats::take(const access::Question& question,
                                                const access::Grant& grant) {
  const std::string user = grant.user.empty() ? "" : grant.identity.name + " " + grant.user;
  std::vector<Limit> all;
  const auto add = [&](std::string counted, std::size_t most, const char* what, const char* option) {
    if (most > 0) all.push_back({std::move(counted), most, what, option});
  };
  if (question.action == access::Action::play) {
    const std::uint64_t address = net::address_key(access::address_of(question.address));
    add("players", limits_.players, "players", "--max-players");
    add("stream " + grant.path, limits_.players_per_stream, "players of this stream",
        "--max-players-per-stream");
    if (address != 0)
      add(fmt::format("address {:x}", address), limits_.players_per_address, "players of this address",
          "--max-players-per-address");
    if (!user.empty())
      add("user " + user, limits_.players_per_user, "players of this user", "--max-players-per-user");
  } else if (question.action == access::Action::publish && !user.empty()) {
    add("publisher " + user, limits_.streams_per_user, "streams of this user", "--max-streams-per-user");
  }
  std::vector<std::string> names;
  const std::lock_guard lock(counts_->mutex);
  for (const Limit& limit : all) {
    const auto found = counts_->taken.find(limit.counted);
    if (found != counts_->taken.end() && found->second >= limit.most)
      return Error{Errc::too_large,
                   fmt::format("there are {} {} already ({})", found->second, limit.what, limit.option)};
    names.push_back(limit.counted);
  }
  for (const std::string& name : names) ++counts_->taken[name];
  return std::shared_ptr<const void>(std::make_shared<Seat>(counts_, std::move(names)));
}

}  // namespace srs::gate
