// Passes truncated and bit-flipped FLV through the stages, in one process: PipeReader, then the relay's log
// with both wires, srs-hls with both formats, and srs-probe's report.
//
//   test-flv-stages truncate STEP FILE...      each file cut off at every byte, or every STEP bytes
//   test-flv-stages flip COUNT SEED FILE...    COUNT mutations, of the seeds from SEED on
//
// Nothing may crash, and a sanitizer sees a read beyond a payload: each is in a block of its own size. The
// counts are printed at the end, so that the caller can check that the inputs were read. The last line on
// stderr says how to reproduce the current mutation.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "cli/log.h"
#include "log/flv_wire.h"
#include "log/message_log.h"
#include "pipe/pipe_reader.h"
#include "rtmp/message_encoder.h"
#include "srs-hls/streams/streams.h"
#include "srs-probe/report/report.h"
#include "srs-probe/streams/flv_streams.h"

namespace {

using namespace srs;
using Input = std::vector<std::uint8_t>;

const cli::Log& quiet() {
  // srs-hls logs what is wrong with each input; here nobody reads it.
  static const cli::Log log("test", cli::LogLevel::error, cli::LogFormat::text);
  return log;
}

// Streams in logs, each with both wires.
class Logs : public pipe::PipeSink {
 public:
  void on_begin(pipe::ChannelId channel, const media::StreamInfo& info) override {
    logs_[channel] = std::make_unique<log::MessageLog>(info, log::LogLimits{1 << 20});
  }
  void on_message(pipe::ChannelId channel, media::Message message) override {
    auto& log = *logs_.at(channel);
    log.append(std::move(message));
    // In mid-stream, like a player that joins late.
    if (++messages_ % 7 == 0) bytes_ += log.wire(flv_)->size_bytes() + log.wire(rtmp_)->size_bytes();
  }
  void on_end(pipe::ChannelId channel, media::EndReason) override { logs_.erase(channel); }

  std::uint64_t messages() const { return messages_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  log::FlvWire flv_{log::Annotations::sent};
  rtmp::RtmpWire rtmp_;
  std::map<pipe::ChannelId, std::unique_ptr<log::MessageLog>> logs_;
  std::uint64_t messages_ = 0, bytes_ = 0;
};

// Passes everything to all of them, each payload in a block of its own.
class All : public pipe::PipeSink {
 public:
  explicit All(std::vector<pipe::PipeSink*> sinks) : sinks_(std::move(sinks)) {}

  void on_begin(pipe::ChannelId channel, const media::StreamInfo& info) override {
    for (auto* sink : sinks_) sink->on_begin(channel, info);
  }
  void on_message(pipe::ChannelId channel, media::Message message) override {
    message.payload = Slice::copy_of(message.payload.bytes());
    for (auto* sink : sinks_) sink->on_message(channel, message);
  }
  void on_end(pipe::ChannelId channel, media::EndReason reason) override {
    for (auto* sink : sinks_) sink->on_end(channel, reason);
  }

 private:
  std::vector<pipe::PipeSink*> sinks_;
};

hls::StreamSettings hls_settings(hls::Format format, bool low_latency) {
  hls::StreamSettings settings;
  settings.presentation.format = format;
  settings.presentation.rendition.in_memory = true;
  settings.presentation.rendition.target = settings.cut.target = std::chrono::milliseconds(200);
  if (low_latency) settings.cut.part = std::chrono::milliseconds(80);
  return settings;
}

struct Totals {
  std::uint64_t inputs = 0, refused = 0, messages = 0, wire_bytes = 0, findings = 0;
};

void run(const Input& input, Totals& totals) {
  const Clock clock;
  const bool low_latency = totals.inputs % 2 == 0;
  hls::Streams ts(hls_settings(hls::Format::ts, false), "", {}, {}, clock, quiet());
  hls::Streams fmp4(hls_settings(hls::Format::fmp4, low_latency), "", {}, {}, clock, quiet());
  Logs logs;
  probe::StreamList probed;
  probe::WallMs wall = 0;
  probe::FlvStreams probe(probed, "", 0, [&] { return wall += 5; });
  All all({&ts, &fmp4, &logs, &probe});
  pipe::PipeReader reader(all, "");
  Result<void> taken;
  for (std::span<const std::uint8_t> left(input); taken && !left.empty();) {
    const auto room = reader.prepare();
    const std::size_t size = std::min(room.size(), left.size());
    std::copy_n(left.begin(), size, room.begin());
    taken = reader.commit(size);
    left = left.subspan(size);
  }
  const auto finished = reader.finish();
  probe::Report report;
  report.streams = &probed;
  for (const auto& stream : probed) totals.findings += probe::find_faults(stream).size();
  totals.wire_bytes += logs.bytes() + probe::as_table(report).size() + probe::as_json(report).dump().size();
  totals.messages += logs.messages();
  totals.refused += !taken || !finished;
  ++totals.inputs;
}

void truncate_everywhere(const Input& whole, std::size_t step, Totals& totals) {
  for (std::size_t size = 0; size < whole.size(); size += step)
    run(Input(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), totals);
}

// Where the tags' payloads begin: their first bytes are headers.
std::vector<std::size_t> payloads_of(const Input& whole) {
  std::vector<std::size_t> found;
  for (std::size_t at = 13; at + 11 < whole.size();) {
    found.push_back(at + 11);
    at += 15 + (std::size_t{whole[at + 1]} << 16 | std::size_t{whole[at + 2]} << 8 | whole[at + 3]);
  }
  return found;
}

// Flips one to eight bits: half of them in the first 64 bytes of a payload, where the headers are, the rest
// anywhere.
Input flipped(const Input& whole, const std::vector<std::size_t>& payloads, std::mt19937& random) {
  Input input = whole;
  for (unsigned left = 1 + random() % 8; left > 0; --left) {
    std::size_t at = random() % input.size();
    if (random() % 2 == 0)
      at = std::min(payloads[random() % payloads.size()] + random() % 64, input.size() - 1);
    input[at] ^= static_cast<std::uint8_t>(1u << random() % 8);
  }
  return input;
}

Input read_file(const char* name) {
  std::ifstream file(name, std::ios::binary);
  return Input(std::istreambuf_iterator<char>(file), {});
}

int usage() {
  std::fprintf(stderr, "usage: test-flv-stages truncate STEP FILE... | flip COUNT SEED FILE...\n");
  return 2;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<const char*> words(arguments + 1, arguments + count);
  const bool flips = !words.empty() && words[0] == std::string("flip");
  if (words.size() < (flips ? 4u : 3u)) return usage();
  const int number = std::atoi(words[1]);
  if (number < 1) return usage();
  Totals totals;
  const auto names = std::span(words).subspan(flips ? 3 : 2);
  for (const char* name : names) {
    const Input whole = read_file(name);
    if (whole.size() < 100) return std::fprintf(stderr, "%s: no FLV\n", name), 1;
    if (!flips) {
      truncate_everywhere(whole, static_cast<std::size_t>(number), totals);
      continue;
    }
    const auto payloads = payloads_of(whole);
    const unsigned first = static_cast<unsigned>(std::atoi(words[2]));
    for (unsigned seed = first; seed < first + static_cast<unsigned>(number); ++seed) {
      std::fprintf(stderr, "flip 1 %u %s\n", seed, name);
      std::mt19937 random(seed);
      run(flipped(whole, payloads, random), totals);
    }
  }
  std::printf("inputs %llu refused %llu messages %llu wire_bytes %llu findings %llu\n",
              static_cast<unsigned long long>(totals.inputs), static_cast<unsigned long long>(totals.refused),
              static_cast<unsigned long long>(totals.messages),
              static_cast<unsigned long long>(totals.wire_bytes),
              static_cast<unsigned long long>(totals.findings));
}
