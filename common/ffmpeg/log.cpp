#include "ffmpeg/log.h"

extern "C" {
#include <libavutil/log.h>
}

#include <atomic>
#include <cstdarg>
#include <cstdio>

#include "net/url_display.h"

namespace srs::ffmpeg {
namespace {

// FFmpeg's callback has no user pointer, so the destination of its lines must be global.
std::atomic<const cli::Log*> destination = nullptr;
thread_local FfmpegErrorCapture* listener = nullptr;

std::string format_line(const char* format, va_list arguments) {
  char text[512];
  const int length = std::vsnprintf(text, sizeof text, format, arguments);
  if (length <= 0) return {};
  std::string line(text);
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  return net::display_urls_in(line);
}

void on_ffmpeg_line(void* object, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_WARNING) return;
  const cli::Log* log = destination.load(std::memory_order_acquire);
  const bool wanted = log && log->enabled(cli::LogLevel::debug);
  const bool captured = listener && level <= AV_LOG_ERROR;
  if (!wanted && !captured) return;
  const std::string line = format_line(format, arguments);
  if (line.empty()) return;
  if (captured) listener->on_line(line);
  if (!wanted) return;
  const AVClass* kind = object ? *static_cast<AVClass**>(object) : nullptr;
  log->debug("ffmpeg: {}: {}", kind ? kind->item_name(object) : "libav", line);
}

}  // namespace

void send_ffmpeg_log_to(const cli::Log& log) {
  destination.store(&log, std::memory_order_release);
  av_log_set_callback(on_ffmpeg_line);
}

FfmpegErrorCapture::FfmpegErrorCapture() {
  listener = this;
}
FfmpegErrorCapture::~FfmpegErrorCapture() {
  listener = nullptr;
}

void FfmpegErrorCapture::on_line(const std::string& line) {
  if (text_.empty()) text_ = line;
}

}  // namespace srs::ffmpeg
