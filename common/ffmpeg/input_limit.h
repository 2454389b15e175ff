// InputLimit bounds what FFmpeg uses to open an input, and to read a packet of it.
//
// A playlist may refer to playlists, and FFmpeg keeps each of them until it has read them all; it also keeps
// each line of a playlist, however long that is. A server can go on with either until the time-out.
//
//     InputLimit limit(*context, options);
//     limit.begin_call();
//     avformat_open_input(&context, ...);   // its interrupt callback asks limit.is_over()
//     limit.opened();
#pragma once

extern "C" {
#include <libavformat/avformat.h>
}

#include <chrono>
#include <cstddef>
#include <string>

namespace srs::ffmpeg {

class InputLimit {
 public:
  // Enough for a multivariant playlist with its media playlists, keys, init sections and first segments;
  // FFmpeg keeps 170 KB for each playlist.
  static constexpr int max_urls = 256;
  // How much the process may grow in a call. FFmpeg asks before each read, and makes up to 130 MiB of one (32
  // KB that name 760 playlists): by so much it may exceed this for a moment.
  static constexpr std::size_t max_growth_bytes = 256u << 20;

  // Uses io_open and opaque of the context, and must outlive it. options: for avformat_open_input; until
  // opened() each URL of HLS has a connection of its own, since one on a kept connection is not seen.
  InputLimit(AVFormatContext& context, AVDictionary*& options);
  InputLimit(const InputLimit&) = delete;
  InputLimit& operator=(const InputLimit&) = delete;

  void begin_call();
  // Whether the call must end. Checks the memory every 2 ms.
  bool is_over();
  // From here on any number of URLs: the media of a live stream has no end.
  void opened();

  // The limit that was exceeded, "it leads to more than 256 URLs"; empty: none.
  std::string exceeded_limit() const;

 private:
  static int open(AVFormatContext* context, AVIOContext** io, const char* url, int flags,
                  AVDictionary** options);

  AVFormatContext& context_;
  decltype(AVFormatContext::io_open) open_;  // FFmpeg's own
  int urls_ = 0;
  bool is_open_ = false;
  bool has_grown_ = false;
  std::size_t memory_before_ = 0;  // of the process, when the call began
  std::chrono::steady_clock::time_point checked_at_{};
};

}  // namespace srs::ffmpeg
