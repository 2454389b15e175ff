// Packets of real encoders through FlvTrack: the resulting tags can be parsed.
#include "ffmpeg/flv_track.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "codec/aac.h"
#include "codec/avc.h"
#include "codec/nal.h"
#include "flv/payload.h"
#include "srs-ingest/ffmpeg/encoder.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::ingest;

namespace {

// The tags of `count` grey pictures; a key frame every fifth.
std::vector<ffmpeg::TimedTag> encode_pictures(int width, int height, int count) {
  av_log_set_level(AV_LOG_QUIET);
  VideoEncoding encoding;
  encoding.width = width;
  encoding.height = height;
  encoding.time_base = {1, 25};
  encoding.frame_rate = {25, 1};
  auto encoder = open_h264_encoder(encoding);
  REQUIRE(encoder);
  ffmpeg::FfmpegPtr<AVCodecParameters> parameters(avcodec_parameters_alloc());
  REQUIRE(avcodec_parameters_from_context(parameters.get(), encoder->get()) >= 0);
  ffmpeg::FlvTrack track(*parameters, encoding.time_base, encoding.frame_rate);
  std::vector<ffmpeg::TimedTag> tags;
  const PacketSink sink = [&](AVPacket& packet) { CHECK(track.add(packet, tags)); };
  const auto frame = ffmpeg::make_frame();
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = width;
  frame->height = height;
  for (int i = 0; i < count; ++i) {
    REQUIRE(av_frame_get_buffer(frame.get(), 0) >= 0);
    for (int plane = 0; plane < 3; ++plane)
      for (int y = 0; y < height >> (plane > 0); ++y)
        std::fill_n(frame->data[plane] + y * frame->linesize[plane], width >> (plane > 0),
                    static_cast<std::uint8_t>(64 + i));
    frame->pts = i;
    frame->pict_type = i % 5 == 0 ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    REQUIRE(encode(**encoder, frame.get(), sink));
    av_buffer_unref(&frame->buf[0]);
    av_buffer_unref(&frame->buf[1]);
    av_buffer_unref(&frame->buf[2]);
  }
  REQUIRE(encode(**encoder, nullptr, sink));
  return tags;
}

// An ADTS frame around these bytes.
ffmpeg::FfmpegPtr<AVPacket> adts_packet(std::uint32_t sample_rate, unsigned channels, std::int64_t dts) {
  const auto config = codec::parse_aac_config(codec::build_aac_config(sample_rate, channels));
  REQUIRE(config);
  const std::vector<std::uint8_t> frame = bytes_of("210005 00a01b 0000");
  const auto header = config->adts_header(frame.size());
  REQUIRE(header);
  auto packet = ffmpeg::make_packet();
  REQUIRE(av_new_packet(packet.get(), static_cast<int>(header->size() + frame.size())) >= 0);
  std::copy(header->begin(), header->end(), packet->data);
  std::copy(frame.begin(), frame.end(), packet->data + header->size());
  packet->dts = packet->pts = dts;
  return packet;
}

}  // namespace

TEST_CASE("H.264 from an encoder: a sequence header, then length-prefixed pictures") {
  const auto tags = encode_pictures(64, 48, 7);
  REQUIRE(tags.size() == 8);
  const auto header = flv::parse_video(tags[0].payload.bytes());
  REQUIRE(header);
  CHECK(header->kind == flv::PacketKind::sequence_start);
  const auto config = codec::parse_avc_config(header->body);
  REQUIRE(config);
  REQUIRE(config->sps.size() == 1);
  const auto sps = codec::parse_avc_sps(config->sps[0]);
  REQUIRE(sps);
  CHECK(sps->width == 64);
  CHECK(sps->height == 48);
  for (std::size_t i = 1; i < tags.size(); ++i) {
    const auto picture = flv::parse_video(tags[i].payload.bytes());
    REQUIRE(picture);
    CHECK(picture->kind == flv::PacketKind::coded_frames);
    CHECK(picture->key_frame == (i == 1 || i == 6));
    CHECK(picture->composition_time_ms == 0);
    CHECK(tags[i].dts_ms == static_cast<std::int64_t>(i - 1) * 40);
    codec::LengthPrefixedNals nals(picture->body, 4);
    int count = 0;
    while (nals.next()) ++count;
    CHECK(count > 0);
    CHECK_FALSE(nals.failed());
  }
}

TEST_CASE("ADTS becomes raw AAC; a new configuration becomes a new header") {
  ffmpeg::FfmpegPtr<AVCodecParameters> parameters(avcodec_parameters_alloc());
  parameters->codec_type = AVMEDIA_TYPE_AUDIO;
  parameters->codec_id = AV_CODEC_ID_AAC;
  ffmpeg::FlvTrack track(*parameters, {1, 1000}, {0, 1});
  std::vector<ffmpeg::TimedTag> tags;
  CHECK(track.add(*adts_packet(48000, 2, 0), tags));
  CHECK(track.add(*adts_packet(48000, 2, 21), tags));
  CHECK(track.add(*adts_packet(44100, 1, 43), tags));
  REQUIRE(tags.size() == 5);
  const auto config_in = [&](std::size_t index) {
    const auto payload = flv::parse_audio(tags[index].payload.bytes());
    REQUIRE(payload);
    CHECK(payload->kind == flv::PacketKind::sequence_start);
    const auto config = codec::parse_aac_config(payload->body);
    REQUIRE(config);
    return *config;
  };
  CHECK(config_in(0).sample_rate == 48000);
  CHECK(config_in(0).channels == 2);
  CHECK(config_in(3).sample_rate == 44100);
  CHECK(config_in(3).channels == 1);
  for (const std::size_t index : {1u, 2u, 4u}) {
    const auto frame = flv::parse_audio(tags[index].payload.bytes());
    REQUIRE(frame);
    CHECK(std::vector<std::uint8_t>(frame->body.begin(), frame->body.end()) ==
          bytes_of("210005 00a01b 0000"));
  }
}

TEST_CASE("AAC without a configuration is refused packet by packet") {
  ffmpeg::FfmpegPtr<AVCodecParameters> parameters(avcodec_parameters_alloc());
  parameters->codec_type = AVMEDIA_TYPE_AUDIO;
  parameters->codec_id = AV_CODEC_ID_AAC;
  ffmpeg::FlvTrack track(*parameters, {1, 1000}, {0, 1});
  const auto packet = ffmpeg::make_packet();
  REQUIRE(av_new_packet(packet.get(), 4) >= 0);
  std::fill_n(packet->data, 4, std::uint8_t{0x21});
  std::vector<ffmpeg::TimedTag> tags;
  CHECK_FALSE(track.add(*packet, tags));
  CHECK(tags.empty());
}
