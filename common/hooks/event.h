// Event: what a call-back is asked or told, whatever its format. Values; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "access/hook_rules.h"
#include "access/question.h"

namespace srs::hooks {

using access::HookEvent;
using access::HookRules;

// What a Question does not say of a client. Texts of peers are bounded by the protocol that read them.
struct Client {
  std::string id;      // of the connection: the same in all its events; empty: one is made up
  std::string tc_url;  // of RTMP's connect: "rtmp://example.org/live"
  std::string page_url;
  std::string swf_url;
  std::string flash_version;  // empty: the question's agent
};

struct Event {
  HookEvent kind = HookEvent::publish;
  access::Question about;  // its action counts for questions only
  Client client{};

  // Of events that are told; what does not apply stays as it is.
  std::string user{};  // who it was, as it was proved
  std::uint64_t sent_bytes = 0, received_bytes = 0;
  std::chrono::milliseconds duration{0};  // of a recording or segment
  std::string directory{}, file{};        // of a recording or segment
  std::string url{};                      // of a segment
  std::string playlist{}, playlist_url{};
  std::uint64_t sequence = 0;  // of a segment
};

// Which process sends.
struct Sender {
  std::string node;        // as given with --node; may be empty
  std::string server_id;   // of SRS's format; empty: the node, or made up
  std::string service_id;  // of SRS's format, another one after each start; empty: made up
};

}  // namespace srs::hooks
