#include "formats.h"

#include "media/annotations.h"

namespace srs::relay {

Slice Formats::flv_end(const std::string& path, std::string_view query) {
  if (!wants_annotations(query)) return {};
  media::OnStream end;
  end.path = path;
  const media::Message message = media::make_message(flv::TagType::script, 0, media::encode_on_stream(end));
  return media::encode_alone(media::FlvWire(media::Annotations::sent), message);
}

}  // namespace srs::relay
