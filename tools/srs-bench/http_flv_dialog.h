// HttpFlvDialog: a client that plays FLV over HTTP/1.1, chunked or not.
#pragma once

#include <string>

#include "flv_skimmer.h"
#include "net/url.h"
#include "protocol.h"

namespace srs::bench {

class HttpFlvDialog : public Protocol {
 public:
  HttpFlvDialog(const net::Url& url, MediaListener& listener, Keep keep = Keep::heads);

  Result<void> feed(Bytes bytes) override;
  void count(std::size_t) override {}
  bool ends(Bytes last_bytes) const override;
  std::vector<std::uint8_t> take_output() override;
  bool ended() const override { return state_ == State::ended; }

 private:
  enum class State { header, body, chunk_size, chunk, chunk_end, ended };

  Result<Bytes> take_header(Bytes bytes);
  Result<void> read_header();
  Result<Bytes> take_chunked(Bytes bytes);
  Result<void> read_chunk_size();

  std::string request_;
  std::string line_;  // the response's header, or a chunk's size, as far as it came
  State state_ = State::header;
  std::size_t chunk_left_ = 0;
  FlvSkimmer skimmer_;
};

}  // namespace srs::bench
