#include "srs-relay/push/pusher.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <random>

#include "media/via.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {

Pusher::Pusher(Hub& hub, std::vector<std::unique_ptr<Worker>>& workers, PushOptions options, std::string node,
               const cli::Log& log)
    : hub_(hub), workers_(workers), options_(std::move(options)), node_(std::move(node)), log_(log) {
  set_urls({});
  if (!options_.file.empty()) reload();
  hub_.on_playable.push_back([this](const std::shared_ptr<Stream>& stream) { add_stream(stream); });
  hub_.on_ended.push_back([this](const std::shared_ptr<Stream>& stream) { end_stream(stream); });
}

void Pusher::set_urls(const std::vector<PushUrl>& from_file) {
  urls_.clear();
  for (const auto* urls : {&options_.urls, &from_file})
    for (const PushUrl& url : *urls)
      if (std::find(urls_.begin(), urls_.end(), url) == urls_.end()) urls_.push_back(url);
}

void Pusher::reload() {
  if (options_.file.empty() || stopped_) return;
  auto read = read_push_file(options_.file);
  if (!read) return log_.error("--push-file: {}; nothing is changed", read.error().message);
  set_urls(*read);
  for (const auto& [stream, push] : pushes_)
    if (std::find(urls_.begin(), urls_.end(), push->url()) == urls_.end()) push->stop();
  log_.info("{}: {} destinations to push to", options_.file, read->size());
  for (const auto& [path, pushed] : streams_)
    for (const PushUrl& url : urls_) push(pushed, url);
}

bool Pusher::is_matching(const std::string& path) const {
  return options_.match.empty() ||
         std::any_of(options_.match.begin(), options_.match.end(), [&](const std::string& pattern) {
           return ::fnmatch(pattern.c_str(), path.c_str(), 0) == 0;
         });
}

void Pusher::add_stream(const std::shared_ptr<Stream>& stream) {
  if (stopped_ || !is_matching(stream->path())) return;
  if (media::came_through(stream->provenance().via, node_))
    return log_.warning_by({"loops", {}, cli::log_burst},
                           "{}: not pushed on: loop: this stream was here before", stream->path());
  std::random_device random;
  const Pushed& pushed = streams_[stream->path()] = {stream, fmt::format("{:08x}{:08x}", random(), random())};
  for (const PushUrl& url : urls_) push(pushed, url);
}

void Pusher::end_stream(const std::shared_ptr<Stream>& stream) {
  if (const auto found = streams_.find(stream->path());
      found != streams_.end() && found->second.stream == stream)
    streams_.erase(found);
  const auto [begin, end] = pushes_.equal_range(stream.get());
  for (auto it = begin; it != end; ++it) it->second->stop();
}

void Pusher::forget(const Stream* stream, const Push* push) {
  const auto [begin, end] = pushes_.equal_range(stream);
  const auto found = std::find_if(begin, end, [&](const auto& entry) { return entry.second.get() == push; });
  if (found != end) pushes_.erase(found);
}

// Whether another live stream uses it.
bool Pusher::is_taken(const PushUrl& url) const {
  const auto found = only_.find(url);
  const auto push = found != only_.end() ? found->second.lock() : nullptr;
  return push && !push->done() && !push->stopping();
}

std::string Pusher::name_for(const Stream& stream, const PushUrl& url) const {
  const std::string shown = url.display_for(stream.path());
  std::string name = shown;
  const auto [begin, end] = pushes_.equal_range(&stream);
  const auto is_used = [&](const auto& entry) { return entry.second->state().destination == name; };
  for (int number = 2; std::any_of(begin, end, is_used); ++number) name = fmt::format("{}#{}", shown, number);
  return name;
}

void Pusher::push(const Pushed& pushed, const PushUrl& url) {
  const std::shared_ptr<Stream>& stream = pushed.stream;
  const auto [begin, end] = pushes_.equal_range(stream.get());
  const bool is_pushed = std::any_of(begin, end, [&](const auto& entry) {
    const Push& push = *entry.second;
    return push.url() == url && !push.stopping() && !push.done();
  });
  if (is_pushed) return;
  if (!url.has_path() && is_taken(url)) {
    if (logged_taken_.insert(url).second)
      log_.warning(
          "{}: not pushed to {}: it takes one stream, and has one (with {{path}} in its URL it takes all)",
          stream->path(), url.display_for(stream->path()));
    return;
  }
  Worker& worker = *workers_[next_worker_++ % workers_.size()];
  const auto push = std::make_shared<Push>(worker, hub_, wires_, stream, url, name_for(*stream, url), node_,
                                           pushed.timeline, options_.tls, log_);
  pushes_.emplace(stream.get(), push);
  if (!url.has_path()) only_[url] = push;
  push->start([this, stream = stream.get(), of = push.get()] { forget(stream, of); });
}

void Pusher::stop() {
  stopped_ = true;
  for (const auto& [stream, push] : pushes_) push->stop();
}

bool Pusher::done() const {
  return std::all_of(pushes_.begin(), pushes_.end(), [](const auto& entry) { return entry.second->done(); });
}

std::vector<PushState> Pusher::states() const {
  std::vector<PushState> states;
  for (const auto& [stream, push] : pushes_)
    if (!push->done()) states.push_back(push->state());
  return states;
}

}  // namespace srs::relay
