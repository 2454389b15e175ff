#include "ffmpeg/input_limit.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <string_view>

namespace srs::ffmpeg {
namespace {

constexpr std::chrono::milliseconds check_interval{2};

// In RAM (proc(5), statm); 0 if the system does not say.
std::size_t process_memory() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0, resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

InputLimit::InputLimit(AVFormatContext& context, AVDictionary*& options)
    : context_(context), open_(context.io_open) {
  context.opaque = this;
  context.io_open = open;
  av_dict_set(&options, "http_persistent", "0", 0);
}

void InputLimit::begin_call() {
  checked_at_ = {};
}

// The first check of a call sets its baseline: a call that waits for nothing costs nothing here.
bool InputLimit::is_over() {
  const auto now = std::chrono::steady_clock::now();
  if (has_grown_ || now - checked_at_ < check_interval) return has_grown_;
  const bool is_first = checked_at_ == std::chrono::steady_clock::time_point();
  checked_at_ = now;
  const std::size_t memory = process_memory();
  if (is_first) memory_before_ = memory;
  has_grown_ = memory > memory_before_ + max_growth_bytes;
  return has_grown_;
}

void InputLimit::opened() {
  is_open_ = true;
  if (std::string_view(context_.iformat->name) == "hls")
    av_opt_set_int(context_.priv_data, "http_persistent", 1, 0);
}

std::string InputLimit::exceeded_limit() const {
  if (has_grown_) return fmt::format("it takes more than {} MiB of memory", max_growth_bytes >> 20);
  if (urls_ > max_urls) return fmt::format("it leads to more than {} URLs", max_urls);
  return {};
}

int InputLimit::open(AVFormatContext* context, AVIOContext** io, const char* url, int flags,
                     AVDictionary** options) {
  auto& limit = *static_cast<InputLimit*>(context->opaque);
  if (limit.has_grown_) return AVERROR_EXIT;
  if (!limit.is_open_ && (limit.urls_ > max_urls || ++limit.urls_ > max_urls)) return AVERROR_EXIT;
  return limit.open_(context, io, url, flags, options);
}

}  // namespace srs::ffmpeg
