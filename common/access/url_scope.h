// UrlScope: what a signature of ours is for, and the text that is signed.
//
// A scope is a path, or an ACL as the parameter `acl` writes it:
//
//     /live/cam1.flv    this path
//     /live/cam1/*      one stream: /live/cam1, /live/cam1.m3u8, /live/cam1.flv, and all below /live/cam1/
//     /live/*           all below /live/; also a stream that is called live
//     /*                everything
//
// '*' is allowed in one place, at the end behind a '/': a link for cam1 never opens cam10. Values; any
// thread.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace srs::access {

// A path or an ACL that can be signed: from '/' on, at most 1024 bytes, without control characters and
// without "." and ".." as components; '*' only in an ACL as above.
bool is_url_path(std::string_view text);
bool is_url_acl(std::string_view text);

// Both are such. path: decoded.
bool acl_covers(std::string_view acl, std::string_view path);

struct UrlScope {
  std::string key_id;         // as in the parameter kid; empty if there is none
  std::uint64_t expires = 0;  // seconds since 1970
  std::string address;        // as text_of_address() has it; empty: not bound to one
  bool has_acl = false;
  std::string acl_or_path;

  // The text that is signed, five lines without a line feed at the end:
  //
  //     srs-url-1
  //     kid:k1
  //     exp:1764000000
  //     addr:192.0.2.7
  //     acl:/live/cam1/*
  //
  // or path:/live/cam1.flv as the last. Lines are there also if empty, and no field can hold a line feed.
  // Two scopes never have the same text.
  std::string canonical() const;
};

// "192.0.2.7", also for ::ffff:192.0.2.7; IPv6 as RFC 5952 writes it, without a zone.
std::string text_of_address(const asio::ip::address& address);

}  // namespace srs::access
