// RTMP commands and control messages (Adobe RTMP 1.0, sections 5.4, 6.2 and 7), as values and as bytes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "amf/value.h"
#include "rtmp/message.h"

namespace srs::rtmp {

struct Command {
  std::string name;
  double transaction_id = 0;
  std::vector<amf::Value> arguments;  // the command object first, often null

  // The n-th argument; empty if it is not a string.
  std::string_view text(std::size_t n) const;
};

// message: an AMF0 or AMF3 command.
Result<Command> parse_command(const Message& message);

enum class UserControl : std::uint16_t {
  stream_begin = 0,
  stream_eof = 1,
  set_buffer_length = 3,
  ping_request = 6,
  ping_response = 7
};

// "fourCcList" of connect and of its answer (Enhanced RTMP): all codecs that have a FourCC.
amf::StrictArray fourcc_list();

// Collects messages for one write.
class Outbox {
 public:
  // chunk_size: as last announced to the peer.
  explicit Outbox(std::size_t chunk_size = default_chunk_size) : chunk_size_(chunk_size) {}

  void command(std::string_view name, double transaction_id, std::initializer_list<amf::Value> arguments,
               std::uint32_t message_stream_id = 0);
  // onStatus on a message stream; level is "status" or "error". more: further properties.
  void status(std::uint32_t message_stream_id, std::string_view level, std::string_view code,
              std::string_view description, std::initializer_list<amf::Member> more = {});
  void data(std::uint32_t message_stream_id, std::initializer_list<amf::Value> values);
  void user_control(UserControl event, std::uint32_t value);
  void user_control(UserControl event, std::uint32_t value, std::uint32_t second);
  void window_ack_size(std::uint32_t bytes);
  void set_peer_bandwidth(std::uint32_t bytes);
  void acknowledgement(std::uint32_t bytes);
  // Announces wire_chunk_size, and uses it from then on.
  void set_chunk_size();
  void media(const MediaMessage& message, std::uint32_t message_stream_id);
  void raw(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }
  std::vector<std::uint8_t> take() { return std::exchange(bytes_, {}); }

 private:
  void control(MessageType type, Bytes payload);

  std::vector<std::uint8_t> bytes_;
  std::size_t chunk_size_;
};

}  // namespace srs::rtmp
