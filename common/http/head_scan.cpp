#include "http/head_scan.h"

namespace srs::http {

std::string_view HeadScan::feed(std::string_view bytes) {
  for (const char byte : bytes) {
    if (done_) return {};
    if (const std::string_view wrong = feed(byte); !wrong.empty()) return wrong;
    last_ = byte;
  }
  return {};
}

std::string_view HeadScan::feed(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  if (last_ == '\r' && byte != '\n') return "a CR without LF";
  if (byte == '\n') {
    done_ = begun_ && line_is_empty_;
    line_is_empty_ = true;
    return {};
  }
  if (byte == '\r') return {};
  if (line_is_empty_ && (byte == ' ' || byte == '\t')) return "a line that begins with white space";
  if ((code < 0x20 && byte != '\t') || code == 0x7f) return "a control character";
  line_is_empty_ = false;
  begun_ = true;
  return {};
}

}  // namespace srs::http
