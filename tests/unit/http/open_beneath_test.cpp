#include "http/open_beneath.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace srs::http {
namespace {

namespace fs = std::filesystem;

struct Tree {
  Tree() {
    std::string name = (fs::temp_directory_path() / "srs-open-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()));
    root = name;
    fs::create_directories(root / "www/a/b");
    std::ofstream(root / "secret") << "secret";
    std::ofstream(root / "www/a/b/file") << "file";
    fs::create_symlink("../secret", root / "www/up");
    fs::create_symlink(root / "secret", root / "www/absolute");
    fs::create_symlink("../../..", root / "www/a/b/far");
    fs::create_symlink("..", root / "www/parent");
    fs::create_symlink("a/b/file", root / "www/inside");
    fs::create_symlink("a", root / "www/inside-directory");
    directory = File(::open((root / "www").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(directory);
  }
  ~Tree() { fs::remove_all(root); }

  fs::path root;
  File directory;
};

TEST_CASE("both ways open files and never leave the directory") {
  const Tree tree;
  for (const auto open : {open_beneath, open_by_component}) {
    const auto opens = [&](const char* path) {
      return static_cast<bool>(open(tree.directory.descriptor(), path));
    };
    CHECK(opens("a/b/file"));
    CHECK(opens("a"));
    CHECK_FALSE(opens("none"));
    CHECK_FALSE(opens("a/none/file"));
    CHECK_FALSE(opens("a/b/file/x"));
    CHECK_FALSE(opens("up"));
    CHECK_FALSE(opens("absolute"));
    CHECK_FALSE(opens("a/b/far/secret"));
    CHECK_FALSE(opens("parent/secret"));
    CHECK_FALSE(opens(""));
  }
}

TEST_CASE("without openat2 links inside are not followed either") {
  const Tree tree;
  CHECK_FALSE(open_by_component(tree.directory.descriptor(), "inside"));
  CHECK_FALSE(open_by_component(tree.directory.descriptor(), "inside-directory/b/file"));
}

TEST_CASE("a FIFO does not hang") {
  const Tree tree;
  REQUIRE(::mkfifo((tree.root / "www/fifo").c_str(), 0600) == 0);
  CHECK(open_beneath(tree.directory.descriptor(), "fifo"));
  CHECK(open_by_component(tree.directory.descriptor(), "fifo"));
}

}  // namespace
}  // namespace srs::http
