// PipeIo reads a named pipe for FFmpeg.
//
// FFmpeg's own file reader would block in open() until there is a writer, and in read() until it writes,
// without asking its interrupt callback; here both end when the callback says so.
#pragma once

extern "C" {
#include <libavformat/avio.h>
}

#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"

namespace srs::ffmpeg {

class PipeIo {
 public:
  static bool is_pipe(const std::string& path);
  static Result<std::unique_ptr<PipeIo>> open(const std::string& path, const AVIOInterruptCB& interrupt);
  ~PipeIo();
  PipeIo(const PipeIo&) = delete;
  PipeIo& operator=(const PipeIo&) = delete;

  // For AVFormatContext::pb; owned by this.
  AVIOContext* context() const { return context_; }

 private:
  PipeIo(int fd, const AVIOInterruptCB& interrupt);
  static int read(void* self, std::uint8_t* to, int size);

  int fd_;
  AVIOInterruptCB interrupt_;
  AVIOContext* context_ = nullptr;
};

}  // namespace srs::ffmpeg
