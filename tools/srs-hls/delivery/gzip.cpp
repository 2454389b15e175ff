#include "srs-hls/delivery/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

#include "http/request.h"

namespace srs::hls {
namespace {

constexpr int level = 4;              // low, since playlists change all the time
constexpr int window_bits = 15 + 16;  // 16: with the gzip header

}  // namespace

std::string gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib does not start");
  std::string compressed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  const int result = deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib does not end");
  return compressed;
}

bool accepts_gzip(std::string_view field) {
  while (!field.empty()) {
    const auto comma = std::min(field.find(','), field.size());
    std::string_view item = field.substr(0, comma);
    field.remove_prefix(std::min(comma + 1, field.size()));
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    const std::string_view coding = item.substr(0, item.find_first_of("; \t"));
    if (!http::equal_without_case(coding, "gzip") && coding != "*") continue;
    const auto q = item.find("q=");
    return q == item.npos || item.substr(q + 2).find_first_of("123456789") != item.npos;
  }
  return false;
}

}  // namespace srs::hls
