// HeadScan checks the bytes of a request's head, line by line, before the parser gets them.
//
// http_parser is lenient where programs that read the same bytes disagree: that is how a request is smuggled
// past a proxy. Anything but a plain head by RFC 9112 is refused: a CR without LF, a line that is continued
// on the next one (obs-fold), control characters. A LF alone ends a line, as section 2.2 allows. A value.
#pragma once

#include <cstddef>
#include <string_view>

namespace srs::http {

class HeadScan {
 public:
  // Checks bytes until the head ends. Returns what is wrong with them, for people; empty: nothing.
  std::string_view feed(std::string_view bytes);

 private:
  std::string_view feed(char byte);

  bool done_ = false;
  bool begun_ = false;  // empty lines before a request are skipped
  bool line_is_empty_ = true;
  char last_ = '\n';
};

}  // namespace srs::http
