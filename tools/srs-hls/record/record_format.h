// RecordFormat: makes the bytes of a recording from a stream's messages, for one container.
//
// Recorder decides where files begin and end. A stream's format lives as long as the stream, and makes one
// file after another.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/log.h"
#include "media/message.h"
#include "srs-hls/outlets/outlet.h"
#include "srs-hls/record/record_options.h"
#include "srs-hls/tracks/tracks.h"

namespace srs::hls {

struct RecordDescription {
  std::vector<std::string> codecs;  // RFC 6381
  std::uint32_t width = 0, height = 0;
};

// Bytes that overwrite as many existing ones.
struct RecordPatch {
  std::uint64_t offset = 0;
  std::vector<std::uint8_t> bytes;
};

class RecordFormat {
 public:
  virtual ~RecordFormat() = default;

  virtual std::string_view suffix() const = 0;  // ".mp4"
  // How much media is kept in memory before it is written, in whole pieces.
  virtual std::int64_t piece_ms() const = 0;

  // Returns the frame, if it can be recorded; keeps headers and metadata for later.
  virtual std::optional<Frame> parse(const media::Message& message) = 0;
  virtual bool has(Track track) const = 0;
  // Whether the track's handling is known, even if it is left out.
  virtual bool known(Track track) const = 0;
  // A file has one configuration.
  virtual std::uint64_t configuration() const = 0;
  virtual RecordDescription describe() const = 0;

  // Begins a file, whose time 0 is the stream's base_ms.
  virtual void begin(std::int64_t base_ms) = 0;
  virtual void add(const Frame& frame) = 0;
  virtual std::size_t size_bytes() const = 0;  // added since the last flush
  // Returns a piece that the file may end with; the first one includes the file's head. next_picture_ms:
  // decoding time of the next picture, if known.
  virtual Content flush(std::optional<std::int64_t> next_picture_ms) = 0;
  // Ends the file after size_bytes flushed bytes. Returns the update of its head, if the container has one.
  virtual std::optional<RecordPatch> finish(std::uint64_t size_bytes, std::chrono::milliseconds duration) = 0;
};

// settings: for the planned duration of files.
std::unique_ptr<RecordFormat> make_record_format(const RecordSettings& settings, const std::string& path,
                                                 const cli::Log& log);

}  // namespace srs::hls
