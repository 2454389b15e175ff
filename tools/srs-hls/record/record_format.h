// RecordFormat: what makes the bytes of a recording out of a stream's messages, for one container.
//
// Recorder decides where files begin and end. A stream's format lives as long as the stream, and makes one
// file after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/log.h"
#include "media/message.h"
#include "outlet.h"
#include "record/record_options.h"
#include "tracks.h"

namespace srs::hls {

struct RecordDescription {
  std::vector<std::string> codecs;  // RFC 6381
  std::uint32_t width = 0, height = 0;
};

class RecordFormat {
 public:
  virtual ~RecordFormat() = default;

  virtual std::string_view suffix() const = 0;  // ".mp4"
  // How much media stands in memory before it is written, in whole pieces.
  virtual std::int64_t piece_ms() const = 0;

  // Takes note of what is no frame; the frame, if it is one that can be recorded.
  virtual std::optional<Frame> take(const media::Message& message) = 0;
  virtual bool has(Track track) const = 0;
  // Whether it is known what to do with the track, if only to leave it out.
  virtual bool known(Track track) const = 0;
  // A file has one configuration.
  virtual std::uint64_t configuration() const = 0;
  virtual RecordDescription describe() const = 0;

  // A file begins, whose time 0 is the stream's base_ms.
  virtual void begin(std::int64_t base_ms) = 0;
  virtual void add(const Frame& frame) = 0;
  virtual std::size_t size_bytes() const = 0;  // of what was added since the last flush
  // A piece that the file may end with; the file's first one has its head in front. next_picture_ms: when the
  // picture that follows is decoded, if known.
  virtual Content flush(std::optional<std::int64_t> next_picture_ms) = 0;
};

std::unique_ptr<RecordFormat> make_record_format(RecordContainer container, const std::string& path,
                                                 const cli::Log& log);

}  // namespace srs::hls
