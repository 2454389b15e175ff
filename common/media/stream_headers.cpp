#include "media/stream_headers.h"

#include <algorithm>

namespace srs::media {
namespace {

bool is_same(const Message& a, const Message& b) {
  return std::ranges::equal(a.payload.bytes(), b.payload.bytes());
}

// A copy, because headers outlive the large block that they came in.
Message kept(const Message& message) {
  Message copy = message;
  copy.framed = false;
  copy.payload = Slice::copy_of(message.payload.bytes());
  return copy;
}

}  // namespace

bool StreamHeaders::update(const Message& message) {
  if (!message.is_header() || message.payload.empty()) return false;
  if (message.kind == MessageKind::metadata) {
    if (message.payload.size() > max_metadata_bytes || is_same(metadata_, message)) return false;
    metadata_ = kept(message);
    show_metadata();
    return true;
  }
  const auto place = std::ranges::lower_bound(codecs_, header_key(message), {}, header_key);
  const bool is_known = place != codecs_.end() && header_key(*place) == header_key(message);
  if (is_known && is_same(*place, message)) return false;
  if (!has_room_for(message, is_known ? &*place : nullptr)) return false;
  if (is_known)
    *place = kept(message);
  else
    codecs_.insert(place, kept(message));
  show_codecs();
  return true;
}

void StreamHeaders::leave_out(TrackSet tracks) {
  if (tracks == left_out_) return;
  left_out_ = tracks;
  show_metadata();
  show_codecs();
}

void StreamHeaders::show_metadata() {
  shown_metadata_ = metadata_;
  if (left_out_ != TrackSet() && !metadata_.payload.empty())
    if (Slice rest = without_tracks(metadata_.payload.bytes(), left_out_); !rest.empty())
      shown_metadata_.payload = std::move(rest);
  ++metadata_version_;
  ++version_;
}

void StreamHeaders::show_codecs() {
  shown_codecs_ = codecs_;
  std::erase_if(shown_codecs_, [this](const Message& header) {
    return header.is_audio() ? left_out_.audio : left_out_.video;
  });
  ++version_;
}

bool StreamHeaders::has_room_for(const Message& message, const Message* replaced) const {
  if (message.payload.size() > max_codec_header_bytes) return false;
  std::size_t bytes = message.payload.size();
  for (const Message& held : codecs_)
    if (&held != replaced) bytes += held.payload.size();
  return bytes <= max_codec_headers_bytes;
}

std::vector<Message> StreamHeaders::messages() const {
  std::vector<Message> held;
  if (!shown_metadata_.payload.empty()) held.push_back(shown_metadata_);
  held.insert(held.end(), shown_codecs_.begin(), shown_codecs_.end());
  return held;
}

}  // namespace srs::media
