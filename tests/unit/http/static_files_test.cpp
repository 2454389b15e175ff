#include "http/static_files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "unit/http/live_server.h"

namespace srs::http {
namespace {

namespace fs = std::filesystem;

// root/www is served; root/secret.txt is not.
class Site {
 public:
  Site() {
    std::string name = (fs::temp_directory_path() / "srs-http-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()));
    root_ = name;
    fs::create_directories(www() / "live");
    write("../secret.txt", "secret");
    write("live/x.m3u8", "#EXTM3U\n");
    write("live/x-1.ts", "0123456789");
  }
  ~Site() { fs::remove_all(root_); }

  fs::path www() const { return root_ / "www"; }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(www() / name, std::ios::binary) << content;
  }
  StaticFiles files() const { return *StaticFiles::open(www().string()); }

 private:
  fs::path root_;
};

Request request_for(std::string path, std::vector<Headers::Field> fields = {}, std::string method = "GET") {
  Request request;
  request.method = std::move(method);
  request.target = request.path = std::move(path);
  for (auto& [name, value] : fields) request.headers.add(name, value);
  return request;
}

std::string content_of(const Response& response) {
  REQUIRE(response.file);
  std::string content(response.file->size_bytes, '\0');
  REQUIRE(::pread(response.file->file.descriptor(), content.data(), content.size(),
                  static_cast<off_t>(response.file->offset)) == static_cast<ssize_t>(content.size()));
  return content;
}

TEST_CASE("a file") {
  const Site site;
  const Response response = site.files().answer(request_for("/live/x.m3u8"));
  CHECK(response.status == 200);
  CHECK(content_of(response) == "#EXTM3U\n");
  CHECK(response.headers.value("Content-Type") == "application/vnd.apple.mpegurl");
  CHECK(response.headers.value("Cache-Control") == "no-cache");
  const Response segment = site.files().answer(request_for("/live/x-1.ts"));
  CHECK(segment.headers.value("Content-Type") == "video/mp2t");
  CHECK(segment.headers.value("Cache-Control") == "max-age=3600");
}

TEST_CASE("content types") {
  CHECK(content_type_of("/a/b.mp4") == "video/mp4");
  CHECK(content_type_of("/a/b.m4s") == "video/mp4");
  CHECK(content_type_of("/a/b.TS") == "video/mp2t");
  CHECK(content_type_of("/a.ts/b") == "application/octet-stream");
  CHECK(content_type_of("/a.tar.zz") == "application/octet-stream");
  CHECK(content_type_of("/index.html").starts_with("text/html"));
  CHECK(content_type_of("/hls.min.js").starts_with("text/javascript"));
}

TEST_CASE("paths that are not served") {
  const Site site;
  site.write(".hidden", "secret");
  site.write("live/.x-2.ts.tmp", "secret");
  ::mkfifo((site.www() / "pipe").c_str(), 0600);
  const StaticFiles files = site.files();
  for (const char* path :
       {"/.hidden", "/live/.x-2.ts.tmp", "/../secret.txt", "/live/../../secret.txt", "//live/x.m3u8",
        "/live//x.m3u8", "/live/x.m3u8/", "/live/x.m3u8/y", "/live", "/live/", "/", "/none", "",
        "live/x.m3u8", "/pipe", "/./live/x.m3u8", "/live\\x.m3u8", "*"}) {
    CAPTURE(path);
    const Response response = files.answer(request_for(path));
    CHECK(response.status == 404);
    CHECK_FALSE(response.file);
    CHECK(response.body.ends_with("no such file\n"));
  }
  CHECK(files.answer(request_for("/" + std::string(5000, 'a'))).status == 404);
}

TEST_CASE("symbolic links do not lead out") {
  const Site site;
  const auto link = [&](const char* target, const char* name) {
    fs::create_symlink(target, site.www() / name);
  };
  link("../secret.txt", "up.txt");
  link((site.www() / "../secret.txt").c_str(), "absolute.txt");
  link("..", "parent");
  link("/", "slash");
  link("/proc/self/root", "magic");
  link("loop", "loop");
  link("missing", "dangling");
  const StaticFiles files = site.files();
  for (const char* path : {"/up.txt", "/absolute.txt", "/parent/secret.txt", "/slash/etc/passwd",
                           "/magic/etc/passwd", "/loop", "/dangling", "/parent", "/slash"}) {
    CAPTURE(path);
    CHECK(files.answer(request_for(path)).status == 404);
  }
}

TEST_CASE("a directory is its page") {
  const Site site;
  site.write("index.html", "root");
  fs::create_directory(site.www() / "a b");
  site.write("a b/index.html", "below");
  const StaticFiles files = site.files();
  CHECK(content_of(files.answer(request_for("/"))) == "root");
  CHECK(content_of(files.answer(request_for("/a b/"))) == "below");
  const Response moved = files.answer(request_for("/a b"));
  CHECK(moved.status == 301);
  CHECK(moved.headers.value("Location") == "/a%20b/");
}

TEST_CASE("ranges of a file") {
  const Site site;
  const StaticFiles files = site.files();
  const auto part = [&](std::string range) {
    return files.answer(request_for("/live/x-1.ts", {{"Range", range}}));
  };
  const Response first = part("bytes=0-3");
  CHECK(first.status == 206);
  CHECK(content_of(first) == "0123");
  CHECK(first.headers.value("Content-Range") == "bytes 0-3/10");
  CHECK(content_of(part("bytes=7-")) == "789");
  CHECK(content_of(part("bytes=-2")) == "89");
  CHECK(part("bytes=1-2,4-5").status == 200);
  CHECK(part("bytes=x").status == 200);
  const Response beyond = part("bytes=10-");
  CHECK(beyond.status == 416);
  CHECK(beyond.headers.value("Content-Range") == "bytes */10");
  CHECK_FALSE(beyond.file);
  CHECK(files.answer(request_for("/live/x-1.ts", {{"Range", "bytes=0-3"}}, "HEAD")).status == 200);
  site.write("live/empty.ts", "");
  CHECK(files.answer(request_for("/live/empty.ts")).status == 200);
  CHECK(files.answer(request_for("/live/empty.ts", {{"Range", "bytes=0-"}})).status == 416);
}

TEST_CASE("conditional requests") {
  const Site site;
  const StaticFiles files = site.files();
  const Response fresh = files.answer(request_for("/live/x.m3u8"));
  const std::string tag(fresh.headers.value("ETag"));
  const std::string date(fresh.headers.value("Last-Modified"));
  const auto status = [&](std::string name, std::string value) {
    return files.answer(request_for("/live/x.m3u8", {{name, value}})).status;
  };
  CHECK(status("If-None-Match", tag) == 304);
  CHECK(status("If-None-Match", "W/" + tag) == 304);
  CHECK(status("If-None-Match", "\"a\", " + tag + " , \"b\"") == 304);
  CHECK(status("If-None-Match", "*") == 304);
  CHECK(status("If-None-Match", "\"a\"") == 200);
  CHECK(status("If-None-Match", ",,") == 200);
  CHECK(status("If-Modified-Since", date) == 304);
  CHECK(status("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT") == 200);
  CHECK(status("If-Modified-Since", "yesterday") == 200);
  // If there are both, the tag decides.
  CHECK(files.answer(request_for("/live/x.m3u8", {{"If-None-Match", "\"a\""}, {"If-Modified-Since", date}}))
            .status == 200);
  const Response unchanged = files.answer(request_for("/live/x.m3u8", {{"If-None-Match", tag}}));
  CHECK(unchanged.headers.value("ETag") == tag);
  CHECK_FALSE(unchanged.file);

  const auto range_if = [&](std::string condition) {
    return files.answer(request_for("/live/x.m3u8", {{"Range", "bytes=0-0"}, {"If-Range", condition}}))
        .status;
  };
  CHECK(range_if(tag) == 206);
  CHECK(range_if("\"a\"") == 200);
  CHECK(range_if(date) == 206);
  CHECK(range_if("Sun, 06 Nov 1994 08:49:37 GMT") == 200);
  CHECK(range_if("W/" + tag) == 200);
}

TEST_CASE("a file replaced by one of the same size has another tag") {
  const Site site;
  const StaticFiles files = site.files();
  const auto tag = [&] {
    return std::string(files.answer(request_for("/live/x-1.ts")).headers.value("ETag"));
  };
  const auto set_time = [&](long nanoseconds) {
    const timespec times[2] = {{1'700'000'000, nanoseconds}, {1'700'000'000, nanoseconds}};
    REQUIRE(::utimensat(AT_FDCWD, (site.www() / "live/x-1.ts").c_str(), times, 0) == 0);
  };
  set_time(1);
  const std::string before = tag();
  CHECK(tag() == before);
  set_time(2);
  CHECK(tag() != before);
}

TEST_CASE("a directory that is not there") {
  const auto files = StaticFiles::open("/nonexistent/www");
  REQUIRE_FALSE(files);
  CHECK(files.error().message == "cannot open /nonexistent/www: No such file or directory");
}

TEST_CASE("files over a socket") {
  const Site site;
  std::string large(5'000'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761u >> 24);
  site.write("large.ts", large);
  const StaticFiles files = site.files();
  LiveServer server(
      [&files](Request request) -> asio::awaitable<Answer> { co_return files.answer(request); });
  RawClient client(server.port());

  CHECK(client.get("/large.ts").body == large);
  const Reply part = client.get("/large.ts", "Range: bytes=1000000-3999999\r\n");
  CHECK(part.status == 206);
  CHECK(part.body == large.substr(1'000'000, 3'000'000));
  client.send("HEAD /large.ts HTTP/1.1\r\nHost: x\r\n\r\n");
  const Reply head = client.receive(true);
  CHECK(head.status == 200);
  CHECK(head.field("Content-Length") == "5000000");
  const Reply unchanged = client.get("/large.ts", "If-None-Match: " + head.field("ETag") + "\r\n");
  CHECK(unchanged.status == 304);
  CHECK(unchanged.field("Content-Length").empty());
  CHECK(unchanged.field("Access-Control-Allow-Origin") == "*");
  CHECK(client.get("/none").body == "/none: no such file\n");
  CHECK(client.get("/live/x.m3u8").body == "#EXTM3U\n");  // the connection is still in sync
}

// Most of the file is a hole: it takes no room.
TEST_CASE("ranges of a file of more than 2^32 bytes, over a socket") {
  const Site site;
  constexpr std::uint64_t bound = std::uint64_t{1} << 32;
  {
    std::ofstream file(site.www() / "long.mp4", std::ios::binary);
    file.seekp(static_cast<std::streamoff>(bound - 4));
    file << "01234567";
    if (!file.flush()) return;  // a file system of small files
  }
  const StaticFiles files = site.files();
  LiveServer server(
      [&files](Request request) -> asio::awaitable<Answer> { co_return files.answer(request); });
  RawClient client(server.port());
  client.send("HEAD /long.mp4 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.receive(true).field("Content-Length") == "4294967300");
  const Reply across = client.get("/long.mp4", "Range: bytes=4294967292-4294967297\r\n");
  CHECK(across.status == 206);
  CHECK(across.field("Content-Range") == "bytes 4294967292-4294967297/4294967300");
  CHECK(across.body == "012345");
  CHECK(client.get("/long.mp4", "Range: bytes=4294967297-\r\n").body == "567");
  CHECK(client.get("/long.mp4", "Range: bytes=-3\r\n").body == "567");
  CHECK(client.get("/long.mp4", "Range: bytes=4294967300-\r\n").field("Content-Range") ==
        "bytes */4294967300");
}

TEST_CASE("a file that shrinks while it is sent ends the connection") {
  const Site site;
  site.write("large.ts", std::string(50'000'000, 'a'));
  const StaticFiles files = site.files();
  LiveServer server(
      [&files](Request request) -> asio::awaitable<Answer> { co_return files.answer(request); });
  RawClient client(server.port());
  client.send("GET /large.ts HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto wait_for_full_socket = [&] {
    pollfd none{-1, 0, 0};
    ::poll(&none, 1, 300);
  };
  wait_for_full_socket();
  fs::resize_file(site.www() / "large.ts", 1000);
  CHECK(client.receive().body.size() < 50'000'000);
  CHECK(server.reaches_connections(0));
}

}  // namespace
}  // namespace srs::http
