#include "srs-hls/mux/keys.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <new>
#include <stdexcept>

#include "core/byte_writer.h"

namespace srs::hls {
namespace {

constexpr std::size_t keys_max = 4'096;  // in memory, for players that lag behind
constexpr std::size_t cipher_block = 16;

using Block128 = std::array<std::uint8_t, cipher_block>;

std::string hex(const Block128& bytes) {
  std::string text = "0x";
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

// 16 bytes that reveal nothing of their input.
Block128 digest(std::string_view purpose, Bytes bytes) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::uint8_t hash[EVP_MAX_MD_SIZE];
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  EVP_DigestUpdate(context.get(), purpose.data(), purpose.size());
  EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
  EVP_DigestFinal_ex(context.get(), hash, nullptr);
  Block128 first;
  std::copy_n(hash, first.size(), first.begin());
  return first;
}

Block128 iv_of(std::uint64_t sequence) {
  Block128 iv{};
  for (int i = 0; i < 8; ++i) iv[15 - i] = static_cast<std::uint8_t>(sequence >> (8 * i));
  return iv;
}

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

Keys::Keys(std::string path, const KeySettings& settings, const Directory* directory, const cli::Log& log)
    : path_(std::move(path)),
      settings_(settings),
      directory_(directory),
      log_(log),
      cipher_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {
  if (!cipher_) throw std::bad_alloc();
}

std::string Keys::file_of(std::uint64_t number) const {
  return fmt::format("{}/{}.key", path_, number);
}

Keys::Key Keys::make(std::uint64_t number) {
  const std::string file = file_of(number);
  Key key;
  if (directory_ != nullptr && directory_->size_of(file) > 0) {
    const auto content = directory_->read(file, 1024);
    if (content && content->size() == key.size()) {
      std::memcpy(key.data(), content->data(), key.size());
      return key;
    }
    log_.error("{}: {}/{} is no key of 16 bytes; it is replaced", path_, directory_->path(), file);
  }
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1)
    throw std::runtime_error("the system gives no random numbers for keys");
  if (directory_ == nullptr) return key;
  if (const auto written = directory_->write_secret(file, key); written)
    made_[number] = std::nullopt;
  else
    log_.error("{}: {}; players that are served from elsewhere will miss this key", path_,
               written.error().message);
  return key;
}

const Keys::Key& Keys::key(std::uint64_t number) {
  const auto found = keys_.find(number);
  if (found != keys_.end()) return found->second;
  while (keys_.size() >= keys_max) keys_.erase(keys_.begin());
  return keys_[number] = make(number);
}

// A key kept in memory only is a different one in the next run, so it needs a different name.
std::string Keys::label(std::uint64_t number) {
  if (directory_ != nullptr) return std::to_string(number);
  const Block128 mark = digest("name", key(number));
  return fmt::format("{}-{:02x}{:02x}{:02x}{:02x}", number, mark[0], mark[1], mark[2], mark[3]);
}

std::string Keys::uri(std::uint64_t number) {
  std::string uri = settings_.uri.empty() ? "key-{key}.key" : settings_.uri;
  replace_all(uri, "{path}", path_);
  replace_all(uri, "{key}", label(number));
  return uri;
}

std::string Keys::begin_segment(std::uint64_t sequence, SegmentMuxer& muxer) {
  sequence_ = sequence;
  number_ = sequence / settings_.every;
  const Key& now = key(number_);
  if (settings_.method == Encryption::aes_128) return fmt::format("METHOD=AES-128,URI=\"{}\"", uri(number_));
  SampleEncryption encryption;
  encryption.key = now;
  encryption.key_id = digest("key id", now);
  encryption.iv = digest("iv", now);
  muxer.encrypt(encryption);
  return fmt::format("METHOD=SAMPLE-AES,URI=\"{}\",IV={},KEYFORMAT=\"identity\"", uri(number_),
                     hex(encryption.iv));
}

Content Keys::encrypt(Content content) {
  if (settings_.method != Encryption::aes_128) return content;
  const Block128 iv = iv_of(sequence_);
  if (EVP_EncryptInit_ex(cipher_.get(), EVP_aes_128_cbc(), nullptr, keys_.at(number_).data(), iv.data()) != 1)
    throw std::runtime_error("OpenSSL has no AES-128");
  // A segment that nobody else holds becomes the encrypted one: a second block would cost as much as its
  // copy.
  const bool is_ours = content.size() == 1 && content[0].block().use_count() == 1;
  return is_ours ? encrypt_in_place(std::move(content[0])) : encrypt_copy(content);
}

// All whole cipher blocks stay where they are; the padded last one gets a block of its own.
Content Keys::encrypt_in_place(Slice segment) {
  const std::size_t whole = segment.size() / cipher_block * cipher_block;
  std::uint8_t* const bytes = segment.block().get() + (segment.data() - segment.block().get());
  std::array<std::uint8_t, 2 * cipher_block> last;
  int size = 0;
  update(segment.bytes().first(whole), bytes, size);
  update(segment.bytes().subspan(whole), last.data(), size);
  int padded = 0;
  if (EVP_EncryptFinal_ex(cipher_.get(), last.data() + size, &padded) != 1)
    throw std::runtime_error("OpenSSL cannot encrypt");
  const std::size_t rest = static_cast<std::size_t>(size) + static_cast<std::size_t>(padded);
  return {segment.sub(0, whole), Slice::copy_of(Bytes(last).first(rest))};
}

Content Keys::encrypt_copy(const Content& content) {
  std::size_t size = 0;
  for (const Slice& piece : content) size += piece.size();
  Block block = make_block(size + cipher_block);
  std::size_t written = 0;
  int step = 0;
  for (const Slice& piece : content) {
    update(piece.bytes(), block.get() + written, step);
    written += static_cast<std::size_t>(step);
  }
  if (EVP_EncryptFinal_ex(cipher_.get(), block.get() + written, &step) != 1)
    throw std::runtime_error("OpenSSL cannot encrypt");
  const Bytes bytes(block.get(), written + static_cast<std::size_t>(step));
  return {Slice(std::move(block), bytes)};
}

// OpenSSL's sizes are of type int: a segment has at most 512 MiB.
void Keys::update(Bytes from, std::uint8_t* to, int& size) {
  if (EVP_EncryptUpdate(cipher_.get(), to, &size, from.data(), static_cast<int>(from.size())) != 1)
    throw std::runtime_error("OpenSSL cannot encrypt");
}

void Keys::keep_from(std::uint64_t sequence, std::chrono::steady_clock::time_point now,
                     std::chrono::milliseconds keep) {
  const std::uint64_t first = sequence / settings_.every;
  for (auto it = made_.begin(); it != made_.end() && it->first < first;) {
    auto& [number, until] = *it;
    if (!until) until = now + keep;
    if (now < *until) {
      ++it;
      continue;
    }
    directory_->remove(file_of(number));
    keys_.erase(number);
    it = made_.erase(it);
  }
}

void Keys::remove_all() {
  for (const auto& [number, until] : made_) directory_->remove(file_of(number));
  if (!made_.empty()) directory_->remove_folder(path_);
  made_.clear();
}

const Keys::Key* Keys::find(const std::string& name) {
  if (!settings_.uri.empty() || !name.starts_with("key-") || !name.ends_with(".key")) return nullptr;
  const std::string wanted = name.substr(4, name.size() - 8);
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  if (parsed.ec != std::errc()) return nullptr;
  // Maybe a key of an earlier run.
  const bool known = keys_.contains(number) ||
                     (directory_ != nullptr && directory_->size_of(file_of(number)) == Key().size());
  return known && label(number) == wanted ? &key(number) : nullptr;
}

}  // namespace srs::hls
