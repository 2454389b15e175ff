#include "srs-bench/http_flv/http_flv_dialog.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/log.h"
#include "srs-bench/http/http_redirect.h"

namespace srs::bench {
namespace {

constexpr std::size_t max_header = 16 * 1024;
constexpr std::size_t header_piece = 512;
constexpr std::size_t max_chunk_line = 256;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Errors are a line of text, often right after the header; a page of HTML is ignored.
std::string first_words(std::string_view header, Bytes body) {
  if (!http_field(header, "content-type").starts_with("text/plain")) return {};
  std::string_view text(reinterpret_cast<const char*>(body.data()), body.size());
  text = text.substr(0, text.find_first_of("\r\n"));
  return cli::peer_text(text);
}

}  // namespace

HttpFlvDialog::HttpFlvDialog(const net::Url& url, MediaListener& listener, Keep keep)
    : request_(fmt::format("GET {}{}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: srs-bench\r\nAccept: */*\r\n\r\n",
                           url.path.empty() ? "/" : url.path, url.query.empty() ? "" : "?", url.query,
                           url.authority())),
      skimmer_(listener, keep) {}

std::vector<std::uint8_t> HttpFlvDialog::take_output() {
  std::vector<std::uint8_t> output(request_.begin(), request_.end());
  std::string().swap(request_);  // frees the memory, unlike `= {}`
  return output;
}

Result<void> HttpFlvDialog::feed(Bytes bytes) {
  while (!bytes.empty() && state_ != State::ended) {
    if (state_ == State::body) return skimmer_.feed(bytes);
    auto rest = state_ == State::header ? consume_header(bytes) : consume_chunked(bytes);
    if (!rest) return std::move(rest).error();
    bytes = *rest;
  }
  return {};
}

// The last chunk is empty. Without chunks only the connection's end shows the end.
bool HttpFlvDialog::ends(Bytes last_bytes) const {
  static constexpr std::string_view last_chunk = "\r\n0\r\n\r\n";
  const std::string_view text(reinterpret_cast<const char*>(last_bytes.data()), last_bytes.size());
  return state_ == State::ended || (state_ > State::body && text.ends_with(last_chunk));
}

Result<Bytes> HttpFlvDialog::consume_header(Bytes bytes) {
  const std::size_t before = line_.size();
  // A piece at a time: the media after the header may be large.
  const std::size_t piece = std::min(bytes.size(), header_piece);
  line_.append(reinterpret_cast<const char*>(bytes.data()), piece);
  const std::size_t end = line_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    if (line_.size() > max_header)
      return Error{Errc::invalid_data, "HTTP: the response's header does not end"};
    return bytes.subspan(piece);
  }
  line_.resize(end + 2);
  const Bytes rest = bytes.subspan(end + 4 - before);
  if (auto read = parse_header(rest); !read) return std::move(read).error();
  std::string().swap(line_);
  return rest;
}

Result<void> HttpFlvDialog::parse_header(Bytes body) {
  int status = 0;
  if (!line_.starts_with("HTTP/1.") || line_.size() < 12)
    return Error{Errc::invalid_data, "HTTP: this is no response"};
  std::from_chars(line_.data() + 9, line_.data() + 12, status);
  if (status != 200) {
    if (status >= 300 && status < 400) refusal_.redirect = http_field(line_, "location");
    if (status >= 400) refusal_.detail = first_words(line_, body);
    return Error{Errc::refused, fmt::format("HTTP {}", status)};
  }
  const bool chunked = lower(line_).find("\r\ntransfer-encoding: chunked\r\n") != std::string::npos;
  state_ = chunked ? State::chunk_size : State::body;
  return {};
}

Result<Bytes> HttpFlvDialog::consume_chunked(Bytes bytes) {
  if (state_ == State::chunk) {
    const std::size_t size = std::min(chunk_left_, bytes.size());
    if (auto fed = skimmer_.feed(bytes.first(size)); !fed) return std::move(fed).error();
    chunk_left_ -= size;
    if (chunk_left_ == 0) state_ = State::chunk_end;
    return bytes.subspan(size);
  }
  const char next = static_cast<char>(bytes[0]);
  if (next != '\n') {
    if (line_.size() == max_chunk_line) return Error{Errc::invalid_data, "HTTP: a wrong chunk"};
    line_ += next;
    return bytes.subspan(1);
  }
  if (state_ == State::chunk_end) {
    state_ = State::chunk_size;
  } else if (auto read = parse_chunk_size(); !read) {
    return std::move(read).error();
  }
  line_.clear();
  return bytes.subspan(1);
}

Result<void> HttpFlvDialog::parse_chunk_size() {
  const auto [end, error] = std::from_chars(line_.data(), line_.data() + line_.size(), chunk_left_, 16);
  if (error != std::errc{}) return Error{Errc::invalid_data, "HTTP: a wrong chunk"};
  state_ = chunk_left_ == 0 ? State::ended : State::chunk;
  return {};
}

}  // namespace srs::bench
