// Reads chunks in tests: all at once, and in pieces of any size.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>

#include "rtmp/chunk_reader.h"
#include "unit/bytes_of.h"

struct Chunks {
  std::vector<srs::rtmp::Message> messages;
  bool failed = false;
  srs::rtmp::ChunkReader reader;

  void feed(srs::Bytes bytes) {
    while (!failed) {
      auto message = reader.next(bytes);
      if (!message) {
        CHECK(message.error().code == srs::Errc::invalid_data);
        failed = true;
      } else if (*message) {
        messages.push_back(**std::move(message));
      } else {
        CHECK(bytes.empty());
        return;
      }
    }
  }
};

inline Chunks read_chunks(const std::vector<std::uint8_t>& bytes, std::size_t piece_size = SIZE_MAX) {
  Chunks chunks;
  for (std::size_t at = 0; at < bytes.size() && !chunks.failed;) {
    const std::size_t size = std::min(piece_size, bytes.size() - at);
    // A separate block per piece: a sanitizer sees a read beyond the end.
    const std::vector<std::uint8_t> piece(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                                          bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
    chunks.feed(piece);
    at += size;
  }
  return chunks;
}

inline std::vector<std::uint8_t> joined(std::initializer_list<std::vector<std::uint8_t>> parts) {
  std::vector<std::uint8_t> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline std::vector<std::uint8_t> pattern(std::size_t size, std::uint8_t seed = 1) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(seed + i * 7 + i / 256);
  return bytes;
}

inline std::vector<std::uint8_t> bytes_in(const srs::Slice& slice) {
  return {slice.bytes().begin(), slice.bytes().end()};
}
