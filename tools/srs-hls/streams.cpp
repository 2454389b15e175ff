#include "streams.h"

#include <fmt/format.h>

#include <algorithm>

#include "ts_muxer.h"

namespace srs::hls {
namespace {

// A file name has 255 bytes at most, and is at times longer than the stream's: ".NAME.m3u8.tmp".
constexpr std::size_t component_size_max = 240;

}  // namespace

// live/x.m3u8/y would need a directory where live/x has its playlist.
std::string refuse_file_name(const std::string& path) {
  for (std::string_view rest = path; !rest.empty();) {
    const auto end = std::min(rest.find('/'), rest.size());
    const std::string_view component = rest.substr(0, end);
    if (component.size() > component_size_max) return "its name is too long for a file";
    for (const std::string_view suffix : {".m3u8", ".ts", ".m4s", ".mp4"})
      if (component.ends_with(suffix))
        return fmt::format("a name that ends in {} is that of another stream's file", suffix);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

void Streams::on_begin(media::ChannelId channel, const media::StreamInfo& info) {
  if (closed_) return;
  if (channel != 0 && !only_.empty() && info.path != only_) return;
  any_begun_ = true;
  if (const std::string why = refuse_file_name(info.path); !why.empty())
    return log_.error("{}: left out: {}", info.path, why);
  const auto same = [&](const auto& open) { return open.second.path == info.path; };
  if (std::any_of(open_.begin(), open_.end(), same))
    return log_.error("{}: left out: a stream of this name is on already", info.path);
  ended_.erase(info.path);
  log_.info("{}: begins: {}/{}.m3u8", info.path, directory_.path(), info.path);
  open_[channel] = {
      info.path,
      std::make_unique<Stream>(info.path, settings_, std::make_unique<TsMuxer>(), directory_, clock_, log_),
      info,
      clock_.steady(),
      {}};
}

void Streams::on_message(media::ChannelId channel, media::Message message) {
  const auto found = open_.find(channel);
  if (found == open_.end()) return;
  found->second.meter.add(message, clock_.steady());
  found->second.stream->take(message);
}

void Streams::on_end(media::ChannelId channel, media::EndReason reason) {
  const auto found = open_.find(channel);
  if (found == open_.end()) return;
  const bool ended = reason == media::EndReason::ended;
  log_.info("{}: {}", found->second.path, ended ? "ended" : "broke off; the playlist stays open");
  finish(found->second, ended ? Stream::End::ended : Stream::End::cut_off);
  open_.erase(found);
}

void Streams::cut_off() {
  for (auto& [channel, open] : open_) {
    log_.info("{}: stopped; the playlist stays open", open.path);
    finish(open, Stream::End::cut_off);
  }
  open_.clear();
  closed_ = true;
}

std::vector<Streams::State> Streams::states() const {
  std::vector<State> states;
  for (const auto& [channel, open] : open_)
    states.push_back({open.info, open.meter, open.stream->listing(), open.since});
  return states;
}

void Streams::finish(Open& open, Stream::End how) {
  open.stream->end(how);
  const Listing& listing = open.stream->listing();
  if (listing.lost() > 0) log_.error("{}: segments that could not be written: {}", open.path, listing.lost());
  if (listing.lost() > 0 || !listing.written()) any_failed_ = true;
  if (listing.has_unlisted()) ended_[open.path] = std::move(open.stream);
}

void Streams::sweep() {
  for (auto& [channel, open] : open_) open.stream->listing().sweep();
  for (auto it = ended_.begin(); it != ended_.end();) {
    it->second->listing().sweep();
    it = it->second->listing().has_unlisted() ? std::next(it) : ended_.erase(it);
  }
}

}  // namespace srs::hls
