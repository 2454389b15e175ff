// VideoRepair gives codecs with NAL units (H.264, HEVC) the form of FLV, for publishers and sources that send
// another one.
//
// In FLV a configuration comes first, and pictures are NAL units with lengths in front. What else occurs:
//
// clang-format off
//   parameter sets that change in the stream   a new configuration is put before that picture, for later
//                                              players, recordings and HLS
//   pictures without any configuration         one is made of the parameter sets in the stream; pictures
//                                              before these cannot be decoded and are left out
//   start codes instead of lengths (Annex B)   are turned into lengths
// clang-format on
//
// Messages of several tracks at once and other codecs pass unchanged. Memory is bounded: parameter sets of 64
// KiB for each of eight tracks. One thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.h"
#include "codec/parameter_sets.h"
#include "flv/payload.h"
#include "media/message.h"

namespace srs::media {

class VideoRepair {
 public:
  static constexpr std::size_t max_tracks = 8;

  // Appends what replaces the message: usually itself, sometimes a configuration before it, or nothing.
  void process(Message message, std::vector<Message>& out);
  // What occurred for the first time, in words, one at a time; usually none.
  std::optional<std::string> pop_note();

  // process(), which passes its output to `forward` and logs its notes with the path of the stream; log: may
  // be null.
  template <class Forward>
  void pass(Message message, const std::string& path, const cli::Log* log, Forward forward) {
    if (!message.is_video()) return forward(std::move(message));
    output_.clear();
    process(std::move(message), output_);
    if (log != nullptr) log_notes(path, *log);
    for (Message& each : output_) forward(std::move(each));
  }

 private:
  struct Track {
    codec::VideoCodec codec = codec::VideoCodec::unknown;
    std::optional<codec::ParameterSets> sets;
    unsigned length_size = 4;
    bool configured = false;  // a configuration was passed on
    // The last configuration received, and whether parameter sets in the stream have replaced it. An encoder
    // may keep repeating it: a repetition is held until the next key frame shows whether it is valid again.
    std::vector<std::uint8_t> record;
    bool replaced = false;
    std::optional<Message> repeated;
  };

  void process_header(Track& track, const flv::VideoPayload& video, Message message,
                      std::vector<Message>& out);
  void apply_header(Track& track, Bytes record, Message message, std::vector<Message>& out);
  void process_picture(Track& track, const flv::VideoPayload& video, Message message,
                       std::vector<Message>& out);
  void resolve_repeated(Track& track, Bytes key_frame, bool is_annex_b, std::vector<Message>& out);
  bool append_header(Track& track, const flv::VideoPayload& video, const Message& like,
                     std::vector<Message>& out);
  void note(bool& reported, std::string_view text);
  void log_notes(const std::string& path, const cli::Log& log);

  std::array<Track, max_tracks> tracks_;
  std::vector<Message> output_;     // of pass()
  std::vector<std::string> notes_;  // not popped yet
  bool reported_annex_b_ = false, reported_built_ = false, reported_refused_ = false;
};

}  // namespace srs::media
