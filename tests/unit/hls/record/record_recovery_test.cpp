#include "srs-hls/record/record_recovery.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "unit/hls/record/flv_recordings.h"
#include "unit/hls/record/recorder_rig.h"

namespace srs::hls {
namespace {

using nlohmann::json;

TEST_CASE("a killed run leaves whole pieces; the next one repairs their metadata") {
  for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
    RecorderRig f(container);
    f.headers();
    f.play(0, 3'900);
    const std::string suffix = container == RecordContainer::fmp4 ? ".mp4" : ".flv";
    const auto names = f.files(suffix);
    REQUIRE(names.size() == 1);
    CHECK(f.sidecar(names[0])["finished"] == false);
    CHECK(f.sidecar(names[0])["end"].is_null());
    CHECK(f.scan(names[0]).whole_bytes == f.directory.size_of(names[0]));
    // Another recorder of the same stream sees the lock.
    Recorder other(f.directory, "live/cam", f.settings, f.clock, silent_log());
    CHECK(f.sidecar(names[0])["finished"] == false);
    const std::string torn = f.place.text(names[0]);
    f.recorder.reset();
    f.place.put(names[0], torn + torn.substr(torn.size() / 2, 300));  // a partially written piece
    f.restart();
    const json sidecar = f.sidecar(names[0]);
    CHECK(sidecar["finished"] == true);
    CHECK(sidecar["recovered"] == true);
    CHECK(sidecar["key_frames"] == (container == RecordContainer::fmp4 ? 3 : 4));
    const double written_s = container == RecordContainer::fmp4 ? 3 : 3.5;
    CHECK(sidecar["duration_s"] == doctest::Approx(written_s).epsilon(0.15));
    CHECK(sidecar["size_bytes"] == torn.size());
    if (container == RecordContainer::fmp4) {
      CHECK(f.place.text(names[0]) == torn);
    } else {
      const std::string text = f.place.text(names[0]);
      const amf::Value told = metadata_in(text);
      CHECK(told.number_at("filesize") == static_cast<double>(torn.size()));
      CHECK(told.number_at("duration") == sidecar["duration_s"].get<double>());
      const auto index = index_in(told);
      REQUIRE(index.size() == 5);
      for (std::size_t i = 1; i < 5; ++i) CHECK(is_at(text, index[i], media::MessageKind::key_frame));
    }
    CHECK(f.files(suffix).size() == 1);
  }
}

TEST_CASE("files cut off anywhere are scanned as far as they are whole") {
  for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
    RecorderRig f(container);
    f.headers();
    f.play(0, 2'500);
    f.recorder->end();
    const auto names = f.files(container == RecordContainer::fmp4 ? ".mp4" : ".flv");
    REQUIRE(names.size() == 1);
    const std::string whole = f.place.text(names[0]);
    std::uint64_t last = 0;
    for (std::size_t size = 0; size <= whole.size(); size += 97) {
      f.place.put(names[0], whole.substr(0, size));
      const auto scanned = f.scan(names[0]);
      CHECK(scanned.whole_bytes <= size);
      CHECK(scanned.whole_bytes >= last);
      last = scanned.whole_bytes;
    }
    for (std::size_t at = 0; at < whole.size(); at += 31) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(~flipped[at]);
      f.place.put(names[0], flipped);
      CHECK(f.scan(names[0]).whole_bytes <= whole.size());
    }
  }
}

}  // namespace
}  // namespace srs::hls
