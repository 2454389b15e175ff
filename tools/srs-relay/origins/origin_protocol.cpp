#include "srs-relay/origins/origin_protocol.h"

#include "srs-relay/origins/origin_probe.h"
#include "srs-relay/origins/pull_connection.h"

namespace srs::relay {
namespace {

constexpr OriginProtocol protocols[] = {
    {"rtmp", "rtmps", "rtmp", "", make_rtmp_pull, probe_rtmp},
    {"http", "https", "http-flv", ".flv", make_http_pull, probe_http},
};

}  // namespace

const OriginProtocol* find_origin_protocol(std::string_view scheme) {
  for (const OriginProtocol& protocol : protocols)
    if (scheme == protocol.scheme || scheme == protocol.tls_scheme) return &protocol;
  return nullptr;
}

}  // namespace srs::relay
