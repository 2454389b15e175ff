#include "srs-hls/outlets/directory_outlet.h"

#include <algorithm>

namespace srs::hls {
namespace {

// Files of a replaced playlist stay this long for players that still use it.
constexpr std::chrono::seconds stale_playlist_keep{60};
constexpr auto not_yet = std::chrono::steady_clock::time_point::max();

}  // namespace

bool DirectoryOutlet::write(const std::string& group_name, Group& group, const std::string& name,
                            const Content& content) {
  if (const auto written = directory_.write(name, content); !written) {
    ++group.figures.errors;
    if (!group.failing)
      log_.error("{}: {}; the last good playlist stays, and writing is tried again", group_name,
                 written.error().message);
    group.failing = true;
    return false;
  }
  ++group.figures.written;
  return true;
}

bool DirectoryOutlet::flush(const std::string& name, Group& group) {
  for (; !group.files.empty(); group.files.pop_front())
    if (!write(name, group, group.files.front().name, group.files.front().content)) return false;
  for (auto playlist = group.playlists.begin(); playlist != group.playlists.end();) {
    const auto& [file, content] = *playlist;
    if (!may_publish(content)) {
      ++playlist;
      continue;
    }
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(content.text.data()), content.text.size());
    if (!write(name, group, file, {Slice(nullptr, bytes)})) return false;
    group.published.insert(file);
    playlist = group.playlists.erase(playlist);
  }
  for (Removal& removal : group.removals)
    if (removal.at == not_yet) removal.at = clock_.steady() + stale_playlist_keep;
  if (std::exchange(group.failing, false)) log_.info("{}: files are written again", name);
  return true;
}

void DirectoryOutlet::put(const std::string& group_name, const std::string& name, Content content) {
  if (keeps_ == Keeps::playlists) return;
  Group& group = groups_[group_name];
  group.closed = group.unpublished = false;
  std::erase_if(group.removals, [&](const Removal& removal) { return removal.name == name; });
  const bool in_order = group.files.empty();
  if (in_order && write(group_name, group, name, content)) return;
  group.files.push_back({name, std::move(content)});
}

bool DirectoryOutlet::may_publish(const Text& playlist) const {
  return std::none_of(playlist.after.begin(), playlist.after.end(), [this](const PlaylistName& other) {
    const auto found = groups_.find(other.group);
    return found != groups_.end() && found->second.playlists.contains(other.name) &&
           !found->second.published.contains(other.name);
  });
}

void DirectoryOutlet::publish_after(const std::string& group_name, const std::string& name, std::string text,
                                    std::vector<PlaylistName> others) {
  Group& group = groups_[group_name];
  group.closed = group.unpublished = false;
  group.playlists[name] = {std::move(text), std::move(others)};
  flush(group_name, group);
}

void DirectoryOutlet::unlist(const std::string& group_name, const std::string& name) {
  const auto found = groups_.find(group_name);
  if (found == groups_.end()) return;
  Group& group = found->second;
  group.figures.lost += std::erase_if(group.files, [&](const Waiting& file) { return file.name == name; });
}

void DirectoryOutlet::remove(const std::string& group_name, const std::string& name) {
  unlist(group_name, name);
  const auto found = groups_.find(group_name);
  if (found != groups_.end() && !found->second.playlists.empty())
    found->second.removals.push_back({name, not_yet});
  else
    directory_.remove(name);
}

void DirectoryOutlet::unpublish(const std::string& group_name, const std::string& name) {
  Group& group = groups_[group_name];
  group.playlists.erase(name);
  group.published.erase(name);
  group.unpublished = true;
  for (Removal& removal : group.removals)
    if (removal.at == not_yet) removal.at = clock_.steady();
  directory_.remove(name);
}

void DirectoryOutlet::remove_due(Group& group) {
  for (; !group.removals.empty() && group.removals.front().at <= clock_.steady(); group.removals.pop_front())
    directory_.remove(group.removals.front().name);
}

void DirectoryOutlet::close(const std::string& group) {
  if (const auto found = groups_.find(group); found != groups_.end()) found->second.closed = true;
}

bool DirectoryOutlet::is_pending(const std::string& group, const std::string& name) const {
  const auto found = groups_.find(group);
  return found != groups_.end() && std::any_of(found->second.files.begin(), found->second.files.end(),
                                               [&](const Waiting& file) { return file.name == name; });
}

void DirectoryOutlet::retry() {
  for (auto& [name, group] : groups_) {
    remove_due(group);
    if (!group.files.empty() || !group.playlists.empty()) flush(name, group);
  }
  std::erase_if(groups_, [this](const auto& entry) {
    const Group& group = entry.second;
    const bool over =
        group.closed && group.files.empty() && group.playlists.empty() && group.removals.empty();
    if (over && group.unpublished) directory_.remove_folder(entry.first);
    return over;
  });
}

OutletFigures DirectoryOutlet::figures(const std::string& group) const {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return {};
  OutletFigures figures = found->second.figures;
  figures.waiting = found->second.files.size() + found->second.playlists.size();
  return figures;
}

}  // namespace srs::hls
