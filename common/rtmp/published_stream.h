// Publishers' own: a stream that is published, or waits for its publisher to come back. Included by the files
// of Publishers only.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "media/script_budget.h"
#include "media/splice.h"
#include "media/timeline.h"
#include "media/track_notes.h"
#include "rtmp/publishers.h"

namespace srs::rtmp {

struct Publishers::Stream {
  using Clock = std::chrono::steady_clock;

  explicit Stream(asio::io_context& io) : grace_timer(io) {}

  media::StreamInfo info;
  media::Timeline timeline;
  std::optional<media::Splice> splice;  // instead, if it was begun by a relay
  std::string timeline_name;            // of the newest publisher; may be empty
  media::TrackNotes notes;
  std::uint64_t number = 0;  // of the newest publisher, among all
  std::string software;      // what it calls itself
  std::string address;       // of the newest publisher, without its port: counted in the quota
  Clock::time_point begun_at = Clock::now();
  Clock::time_point published_at{};
  std::uint64_t received_bytes = 0;        // from it
  std::weak_ptr<ServerSession> publisher;  // expired or replaced: none is alive
  bool alive = false;
  bool has_media = false;    // something came, ever
  bool waits_brief = false;  // counted in the quota
  bool told_left_out = false;
  Clock::time_point last_message{};
  media::ScriptBudget scripts;
  bool discontinuous = false;  // the next message is the first after a seam
  std::int64_t next_clock_ms = -1;
  asio::steady_timer grace_timer;
};

}  // namespace srs::rtmp
