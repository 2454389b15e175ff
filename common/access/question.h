// Question: what a peer wants, and what it shows for it. Verdict: the answer of the Gate.
//
// The protocols fill a Question in where a peer has said what it wants, and act on the Verdict; they know
// nothing of rules. Texts of peers in a Question are bounded by the protocol that read them. Values; any
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace srs::access {

struct Permission;

using UtcTime = std::chrono::system_clock::time_point;
inline constexpr UtcTime never = UtcTime::max();

enum class Action : std::uint8_t { publish, play, admin_read, admin_write };
inline constexpr std::size_t action_count = 4;
// As in rules: "publish", "admin.read"
std::string_view name_of(Action action);
std::optional<Action> action_named(std::string_view name);

// What a client shows. Empty: it shows none of that kind.
struct Credentials {
  std::string query;  // of the URL, as it was sent, without '?': signatures and call-backs read it
  std::string user, password;
  std::string token;  // of Authorization: Bearer, ?token=, ?jwt=, a cookie
  std::string key;    // of ?key=

  bool any() const { return !user.empty() || !password.empty() || !token.empty() || !key.empty(); }
};

struct Question {
  Action action = Action::play;
  std::string protocol;  // "rtmp", "http-flv", "hls", "admin"; over TLS "rtmps", "https-flv", "https-hls"
  std::string path;      // of the stream, checked (media::parse_stream_path); empty for the admin interface
  std::string
      group;  // of a ladder that the stream is one of: a right to that is one to this, too; mostly empty
  std::string url_path;  // of the URL, decoded, from '/' on: what signatures are for
  std::string address;   // of the peer, "10.0.0.7:50123"
  std::string agent;     // the peer's own name for its software, printable
  Credentials credentials;
  bool stays = false;  // it will be a player or publisher for a while, and counts as one
};

// By what a right was granted. name: of the section in the rules, or of the hook.
struct Identity {
  enum class Kind : std::uint8_t { no_rules, anyone, user, key, signed_url, token, hook };
  Kind kind = Kind::no_rules;
  std::string name;
  std::uint64_t fingerprint = 0;  // of the secret that proved it, so that another secret ends the right
};

struct Grant {
  std::string path;  // of the stream: a key may stand for another one than was asked for
  Identity identity;
  std::string user;  // who it is, for logs and the audit; empty: nobody knows
  UtcTime expires = never;
  std::string id{};  // of the connection or session, for call-backs and the audit
  // What a token said, to be looked at again when the rules change; null: the rules say it.
  std::shared_ptr<const std::vector<Permission>> permissions{};
  std::shared_ptr<void> stay{};  // of gate::Gate: ends when the last copy is gone; null: it does not count
};

struct Refusal {
  enum class Kind : std::uint8_t {
    unknown,      // nothing was shown that allows it: with credentials it might be
    wrong,        // what was shown is not right
    expired,      // it was, once
    forbidden,    // who it is, is clear; it is not allowed
    unavailable,  // who decides does not answer
    too_many,     // a limit
  };
  Kind kind = Kind::unknown;
  std::string why;  // for the log and the audit; never holds a secret
};
// "unknown", "wrong", ...: for metrics.
std::string_view name_of(Refusal::Kind kind);
// For HTTP: 401, 403, 429 or 503.
int status_of(Refusal::Kind kind);
// What the peer is told: a sentence that tells nothing about the rules.
std::string_view answer_of(Refusal::Kind kind);

struct Verdict {
  std::optional<Grant> grant;  // none: refused
  Refusal refusal;             // if so

  Verdict(Grant granted) : grant(std::move(granted)) {}
  Verdict(Refusal refused) : refusal(std::move(refused)) {}
  explicit operator bool() const { return grant.has_value(); }
};

}  // namespace srs::access
