// RTMP 302: a server refuses a player and names another server. Adobe's servers refuse "connect" with it; SRS
// and srs-tools refuse "play", since only that names the stream. The refusal's `ex` holds {code: 302,
// redirect: tcUrl}; SRS and srs-tools add redirect2, the URL with the stream's name.
#pragma once

#include <string>
#include <string_view>

#include "amf/value.h"

namespace srs::rtmp {

inline constexpr int max_redirects = 5;

// The whole URL from the information object of an "_error" or onStatus; empty if there is none, or it exceeds
// 2 KiB. stream: the last component of the requested path. The server is not trusted: the result may be any
// text.
std::string redirect_target(const amf::Value& information, std::string_view stream);

}  // namespace srs::rtmp
