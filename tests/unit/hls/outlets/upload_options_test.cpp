#include "srs-hls/outlets/upload_options.h"

#include <doctest/doctest.h>

#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

TEST_CASE("the options of --upload") {
  const auto finish = [](std::string url, std::string file = "") {
    UploadSettings settings;
    settings.url = std::move(url);
    settings.header_file = std::move(file);
    const auto finished = finish_upload_options(settings);
    return finished ? settings.url : finished.error().message;
  };
  CHECK(finish("https://cdn.example/live//") == "https://cdn.example/live");
  CHECK(finish("http://h").empty() == false);
  for (const char* secret : {"https://me:pw@cdn/x", "https://token@cdn/x"}) {
    const std::string said = finish(secret);
    CHECK(said.find("--upload-header-file") != std::string::npos);
    CHECK(said.find("pw") == std::string::npos);
    CHECK(said.find("token") == std::string::npos);
  }
  CHECK(finish("https://cdn/x?sig=abc").find("abc") == std::string::npos);
  CHECK(finish("ftp://cdn/x").find("https://") != std::string::npos);
  CHECK(finish("", "x").find("needs --upload") != std::string::npos);

  const TemporaryDirectory place;
  const std::string path = (place.www() / "headers").string();
  place.put("headers", "# who we are\n\nAuthorization: Bearer x\r\nX-Two:2\n");
  CHECK(read_header_file(path).value() == std::vector<std::string>{"Authorization: Bearer x", "X-Two:2"});
  for (const char* wrong : {"secret", "A B: secret", "Content-Length: 5 secret", "X: secret\x01"}) {
    place.put("headers", wrong);
    const auto read = read_header_file(path);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message.find("line 1") != std::string::npos);
    CHECK(read.error().message.find("secret") == std::string::npos);
  }
  CHECK_FALSE(read_header_file(path + ".missing").ok());
}

}  // namespace
}  // namespace srs::hls
