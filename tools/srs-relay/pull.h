// Pull: one stream, fetched from one origin after another for as long as somebody plays it.
//
// Each origin is asked in turn until one has the stream. When it is lost - the connection breaks, or nothing
// comes for the time-out - the next one is asked; players stay, and a Splice joins what the next one brings
// to what there was. An origin that asks us to leave is read until another one has brought a frame.
//
// It begins with the permit of who wants the stream; those of other players of it that an origin has admitted
// since are kept, for the day on which the first one is no longer good.
//
// One coroutine on the main thread. It ends when the stream has ended at its origin, when no origin has had
// it for the grace time, or when nobody plays it any more.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub.h"
#include "media/script_budget.h"
#include "media/splice.h"
#include "origins.h"
#include "pull_source.h"
#include "pulls.h"
#include "shares.h"
#include "successor.h"
#include "wanted.h"

namespace srs::relay {

class Pull : public std::enable_shared_from_this<Pull> {
 public:
  using Clock = std::chrono::steady_clock;

  // share: of the streams that are looked for; given back once it plays. not_before: when to ask first.
  Pull(Pulls& pulls, const Wanted& wanted, Shares::Share share, Clock::time_point not_before);

  asio::awaitable<void> run();
  // Ends it and its stream now.
  void stop();
  // Several times within a time-out: ends it if there was no player for the linger time, and tells those who
  // fetch from us if nothing comes.
  void tend(Clock::time_point now);

  // Of the connection that plays; null if there is none.
  std::shared_ptr<const PullState> state() const { return state_.lock(); }
  // Breaks it, through no fault of its origin.
  void cut_off();

  const std::string& path() const { return wanted_.path; }
  // The one that it was begun with, and the one that it asks with now.
  const std::string& first_permit() const { return wanted_.permit; }
  const std::string& permit() const { return permits_.front(); }
  // Another one that is good for this stream.
  void add_permit(const std::string& permit);
  // An origin is being asked, or plays. Else it waits to try again.
  bool is_trying() const { return is_trying_; }

 private:
  // What came of an origin.
  enum class Outcome {
    missing,  // it does not have the stream
    failed,   // it could not be reached, or brought nothing
    lost,     // it brought something and broke off
    ended,    // it said that the stream is over
  };
  // What came of asking all origins.
  enum class Round {
    nothing,
    denied,  // the permit is not good, and nobody has the stream
    played,
    admitted,  // the permit is good; another pull fetches the stream
  };

  asio::awaitable<Round> ask_all();
  asio::awaitable<Outcome> play(std::unique_ptr<PullSource> source);
  bool take_first(PullSource& source, std::vector<media::Message> first);
  void look_for_successor(PullSource& source);
  // False: there is nothing to go on with any more.
  bool go_on_after(Round round);
  asio::awaitable<void> sleep(std::chrono::milliseconds time);
  Outcome judge(const PullSource& source, const Error& error, bool brought_any);
  // True if it was a new frame.
  bool take(media::Message message);
  void begin_source(const PullSource& source);
  bool begin_stream();
  void end_if_idle(Clock::time_point now);
  // An origin that is a relay may be looking for another origin itself: how long it may be silent.
  std::chrono::milliseconds patience() const;
  void take_stall_note(unsigned relays);
  void tell_stall();
  void add_clock(const media::Message& message);
  bool may_wait() const;
  void finish();

  PullQuestion question() const { return {path(), permit(), wanted_.via}; }

  Pulls& pulls_;
  const Wanted wanted_;
  std::deque<std::string> permits_;  // the one in use first; at least one
  std::optional<Shares::Share> search_;
  const Clock::time_point not_before_;
  std::shared_ptr<Successor> successor_;  // while one is looked for
  Clock::time_point look_again_at_{};     // for one
  media::Splice splice_;
  std::vector<media::Message> spliced_;
  media::ScriptBudget scripts_;
  std::shared_ptr<Hub::Published> published_;  // from the first message on
  media::StreamInfo info_;                     // of the newest source
  OriginPtr newest_origin_;                    // that brought something
  std::weak_ptr<const PullState> state_;       // of what plays
  bool is_cut_off_ = false;                    // by an operator
  PullConnection* connection_ = nullptr;       // that is being opened or read
  asio::steady_timer timer_;
  Clock::time_point last_frame_at_{};
  Clock::time_point last_player_at_;
  Clock::time_point source_clock_at_{};  // when the source last told the time
  std::int64_t next_clock_ms_ = 0;
  Clock::time_point silent_since_{};
  unsigned stalled_relays_ = 0;  // before us, as they say, since anything came
  bool stall_told_ = false;
  bool is_trying_ = true;
  bool has_ended_ = false;  // as its origin said
  bool stopped_ = false;
};

}  // namespace srs::relay
