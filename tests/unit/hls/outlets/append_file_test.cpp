#include "srs-hls/outlets/append_file.h"

#include <doctest/doctest.h>

#include <fstream>

#include "unit/hls/file_size_limit.h"
#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

namespace fs = std::filesystem;

Slice slice(std::string_view text) {
  return Slice::copy_of({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TEST_CASE("a new file reuses no existing name, and grows by pieces") {
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  auto file = directory.create("live/x/a.mp4");
  REQUIRE(file.ok());
  REQUIRE(file->has_value());
  const Slice pieces[] = {slice("one"), Slice(), slice("two")};
  REQUIRE((*file)->append(pieces).ok());
  REQUIRE((*file)->append(std::span(pieces, 1)).ok());
  CHECK(place.text("live/x/a.mp4") == "onetwoone");
  CHECK((*file)->size_bytes() == 9);
  const auto read = (*file)->read(3, 100);
  CHECK(std::string(read->begin(), read->end()) == "twoone");
  REQUIRE((*file)->truncate(4).ok());
  REQUIRE((*file)->append(std::span(pieces, 1)).ok());
  CHECK(place.text("live/x/a.mp4") == "onetone");

  const auto again = directory.create("live/x/a.mp4");
  REQUIRE(again.ok());
  CHECK_FALSE(again->has_value());
  CHECK(place.text("live/x/a.mp4") == "onetone");
}

TEST_CASE("an open file is locked") {
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  auto file = directory.create("a.mp4");
  REQUIRE(file->has_value());
  CHECK_FALSE(directory.reopen("a.mp4")->lock());
  file->reset();
  CHECK(directory.reopen("a.mp4")->lock());
  CHECK_FALSE(directory.reopen("b.mp4").ok());
}

TEST_CASE("planted links are neither followed nor replaced") {
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  fs::create_directory(place.path() / "outside");
  std::ofstream(place.path() / "outside/secret") << "secret";
  fs::create_directory_symlink(place.path() / "outside", place.www() / "live");
  fs::create_symlink(place.path() / "outside/new", place.www() / "a.mp4");
  CHECK_FALSE(directory.create("live/a.mp4").ok());
  CHECK_FALSE(directory.reopen("live/secret").ok());
  const auto linked = directory.create("a.mp4");
  REQUIRE(linked.ok());
  CHECK_FALSE(linked->has_value());
  CHECK(directory.has("a.mp4"));
  CHECK_FALSE(directory.reopen("a.mp4").ok());
  CHECK_FALSE(fs::exists(place.path() / "outside/new"));
  CHECK_FALSE(fs::exists(place.path() / "outside/a.mp4"));
}

TEST_CASE("a piece that does not fit leaves nothing behind") {
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  auto file = directory.create("a.mp4");
  REQUIRE(file->has_value());
  const Slice small = slice("small"), large = slice(std::string(10'000, 'x'));
  const Slice both[] = {small, large};
  REQUIRE((*file)->append(std::span(&small, 1)).ok());
  {
    const FileSizeLimit limit(8'192);
    CHECK_FALSE((*file)->append(both).ok());
    CHECK(place.text("a.mp4") == "small");
    CHECK((*file)->append(std::span(&small, 1)).ok());
  }
  CHECK((*file)->append(std::span(&large, 1)).ok());
  CHECK((*file)->size_bytes() == 10'010);
  CHECK(place.text("a.mp4").size() == 10'010);
}

}  // namespace
}  // namespace srs::hls
