#include "srs-ingest/ffmpeg/ffmpeg_source.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "ffmpeg/input.h"
#include "ffmpeg/log.h"
#include "srs-ingest/ffmpeg/ffmpeg_session.h"

namespace srs::ingest {
namespace {

class FfmpegSource final : public Source {
 public:
  FfmpegSource(std::string url, const FfmpegOptions& options, const cli::Log& log)
      : url_(std::move(url)), options_(options), log_(log) {}

  std::string display() const override {
    const std::string scheme = ffmpeg::scheme_of(url_);
    return (scheme.empty() ? "file" : scheme) + " " + ffmpeg::shown_url(url_);
  }

  bool tells_tracks() const override { return true; }
  bool is_live() const override {
    static constexpr std::array<std::string_view, 12> live = {
        "rtsp", "rtsps", "rtmp", "rtmps", "rtmpt", "rtp", "srtp", "udp", "srt", "rist", "mmst", "mmsh"};
    const std::string scheme = ffmpeg::scheme_of(url_);
    return std::find(live.begin(), live.end(), scheme) != live.end();
  }

  Result<void> run(MediaSink& sink, std::stop_token stop) override {
    ffmpeg::send_ffmpeg_log_to(log_);
    auto input = ffmpeg::FfmpegInput::open(url_, options_.network_timeout, stop);
    if (stop.stop_requested()) return {};
    if (!input) return std::move(input).error();
    if (is_live()) sink.held_back_since((*input)->probed_since());
    FfmpegSession session(**input, ffmpeg::shown_url(url_), sink, log_);
    return session.run(is_live());
  }

 private:
  const std::string url_;
  const FfmpegOptions options_;
  const cli::Log& log_;
};

}  // namespace

std::unique_ptr<Source> open_ffmpeg_source(std::string url, const FfmpegOptions& options,
                                           const cli::Log& log) {
  return std::make_unique<FfmpegSource>(std::move(url), options, log);
}

}  // namespace srs::ingest
