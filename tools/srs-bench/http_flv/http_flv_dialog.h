// HttpFlvDialog: a client that plays FLV over HTTP/1.1, chunked or not.
#pragma once

#include <string>

#include "net/url.h"
#include "srs-bench/http_flv/flv_skimmer.h"
#include "srs-bench/loop/protocol.h"

namespace srs::bench {

class HttpFlvDialog : public Protocol {
 public:
  HttpFlvDialog(const net::Url& url, MediaListener& listener, Keep keep = Keep::heads);

  Result<void> feed(Bytes bytes) override;
  void count(std::size_t) override {}
  bool ends(Bytes last_bytes) const override;
  std::vector<std::uint8_t> take_output() override;
  Refusal refusal() const override { return refusal_; }
  std::string_view awaits() const override { return state_ == State::header ? "an answer" : "media"; }
  bool ended() const override { return state_ == State::ended; }

 private:
  enum class State { header, body, chunk_size, chunk, chunk_end, ended };

  Result<Bytes> consume_header(Bytes bytes);
  // body: the part of it that came with the header.
  Result<void> parse_header(Bytes body);
  Result<Bytes> consume_chunked(Bytes bytes);
  Result<void> parse_chunk_size();

  std::string request_;
  std::string line_;  // the response header or a chunk size, as far as received
  State state_ = State::header;
  std::size_t chunk_left_ = 0;
  Refusal refusal_;
  FlvSkimmer skimmer_;
};

}  // namespace srs::bench
