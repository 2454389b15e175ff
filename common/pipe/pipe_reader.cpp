#include "pipe/pipe_reader.h"

#include <fmt/format.h>

#include <utility>

#include "media/annotations.h"
#include "media/stream_path.h"

namespace srs::pipe {

Result<void> PipeReader::commit(std::size_t size) {
  reader_.commit(size);
  for (;;) {
    auto tag = reader_.next();
    if (!tag) return std::move(tag).error();
    if (!*tag) return {};
    if (auto taken = on_tag(**std::move(tag)); !taken) return taken;
  }
}

Result<void> PipeReader::on_tag(flv::Tag tag) {
  if (tag.type == flv::TagType::script && media::script_name(tag.payload.bytes()) == "onStream")
    return on_stream_event(tag);
  auto channel = channel_of(tag);
  if (!channel) return std::move(channel).error();
  if (!*channel) return {};
  media::Message message = media::make_message(tag.type, 0, std::move(tag.payload));
  message.timestamp_ms = (*channel)->timestamps.unwrap(tag.timestamp_ms, message.is_frame());
  message.framed = tag.framed;
  message.stream_id = tag.stream_id;
  if (message.kind == media::MessageKind::metadata && media::promises_end(message.payload.bytes())) {
    // The promise is about this pipe. Players, and the pipes after us, have ends of their own.
    (*channel)->promises_end = true;
    message.payload = media::without_stream_notes(message.payload.bytes());
    message.framed = false;
  }
  sink_.on_message(tag.stream_id, std::move(message));
  return {};
}

// The channel of a media tag; null to skip the tag.
Result<PipeReader::Channel*> PipeReader::channel_of(const flv::Tag& tag) {
  if (const auto found = channels_.find(tag.stream_id); found != channels_.end()) return &found->second;
  if (tag.stream_id != 0 || seen_channels_)
    return Error{Errc::invalid_data,
                 fmt::format("corrupt FLV: a tag on channel {} that no onStream has begun, "
                             "before byte offset {}",
                             tag.stream_id, reader_.offset())};
  if (plain_ended_) return static_cast<Channel*>(nullptr);
  Channel& channel = channels_[0];
  channel.info.path = plain_stream_path(tag);
  sink_.on_begin(0, channel.info);
  return &channel;
}

std::string PipeReader::plain_stream_path(const flv::Tag& first) const {
  if (!plain_path_.empty()) return plain_path_;
  const bool is_metadata =
      first.type == flv::TagType::script && media::script_name(first.payload.bytes()) == "onMetaData";
  auto named = media::parse_stream_path(is_metadata ? media::path_in_metadata(first.payload.bytes()) : "");
  return named ? *std::move(named) : unnamed_;
}

Result<void> PipeReader::on_stream_event(const flv::Tag& tag) {
  const auto corrupt = [&](std::string_view why) {
    return Error{Errc::invalid_data,
                 fmt::format("corrupt FLV: onStream on channel {}: {}, before byte offset {}", tag.stream_id,
                             why, reader_.offset())};
  };
  auto event = media::decode_on_stream(tag.payload.bytes());
  if (!event) return corrupt(event.error().message);
  const auto open = channels_.find(tag.stream_id);
  if (event->event != media::OnStream::Event::begin) {
    if (open == channels_.end()) return corrupt("it ends a stream that is not open");
    const bool lost = event->event == media::OnStream::Event::lost;
    if (tag.stream_id == 0) plain_ended_ = true;
    if (tag.stream_id == 0 && lost) plain_lost_ = open->second.info.path;
    channels_.erase(open);
    sink_.on_end(tag.stream_id, lost ? media::EndReason::lost : media::EndReason::ended);
    return {};
  }
  if (channels_.size() >= max_channels) return corrupt("too many streams are open");
  if (tag.stream_id == 0) return corrupt("plain FLV begins without it");
  if (open != channels_.end()) return corrupt("it begins a stream that is open");
  auto path = media::parse_stream_path(event->path);
  if (!path) return corrupt(path.error().message);
  seen_channels_ = true;
  Channel& channel = channels_[tag.stream_id];
  channel.info = {*std::move(path), event->origin, event->via, event->timeline};
  channel.promises_end = true;
  sink_.on_begin(tag.stream_id, channel.info);
  return {};
}

Result<void> PipeReader::finish() {
  const std::size_t truncated = reader_.pending();
  std::string lost = std::exchange(plain_lost_, {});
  const auto open = std::move(channels_);
  channels_.clear();
  for (const auto& [id, channel] : open) {
    const bool broken = channel.promises_end || truncated > 0;
    if (broken) lost += (lost.empty() ? "" : ", ") + channel.info.path;
    sink_.on_end(id, broken ? media::EndReason::cut : media::EndReason::ended);
  }
  if (!reader_.file_header())
    return Error{Errc::invalid_data, truncated > 0 ? "the input ended inside the FLV header"
                                                   : "the input is empty: no FLV header"};
  if (!lost.empty())
    return Error{Errc::closed, fmt::format("the input broke off while {} was on{}", lost,
                                           truncated > 0 ? " (a truncated last tag was dropped)" : "")};
  if (truncated > 0)
    return Error{Errc::invalid_data,
                 fmt::format("the input ended inside a tag at byte offset {}", reader_.offset())};
  return {};
}

}  // namespace srs::pipe
