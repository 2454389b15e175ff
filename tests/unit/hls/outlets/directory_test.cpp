#include "srs-hls/outlets/directory.h"

#include <doctest/doctest.h>

#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

namespace fs = std::filesystem;

Bytes bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST_CASE("a file appears whole, with its parent directories, and no other files") {
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  REQUIRE(directory.write("live/x/1.ts", bytes("one")).ok());
  REQUIRE(directory.write("live/x/1.ts", bytes("two")).ok());
  CHECK(place.text("live/x/1.ts") == "two");
  CHECK(directory.list("live/x") == std::vector<std::string>{"1.ts"});
  CHECK(directory.size_of("live/x/1.ts") == 3);
  CHECK(directory.read("live/x/1.ts", 3).value() == "two");
  CHECK_FALSE(directory.read("live/x/1.ts", 2).ok());
  directory.remove("live/x/1.ts");
  CHECK_FALSE(place.has("live/x/1.ts"));
  CHECK(directory.size_of("live/x/1.ts") == 0);
}

TEST_CASE("no name leads out of the directory") {
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  for (const char* name : {"../out", "live/../../out", "/out", "live//out", "./out"})
    CHECK_FALSE(directory.write(name, bytes("x")).ok());
  CHECK_FALSE(fs::exists(place.path() / "out"));
}

TEST_CASE("planted links are not followed") {
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  fs::create_directory(place.path() / "outside");
  std::ofstream(place.path() / "outside/secret") << "secret";
  fs::create_directory_symlink(place.path() / "outside", place.www() / "live");
  CHECK_FALSE(directory.write("live/x.m3u8", bytes("x")).ok());
  CHECK_FALSE(directory.read("live/secret", 100).ok());
  CHECK(directory.list("live").empty());
  directory.remove("live/secret");
  CHECK(fs::exists(place.path() / "outside/secret"));

  // A link in place of a file is replaced; in place of its temporary file, removed.
  fs::create_symlink(place.path() / "outside/secret", place.www() / "a.m3u8");
  fs::create_symlink(place.path() / "outside/secret", place.www() / ".a.m3u8.tmp");
  CHECK_FALSE(directory.read("a.m3u8", 100).ok());
  CHECK(directory.write("a.m3u8", bytes("x")).ok());
  CHECK_FALSE(fs::is_symlink(place.www() / "a.m3u8"));
  std::ifstream secret(place.path() / "outside/secret");
  CHECK(std::string(std::istreambuf_iterator<char>(secret), {}) == "secret");
}

TEST_CASE("a failed write is an error, and leaves nothing") {
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  fs::create_directories(place.www() / "live/x.m3u8/in");
  const auto written = directory.write("live/x.m3u8", bytes("x"));
  REQUIRE_FALSE(written.ok());
  CHECK(written.error().message.find("live/x.m3u8: ") != std::string::npos);
  CHECK(directory.list("live") == std::vector<std::string>{"x.m3u8"});
  place.put("file", "");
  CHECK_FALSE(directory.write("file/x", bytes("x")).ok());
  CHECK_FALSE(Directory::open((place.www() / "file").string()).ok());
}

}  // namespace
}  // namespace srs::hls
