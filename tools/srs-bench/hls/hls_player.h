// HlsPlayer: plays a stream over HLS or Low-Latency HLS like a viewer's player, and measures what arrives
// when.
//
// From a multivariant playlist it plays one variant, and its audio rendition if that is separate; each is an
// HlsTrack. It decodes nothing: its buffer is a Playout. A verified player searches the media for the
// publisher's clock, the others discard it in the socket.
#pragma once

#include <array>
#include <memory>

#include "srs-bench/clients/client.h"
#include "srs-bench/hls/hls_track.h"
#include "srs-bench/hls/playout.h"
#include "srs-bench/http/http_redirect.h"
#include "srs-bench/options/options.h"

namespace srs::bench {

// Shared by all players of a run.
struct HlsSettings {
  HttpServer server;
  std::chrono::milliseconds timeout{};  // from connecting to the first media
  bool low_latency = true;
  VariantChoice variant = VariantChoice::highest;
  std::unique_ptr<Deliveries> deliveries;
  std::shared_ptr<const net::TlsContext> trust;
  std::shared_ptr<ServerAddresses> addresses = std::make_shared<ServerAddresses>();  // of redirect targets
};

class HlsPlayer : public Client, private EventHandler, private HlsTrackListener {
 public:
  HlsPlayer(EventLoop& loop, std::vector<std::uint8_t>& buffer, PlaylistCache& cache, ThreadFigures& thread,
            Progress& progress, const net::Url& url, const HlsSettings& settings, bool verified);

  void bind_to(const Address& local) override { local_ = &local; }
  void start_at(Clock::time_point at) override { context_.loop.set_timer(*this, at); }
  void tick(Clock::time_point now) override;
  void finish(Clock::time_point now) override;

 private:
  void on_ready(std::uint32_t, Clock::time_point) override {}
  void on_timer(Clock::time_point now) override;
  void on_received(std::size_t size) override;
  void on_multivariant(const MultivariantPlaylist& playlist) override;
  void on_position(std::size_t lane, MediaTime skipped, MediaTime hold_back, bool low_latency) override;
  void on_first_media_byte() override;
  void on_media(std::size_t lane, MediaTime duration) override;
  void on_ended(std::size_t lane) override;
  void on_redirected(std::size_t lane, const std::string& location) override;
  void on_track_failed(const std::string& reason, const std::string& detail) override;

  void begin_track(std::size_t lane, const std::string& target);
  const HlsVariant& choose(const MultivariantPlaylist& playlist) const;
  void close();

  HttpServer server_;
  HlsContext context_;
  const HlsSettings& settings_;
  std::string target_;  // path and query
  int redirects_ = 0;
  const bool verified_;
  const Address* local_ = nullptr;
  std::array<std::unique_ptr<HlsTrack>, 2> tracks_;
  std::array<bool, 2> ended_{};
  Playout playout_;
};

}  // namespace srs::bench
