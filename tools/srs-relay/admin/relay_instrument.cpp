#include "srs-relay/admin/relay_instrument.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "admin/stream_metrics.h"
#include "srs-relay/workers/ask.h"

namespace srs::relay {
namespace {

using admin::PrometheusText;
using Kind = PrometheusText::Kind;

double seconds(std::chrono::milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

admin::MeteredStream metered(const Stream& stream, Clock::TimePoint now) {
  const media::StreamMeter& meter = stream.meter();
  return {stream.info(), meter.figures(now), meter.tracks().video(), meter.tracks().audio(), stream.since()};
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

// Each worker sums up on its own thread, so a player that leaves meanwhile is counted once. For a worker
// that does not answer its last figures are used: a sum without it would look like a counter reset.
asio::awaitable<RelayInstrument::Sums> RelayInstrument::sum_up() {
  const std::vector<std::shared_ptr<Stream>> streams = hub_.streams();
  Sums sums;
  answers_.resize(workers_.size());
  for (const auto& held : workers_) {
    Worker* worker = held.get();
    std::function<Answer()> work = [worker, streams] {
      const std::vector<Audience::Figures> figures = worker->figures(streams);
      Answer answer;
      answer.connections = worker->connections();
      for (std::size_t i = 0; i < streams.size(); ++i) answer.streams[streams[i].get()] = figures[i];
      for (const auto& stream : streams)
        if (&stream->io() == &worker->io())
          answer.metered.emplace(stream.get(), metered(*stream, worker->clock().steady()));
      return answer;
    };
    auto answer = co_await ask(worker->io(), std::move(work), worker_patience);
    if (answer) answers_[worker->number()] = *std::move(answer);
  }
  for (const auto& stream : streams)
    if (&stream->io() == &hub_.io())
      sums.metered.emplace(stream.get(), metered(*stream, hub_.clock().steady()));
  for (const Answer& answer : answers_) {
    sums.metered.insert(answer.metered.begin(), answer.metered.end());
    sums.connections += answer.connections;
    for (const auto& [stream, figures] : answer.streams) {
      Audience::Figures& sum = sums.streams[stream];
      sum.sent_bytes += figures.sent_bytes;
      sum.lag = std::max(sum.lag, figures.lag);
    }
  }
  co_return sums;
}

asio::awaitable<void> RelayInstrument::measure(PrometheusText& text) {
  const Sums sums = co_await sum_up();
  measure_input(text, sums);
  measure_players(text, sums);
  const auto publishers = co_await ask_publishers();
  text.single("srs_publishers", Kind::gauge, "Publishers that are connected now.",
              static_cast<double>(publishers.size()));
  text.single("srs_connections", Kind::gauge,
              "Connections of players and publishers, and of who may become one.",
              static_cast<double>(sums.connections + publisher_connections()));
  if (parts_.origins != nullptr) measure_origins(text);
  if (parts_.cluster != nullptr) measure_registry(text);
  if (parts_.pusher != nullptr) measure_pushes(text);
}

// Of a stream that has begun meanwhile nothing is known yet.
admin::MeteredStream RelayInstrument::Sums::metered_of(const Stream& stream) const {
  const auto found = metered.find(&stream);
  return found != metered.end() ? found->second
                                : admin::MeteredStream{stream.info(), {}, "", "", stream.since()};
}

// Also of those that publish nothing yet.
std::size_t RelayInstrument::publisher_connections() const {
  return parts_.publishers == nullptr ? 0 : parts_.publishers->sessions();
}

void RelayInstrument::measure_input(PrometheusText& text, const Sums& sums) const {
  std::vector<admin::MeteredStream> streams;
  hub_.for_each([&](const Stream& stream) { streams.push_back(sums.metered_of(stream)); });
  admin::measure_streams(streams, text);
  if (parts_.pass == nullptr) return;
  text.single("srs_pass_queued_bytes", Kind::gauge, "What waits for the reader of stdout (--pass).",
              static_cast<double>(parts_.pass->queued_bytes()));
  text.family("srs_pass_dropped_gops_total", Kind::counter,
              "GOPs that the reader of stdout was too slow for.");
  for (const auto& channel : parts_.pass->channels())
    text.sample({{"stream", channel.info.path}}, static_cast<double>(channel.dropped_gops));
}

void RelayInstrument::measure_players(PrometheusText& text, const Sums& sums) const {
  const auto add = [&](const char* name, Kind kind, const char* help, auto value) {
    text.family(name, kind, help);
    hub_.for_each([&](const Stream& stream) {
      text.sample({{"stream", stream.path()}}, static_cast<double>(value(stream, sums.of(stream))));
    });
  };
  add("srs_players", Kind::gauge, "Players that are connected now.",
      [](const Stream& stream, const Audience::Figures&) { return stream.players(); });
  // Autoscalers and balancers need a sample from an idle relay, too.
  if (hub_.streams().empty()) text.sample({}, 0);
  add("srs_players_total", Kind::counter, "Players that have come so far.",
      [](const Stream& stream, const Audience::Figures&) { return stream.counters().players.load(); });
  add("srs_sent_bytes_total", Kind::counter, "Bytes that players were sent.",
      [](const Stream&, const Audience::Figures& sum) { return sum.sent_bytes; });
  add("srs_player_lag_seconds", Kind::gauge, "How far the slowest player is behind.",
      [](const Stream&, const Audience::Figures& sum) { return seconds(sum.lag); });
  add("srs_player_dropped_gops_total", Kind::counter,
      "Times that a slow player skipped to a newer key frame.",
      [](const Stream& stream, const Audience::Figures&) { return stream.counters().jumps.load(); });
  add("srs_players_stalled_total", Kind::counter, "Players that were cut off since they took nothing.",
      [](const Stream& stream, const Audience::Figures&) { return stream.counters().stalled.load(); });
  text.family("srs_first_frame_seconds", Kind::histogram, "Time from a player's request to its first media.");
  hub_.for_each([&](const Stream& stream) {
    const FirstFrames& first = stream.counters().first_frames;
    text.histogram({{"stream", stream.path()}}, FirstFrames::bounds, first.counts(), first.sum_seconds());
  });
}

void RelayInstrument::measure_origins(PrometheusText& text) const {
  const std::vector<OriginState> states = origin_states();
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

// Configured origins, and further ones from the registry.
std::vector<OriginState> RelayInstrument::origin_states() const {
  std::vector<OriginState> states = parts_.origins->states();
  if (parts_.cluster == nullptr) return states;
  for (OriginState& found : parts_.cluster->states())
    if (std::none_of(states.begin(), states.end(),
                     [&](const OriginState& given) { return given.name == found.name; }))
      states.push_back(std::move(found));
  return states;
}

void RelayInstrument::measure_registry(PrometheusText& text) const {
  const registry::Registry::State& state = parts_.cluster->state();
  text.single("srs_registry_connected", Kind::gauge, "1 if the registry answers.", state.connected ? 1 : 0);
  text.single("srs_registry_announced_streams", Kind::gauge, "Streams that are announced there now.",
              static_cast<double>(state.announced));
  text.single("srs_registry_look_ups_total", Kind::counter, "Streams that the registry was asked for.",
              static_cast<double>(state.look_ups));
  text.single("srs_registry_failed_look_ups_total", Kind::counter, "Those that it did not answer.",
              static_cast<double>(state.look_ups_failed));
}

// If a stream is back while the push of its predecessor is still ending, only the newer one counts:
// duplicate labels would invalidate the whole response.
std::vector<PushState> RelayInstrument::push_states() const {
  std::vector<PushState> states;
  for (PushState& state : parts_.pusher->states()) {
    const auto same = std::find_if(states.begin(), states.end(), [&](const PushState& other) {
      return other.path == state.path && other.destination == state.destination;
    });
    if (same == states.end()) {
      states.push_back(std::move(state));
    } else {
      *same = std::move(state);
    }
  }
  return states;
}

void RelayInstrument::measure_pushes(PrometheusText& text) const {
  const std::vector<PushState> states = push_states();
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
  const Sums sums = co_await sum_up();
  nlohmann::json list = nlohmann::json::array();
  hub_.for_each([&](const Stream& stream) {
    nlohmann::json json = admin::describe_stream(sums.metered_of(stream));
    json["via"] = stream.provenance().via;
    json["players"] = stream.players();
    json["sent_bytes"] = sums.of(stream).sent_bytes;
    json["player_lag_seconds"] = seconds(sums.of(stream).lag);
    json["dropped_gops"] = stream.counters().jumps.load();
    json["stalled_players"] = stream.counters().stalled.load();
    json["pushes"] = nlohmann::json::array();
    list.push_back(std::move(json));
  });
  if (parts_.pusher == nullptr) co_return list;
  for (const PushState& push : push_states())
    for (nlohmann::json& stream : list)
      if (stream["stream"] == push.path)
        stream["pushes"].push_back({{"destination", push.destination},
                                    {"state", state_name(push.kind)},
                                    {"why", push.why},
                                    {"sent_bytes", push.sent_bytes},
                                    {"reconnects", push.reconnects}});
  co_return list;
}

asio::awaitable<std::string> RelayInstrument::health_error() {
  for (const auto& held : workers_) {
    std::function<bool()> work = [] { return true; };
    const auto answer = co_await ask(held->io(), std::move(work), worker_patience);
    if (!answer) co_return fmt::format("worker {} does not answer", held->number());
  }
  co_return std::string();
}

}  // namespace srs::relay
