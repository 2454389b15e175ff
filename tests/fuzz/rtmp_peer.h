// RtmpPeer makes a peer's RTMP output, after the handshake, from an input's choices: mostly well-formed
// chunks with commands in a meaningful order, so that a search gets far into a session; and raw bytes.
#pragma once

#include <array>
#include <vector>

#include "amf/value.h"
#include "choices.h"
#include "rtmp/message.h"

namespace srs::fuzz {

class RtmpPeer {
 public:
  // commands: the names that this side sends.
  RtmpPeer(Choices& choices, std::span<const char* const> commands)
      : choices_(choices), commands_(commands) {}

  // C0, C1 and C2, or S0, S1 and S2, of the simple handshake.
  static std::vector<std::uint8_t> handshake() {
    std::vector<std::uint8_t> bytes(1 + 2 * 1536);
    bytes[0] = 3;
    return bytes;
  }

  // The next step; there is none at the end of the input.
  std::vector<std::uint8_t> step() {
    const std::uint8_t what = choices_.u8();
    if (what % 16 == 8) return again(choices_.u8());
    last_ = next(what);
    return last_;
  }

 private:
  std::vector<std::uint8_t> next(std::uint8_t what) {
    switch (what % 8) {
      case 0:
        return raw(choices_.some());
      case 1:
        return control(what / 8);
      case 2:
        return message(what & 8 ? rtmp::MessageType::video : rtmp::MessageType::audio, choices_.some());
      case 3:
        return data(what / 8);
      case 4:
        return message(static_cast<rtmp::MessageType>(choices_.u8()), choices_.many());
      default:
        return command(what / 8);
    }
  }

  // Repeats the last message many times, like a peer that asks without end.
  std::vector<std::uint8_t> again(std::size_t times) {
    std::vector<std::uint8_t> all;
    for (; times > 0 && repeats_left_ > 0 && all.size() < most_repeated_bytes; --times, --repeats_left_)
      all.insert(all.end(), last_.begin(), last_.end());
    return all;
  }

  static std::vector<std::uint8_t> raw(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

  std::vector<std::uint8_t> control(std::uint8_t which) {
    static constexpr std::uint32_t values[] = {0, 1, 128, 4'096, 60'000, 0x7fffffff, 0x80000000, 0xffffffff};
    const auto type = static_cast<rtmp::MessageType>(1 + which % 6);
    const std::uint32_t value = values[choices_.below(std::size(values))];
    ByteWriter body;
    if (type == rtmp::MessageType::user_control) body.u16(choices_.u8() % 32);
    body.u32(value);
    if (type == rtmp::MessageType::set_peer_bandwidth) body.u8(choices_.u8());
    auto bytes = message(type, body.view());
    // The announced size applies to our own chunks.
    if (type == rtmp::MessageType::set_chunk_size && value > 0 && value < 0x80000000) chunk_size_ = value;
    return bytes;
  }

  std::vector<std::uint8_t> data(std::uint8_t which) {
    ByteWriter body;
    if (which & 1) body.u8(0);  // of AMF3 messages
    if (which & 2) amf::encode(amf::Value("@setDataFrame"), body);
    if (which & 4) amf::encode(amf::Value("onMetaData"), body);
    if (which & 8) body.u8(0x11);
    body.bytes(choices_.many());
    return message(which & 1 ? rtmp::MessageType::data_amf3 : rtmp::MessageType::data_amf0, body.view());
  }

  std::vector<std::uint8_t> command(std::uint8_t which) {
    const std::uint8_t name = choices_.u8();
    ByteWriter body;
    if (which & 16) body.u8(0);
    amf::encode(name < commands_.size() ? amf::Value(commands_[name]) : amf::Value(choices_.text()), body);
    amf::encode(amf::Value(static_cast<double>(choices_.u8())), body);
    for (std::size_t left = which % 4; left > 0; --left) amf::encode(value(), body);
    if (which & 8) body.bytes(choices_.some());  // any bytes
    return message(which & 16 ? rtmp::MessageType::command_amf3 : rtmp::MessageType::command_amf0,
                   body.view());
  }

  amf::Value value() {
    switch (choices_.u8() % 6) {
      case 0:
        return amf::Null{};
      case 1:
        return choices_.flag();
      case 2:
        return static_cast<double>(choices_.u8());
      case 3:
        return choices_.text();
      case 4:
        return member_object();
      default:
        return "live/x";
    }
  }

  // Keys that sessions read.
  amf::Value member_object() {
    static constexpr const char* keys[] = {
        "app",        "tcUrl",          "flashVer",    "objectEncoding",
        "fourCcList", "capsEx",         "via",         "timeline",
        "code",       "level",          "ex",          "redirect",
        "details",    "srsAnnotations", "description", "videoFourCcInfoMap"};
    static constexpr const char* texts[] = {
        "live", "rtmp://127.0.0.1/live", "NetStream.Play.Start", "NetStream.Publish.Start", "status",
        "error"};
    amf::Value object = amf::Value::object({});
    for (std::size_t left = choices_.below(5); left > 0; --left) {
      const char* const key = keys[choices_.below(std::size(keys))];
      const std::uint8_t which = choices_.u8();
      if (which < std::size(texts))
        object.set(key, texts[which]);
      else if (which & 1)
        object.set(key, choices_.text());
      else
        object.set(key, static_cast<double>(which));
    }
    return object;
  }

  // Type 0, then type 3 chunks, of the chunk size announced last.
  std::vector<std::uint8_t> message(rtmp::MessageType type, Bytes body) {
    time_ms_ += choices_.time_step_ms();
    const auto time = static_cast<std::uint32_t>(time_ms_);
    ByteWriter to;
    const std::uint8_t stream = type == rtmp::MessageType::audio   ? 4
                                : type == rtmp::MessageType::video ? 6
                                                                   : 3;
    to.u8(stream);
    to.u24(std::min(time, 0xffffffu));
    to.u24(body.size());
    to.u8(static_cast<std::uint8_t>(type));
    to.u32(0x01000000);
    for (bool first = true; first || !body.empty(); first = false) {
      if (!first) to.u8(0xc0 | stream);
      if (time >= 0xffffff) to.u32(time);
      const Bytes chunk = body.first(std::min(body.size(), chunk_size_));
      to.bytes(chunk);
      body = body.subspan(chunk.size());
    }
    return to.release();
  }

  Choices& choices_;
  const std::span<const char* const> commands_;
  std::size_t chunk_size_ = rtmp::default_chunk_size;
  std::int64_t time_ms_ = 0;
  static constexpr std::size_t most_repeated_bytes = 256 * 1024;
  std::size_t repeats_left_ = 6'000;
  std::vector<std::uint8_t> last_;
};

}  // namespace srs::fuzz
