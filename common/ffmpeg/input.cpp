#include "ffmpeg/input.h"

#include <fmt/format.h>

#include <cctype>
#include <thread>

#include "ffmpeg/log.h"
#include "net/url_display.h"

namespace srs::ffmpeg {

using std::chrono::steady_clock;

std::string scheme_of(const std::string& url) {
  const auto colon = url.find(':');
  if (colon == url.npos || colon == 0) return {};
  std::string scheme;
  for (const char c : url.substr(0, colon)) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '+' && c != '-' && c != '.') return {};
    scheme += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  // FFmpeg takes a name with a colon in it for a URL only if it knows the protocol, or "//" follows.
  return url.compare(colon, 3, "://") == 0 || scheme == "udp" || scheme == "pipe" ? scheme : "";
}

std::string shown_url(const std::string& url) {
  return scheme_of(url).empty() ? url : net::display_url(url);
}

FfmpegInput::FfmpegInput(std::string name, std::chrono::milliseconds network_timeout, std::stop_token stop)
    : name_(std::move(name)), timeout_(network_timeout), stop_(std::move(stop)) {}

FfmpegInput::~FfmpegInput() = default;

Result<std::unique_ptr<FfmpegInput>> FfmpegInput::open(const std::string& url,
                                                       std::chrono::milliseconds network_timeout,
                                                       std::stop_token stop) {
  const std::string scheme = scheme_of(url);
  const bool local = scheme.empty() || scheme == "file";
  std::unique_ptr<FfmpegInput> input(new FfmpegInput(
      shown_url(url), local ? std::chrono::milliseconds(0) : network_timeout, std::move(stop)));
  if (auto opened = input->open_url(url); !opened) return std::move(opened).error();
  input->choose_streams();
  return input;
}

int FfmpegInput::interrupted(void* self) {
  auto& input = *static_cast<FfmpegInput*>(self);
  if (input.stop_.stop_requested() || input.limit_->is_over()) return 1;
  return input.timeout_.count() > 0 && steady_clock::now() > input.deadline_;
}

Error FfmpegInput::failure(const std::string& context, int status) const {
  if (const std::string exceeded = limit_->exceeded_limit(); !exceeded.empty())
    return Error{Errc::too_large, exceeded}.in(context);
  if (status == AVERROR_EXIT || status == AVERROR(ETIMEDOUT))
    return Error{Errc::timed_out, fmt::format("nothing came for {} s", timeout_.count() / 1000.0)}.in(
        context);
  return ffmpeg_error(context, status);
}

Result<void> FfmpegInput::open_url(const std::string& url) {
  avformat_network_init();
  AVFormatContext* context = avformat_alloc_context();
  if (!context) throw std::bad_alloc();
  context->interrupt_callback = {&FfmpegInput::interrupted, this};
  AVDictionary* options = nullptr;
  limit_.emplace(*context, options);
  if (PipeIo::is_pipe(url)) {
    auto pipe = PipeIo::open(url, context->interrupt_callback);
    if (!pipe) return av_dict_free(&options), avformat_free_context(context), std::move(pipe).error();
    pipe_ = std::move(*pipe);
    context->pb = pipe_->context();
  }
  // UDP loses packets at these rates; a server that only speaks UDP is found at the second try.
  av_dict_set(&options, "rtsp_flags", "prefer_tcp", 0);
  deadline_ = steady_clock::now() + timeout_;
  limit_->begin_call();
  FfmpegErrorCapture capture;
  const int opened = avformat_open_input(&context, url.c_str(), nullptr, &options);
  av_dict_free(&options);
  const auto explain = [&](int status) {
    Error error = failure("cannot open " + name_, status);
    if (capture.may_be_shown() && error.code != Errc::timed_out) error.message += " (" + capture.text() + ")";
    return error;
  };
  if (opened < 0) return explain(opened);  // the context is freed already
  format_.reset(context);
  probed_since_ = std::chrono::system_clock::now();
  // Probing reads several seconds of a live source on purpose: they do not count as silence.
  deadline_ = steady_clock::now() + timeout_ + std::chrono::microseconds(context->max_analyze_duration);
  if (timeout_.count() > 0) deadline_ += std::chrono::seconds(5);
  if (const int probed = avformat_find_stream_info(context, nullptr);
      probed < 0 || !limit_->exceeded_limit().empty())
    return explain(probed);
  limit_->opened();
  return {};
}

void FfmpegInput::choose_streams() {
  const auto best = [this](AVMediaType type, int related) -> AVStream* {
    const int index = av_find_best_stream(format_.get(), type, -1, related, nullptr, 0);
    return index < 0 ? nullptr : format_->streams[index];
  };
  const auto is_cover = [](const AVStream* stream) {
    return (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  };
  video_ = best(AVMEDIA_TYPE_VIDEO, -1);
  if (video_ && is_cover(video_)) {
    video_ = nullptr;
    for (unsigned i = 0; i < format_->nb_streams && !video_; ++i) {
      AVStream* stream = format_->streams[i];
      if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !is_cover(stream)) video_ = stream;
    }
  }
  audio_ = best(AVMEDIA_TYPE_AUDIO, video_ ? video_->index : -1);
  for (unsigned i = 0; i < format_->nb_streams; ++i)
    if (format_->streams[i] != video_ && format_->streams[i] != audio_)
      format_->streams[i]->discard = AVDISCARD_ALL;
}

Result<bool> FfmpegInput::read(AVPacket& packet) {
  deadline_ = steady_clock::now() + timeout_;
  while (true) {
    // A new capture for every packet: only an error logged together with the end matters.
    FfmpegErrorCapture capture;
    limit_->begin_call();
    const int status = av_read_frame(format_.get(), &packet);
    if (stop_.stop_requested()) return false;
    if (status >= 0) {
      if ((video_ && packet.stream_index == video_->index) ||
          (audio_ && packet.stream_index == audio_->index))
        return true;
      av_packet_unref(&packet);
    } else if (status == AVERROR(EAGAIN)) {
      if (interrupted(this)) return failure(name_, AVERROR_EXIT);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    } else if (status == AVERROR_EOF) {
      // A connection that broke looks like the end to some demuxers.
      const int broken = format_->pb ? format_->pb->error : 0;
      if (broken < 0 && broken != AVERROR_EOF) return failure(name_, broken);
      // So does a truncated file to FFmpeg, which only logs it.
      if (capture.text().find("partial file") != std::string::npos)
        return Error{Errc::invalid_data, name_ + ": it breaks off in the middle (" + capture.text() + ")"};
      return false;
    } else {
      return failure(name_, status);
    }
  }
}

}  // namespace srs::ffmpeg
