// MediaParser: an ordinary player's side of a connection, which reads every byte and parses every message.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"
#include "net/url.h"

namespace srs::bench_client {

class MediaParser {
 public:
  virtual ~MediaParser() = default;
  // Parses received bytes, counts their media messages, and appends bytes to send to `output`.
  virtual Result<void> feed(Bytes bytes, std::vector<std::uint8_t>& output) = 0;

  std::uint64_t messages() const { return messages_; }

 protected:
  std::uint64_t messages_ = 0;
};

// url: http:// or rtmp://. Appends the first bytes to send to `output`.
std::unique_ptr<MediaParser> make_media_parser(const net::Url& url, std::vector<std::uint8_t>& output);

}  // namespace srs::bench_client
