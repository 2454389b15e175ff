// Opens files that clients name, without ever leaving a directory.
#pragma once

#include <string>

#include "http/response.h"

namespace srs::http {

// Opens `relative` ("live/x.ts": no leading '/', no ".." and no empty component) for reading, below the
// directory's descriptor. Links that stay inside are followed, others are errors. Empty on an error, with
// errno set. The caller must check what kind of file it is: FIFOs and devices are opened too, but without
// waiting.
File open_beneath(int directory, const std::string& relative);

// The same without openat2, for Linux before 5.6 and container filters that refuse it: follows no link at
// all. open_beneath() falls back to it.
File open_by_component(int directory, const std::string& relative);

}  // namespace srs::http
