#include "formats.h"

#include "media/annotations.h"

namespace srs::relay {

Slice Formats::flv_end(const std::string& path, std::string_view query) {
  if (!wants_annotations(query)) return {};
  media::OnStream end;
  end.path = path;
  const media::Message message = media::make_message(flv::TagType::script, 0, media::encode_on_stream(end));
  const media::FlvWire wire(media::Annotations::sent);
  std::vector<std::uint8_t> bytes(wire.encoded_size(message));
  wire.encode(message, bytes.data());
  return Slice::copy_of(bytes);
}

}  // namespace srs::relay
