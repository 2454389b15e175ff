// Pull: one stream, fetched from one origin after another for as long as somebody plays it.
//
// Each origin is asked in turn until one has the stream. When it is lost - the connection breaks, or nothing
// comes for the time-out - the next one is asked; players stay, and the publication joins what the next one
// brings to what there was. An origin that asks us to leave is read until another one has brought a frame.
//
// It begins with the permit of who wants the stream; those of other players of it that an origin has admitted
// since are kept, for the day on which the first one is no longer good.
//
// One coroutine on the main thread. It ends when the stream has ended at its origin, when no origin has had
// it for the grace time, or when nobody plays it any more.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "live/publication.h"
#include "net/timer.h"
#include "srs-relay/origins/origins.h"
#include "srs-relay/origins/pull_source.h"
#include "srs-relay/origins/pulls.h"
#include "srs-relay/origins/shares.h"
#include "srs-relay/origins/successor.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/streams/wanted.h"

namespace srs::relay {

class Pull : public std::enable_shared_from_this<Pull>, private live::StreamSink {
 public:
  // share: of the streams that are looked for; given back once it plays. not_before: when to ask first.
  Pull(Pulls& pulls, const Wanted& wanted, Shares::Share share, Clock::TimePoint not_before);

  // Keeps the pull until it has ended, also before its first turn.
  static asio::awaitable<void> run(std::shared_ptr<Pull> pull);
  // Ends it and its stream now.
  void stop();
  // Called several times within a time-out: ends it after the linger time without players, and notifies
  // relays that pull from us if nothing comes.
  void tick(Clock::TimePoint now);

  // Of the current connection; null if there is none.
  std::shared_ptr<const PullState> state() const { return state_.lock(); }
  // Closes it, without blaming the origin.
  void cut_off();

  const std::string& path() const { return wanted_.path; }
  // The permit that it began with, and the one that it uses now.
  const std::string& first_permit() const { return wanted_.permit; }
  const std::string& permit() const { return permits_.front(); }
  // Adds another permit that is good for this stream.
  void add_permit(const std::string& permit);
  // Whether an origin is being asked or plays. Else it waits to try again.
  bool is_trying() const { return is_trying_; }

 private:
  asio::awaitable<void> run();
  Clock::TimePoint now() const { return pulls_.clock().steady(); }
  // The outcome of one origin.
  enum class Outcome {
    missing,  // it does not have the stream
    failed,   // it could not be reached, or brought nothing
    lost,     // it brought something and broke off
    ended,    // it said that the stream is over
  };
  // The outcome of asking all origins.
  enum class Round {
    nothing,
    denied,  // the permit is not good, and nobody has the stream
    played,
    admitted,  // the permit is good; another pull fetches the stream
  };

  asio::awaitable<Round> ask_all();
  asio::awaitable<Outcome> play(std::unique_ptr<PullSource> source);
  bool push_first(PullSource& source, std::vector<media::Message> first);
  void look_for_successor(PullSource& source);
  // False: it ends.
  bool go_on_after(Round round);
  asio::awaitable<void> sleep(std::chrono::milliseconds time);
  Outcome judge(const PullSource& source, const Error& error, bool brought_any);
  // True if it was a new frame.
  bool push(media::Message message);
  void begin_source(const PullSource& source);
  std::unique_ptr<live::OpenStream> begin(const media::StreamInfo& info) override;
  void end_if_idle(Clock::TimePoint now);
  // How long the origin may be silent: a relay may itself be looking for another origin.
  std::chrono::milliseconds patience() const;
  void on_stall_note(unsigned relays);
  void report_stall();
  bool may_wait() const;
  void finish();

  PullQuestion question() const;

  Pulls& pulls_;
  const Wanted wanted_;
  std::deque<std::string> permits_;  // the one in use first; at least one
  std::optional<Shares::Share> search_;
  const Clock::TimePoint not_before_;
  std::shared_ptr<Successor> successor_;  // while one is looked for
  Clock::TimePoint look_again_at_{};      // for one
  live::Publication publication_;
  std::shared_ptr<Stream> stream_;        // from the first message on
  OriginPtr newest_origin_;               // that brought something
  std::weak_ptr<const PullState> state_;  // of what plays
  bool is_cut_off_ = false;               // by an operator
  PullConnection* connection_ = nullptr;  // that is being opened or read
  net::Timer timer_;
  Clock::TimePoint last_frame_at_{};
  Clock::TimePoint last_player_at_;
  Clock::TimePoint silent_since_{};
  unsigned stalled_relays_ = 0;  // upstream relays that report a stall, since the last sign of life
  bool reported_stall_ = false;
  bool is_trying_ = true;
  bool has_ended_ = false;  // as its origin said
  bool stopped_ = false;
};

}  // namespace srs::relay
