#include "media/annotations.h"

#include <algorithm>

#include "amf/value.h"

namespace srs::media {
namespace {

constexpr std::string_view end_promise = "endsWithOnStream";
constexpr std::string_view path_key = "onStreamPath";

struct EventWord {
  OnStream::Event event;
  std::string_view text;
};
constexpr EventWord event_words[] = {
    {OnStream::Event::begin, "begin"}, {OnStream::Event::end, "end"}, {OnStream::Event::lost, "lost"}};

Slice encode_script(std::string_view name, amf::Value value) {
  return Slice::copy_of(amf::encode_all({amf::Value(name), std::move(value)}));
}

// The value after the name of a script tag; null if there is none.
amf::Value script_value(Bytes payload) {
  ByteReader reader(payload);
  if (!amf::decode(reader)) return {};
  auto value = amf::decode(reader);
  return value ? *std::move(value) : amf::Value();
}

}  // namespace

Slice encode_on_stream(const OnStream& event) {
  const auto word = std::ranges::find(event_words, event.event, &EventWord::event);
  amf::Value value = amf::Value::object({{"path", event.path}, {"event", word->text}});
  if (!event.origin.empty()) value.set("origin", event.origin);
  if (!event.via.empty()) value.set("via", event.via);
  if (!event.timeline.empty()) value.set("timeline", event.timeline);
  return encode_script("onStream", std::move(value));
}

Result<OnStream> decode_on_stream(Bytes payload) {
  const amf::Value value = script_value(payload);
  const auto word = std::ranges::find(event_words, value.string_at("event"), &EventWord::text);
  if (word == std::end(event_words))
    return Error{Errc::invalid_data, "its event is none of begin, end and lost"};
  return OnStream{std::string(value.string_at("path")), std::string(value.string_at("origin")), word->event,
                  std::string(value.string_at("via")), std::string(value.string_at("timeline"))};
}

Slice encode_on_discontinuity(const std::string& reason) {
  return encode_script("onDiscontinuity", amf::Value::object({{"reason", reason}}));
}

Slice encode_on_clock(std::chrono::system_clock::time_point utc) {
  const auto utc_ms = std::chrono::duration_cast<std::chrono::milliseconds>(utc.time_since_epoch()).count();
  return encode_script("onClock", amf::Value::object({{"utc", static_cast<double>(utc_ms)}}));
}

std::optional<std::chrono::system_clock::time_point> decode_on_clock(Bytes payload) {
  const auto utc_ms = script_value(payload).number_at("utc");
  // Up to the year 2200: a foreign number must not overflow the clock, which counts nanoseconds.
  if (!utc_ms || !(*utc_ms >= 0 && *utc_ms < 7'258'118'400'000.0)) return std::nullopt;
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(static_cast<std::int64_t>(*utc_ms)));
}

Slice encode_on_stall(unsigned relays) {
  return encode_script("onStall", amf::Value::object({{"relays", static_cast<double>(relays)}}));
}

std::optional<unsigned> decode_on_stall(Bytes payload) {
  if (script_name(payload) != "onStall") return std::nullopt;
  const auto relays = script_value(payload).number_at("relays");
  if (!relays || !(*relays >= 1 && *relays <= 1000)) return std::nullopt;
  return static_cast<unsigned>(*relays);
}

Slice with_stream_notes(Bytes metadata_payload, const std::string& path, bool promises_end) {
  amf::Value value = script_value(metadata_payload);
  if (!value.as_object()) value = amf::Value::ecma_array({});
  if (promises_end) value.set(end_promise, true);
  if (!path.empty()) value.set(path_key, path);
  return encode_script("onMetaData", std::move(value));
}

Slice without_stream_notes(Bytes metadata_payload) {
  amf::Value value = script_value(metadata_payload);
  if (amf::Object* object = value.as_object())
    std::erase_if(object->members, [](const amf::Member& member) {
      return member.first == end_promise || member.first == path_key;
    });
  return encode_script("onMetaData", std::move(value));
}

std::string path_in_metadata(Bytes metadata_payload) {
  return std::string(script_value(metadata_payload).string_at(path_key));
}

bool promises_end(Bytes metadata_payload) {
  // Metadata comes from publishers and may be large: most of it need not be decoded.
  const std::string_view text(reinterpret_cast<const char*>(metadata_payload.data()),
                              metadata_payload.size());
  if (text.find(end_promise) == text.npos) return false;
  const amf::Value value = script_value(metadata_payload);
  const amf::Value* promise = value.find(end_promise);
  return promise && promise->as_boolean().value_or(false);
}

}  // namespace srs::media
