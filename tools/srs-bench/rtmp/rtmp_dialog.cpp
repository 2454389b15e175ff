#include "srs-bench/rtmp/rtmp_dialog.h"

#include <fmt/format.h>

#include "cli/log.h"
#include "rtmp/redirect.h"
#include "srs-bench/rtmp/end_of_play.h"

namespace srs::bench {
namespace {

// Transaction numbers, one per request.
constexpr double connect_transaction = 1;
constexpr double create_stream_transaction = 4;
constexpr std::uint32_t buffer_ms = 3000;

}  // namespace

RtmpDialog::RtmpDialog(Role role, const net::Url& url, MediaListener& listener, Keep keep)
    : role_(role),
      listener_(listener),
      handshake_(std::make_unique<rtmp::ClientHandshake>()),
      skimmer_(*this, keep) {
  std::string_view path = url.path;
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto slash = path.rfind('/');
  app_ = slash == path.npos ? "" : path.substr(0, slash);
  stream_ = slash == path.npos ? path : path.substr(slash + 1);
  tc_url_ = fmt::format("{}://{}/{}", url.scheme, url.authority(), app_);
  if (!url.query.empty()) stream_ += "?" + url.query;
  outbox_.raw(handshake_->take_output());
}

Result<void> RtmpDialog::feed(Bytes bytes) {
  if (handshake_) {
    auto used = handshake_->feed(bytes);
    if (!used) return std::move(used).error();
    bytes = bytes.subspan(*used);
    outbox_.raw(handshake_->take_output());
    if (!handshake_->done()) return {};
    handshake_.reset();
    send_connect();
  }
  received_.add(bytes.size());
  acknowledge_if_due();
  return skimmer_.feed(bytes);
}

void RtmpDialog::count(std::size_t size) {
  received_.add(size);
  acknowledge_if_due();
}

void RtmpDialog::acknowledge_if_due() {
  if (received_.is_due(window_ / 2)) keep_alive();
}

// Servers ping silent players, and disconnect those that do not answer. A counting player does not see the
// ping; a timely acknowledgement avoids it.
void RtmpDialog::keep_alive() {
  outbox_.acknowledgement(received_.acknowledge());
}

bool RtmpDialog::ends(Bytes last_bytes) const {
  return ended_ || (ready_ && contains_end_of_play(last_bytes));
}

Error RtmpDialog::refuse(const amf::Value* information, std::string_view otherwise) {
  if (information == nullptr) return {Errc::refused, std::string(otherwise)};
  refusal_.detail = cli::peer_text(information->string_at("description"));
  if (role_ == Role::play) refusal_.redirect = rtmp::redirect_target(*information, stream_);
  const std::string_view code = information->string_at("code");
  return {Errc::refused, cli::peer_text(code.empty() ? otherwise : code)};
}

std::string_view RtmpDialog::awaits() const {
  if (handshake_) return "the server's handshake";
  if (ready_) return "media";
  switch (stage_) {
    case Stage::connecting:
      return "an answer to 'connect'";
    case Stage::creating:
      return "an answer to 'createStream'";
    case Stage::asking:
      break;
  }
  return role_ == Role::play ? "an answer to 'play'" : "an answer to 'publish'";
}

void RtmpDialog::send_connect() {
  outbox_.set_chunk_size();
  outbox_.command("connect", connect_transaction,
                  {amf::Value::object({{"app", app_},
                                       {"type", "nonprivate"},
                                       {"flashVer", "FMLE/3.0 (compatible; srs-bench)"},
                                       {"tcUrl", tc_url_},
                                       {"fpad", false},
                                       {"capabilities", 15.0},
                                       {"audioCodecs", 4071.0},
                                       {"videoCodecs", 252.0},
                                       {"videoFunction", 1.0},
                                       {"objectEncoding", 0.0},
                                       {"fourCcList", amf::StrictArray{{"*"}}}})});
}

void RtmpDialog::send_stream_request() {
  if (role_ == Role::play) {
    outbox_.user_control(rtmp::UserControl::set_buffer_length, stream_id_, buffer_ms);
    outbox_.command("play", 5, {amf::Null{}, stream_, -2.0}, stream_id_);
  } else {
    outbox_.command("publish", 5, {amf::Null{}, stream_, "live"}, stream_id_);
  }
}

std::vector<std::uint8_t> RtmpDialog::farewell() {
  outbox_.command("FCUnpublish", 6, {amf::Null{}, stream_.substr(0, stream_.find('?'))});
  outbox_.command("deleteStream", 7, {amf::Null{}, static_cast<double>(stream_id_)});
  return outbox_.take();
}

Result<void> RtmpDialog::on_message(rtmp::MessageType type, std::uint32_t timestamp_ms, Bytes kept) {
  using enum rtmp::MessageType;
  const auto report = [&](flv::TagType tag_type) {
    listener_.on_media({tag_type, media::classify(tag_type, kept), timestamp_ms, kept});
  };
  switch (type) {
    case audio:
      report(flv::TagType::audio);
      break;
    case video:
      report(flv::TagType::video);
      break;
    case data_amf0:
      report(flv::TagType::script);
      break;
    case window_ack_size:
      window_ = std::max(2u, ByteReader(kept).u32());
      break;
    case user_control:
      on_user_control(kept);
      break;
    case command_amf0:
    case command_amf3:
      return on_command(type, kept);
    default:
      break;
  }
  return {};
}

void RtmpDialog::on_user_control(Bytes body) {
  ByteReader reader(body);
  const auto event = static_cast<rtmp::UserControl>(reader.u16());
  if (event == rtmp::UserControl::ping_request)
    outbox_.user_control(rtmp::UserControl::ping_response, reader.u32());
  if (event == rtmp::UserControl::stream_eof && ready_) ended_ = true;
}

Result<void> RtmpDialog::on_command(rtmp::MessageType type, Bytes body) {
  rtmp::Message message;
  message.type = type;
  message.payload = Slice(nullptr, body);  // parsed while the bytes are valid
  const auto command = rtmp::parse_command(message);
  if (!command) return command.error();
  const amf::Value* information = command->arguments.size() > 1 ? &command->arguments[1] : nullptr;
  if (command->name == "onStatus") return information != nullptr ? on_status(*information) : Result<void>{};
  const bool connecting = command->transaction_id == connect_transaction;
  const bool creating = command->transaction_id == create_stream_transaction;
  if (command->name == "_error" && (connecting || creating))
    return refuse(information, "the server refused to connect");
  if (command->name != "_result") return {};
  if (connecting) {
    if (role_ == Role::publish) {
      const std::string name = stream_.substr(0, stream_.find('?'));
      outbox_.command("releaseStream", 2, {amf::Null{}, name});
      outbox_.command("FCPublish", 3, {amf::Null{}, name});
    }
    stage_ = Stage::creating;
    outbox_.command("createStream", create_stream_transaction, {amf::Null{}});
  } else if (creating) {
    const auto id = information != nullptr ? information->as_number() : std::nullopt;
    if (id && *id >= 0 && *id <= 0xffffffff) stream_id_ = static_cast<std::uint32_t>(*id);
    stage_ = Stage::asking;
    send_stream_request();
  }
  return {};
}

Result<void> RtmpDialog::on_status(const amf::Value& information) {
  const std::string_view code = information.string_at("code");
  if (information.string_at("level") == "error" || code.find("NotFound") != code.npos)
    return refuse(&information, "the server refused the stream");
  if (code == "NetStream.Play.Start" || code == "NetStream.Publish.Start") ready_ = true;
  if (is_end_of_play(code)) ended_ = true;
  return {};
}

}  // namespace srs::bench
