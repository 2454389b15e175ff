#include "srs-hls/outlets/uploader.h"

#include <fmt/format.h>

#include <algorithm>

namespace srs::hls {
namespace {

// Files per group that the origin still has to delete.
constexpr std::size_t removals_max = 10'000;

std::uint64_t bytes_in(const Content& content) {
  std::uint64_t size = 0;
  for (const Slice& piece : content) size += piece.size();
  return size;
}

// No segment plays without its initialization section, which is small.
bool is_map(const std::string& name) {
  return name.ends_with(".mp4");
}

}  // namespace

Uploader::Uploader(asio::io_context& io, UploadSettings settings, const cli::Log& log)
    : io_(io), settings_(std::move(settings)), log_(log), client_(io, settings_.tls) {}

Uploader::~Uploader() = default;

void Uploader::put(const std::string& group_name, const std::string& name, Content content) {
  Group& group = groups_[group_name];
  group.name = group_name;
  group.closed = false;
  group.never_sent.erase(name);
  std::erase_if(group.removals, [&](const Removal& old) { return old.name == name && old.job == 0; });
  File file{.name = name, .size_bytes = bytes_in(content), .order = ++last_order_};
  file.content = std::move(content);
  held_bytes_ += file.size_bytes;
  group.files.push_back(std::move(file));
  limit_memory();
  pump(group);
}

void Uploader::publish_after(const std::string& group_name, const std::string& name, std::string text,
                             std::vector<PlaylistName> others) {
  Group& group = groups_[group_name];
  group.name = group_name;
  group.closed = false;
  std::erase_if(group.removals, [&](const Removal& old) { return old.name == name && old.job == 0; });
  group.playlists[name].after = std::move(others);
  auto& waiting = group.playlists[name].waiting;
  std::erase_if(waiting, [](const Version& version) { return version.stale; });
  if (waiting.size() == 2) waiting.pop_back();
  waiting.push_back({std::move(text), ++last_order_, false});
  pump(group);
}

// Starts nothing: the playlist without the file is still to come.
void Uploader::unlist(const std::string& group_name, const std::string& name) {
  const auto found = groups_.find(group_name);
  if (found == groups_.end()) return;
  Group& group = found->second;
  const auto has_name = [&](const File& file) { return file.name == name; };
  for (auto file = std::find_if(group.files.begin(), group.files.end(), has_name); file != group.files.end();
       file = std::find_if(group.files.begin(), group.files.end(), has_name)) {
    for (auto& [playlist_name, playlist] : group.playlists)
      for (Version& version : playlist.waiting) version.stale |= version.order > file->order;
    if (!file->dropped) ++group.figures.lost;
    if (file->job == 0 && file->attempts.failed == 0) group.never_sent.insert(name);
    forget(group, file);
  }
  // An older version that names the file must not go out; the newest may be the last one ever published.
  for (auto& [playlist_name, playlist] : group.playlists)
    if (playlist.waiting.size() == 2 && playlist.waiting.front().stale) playlist.waiting.pop_front();
}

void Uploader::forget(Group& group, std::deque<File>::iterator file) {
  if (file->job != 0) end_job(file->job);
  if (!file->dropped) held_bytes_ -= file->size_bytes;
  group.files.erase(file);
}

void Uploader::remove(const std::string& group_name, const std::string& name) {
  unlist(group_name, name);
  Group& group = groups_[group_name];
  group.name = group_name;
  if (group.never_sent.erase(name) > 0 || !supports_delete_) return;
  const bool settled = std::all_of(group.playlists.begin(), group.playlists.end(), [](const auto& playlist) {
    return playlist.second.waiting.empty() && !playlist.second.sent;
  });
  Removal removal{.name = name, .order = ++last_order_};
  if (settled) removal.at = std::chrono::steady_clock::now();
  if (group.removals.size() == removals_max && group.removals.front().job == 0) group.removals.pop_front();
  group.removals.push_back(std::move(removal));
  pump(group);
}

// A playlist that never went out needs no DELETE.
void Uploader::unpublish(const std::string& group_name, const std::string& name) {
  const auto found = groups_.find(group_name);
  if (found == groups_.end()) return;
  const auto playlist = found->second.playlists.find(name);
  if (playlist == found->second.playlists.end()) return;
  playlist->second.waiting.clear();
  if (playlist->second.sent || playlist->second.published_order > 0) remove(group_name, name);
}

void Uploader::close(const std::string& group) {
  if (const auto found = groups_.find(group); found != groups_.end()) found->second.closed = true;
}

bool Uploader::is_lost(const std::string& group, const std::string& name) const {
  const auto found = groups_.find(group);
  return found != groups_.end() &&
         std::any_of(found->second.files.begin(), found->second.files.end(),
                     [&](const File& file) { return file.dropped && file.name == name; });
}

bool Uploader::is_pending(const std::string& group, const std::string& name) const {
  const auto found = groups_.find(group);
  return found != groups_.end() && std::any_of(found->second.files.begin(), found->second.files.end(),
                                               [&](const File& file) { return file.name == name; });
}

void Uploader::retry() {
  for (auto& [name, group] : groups_) pump(group);
  std::erase_if(groups_, [](const auto& entry) { return entry.second.is_done(); });
}

bool Uploader::Group::is_done() const {
  const auto is_out = [](const auto& playlist) {
    return playlist.second.waiting.empty() && !playlist.second.sent;
  };
  return closed && files.empty() && removals.empty() && in_flight == 0 && !queued &&
         trouble == Trouble::none && std::all_of(playlists.begin(), playlists.end(), is_out);
}

OutletFigures Uploader::figures(const std::string& group) const {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return {};
  OutletFigures figures = found->second.figures;
  figures.waiting = found->second.files.size();
  for (const auto& [name, playlist] : found->second.playlists)
    figures.waiting += playlist.waiting.empty() && !playlist.sent ? 0 : 1;
  return figures;
}

void Uploader::limit_memory() {
  while (held_bytes_ > settings_.held_bytes_max) {
    const auto [group, file] = oldest_to_drop();
    if (file == nullptr) return;
    if (!std::exchange(reported_full_, true))
      log_.error("upload to {}: {} MiB are waiting: from now on the oldest segments are lost", settings_.url,
                 settings_.held_bytes_max >> 20);
    ++group->figures.lost;
    file->content.clear();
    file->dropped = true;
    held_bytes_ -= file->size_bytes;
  }
}

std::pair<Uploader::Group*, Uploader::File*> Uploader::oldest_to_drop() {
  std::pair<Group*, File*> oldest{nullptr, nullptr};
  const auto may_go = [](const File& file) { return file.job == 0 && !file.dropped && !is_map(file.name); };
  for (auto& [name, group] : groups_) {
    const auto file = std::find_if(group.files.begin(), group.files.end(), may_go);
    if (file == group.files.end()) continue;
    if (oldest.second == nullptr || file->order < oldest.second->order) oldest = {&group, &*file};
  }
  return oldest;
}

bool Uploader::idle() const {
  for (const auto& [name, group] : groups_) {
    bool blocked = false;
    for (const File& file : group.files) {
      if (!file.dropped) return false;
      blocked = true;  // playlists that name it never go out
    }
    for (const auto& [playlist_name, playlist] : group.playlists)
      if (playlist.sent || (!playlist.waiting.empty() && !blocked)) return false;
  }
  return true;
}

void Uploader::drain(Time deadline) {
  draining_ = true;
  for (auto& [name, group] : groups_) {
    group.not_before = {};
    for (File& file : group.files) file.attempts.next = {};
    for (auto& [playlist_name, playlist] : group.playlists) playlist.attempts.next = {};
  }
  io_.restart();
  while (!idle() && std::chrono::steady_clock::now() < deadline) {
    retry();
    io_.run_one_for(std::chrono::milliseconds(50));
    io_.restart();  // it may have had no work until the time of a retry
  }
}

void Uploader::reload() {
  if (settings_.header_file.empty()) return;
  auto headers = read_header_file(settings_.header_file);
  if (!headers) return log_.error("{}; what was read before stays", headers.error().message);
  settings_.headers = *std::move(headers);
  log_.info("{}: read again", settings_.header_file);
  for (auto& [name, group] : groups_) {
    for (File& file : group.files) file.attempts.next = {};
    for (auto& [playlist_name, playlist] : group.playlists) playlist.attempts.next = {};
    pump(group);
  }
}

}  // namespace srs::hls
