// Internal to Publications: a stream that is being published, or waits for its publisher to come back.
#pragma once

#include <memory>
#include <string>

#include "live/publication.h"
#include "live/publications.h"
#include "media/track_notes.h"

namespace srs::live {

struct Publications::Entry {
  Entry(asio::io_context& io, StreamSink& sink, media::StreamInfo info, Publication::Options options,
        const Clock& clock)
      : publication(sink, std::move(info), std::move(options), clock),
        begun_at(clock.steady()),
        grace_timer(io, clock) {}

  Publication publication;
  media::TrackNotes notes;
  PublishRequest publisher;            // the newest
  std::shared_ptr<Publisher> session;  // the publisher's connection; null: none
  std::uint64_t number = 0;            // the publisher's Client::number
  std::string address;                 // the publisher's, without port: counted in the quota
  Clock::TimePoint begun_at;
  Clock::TimePoint published_at{};
  std::uint64_t received_before = 0;  // bytes, from earlier publishers
  bool waits_brief = false;           // counted in the quota
  bool reported_left_out = false;
  net::Timer grace_timer;
};

}  // namespace srs::live
