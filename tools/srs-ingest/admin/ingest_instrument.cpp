#include "srs-ingest/admin/ingest_instrument.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "admin/stream_metrics.h"

namespace srs::ingest {
namespace {

using Kind = admin::PrometheusText::Kind;
using Channel = pipe::PipeWriter::ChannelState;

admin::MeteredStream metered(const Channel& channel) {
  return {channel.info, channel.figures, channel.video, channel.audio, channel.since};
}

double seconds(std::chrono::milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

}  // namespace

asio::awaitable<void> IngestInstrument::measure(admin::PrometheusText& text) {
  const std::vector<Channel> channels = writer_.channels();
  std::vector<admin::MeteredStream> streams;
  for (const Channel& channel : channels) streams.push_back(metered(channel));
  admin::measure_streams(streams, text);
  text.single("srs_publishers", Kind::gauge, "Publishers that are connected now.",
              static_cast<double>(publications_.clients().size()));
  text.single("srs_connections", Kind::gauge, "Connections of publishers, and of who may become one.",
              static_cast<double>(connections_()));
  text.single("srs_pipe_queued_bytes", Kind::gauge, "What waits for the reader of stdout.",
              static_cast<double>(writer_.queued_bytes()));
  text.single("srs_pipe_lag_seconds", Kind::gauge,
              "How long what the reader of stdout takes next has waited.", seconds(writer_.lag()));
  const auto add = [&](const char* name, const char* help, auto value) {
    text.family(name, Kind::counter, help);
    for (const Channel& channel : channels)
      text.sample({{"stream", channel.info.path}}, static_cast<double>(value(channel)));
  };
  add("srs_pipe_dropped_gops_total", "GOPs that the reader of stdout was too slow for.",
      [](const Channel& channel) { return channel.dropped_gops; });
  add("srs_pipe_dropped_messages_total", "Messages that the reader of stdout was too slow for.",
      [](const Channel& channel) { return channel.dropped_messages; });
  co_return;
}

asio::awaitable<nlohmann::json> IngestInstrument::streams() {
  nlohmann::json list = nlohmann::json::array();
  for (const Channel& channel : writer_.channels()) {
    nlohmann::json json = admin::describe_stream(metered(channel));
    json["dropped_gops"] = channel.dropped_gops;
    json["dropped_messages"] = channel.dropped_messages;
    list.push_back(std::move(json));
  }
  co_return list;
}

asio::awaitable<nlohmann::json> IngestInstrument::clients() {
  nlohmann::json list = nlohmann::json::array();
  for (const live::Publications::Client& client : publications_.clients())
    list.push_back({{"id", std::to_string(client.number)},
                    {"kind", "publisher"},
                    {"protocol", client.protocol},
                    {"address", client.address},
                    {"software", client.software},
                    {"stream", client.path},
                    {"since", admin::utc_text(client.since)},
                    {"received_bytes", client.received_bytes}});
  co_return list;
}

asio::awaitable<bool> IngestInstrument::kick(std::string id) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool is_number = read.ec == std::errc() && read.ptr == id.data() + id.size();
  co_return is_number&& publications_.cut_off(number, "an operator cut it off");
}

}  // namespace srs::ingest
