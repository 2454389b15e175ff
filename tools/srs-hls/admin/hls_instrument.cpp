#include "srs-hls/admin/hls_instrument.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "admin/stream_metrics.h"

namespace srs::hls {
namespace {

using Kind = admin::PrometheusText::Kind;

admin::MeteredStream metered(const Streams::State& state) {
  return {state.info, state.meter.figures(media::StreamMeter::Clock::now()), state.meter.tracks().video(),
          state.meter.tracks().audio(), state.since};
}

// Only for streams that are recorded.
void measure_recordings(const std::vector<Streams::State>& states, admin::PrometheusText& text) {
  const auto add = [&](const char* name, Kind kind, const char* help, auto value) {
    text.family(name, kind, help);
    for (const Streams::State& state : states)
      if (state.recorder != nullptr)
        text.sample({{"stream", state.info.path}}, static_cast<double>(value(state.recorder->figures())));
  };
  add("srs_record_files_total", Kind::counter, "Files that recordings were written to.",
      [](const RecordFigures& figures) { return figures.files; });
  add("srs_record_written_bytes_total", Kind::counter, "Bytes of recordings.",
      [](const RecordFigures& figures) { return figures.bytes; });
  add("srs_record_errors_total", Kind::counter, "Attempts to write a recording that failed.",
      [](const RecordFigures& figures) { return figures.errors; });
  add("srs_record_failing", Kind::gauge, "1 while a recording cannot be written.",
      [](const RecordFigures& figures) { return figures.failing ? 1 : 0; });
}

}  // namespace

asio::awaitable<void> HlsInstrument::measure(admin::PrometheusText& text) {
  const std::vector<Streams::State> states = streams_.states();
  std::vector<admin::MeteredStream> streams;
  for (const Streams::State& state : states) streams.push_back(metered(state));
  admin::measure_streams(streams, text);
  const auto add = [&](const char* name, Kind kind, const char* help, auto value) {
    text.family(name, kind, help);
    for (const Streams::State& state : states)
      text.sample({{"stream", state.info.path}}, static_cast<double>(value(state)));
  };
  add("srs_hls_viewers", Kind::gauge,
      "Viewers over HLS: addresses and user agents that ask for its playlists.",
      [this](const Streams::State& state) { return watching(state); });
  add("srs_hls_segments_total", Kind::counter, "Segments that were written.",
      [](const Streams::State& state) { return state.presentation.main().segments_made(); });
  add("srs_hls_media_sequence", Kind::gauge, "Media sequence number of the playlist's first segment.",
      [](const Streams::State& state) { return state.presentation.main().playlist().media_sequence; });
  add("srs_hls_write_errors_total", Kind::counter, "Segments and playlists that could not be written.",
      [](const Streams::State& state) { return state.presentation.main().figures().errors; });
  add("srs_hls_files_lost_total", Kind::counter,
      "Segments that left the playlist before they could be written.",
      [](const Streams::State& state) { return state.presentation.main().figures().lost; });
  add("srs_hls_files_waiting", Kind::gauge, "Files that could not be written yet.",
      [](const Streams::State& state) { return state.presentation.main().figures().waiting; });
  add("srs_hls_missing_key_frames_total", Kind::counter, "Segments that had to end between key frames.",
      [](const Streams::State& state) { return state.missing_key_frames; });
  add("srs_hls_forced_cuts_total", Kind::counter,
      "Segments that ended for their size, or because they took too long to come.",
      [](const Streams::State& state) { return state.forced_cuts; });
  text.single("srs_hls_memory_bytes", Kind::gauge, "What all streams hold in memory.",
              static_cast<double>(streams_.memory_bytes()));
  text.single("srs_hls_streams_refused_total", Kind::counter,
              "Streams that were not packaged because of --max-streams.",
              static_cast<double>(streams_.refused()));
  measure_recordings(states, text);
  text.single("srs_connections", Kind::gauge, "Connections of players, and of who may become one.",
              server_ == nullptr ? 0 : static_cast<double>(server_->connections()));
  co_return;
}

std::size_t HlsInstrument::watching(const Streams::State& state) const {
  return viewers_ == nullptr ? 0 : viewers_->watching(state.presentation.path());
}

asio::awaitable<nlohmann::json> HlsInstrument::streams() {
  nlohmann::json list = nlohmann::json::array();
  for (const Streams::State& state : streams_.states()) {
    nlohmann::json json = admin::describe_stream(metered(state));
    const Rendition& main = state.presentation.main();
    json["viewers"] = watching(state);
    json["segments"] = main.segments_made();
    json["media_sequence"] = main.playlist().media_sequence;
    json["write_errors"] = main.figures().errors;
    json["missing_key_frames"] = state.missing_key_frames;
    if (state.recorder != nullptr) json["recording"] = !state.recorder->figures().failing;
    list.push_back(std::move(json));
  }
  co_return list;
}

asio::awaitable<nlohmann::json> HlsInstrument::clients() {
  nlohmann::json list = nlohmann::json::array();
  if (server_ == nullptr) co_return list;
  for (const http::Server::Client& client : server_->clients())
    list.push_back({{"id", std::to_string(client.number)},
                    {"kind", "player"},
                    {"protocol", "http"},
                    {"address", client.address},
                    {"since", admin::utc_text(client.since)},
                    {"sent_bytes", client.sent_bytes}});
  co_return list;
}

asio::awaitable<bool> HlsInstrument::kick(std::string id) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool is_number = read.ec == std::errc() && read.ptr == id.data() + id.size();
  co_return is_number&& server_ != nullptr && server_->cut_off(number);
}

}  // namespace srs::hls
