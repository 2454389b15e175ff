#include "relay_instrument.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "admin/stream_metrics.h"
#include "ask.h"

namespace srs::relay {
namespace {

using admin::PrometheusText;
using Kind = PrometheusText::Kind;

// A thread that does not answer for so long does not work.
constexpr std::chrono::seconds patience{1};
// Publishers are clients of the main thread, which has no number.
constexpr std::string_view publisher_prefix = "p-";

double seconds(std::chrono::milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

admin::MeteredStream metered(const Stream& stream) {
  const media::StreamMeter& meter = stream.meter();
  return {stream.info(), meter.figures(media::StreamMeter::Clock::now()), meter.tracks().video(),
          meter.tracks().audio(), stream.since()};
}

const char* state_name(PushState::Kind kind) {
  switch (kind) {
    case PushState::connecting:
      return "connecting";
    case PushState::live:
      return "live";
    case PushState::waiting:
      return "waiting";
    case PushState::ended:
      return "ended";
  }
  return "";
}

}  // namespace

asio::awaitable<std::vector<ClientInfo>> RelayInstrument::ask_clients() {
  std::vector<ClientInfo> all;
  for (const auto& held : workers_) {
    Worker* worker = held.get();
    std::function<std::vector<ClientInfo>()> work = [worker] { return worker->clients(); };
    auto clients = co_await ask(worker->io(), std::move(work), patience);
    if (clients)
      all.insert(all.end(), std::make_move_iterator(clients->begin()),
                 std::make_move_iterator(clients->end()));
  }
  co_return all;
}

asio::awaitable<RelayInstrument::SumsByPath> RelayInstrument::sum_up() {
  SumsByPath sums;
  const std::vector<ClientInfo> clients = co_await ask_clients();
  for (const ClientInfo& client : clients) {
    Sums& sum = sums[client.stream];
    sum.sent_bytes += client.sent_bytes;
    sum.lag = std::max(sum.lag, client.lag);
  }
  co_return sums;
}

asio::awaitable<void> RelayInstrument::measure(PrometheusText& text) {
  const SumsByPath sums = co_await sum_up();
  measure_input(text);
  measure_players(text, sums);
  if (parts_.origins != nullptr) measure_origins(text);
  if (parts_.pusher != nullptr) measure_pushes(text);
}

void RelayInstrument::measure_input(PrometheusText& text) const {
  std::vector<admin::MeteredStream> streams;
  hub_.for_each([&](const Stream& stream) { streams.push_back(metered(stream)); });
  admin::measure_streams(streams, text);
  const std::size_t publishers = parts_.publishers == nullptr ? 0 : parts_.publishers->clients().size();
  text.single("srs_publishers", Kind::gauge, "Publishers that are connected now.",
              static_cast<double>(publishers));
  if (parts_.pass == nullptr) return;
  text.single("srs_pass_queued_bytes", Kind::gauge, "What waits for the reader of stdout (--pass).",
              static_cast<double>(parts_.pass->queued_bytes()));
  text.family("srs_pass_dropped_gops_total", Kind::counter,
              "GOPs that the reader of stdout was too slow for.");
  for (const auto& channel : parts_.pass->channels())
    text.sample({{"stream", channel.info.path}}, static_cast<double>(channel.dropped_gops));
}

void RelayInstrument::measure_players(PrometheusText& text, const SumsByPath& sums) const {
  const auto add = [&](const char* name, Kind kind, const char* help, auto value) {
    text.family(name, kind, help);
    hub_.for_each([&](const Stream& stream) {
      const auto found = sums.find(stream.path());
      text.sample({{"stream", stream.path()}},
                  static_cast<double>(value(stream, found == sums.end() ? Sums() : found->second)));
    });
  };
  add("srs_players", Kind::gauge, "Players that are connected now.",
      [](const Stream& stream, const Sums&) { return stream.players(); });
  // Who scales or balances by this number must see that an idle relay has none.
  std::size_t streams = 0;
  hub_.for_each([&](const Stream&) { ++streams; });
  if (streams == 0) text.sample({}, 0);
  add("srs_players_total", Kind::counter, "Players that have come so far.",
      [](const Stream& stream, const Sums&) { return stream.counters().players.load(); });
  add("srs_sent_bytes_total", Kind::counter, "Bytes that players were sent.",
      [](const Stream& stream, const Sums& sum) {
        return stream.counters().sent_bytes.load() + sum.sent_bytes;
      });
  add("srs_player_lag_seconds", Kind::gauge, "How far the slowest player is behind.",
      [](const Stream&, const Sums& sum) { return seconds(sum.lag); });
  add("srs_player_dropped_gops_total", Kind::counter,
      "Times that a slow player skipped to a newer key frame.",
      [](const Stream& stream, const Sums&) { return stream.counters().jumps.load(); });
  add("srs_players_stalled_total", Kind::counter, "Players that were cut off since they took nothing.",
      [](const Stream& stream, const Sums&) { return stream.counters().stalled.load(); });
  text.family("srs_first_frame_seconds", Kind::histogram, "Time from a player's request to its first media.");
  hub_.for_each([&](const Stream& stream) {
    const FirstFrames& first = stream.counters().first_frames;
    text.histogram({{"stream", stream.path()}}, FirstFrames::bounds, first.counts(), first.sum_seconds());
  });
}

void RelayInstrument::measure_origins(PrometheusText& text) const {
  const std::vector<OriginState> states = parts_.origins->states();
  const auto add = [&](const char* name, Kind kind, const char* help, auto value) {
    text.family(name, kind, help);
    for (const OriginState& state : states)
      text.sample({{"origin", state.name}}, static_cast<double>(value(state)));
  };
  add("srs_origin_healthy", Kind::gauge, "1 if the origin answers.",
      [](const OriginState& state) { return state.healthy ? 1 : 0; });
  add("srs_origin_failures_total", Kind::counter, "Times that the origin was not there or broke off.",
      [](const OriginState& state) { return state.failures; });
  add("srs_origin_pulls", Kind::gauge, "Streams that are fetched from there now.",
      [](const OriginState& state) { return state.pulls; });
}

void RelayInstrument::measure_pushes(PrometheusText& text) const {
  const std::vector<PushState> states = parts_.pusher->states();
  const auto add = [&](const char* name, Kind kind, const char* help, auto value) {
    text.family(name, kind, help);
    for (const PushState& state : states)
      text.sample({{"stream", state.path}, {"destination", state.destination}},
                  static_cast<double>(value(state)));
  };
  add("srs_push_live", Kind::gauge, "1 if the stream is being published there.",
      [](const PushState& state) { return state.kind == PushState::live ? 1 : 0; });
  add("srs_push_sent_bytes_total", Kind::counter, "Bytes that were sent there.",
      [](const PushState& state) { return state.sent_bytes; });
  add("srs_push_reconnects_total", Kind::counter, "Attempts to connect after the first.",
      [](const PushState& state) { return state.reconnects; });
  add("srs_push_dropped_gops_total", Kind::counter, "Times that the push skipped to a newer key frame.",
      [](const PushState& state) { return state.jumps; });
  add("srs_push_lag_seconds", Kind::gauge, "How far the destination is behind.",
      [](const PushState& state) { return seconds(state.lag); });
}

asio::awaitable<nlohmann::json> RelayInstrument::streams() {
  const SumsByPath sums = co_await sum_up();
  nlohmann::json list = nlohmann::json::array();
  hub_.for_each([&](const Stream& stream) {
    nlohmann::json json = admin::describe_stream(metered(stream));
    const auto found = sums.find(stream.path());
    json["via"] = stream.way().via;
    json["players"] = stream.players();
    json["sent_bytes"] =
        stream.counters().sent_bytes.load() + (found == sums.end() ? 0 : found->second.sent_bytes);
    json["dropped_gops"] = stream.counters().jumps.load();
    json["stalled_players"] = stream.counters().stalled.load();
    json["pushes"] = nlohmann::json::array();
    list.push_back(std::move(json));
  });
  if (parts_.pusher == nullptr) co_return list;
  for (const PushState& push : parts_.pusher->states())
    for (nlohmann::json& stream : list)
      if (stream["stream"] == push.path)
        stream["pushes"].push_back({{"destination", push.destination},
                                    {"state", state_name(push.kind)},
                                    {"why", push.why},
                                    {"sent_bytes", push.sent_bytes},
                                    {"reconnects", push.reconnects}});
  co_return list;
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
                    {"lag_seconds", seconds(client.lag)},
                    {"dropped_gops", client.jumps}});
  if (parts_.publishers == nullptr) co_return list;
  for (const auto& publisher : parts_.publishers->clients())
    list.push_back({{"id", fmt::format("{}{}", publisher_prefix, publisher.number)},
                    {"kind", "publisher"},
                    {"protocol", "rtmp"},
                    {"address", publisher.address},
                    {"software", publisher.software},
                    {"stream", publisher.path},
                    {"since", admin::utc_text(publisher.since)}});
  co_return list;
}

asio::awaitable<bool> RelayInstrument::kick(std::string id) {
  if (id.starts_with(publisher_prefix)) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(id.data() + publisher_prefix.size(), id.data() + id.size(), number);
    const bool is_number = read.ec == std::errc() && read.ptr == id.data() + id.size();
    co_return is_number&& parts_.publishers !=
        nullptr&& parts_.publishers->cut_off(number, "an operator cut it off");
  }
  for (const auto& held : workers_) {
    Worker* worker = held.get();
    std::function<bool()> work = [worker, id] { return worker->kick(id); };
    const auto found = co_await ask(worker->io(), std::move(work), patience);
    if (found.value_or(false)) co_return true;
  }
  co_return false;
}

asio::awaitable<std::string> RelayInstrument::illness() {
  for (const auto& held : workers_) {
    std::function<bool()> work = [] { return true; };
    const auto answer = co_await ask(held->io(), std::move(work), patience);
    if (!answer) co_return fmt::format("worker {} does not answer", held->number());
  }
  co_return std::string();
}

}  // namespace srs::relay
