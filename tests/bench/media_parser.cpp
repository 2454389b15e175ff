#include "media_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "media/message.h"
#include "rtmp/chunk_reader.h"
#include "rtmp/command.h"
#include "rtmp/handshake.h"

namespace srs::bench_client {
namespace {

constexpr double connect_transaction = 1;
constexpr double create_stream_transaction = 2;
constexpr std::size_t max_response_head = 16 * 1024;

// FLV without HTTP chunking: the response's head, the file header, then tags. Of each tag it reads the
// header, the first bytes of the payload, and the size after it.
class HttpFlvParser : public MediaParser {
 public:
  HttpFlvParser(const net::Url& url, std::vector<std::uint8_t>& output) {
    const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n",
                                            url.path.empty() ? "/" : url.path, url.authority());
    output.insert(output.end(), request.begin(), request.end());
  }

  Result<void> feed(Bytes bytes, std::vector<std::uint8_t>&) override {
    if (!head_done_ && !parse_head(bytes)) return Error{Errc::invalid_data, "HTTP: the response is not FLV"};
    while (!bytes.empty()) {
      if (skip_ > 0) {
        const std::size_t size = std::min(skip_, bytes.size());
        skip_ -= size;
        bytes = bytes.subspan(size);
        continue;
      }
      const std::size_t size = std::min(wanted_ - held_, bytes.size());
      std::memcpy(piece_.data() + held_, bytes.data(), size);
      held_ += size;
      bytes = bytes.subspan(size);
      if (held_ == wanted_ && !parse_piece()) return Error{Errc::invalid_data, "FLV: an invalid tag"};
    }
    return {};
  }

 private:
  static constexpr std::size_t payload_start = 5;  // bytes read of a payload

  bool parse_head(Bytes& bytes) {
    const std::size_t before = head_.size();
    head_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::size_t end = head_.find("\r\n\r\n");
    if (end == std::string::npos) {
      bytes = {};
      return head_.size() <= max_response_head;
    }
    bytes = bytes.subspan(end + 4 - before);
    head_done_ = true;
    const bool accepted = head_.starts_with("HTTP/1.1 200") && head_.find("chunked") == std::string::npos;
    std::string().swap(head_);
    return accepted;
  }

  // A piece is the previous tag's trailer and the next header, 4 + 11 bytes, then the payload's start.
  bool parse_piece() {
    ByteReader reader(Bytes(piece_.data(), held_));
    if (in_file_header_) {
      in_file_header_ = false;
      held_ = 0;
      wanted_ = 4 + flv::tag_header_size;
      return reader.u24() == 0x464c56;
    }
    const std::size_t previous_size = reader.u32();
    const auto type = static_cast<flv::TagType>(reader.u8());
    const std::size_t size = reader.u24();
    if (wanted_ == 4 + flv::tag_header_size && size > 0) {
      if (previous_size != previous_size_) return false;
      wanted_ += std::min(payload_start, size);
      return true;
    }
    const std::size_t seen = wanted_ - 4 - flv::tag_header_size;
    kinds_[static_cast<std::size_t>(
        media::classify(type, Bytes(piece_.data() + 4 + flv::tag_header_size, seen)))]++;
    ++messages_;
    previous_size_ = flv::tag_header_size + size;
    skip_ = size - seen;
    held_ = 0;
    wanted_ = 4 + flv::tag_header_size;
    return true;
  }

  std::string head_;
  bool head_done_ = false;
  bool in_file_header_ = true;
  std::array<std::uint8_t, 4 + flv::tag_header_size + payload_start> piece_{};
  std::size_t held_ = 0;
  std::size_t wanted_ = 9;
  std::size_t skip_ = 0;
  std::size_t previous_size_ = 0;
  std::array<std::uint64_t, 8> kinds_{};
};

// Uses the project's own ChunkReader.
class RtmpParser : public MediaParser {
 public:
  RtmpParser(const net::Url& url, std::vector<std::uint8_t>& output) : url_(url.display()) {
    const auto slash = url_.rfind('/');
    stream_ = url_.substr(slash + 1);
    url_.resize(slash);
    outbox_.raw(handshake_.take_output());
    flush(output);
  }

  Result<void> feed(Bytes bytes, std::vector<std::uint8_t>& output) override {
    if (!handshake_.done()) {
      auto used = handshake_.feed(bytes);
      if (!used) return std::move(used).error();
      bytes = bytes.subspan(*used);
      outbox_.raw(handshake_.take_output());
      if (handshake_.done()) connect();
    }
    for (bool more = handshake_.done(); more;) {
      auto message = reader_.next(bytes);
      if (!message) return std::move(message).error();
      more = message->has_value();
      if (!more) break;
      if (auto handled = on_message(**message); !handled) return handled;
    }
    flush(output);
    return {};
  }

 private:
  void connect() {
    const std::string app = url_.substr(url_.find('/', url_.find("//") + 2) + 1);
    outbox_.set_chunk_size();
    outbox_.command("connect", connect_transaction,
                    {amf::Value::object({{"app", app}, {"tcUrl", url_}, {"objectEncoding", 0.0}})});
  }

  Result<void> on_message(const rtmp::Message& message) {
    if (message.type == rtmp::MessageType::audio || message.type == rtmp::MessageType::video) {
      const auto type = message.type == rtmp::MessageType::audio ? flv::TagType::audio : flv::TagType::video;
      kinds_[static_cast<std::size_t>(media::classify(type, message.payload.bytes()))]++;
      ++messages_;
    }
    if (message.type != rtmp::MessageType::command_amf0) return {};
    const auto command = rtmp::parse_command(message);
    if (!command) return command.error();
    if (command->name == "_error") return Error{Errc::refused, "RTMP: the server refused a command"};
    if (command->name != "_result") return {};
    if (command->transaction_id == connect_transaction)
      outbox_.command("createStream", create_stream_transaction, {amf::Null{}});
    if (command->transaction_id == create_stream_transaction && command->arguments.size() > 1) {
      const double id = command->arguments[1].as_number().value_or(1);
      outbox_.command("play", 0, {amf::Null{}, stream_}, static_cast<std::uint32_t>(id));
    }
    return {};
  }

  void flush(std::vector<std::uint8_t>& output) {
    if (outbox_.empty()) return;
    const std::vector<std::uint8_t> bytes = outbox_.take();
    output.insert(output.end(), bytes.begin(), bytes.end());
  }

  std::string url_;
  std::string stream_;
  rtmp::ClientHandshake handshake_;
  rtmp::ChunkReader reader_;
  rtmp::Outbox outbox_;
  std::array<std::uint64_t, 8> kinds_{};
};

}  // namespace

std::unique_ptr<MediaParser> make_media_parser(const net::Url& url, std::vector<std::uint8_t>& output) {
  if (url.scheme == "rtmp") return std::make_unique<RtmpParser>(url, output);
  return std::make_unique<HttpFlvParser>(url, output);
}

}  // namespace srs::bench_client
