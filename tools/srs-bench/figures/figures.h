// The measurements: per player or publisher, per thread, and in all.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "srs-bench/figures/costs.h"
#include "srs-bench/figures/histogram.h"
#include "srs-bench/figures/hls_figures.h"

namespace srs::bench {

using Microseconds = std::chrono::microseconds;

// waiting: not started yet. starting: until the first media, or until a publisher is accepted. ended: the
// server ended the stream.
enum class ClientState : std::uint8_t { waiting, starting, running, ended, failed };

// Of one player or publisher. Times count from the start of connecting.
struct ClientFigures {
  ClientState state = ClientState::waiting;
  std::string failure;              // cause of a failure; of a starting client: what it waits for
  std::string detail;               // the server's message on a failure, for people
  std::uint64_t bytes = 0;          // received by a player, sent by a publisher
  std::uint64_t bytes_at_mark = 0;  // when the measured time began
  std::uint64_t video_frames = 0;   // received by a verified player, sent by a publisher
  std::uint64_t audio_frames = 0;
  std::uint64_t messages = 0;
  std::uint64_t stalls = 0;
  std::uint64_t reconnects = 0;
  std::optional<Microseconds> first_byte;  // of a publisher: until it was accepted
  std::optional<Microseconds> first_frame;
  std::optional<Microseconds> first_key_frame;
};

// Findings of verified players: counters from their start on, histograms in the measured time only.
struct VerifiedFigures {
  std::uint64_t players = 0;
  std::uint64_t messages = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t timestamp_gaps = 0;
  std::uint64_t mismatched = 0;  // messages that differ from the reference
  Histogram frame_gaps;          // wall time between frames
  Histogram latency;             // since the message was due at its publisher

  void add(const VerifiedFigures& other);
};

// Of all clients of a thread: filled by that thread, read after its end.
struct ThreadFigures {
  VerifiedFigures verified;
  HlsFigures hls;
  Histogram lateness;  // of a publisher's messages against their timestamps
  bool measuring = false;
};

// Of one thread, for the progress line: written by the thread, read by main.
struct Progress {
  std::atomic<std::uint64_t> running{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> done{0};  // failed and ended
  std::atomic<std::uint64_t> bytes{0};
};

// Counts why clients got nothing. Causes may contain a server's text: beyond causes_max of them they count as
// "other causes".
class Failures {
 public:
  static constexpr std::size_t causes_max = 64;

  struct Count {
    std::uint64_t clients = 0;
    std::string detail;  // of the first client
  };

  void add(const std::string& cause, const std::string& detail);
  const std::map<std::string, Count>& causes() const { return causes_; }

 private:
  std::map<std::string, Count> causes_;
};

// In all.
struct Totals {
  std::uint64_t requested = 0, started = 0, running = 0, ended = 0, failed = 0, without_media = 0;
  Failures failures, waiting;  // of failed clients, and of those without media
  std::uint64_t bytes = 0, video_frames = 0, audio_frames = 0, messages = 0, stalls = 0, reconnects = 0;
  Histogram first_byte, first_frame, first_key_frame, lateness;
  VerifiedFigures verified;
  HlsFigures hls;
  DeliveryFigures deliveries;
  bool compared = false;  // with a reference
  Costs costs;
  // Rates of the clients that did not fail, over the measured time; bits per second.
  double measured_seconds = 0;
  std::uint64_t measured_bytes = 0;
  double total_bps = 0;
  std::vector<double> client_bps;  // sorted

  void add(const ClientFigures& client);
  void add(const ThreadFigures& thread);
  // Call it once all are added.
  void finish();
};

}  // namespace srs::bench
