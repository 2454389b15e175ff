#include "srs-ingest/test_source/test_source.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <condition_variable>
#include <mutex>
#include <new>
#include <numbers>

#include "ffmpeg/flv_track.h"
#include "ffmpeg/log.h"
#include "ffmpeg/metadata.h"
#include "srs-ingest/ffmpeg/encoder.h"
#include "srs-ingest/test_source/test_picture.h"

namespace srs::ingest {
namespace {

using std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr int sample_rate = 48'000;
// Audio is generated this much ahead of its time, so that no picture waits for audio that precedes it.
constexpr double audio_lead_s = 0.1;
// Further behind than this (after the machine slept), time is skipped instead of caught up.
constexpr double max_lag_s = 1.0;
constexpr std::int64_t max_span_ms = 400;

std::string utc_clock() {
  using namespace std::chrono;
  const auto now = floor<milliseconds>(system_clock::now());
  const auto whole = floor<seconds>(now);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03} UTC", fmt::gmtime(system_clock::to_time_t(whole)),
                     (now - whole).count());
}

ffmpeg::FfmpegPtr<AVCodecParameters> parameters_of(const AVCodecContext& encoder) {
  ffmpeg::FfmpegPtr<AVCodecParameters> parameters(avcodec_parameters_alloc());
  if (!parameters || avcodec_parameters_from_context(parameters.get(), &encoder) < 0) throw std::bad_alloc();
  return parameters;
}

// One kind of media: an encoder, its output tags, and its position.
struct Generator {
  ffmpeg::FfmpegPtr<AVCodecContext> encoder;
  ffmpeg::FfmpegPtr<AVCodecParameters> parameters;
  ffmpeg::FfmpegPtr<AVFrame> frame = ffmpeg::make_frame();
  std::unique_ptr<ffmpeg::FlvTrack> track;
  std::size_t lane = 0;
  std::int64_t position = 0;  // of the next frame, in the encoder's time base

  double position_s() const { return static_cast<double>(position) * av_q2d(encoder->time_base); }
};

// One run of the source.
class TestRun {
 public:
  TestRun(const TestSettings& settings, MediaSink& sink, const cli::Log& log, std::stop_token stop)
      : settings_(settings),
        sink_(sink),
        log_(log),
        stop_(std::move(stop)),
        picture_(settings.width, settings.height),
        interleaver_(static_cast<std::size_t>(settings.video) + static_cast<std::size_t>(settings.audio),
                     max_span_ms) {}

  Result<void> run();

 private:
  Result<void> open();
  Result<void> open_video();
  Result<void> open_audio();
  void start(Generator& generator, ffmpeg::FfmpegPtr<AVCodecContext> encoder, AVRational frame_rate);
  Result<void> make_picture();
  Result<void> make_sound();
  Result<void> emit(Generator& generator, const AVFrame* frame);
  void write_ready();
  bool wait_until(double at_s);
  // Skips the frames that were due in the lost time.
  void skip_lost_time(double due_s);
  bool is_over(const Generator& generator) const {
    return settings_.duration && generator.position_s() >= Seconds(*settings_.duration).count();
  }
  double elapsed_s() const { return Seconds(steady_clock::now() - start_).count(); }

  const TestSettings& settings_;
  MediaSink& sink_;
  const cli::Log& log_;
  std::stop_token stop_;
  TestPicture picture_;
  ffmpeg::Interleaver interleaver_;
  std::optional<Generator> video_;
  std::optional<Generator> audio_;
  std::int64_t last_key_ = -1;  // number of the GOP begun by the last key frame
  steady_clock::time_point start_ = steady_clock::now();
  std::mutex sleep_mutex_;
  std::condition_variable_any sleep_;
};

void TestRun::start(Generator& generator, ffmpeg::FfmpegPtr<AVCodecContext> encoder, AVRational frame_rate) {
  generator.encoder = std::move(encoder);
  generator.parameters = parameters_of(*generator.encoder);
  generator.track =
      std::make_unique<ffmpeg::FlvTrack>(*generator.parameters, generator.encoder->time_base, frame_rate);
}

Result<void> TestRun::open_video() {
  VideoEncoding encoding;
  encoding.width = settings_.width;
  encoding.height = settings_.height;
  encoding.time_base = {1, settings_.rate};
  encoding.frame_rate = {settings_.rate, 1};
  encoding.sample_aspect_ratio = {1, 1};
  encoding.preset = "superfast";
  encoding.bitrate = settings_.bitrate;
  encoding.threads = 1;
  encoding.max_gop_frames = 60 * settings_.rate;
  auto encoder = open_h264_encoder(encoding);
  if (!encoder) return std::move(encoder).error();
  video_.emplace();
  start(*video_, std::move(*encoder), encoding.frame_rate);
  AVFrame& frame = *video_->frame;
  frame.format = AV_PIX_FMT_YUV420P;
  frame.width = settings_.width;
  frame.height = settings_.height;
  if (av_frame_get_buffer(&frame, 0) < 0) throw std::bad_alloc();
  return {};
}

Result<void> TestRun::open_audio() {
  AudioEncoding encoding;
  encoding.sample_rate = sample_rate;
  auto encoder = open_aac_encoder(encoding);
  if (!encoder) return std::move(encoder).error();
  audio_.emplace();
  audio_->lane = video_ ? 1 : 0;
  start(*audio_, std::move(*encoder), {0, 1});
  AVFrame& frame = *audio_->frame;
  frame.format = AV_SAMPLE_FMT_FLTP;
  frame.sample_rate = sample_rate;
  frame.nb_samples = audio_->encoder->frame_size;
  av_channel_layout_copy(&frame.ch_layout, &audio_->encoder->ch_layout);
  if (av_frame_get_buffer(&frame, 0) < 0) throw std::bad_alloc();
  return {};
}

Result<void> TestRun::open() {
  if (settings_.video)
    if (auto opened = open_video(); !opened) return opened;
  if (settings_.audio)
    if (auto opened = open_audio(); !opened) return opened;
  ffmpeg::StreamDescription description;
  if (video_) description.video = video_->parameters.get();
  if (audio_) description.audio = audio_->parameters.get();
  description.frame_rate = {settings_.rate, 1};
  sink_.write(flv::TagType::script, 0, ffmpeg::build_metadata(description));
  return {};
}

Result<void> TestRun::emit(Generator& generator, const AVFrame* frame) {
  std::vector<ffmpeg::TimedTag> tags;
  Result<void> added;
  const PacketSink take = [&](AVPacket& packet) {
    if (auto result = generator.track->add(packet, tags); !result) added = std::move(result);
  };
  if (auto encoded = encode(*generator.encoder, frame, take); !encoded) return encoded;
  for (ffmpeg::TimedTag& tag : tags) interleaver_.push(generator.lane, std::move(tag));
  write_ready();
  return added;
}

void TestRun::write_ready() {
  while (auto tag = interleaver_.pop()) sink_.write(tag->type, tag->dts_ms, std::move(tag->payload));
}

Result<void> TestRun::make_picture() {
  AVFrame& frame = *video_->frame;
  if (av_frame_make_writable(&frame) < 0) throw std::bad_alloc();
  const std::int64_t number = video_->position++;
  picture_.draw(frame, number, utc_clock(), fmt::format("FRAME {}", number));
  frame.pts = number;
  const std::int64_t gop = number * 1000 / settings_.rate / settings_.gop.count();
  frame.pict_type = gop != last_key_ ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  last_key_ = gop;
  return emit(*video_, &frame);
}

Result<void> TestRun::make_sound() {
  AVFrame& frame = *audio_->frame;
  if (av_frame_make_writable(&frame) < 0) throw std::bad_alloc();
  const double step = 2 * std::numbers::pi * settings_.tone_hz / sample_rate;
  for (int i = 0; i < frame.nb_samples; ++i) {
    const auto sample = static_cast<float>(
        0.125 * std::sin(step * static_cast<double>((audio_->position + i) % sample_rate)));
    for (int channel = 0; channel < frame.ch_layout.nb_channels; ++channel)
      reinterpret_cast<float*>(frame.extended_data[channel])[i] = sample;
  }
  frame.pts = audio_->position;
  audio_->position += frame.nb_samples;
  return emit(*audio_, &frame);
}

// False: stop was requested.
bool TestRun::wait_until(double at_s) {
  const auto at = start_ + std::chrono::duration_cast<steady_clock::duration>(Seconds(at_s));
  std::unique_lock lock(sleep_mutex_);
  sleep_.wait_until(lock, stop_, at, [] { return false; });
  return !stop_.stop_requested();
}

void TestRun::skip_lost_time(double due_s) {
  const double now = elapsed_s();
  log_.warning_by({"test picture is late", {}},
                  "the test picture cannot keep up with the clock: {:.1f} s are left out; ask for less, like "
                  "test:?size=640x360&rate=15",
                  now - due_s);
  if (video_) video_->position = std::max(video_->position, static_cast<std::int64_t>(now * settings_.rate));
  if (audio_) {
    // Whole frames only, otherwise the encoder's times would be wrong.
    const std::int64_t size = audio_->frame->nb_samples;
    audio_->position = std::max(audio_->position, static_cast<std::int64_t>(now * sample_rate) / size * size);
  }
}

Result<void> TestRun::run() {
  if (auto opened = open(); !opened) return opened;
  start_ = steady_clock::now();
  while (true) {
    // Each ends by its own time, since audio is ahead of video.
    const double sound_s = audio_ && !is_over(*audio_) ? audio_->position_s() - audio_lead_s : INFINITY;
    const double picture_s = video_ && !is_over(*video_) ? video_->position_s() : INFINITY;
    const bool sound_is_next = sound_s < picture_s;
    const double due_s = std::min(sound_s, picture_s);
    if (due_s == INFINITY) break;
    if (!wait_until(due_s)) return {};
    if (elapsed_s() - due_s > max_lag_s) {
      skip_lost_time(due_s);
      continue;
    }
    if (auto made = sound_is_next ? make_sound() : make_picture(); !made) return made;
  }
  for (auto* generator : {&video_, &audio_}) {
    if (!*generator) continue;
    if (auto emitted = emit(**generator, nullptr); !emitted) return emitted;
    interleaver_.end((*generator)->lane);
  }
  write_ready();
  return {};
}

class TestSource final : public Source {
 public:
  TestSource(std::string url, const cli::Log& log) : url_(std::move(url)), log_(log) {}

  std::string display() const override { return "test " + url_; }
  bool tells_tracks() const override { return true; }
  bool is_live() const override { return true; }

  Result<void> run(MediaSink& sink, std::stop_token stop) override {
    ffmpeg::send_ffmpeg_log_to(log_);
    const auto settings = parse_test_url(url_);
    if (!settings) return settings.error();
    if (settings->video)
      log_.info("test picture: {}x{} at {} frames/s, H.264 at {} kbit/s", settings->width, settings->height,
                settings->rate, settings->bitrate / 1000);
    if (settings->audio) log_.info("test tone: {} Hz, AAC", settings->tone_hz);
    return TestRun(*settings, sink, log_, std::move(stop)).run();
  }

 private:
  const std::string url_;
  const cli::Log& log_;
};

}  // namespace

std::unique_ptr<Source> open_test_source(std::string url, const cli::Log& log) {
  return std::make_unique<TestSource>(std::move(url), log);
}

}  // namespace srs::ingest
