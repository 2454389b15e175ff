// Event: something that a peer, an operator or the tool itself did, for the audit. Values; any thread.
//
// An event is one line of JSON; fields that are empty are left out:
//
//     {"time":"2026-11-29T07:47:55.123Z","tool":"srs-relay","node":"edge1","event":"publish","who":"alice",
//      "identity":"users.alice","address":"10.0.0.7:50123","agent":"FMLE/3.0","protocol":"rtmp",
//      "path":"live/cam1","reason":"","duration_s":12.5,"bytes":1000,"id":"17"}
//
// An event never holds a secret: there is no field for one. `agent` and `reason` are written as they come, so
// whoever fills them in must not put a query, a URL with one, or a key there.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace srs::audit {

enum class Kind : std::uint8_t {
  connect,
  publish,
  play,
  refused,
  disconnect,
  unpublish,
  stop,    // of a player
  kick,    // an operator or the end of a right cut somebody off
  reload,  // of the rules
  admin,   // a request of an operator
  record,
  push,
  limit,  // a limit was met; also how many events the audit itself lost
};
std::string_view name_of(Kind kind);

struct Event {
  Kind kind = Kind::connect;
  std::string who;       // the user; empty: nobody knows
  std::string identity;  // how that is known: "users.alice"
  std::string address;   // "10.0.0.7:50123"
  std::string agent;     // the peer's own name for its software
  std::string protocol;  // "rtmp", "hls"
  std::string path;      // of the stream
  std::string reason;    // of a refusal or an end
  std::optional<std::chrono::milliseconds> duration{};
  std::optional<std::uint64_t> bytes{};
  std::string id{};  // of the connection or session: the same in all its events
};

// The longest text of a field, in bytes of UTF-8.
inline constexpr std::size_t max_text_bytes = 256, max_path_bytes = 255;

// Cuts each text to what may be written, not within a character.
void limit_texts(Event& event);
// Memory that it takes, in bytes.
std::size_t size_of(const Event& event);

// Who writes: goes into each event.
struct Writer {
  std::string tool;
  std::string node;  // names this process; may be empty
};

// The event's line, with its newline: printable ASCII. Control characters, separators and everything beyond
// ASCII are escaped (\u2028); what is not UTF-8 becomes \ufffd.
std::string line_of(const Event& event, std::chrono::system_clock::time_point time, const Writer& writer);

}  // namespace srs::audit
