#include "srs-relay/players/http_flv/flv_wires.h"

#include "media/annotations.h"

namespace srs::relay {

Slice FlvWires::end(const std::string& path, FlvForm form, std::int64_t newest_ms) {
  std::vector<std::uint8_t> last;
  const auto put = [&last](Bytes bytes) { last.insert(last.end(), bytes.begin(), bytes.end()); };
  if (form.annotated) {
    media::OnStream end;
    end.path = path;
    const auto message = media::make_message(flv::TagType::script, newest_ms, media::encode_on_stream(end));
    put(log::encode_alone(log::FlvWire(log::Annotations::sent, form.framing), message).bytes());
  }
  if (form.framing == log::Framing::chunked)
    put({reinterpret_cast<const std::uint8_t*>(log::last_http_chunk.data()), log::last_http_chunk.size()});
  return Slice::copy_of(last);
}

}  // namespace srs::relay
