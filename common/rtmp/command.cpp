#include "rtmp/command.h"

#include "codec/table.h"
#include "rtmp/chunk_reader.h"
#include "rtmp/message_encoder.h"

namespace srs::rtmp {

std::string_view Command::text(std::size_t n) const {
  const std::string* found = n < arguments.size() ? arguments[n].as_string() : nullptr;
  return found ? std::string_view(*found) : std::string_view();
}

amf::StrictArray fourcc_list() {
  amf::StrictArray list;
  for (const codec::VideoRow& row : codec::video_rows())
    if (row.fourcc.code != 0) list.values.emplace_back(std::string(row.fourcc.text));
  for (const codec::AudioRow& row : codec::audio_rows())
    if (row.fourcc.code != 0) list.values.emplace_back(std::string(row.fourcc.text));
  return list;
}

Result<Command> parse_command(const Message& message) {
  Bytes body = message.payload.bytes();
  // In AMF3 command messages a 0 byte means that AMF0 follows.
  if (message.type == MessageType::command_amf3 && !body.empty() && body[0] == 0) body = body.subspan(1);
  amf::Limits limits;
  limits.max_repeated_bytes = max_command_size;
  auto decoded = amf::decode_all(body, limits);
  if (!decoded) return std::move(decoded).error();
  std::vector<amf::Value>& values = *decoded;
  if (values.empty() || !values[0].as_string())
    return Error{Errc::invalid_data, "RTMP: a command without a name"};
  Command command;
  command.name = *values[0].as_string();
  if (values.size() > 1) command.transaction_id = values[1].as_number().value_or(0);
  for (std::size_t i = 2; i < values.size(); ++i) command.arguments.push_back(std::move(values[i]));
  return command;
}

void Outbox::command(std::string_view name, double transaction_id,
                     std::initializer_list<amf::Value> arguments, std::uint32_t message_stream_id) {
  ByteWriter writer;
  amf::encode(amf::Value(name), writer);
  amf::encode(amf::Value(transaction_id), writer);
  for (const amf::Value& argument : arguments) amf::encode(argument, writer);
  append_message(bytes_, {MessageType::command_amf0, command_chunk_stream, message_stream_id, 0},
                 writer.view(), chunk_size_);
}

void Outbox::status(std::uint32_t message_stream_id, std::string_view level, std::string_view code,
                    std::string_view description, std::initializer_list<amf::Member> more) {
  amf::Value information =
      amf::Value::object({{"level", level}, {"code", code}, {"description", description}});
  for (const amf::Member& member : more) information.set(member.first, member.second);
  command("onStatus", 0, {amf::Null{}, std::move(information)}, message_stream_id);
}

void Outbox::data(std::uint32_t message_stream_id, std::initializer_list<amf::Value> values) {
  append_message(bytes_, {MessageType::data_amf0, data_chunk_stream, message_stream_id, 0},
                 amf::encode_all(values), chunk_size_);
}

void Outbox::control(MessageType type, Bytes payload) {
  append_message(bytes_, {type, control_chunk_stream, 0, 0}, payload, chunk_size_);
}

void Outbox::user_control(UserControl event, std::uint32_t value) {
  ByteWriter writer;
  writer.u16(static_cast<std::uint16_t>(event));
  writer.u32(value);
  control(MessageType::user_control, writer.view());
}

void Outbox::user_control(UserControl event, std::uint32_t value, std::uint32_t second) {
  ByteWriter writer;
  writer.u16(static_cast<std::uint16_t>(event));
  writer.u32(value);
  writer.u32(second);
  control(MessageType::user_control, writer.view());
}

void Outbox::window_ack_size(std::uint32_t bytes) {
  ByteWriter writer;
  writer.u32(bytes);
  control(MessageType::window_ack_size, writer.view());
}

void Outbox::set_peer_bandwidth(std::uint32_t bytes) {
  ByteWriter writer;
  writer.u32(bytes);
  writer.u8(2);  // dynamic
  control(MessageType::set_peer_bandwidth, writer.view());
}

void Outbox::acknowledgement(std::uint32_t bytes) {
  ByteWriter writer;
  writer.u32(bytes);
  control(MessageType::acknowledgement, writer.view());
}

void Outbox::set_chunk_size() {
  ByteWriter writer;
  writer.u32(wire_chunk_size);
  control(MessageType::set_chunk_size, writer.view());
  chunk_size_ = wire_chunk_size;
}

void Outbox::media(const MediaMessage& message, std::uint32_t message_stream_id) {
  append_message(bytes_, media_header(message.type, message.timestamp_ms, message_stream_id),
                 message.payload.bytes(), chunk_size_);
}

}  // namespace srs::rtmp
