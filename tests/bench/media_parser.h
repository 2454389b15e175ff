// MediaParser: an ordinary player's side of a connection, every byte of which is read and every message
// parsed.
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
  // Takes what came, counts the media messages in it, and appends what is to be said to `output`.
  virtual Result<void> feed(Bytes bytes, std::vector<std::uint8_t>& output) = 0;

  std::uint64_t messages() const { return messages_; }

 protected:
  std::uint64_t messages_ = 0;
};

// http:// or rtmp://. What is to be said first goes to `output`.
std::unique_ptr<MediaParser> make_media_parser(const net::Url& url, std::vector<std::uint8_t>& output);

}  // namespace srs::bench_client
