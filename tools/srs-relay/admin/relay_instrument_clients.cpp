// The clients of a relay as operators see them: players, pushes and publishers, who belong to the workers,
// and pulls, who belong to the main thread.
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "admin/stream_metrics.h"
#include "srs-relay/admin/relay_instrument.h"
#include "srs-relay/workers/ask.h"

namespace srs::relay {
namespace {

// Players and pushes begin with the number of their worker.
constexpr std::string_view publisher_prefix = "p-";
constexpr std::string_view pull_prefix = "u-";

// The number after the prefix; 0 if the prefix differs.
std::uint64_t number_behind(std::string_view prefix, std::string_view id) {
  if (!id.starts_with(prefix)) return 0;
  std::uint64_t number = 0;
  const auto read = std::from_chars(id.data() + prefix.size(), id.data() + id.size(), number);
  return read.ec == std::errc() && read.ptr == id.data() + id.size() ? number : 0;
}

nlohmann::json describe(const PublisherHomes::Client& publisher) {
  return {{"id", fmt::format("{}{}", publisher_prefix, publisher.number)},
          {"kind", "publisher"},
          {"protocol", publisher.protocol},
          {"address", publisher.address},
          {"software", publisher.software},
          {"stream", publisher.path},
          {"since", admin::utc_text(publisher.since)},
          {"received_bytes", publisher.received_bytes}};
}

}  // namespace

asio::awaitable<std::vector<ClientInfo>> RelayInstrument::ask_clients() {
  std::vector<ClientInfo> all;
  for (const auto& held : workers_) {
    Worker* worker = held.get();
    std::function<std::vector<ClientInfo>()> work = [worker] { return worker->clients(); };
    auto clients = co_await ask(worker->io(), std::move(work), worker_patience);
    if (clients)
      all.insert(all.end(), std::make_move_iterator(clients->begin()),
                 std::make_move_iterator(clients->end()));
  }
  co_return all;
}

asio::awaitable<std::vector<PublisherHomes::Client>> RelayInstrument::ask_publishers() const {
  std::vector<PublisherHomes::Client> none;
  if (parts_.publishers == nullptr) co_return none;
  co_return co_await parts_.publishers->clients(worker_patience);
}

asio::awaitable<nlohmann::json> RelayInstrument::clients() {
  nlohmann::json list = nlohmann::json::array();
  const std::vector<ClientInfo> clients = co_await ask_clients();
  for (const ClientInfo& client : clients)
    list.push_back({{"id", client.id},
                    {"kind", client.kind},
                    {"protocol", client.protocol},
                    {"address", client.address},
                    {"stream", client.stream},
                    {"since", admin::utc_text(client.since)},
                    {"sent_bytes", client.sent_bytes},
                    {"lag_seconds", static_cast<double>(client.lag.count()) / 1000},
                    {"dropped_gops", client.jumps}});
  for (const auto& publisher : co_await ask_publishers()) list.push_back(describe(publisher));
  if (parts_.pulls != nullptr) add_pulls(list);
  co_return list;
}

void RelayInstrument::add_pulls(nlohmann::json& list) const {
  for (const PullState& pull : parts_.pulls->states())
    list.push_back({{"id", fmt::format("{}{}", pull_prefix, pull.number)},
                    {"kind", "pull"},
                    {"protocol", std::string(pull.protocol)},
                    {"address", pull.origin},
                    {"stream", pull.path},
                    {"since", admin::utc_text(pull.since)},
                    {"received_bytes", pull.received_bytes}});
}

asio::awaitable<bool> RelayInstrument::kick(std::string id) {
  if (const std::uint64_t number = number_behind(publisher_prefix, id); number != 0)
    co_return parts_.publishers !=
        nullptr&& co_await parts_.publishers->cut_off(number, "an operator cut it off", worker_patience);
  if (const std::uint64_t number = number_behind(pull_prefix, id); number != 0)
    co_return parts_.pulls != nullptr&& parts_.pulls->cut_off(number);
  for (const auto& held : workers_) {
    Worker* worker = held.get();
    std::function<bool()> work = [worker, id] { return worker->kick(id); };
    const auto found = co_await ask(worker->io(), std::move(work), worker_patience);
    if (found.value_or(false)) co_return true;
  }
  co_return false;
}

}  // namespace srs::relay
