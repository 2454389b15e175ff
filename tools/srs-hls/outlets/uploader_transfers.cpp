// The transfers of the uploader: which may start, what is sent, and how results are handled.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "http/response.h"
#include "http/static_files.h"
#include "srs-hls/outlets/uploader.h"

namespace srs::hls {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// Per stream; a playlist may come on top.
constexpr std::size_t group_transfers_max = 3;
constexpr std::size_t transfers_max = 128;
constexpr seconds retry_after_max{300};
constexpr seconds removal_retry{30};
constexpr unsigned removal_tries_max = 5;

// Percent-encodes the few characters of stream paths that URLs do not allow.
std::string encode(std::string_view name) {
  constexpr std::string_view plain = "-._~/";
  std::string encoded;
  for (const char c : name) {
    const bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || plain.find(c) != plain.npos)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

bool sets(const std::vector<std::string>& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(), [&](const std::string& field) {
    return http::equal_without_case(std::string_view(field).substr(0, field.find(':')), name);
  });
}

// Seconds, or a date (RFC 9110 10.2.3).
std::optional<seconds> parse_retry_after(std::string_view value) {
  long count = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), count);
  if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size()) {
    const auto date = http::parse_http_date(value);
    if (!date) return {};
    count = static_cast<long>(*date - std::time(nullptr));
  }
  return std::clamp(seconds(count), seconds(0), retry_after_max);
}

// Whether a retry may help without anybody fixing something.
bool is_transient(int status) {
  return status < 300 || status == 408 || status == 425 || status == 429 || (status >= 500 && status != 501);
}

std::string_view advice(int status) {
  if (status == 401) return " (--upload-header-file says who we are)";
  if (status == 405 || status == 501) return " (it takes no PUT here)";
  if (status == 409) return " (the folder is missing there; nginx: create_full_put_path on)";
  if (status == 413) return " (it is too large for the server)";
  if (status >= 300 && status < 400) return " (it is elsewhere; name that URL)";
  return "";
}

}  // namespace

void Uploader::pump(Group& group) {
  const Time now = steady_clock::now();
  schedule_removals(group, now);
  if (now < group.not_before) return;
  while (start_playlist(group, now) || start_file(group, now)) {
  }
  start_removal(group, now);
}

bool Uploader::may_start(Group& group, std::size_t limit) {
  if (group.in_flight >= (group.probing ? 1 : limit)) return false;
  if (jobs_.size() < transfers_max) return true;
  if (!std::exchange(group.queued, true)) starved_.push_back(&group);
  return false;
}

void Uploader::pump_starved() {
  while (!starved_.empty() && jobs_.size() < transfers_max) {
    Group& group = *starved_.front();
    starved_.pop_front();
    group.queued = false;
    pump(group);
  }
}

// Players follow a multivariant playlist to those that it names: their first versions must go out before it.
bool Uploader::follows_others(const Group& group, const Playlist& playlist, std::uint64_t order) const {
  for (const auto& [name, other] : group.playlists) {
    if (&other == &playlist || other.published_order > 0) continue;
    if (other.sent && other.sent->order < order) return false;
    if (!other.waiting.empty() && other.waiting.front().order < order) return false;
  }
  return true;
}

bool Uploader::others_are_published(const Playlist& playlist) const {
  return std::all_of(playlist.after.begin(), playlist.after.end(), [this](const PlaylistName& other) {
    const auto group = groups_.find(other.group);
    if (group == groups_.end()) return true;
    const auto found = group->second.playlists.find(other.name);
    return found == group->second.playlists.end() || found->second.published_order > 0;
  });
}

// The newest version whose files are out.
std::deque<Uploader::Version>::iterator Uploader::next_version(Group& group, Playlist& playlist) {
  auto& waiting = playlist.waiting;
  if (!others_are_published(playlist)) return waiting.end();
  for (auto version = waiting.end(); version != waiting.begin();) {
    --version;
    const bool files_out = group.files.empty() || group.files.front().order > version->order;
    if (files_out && follows_others(group, playlist, version->order)) return version;
  }
  return waiting.end();
}

bool Uploader::start_playlist(Group& group, Time now) {
  for (auto& [name, playlist] : group.playlists) {
    if (playlist.sent || now < playlist.attempts.next) continue;
    const auto version = next_version(group, playlist);
    if (version == playlist.waiting.end()) continue;
    if (!may_start(group, group_transfers_max + 1)) return false;
    playlist.sent = std::move(*version);
    playlist.waiting.erase(playlist.waiting.begin(), version + 1);
    const std::string& text = playlist.sent->text;
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    start(group, Kind::playlist, name, {Slice::copy_of(bytes)});
    return true;
  }
  return false;
}

bool Uploader::start_file(Group& group, Time now) {
  const auto is_busy = [&](std::deque<File>::iterator file) {
    const auto has_name = [&](const auto& other) { return other.name == file->name; };
    const auto deleting = std::find_if(group.removals.begin(), group.removals.end(), has_name);
    return (deleting != group.removals.end() && deleting->job != 0) ||
           std::find_if(group.files.begin(), file, has_name) != file;
  };
  for (auto file = group.files.begin(); file != group.files.end(); ++file) {
    if (file->job != 0 || file->dropped || now < file->attempts.next || is_busy(file)) continue;
    if (!may_start(group, group_transfers_max)) return false;
    file->job = start(group, Kind::file, file->name, file->content);
    return true;
  }
  return false;
}

// A playlist that went out late was used by players until now.
void Uploader::schedule_removals(Group& group, Time now) {
  for (Removal& removal : group.removals) {
    if (removal.at) continue;
    for (const auto& [name, playlist] : group.playlists)
      if ((playlist.sent || !playlist.waiting.empty()) && playlist.published_order < removal.order) return;
    removal.at = now + settings_.stale_playlist_keep;
  }
}

void Uploader::start_removal(Group& group, Time now) {
  if (!supports_delete_ || group.probing) return;
  for (Removal& removal : group.removals) {
    if (removal.job != 0 || !removal.at) return;
    if (*removal.at > now) continue;
    if (!may_start(group, group_transfers_max)) return;
    removal.job = start(group, Kind::removal, removal.name, {});
    return;
  }
}

std::vector<std::string> Uploader::fields_for(Kind kind, const std::string& name) const {
  std::vector<std::string> fields = settings_.headers;
  if (kind == Kind::removal) return fields;
  if (!sets(fields, "Content-Type"))
    fields.push_back(fmt::format("Content-Type: {}", http::content_type_of(name)));
  if (!sets(fields, "Cache-Control"))
    fields.push_back(fmt::format("Cache-Control: {}", http::live_cache_rule(name)));
  return fields;
}

std::uint64_t Uploader::start(Group& group, Kind kind, const std::string& name, Content content) {
  const std::uint64_t id = ++last_job_;
  http::ClientRequest request;
  request.url = settings_.url + "/" + encode(name);
  request.headers = fields_for(kind, name);
  request.method = kind == Kind::removal ? "DELETE" : "PUT";
  request.body = std::move(content);
  request.stalled_time = settings_.stalled_time;
  request.follow_redirects = false;  // our header fields are only for this server
  http::ClientHandlers handlers;
  handlers.on_head = [this, id](int status, const http::Headers& headers) {
    Job& job = jobs_.at(id);
    job.status = status;
    if (const std::string* after = headers.find("Retry-After")) job.retry_after = parse_retry_after(*after);
  };
  handlers.on_done = [this, id](Result<void> result) { on_done(id, result); };
  ++group.in_flight;
  Job& job = jobs_[id];
  job.group = &group;
  job.kind = kind;
  job.name = name;
  job.transfer = client_.send(std::move(request), std::move(handlers));
  return id;
}

void Uploader::end_job(std::uint64_t id) {
  const auto job = jobs_.find(id);
  --job->second.group->in_flight;
  jobs_.erase(job);
}

void Uploader::on_done(std::uint64_t id, const Result<void>& result) {
  const auto node = jobs_.extract(id);
  const Job& job = node.mapped();
  Group& group = *job.group;
  --group.in_flight;
  switch (job.kind) {
    case Kind::file:
      file_done(group, id, job, result);
      break;
    case Kind::playlist:
      playlist_done(group, job, result);
      break;
    case Kind::removal:
      removal_done(group, id, job, result);
      break;
  }
  pump(group);
  pump_starved();
}

void Uploader::file_done(Group& group, std::uint64_t id, const Job& job, const Result<void>& result) {
  const auto file =
      std::find_if(group.files.begin(), group.files.end(), [&](const File& f) { return f.job == id; });
  file->job = 0;
  if (!result) return failed(group, file->attempts, job, result);
  log_.debug("{}: uploaded", file->name);
  forget(group, file);
  succeeded(group);
}

void Uploader::playlist_done(Group& group, const Job& job, const Result<void>& result) {
  Playlist& playlist = group.playlists.at(job.name);
  Version version = *std::exchange(playlist.sent, std::nullopt);
  if (!result) {
    // All files that it names are out, so it may still go first.
    if (playlist.waiting.size() < 2) playlist.waiting.push_front(std::move(version));
    return failed(group, playlist.attempts, job, result);
  }
  playlist.published_order = version.order;
  playlist.attempts = {};
  succeeded(group);
}

void Uploader::removal_done(Group& group, std::uint64_t id, const Job& job, const Result<void>& result) {
  const auto removal = std::find_if(group.removals.begin(), group.removals.end(),
                                    [&](const Removal& r) { return r.job == id; });
  removal->job = 0;
  const bool gone = result.ok() || job.status == 404 || job.status == 410;
  if (gone || (is_transient(job.status) && ++removal->failed == removal_tries_max)) {
    group.removals.erase(removal);
  } else if (is_transient(job.status)) {
    removal->at = steady_clock::now() + removal_retry;
  } else {
    log_.info("upload to {}: it does not delete files ({}); old files stay there", settings_.url,
              result.error().message);
    supports_delete_ = false;
    for (auto& [name, other] : groups_)
      std::erase_if(other.removals, [](const Removal& r) { return r.job == 0; });
  }
}

void Uploader::succeeded(Group& group) {
  ++group.figures.written;
  reported_full_ = reported_full_ && held_bytes_ > settings_.held_bytes_max / 2;
  if (std::exchange(group.probing, false)) {
    const auto due = [](Attempts& attempts) {
      if (!attempts.refused) attempts.next = {};
    };
    for (File& file : group.files) due(file.attempts);
    for (auto& [name, playlist] : group.playlists) due(playlist.attempts);
  }
  if (group.trouble != Trouble::none && !has_failed(group)) set_trouble(group, Trouble::none);
}

bool Uploader::has_failed(const Group& group) const {
  return std::any_of(group.files.begin(), group.files.end(),
                     [](const File& file) { return file.attempts.failed > 0; }) ||
         std::any_of(group.playlists.begin(), group.playlists.end(),
                     [](const auto& playlist) { return playlist.second.attempts.failed > 0; });
}

void Uploader::failed(Group& group, Attempts& attempts, const Job& job, const Result<void>& result) {
  ++group.figures.errors;
  const bool passing = is_transient(job.status);
  const auto shift = std::min(attempts.failed++, 16u);
  milliseconds wait = passing ? std::min(settings_.first_retry * (1u << shift), settings_.longest_retry)
                              : settings_.refused_retry;
  if (draining_) wait = settings_.first_retry;
  const Time now = steady_clock::now();
  attempts.refused = !passing;
  attempts.next = now + std::max(wait, milliseconds(job.retry_after.value_or(seconds(0))));
  if (passing) {
    group.probing = true;
    group.not_before = now + (job.retry_after ? milliseconds(*job.retry_after) : settings_.first_retry);
  }
  log_.debug("{}: {}", job.name, result.error().message);
  if (passing && group.trouble == Trouble::none) {
    if (failing_groups_ == 0)
      log_.error("upload to {}: {}: {}; it is tried again, the last good playlist stays", settings_.url,
                 job.name, result.error().message);
    set_trouble(group, Trouble::failing);
  } else if (!passing && group.trouble != Trouble::refused) {
    log_.error("upload to {}: {}: {}{}; it is tried again seldom, the last good playlist stays",
               settings_.url, job.name, result.error().message, advice(job.status));
    set_trouble(group, Trouble::refused);
  }
}

void Uploader::set_trouble(Group& group, Trouble trouble) {
  const Trouble before = std::exchange(group.trouble, trouble);
  if (trouble == Trouble::failing) ++failing_groups_;
  if (before == Trouble::failing && --failing_groups_ == 0 && trouble == Trouble::none)
    log_.info("upload to {}: files are accepted again", settings_.url);
  if (before == Trouble::refused && trouble == Trouble::none)
    log_.info("upload to {}: {}: files are accepted again", settings_.url, group.name);
}

}  // namespace srs::hls
