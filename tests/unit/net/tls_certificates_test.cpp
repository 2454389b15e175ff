#include "net/tls_certificates.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <string>

#include "unit/net/certificate.h"

using namespace srs;
using net::TlsCertificates;

namespace {

struct Fixture {
  explicit Fixture(net::TlsOptions wanted) : certificates(io, std::move(wanted), log) {}

  asio::io_context io;
  const cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  TlsCertificates certificates;
};

net::TlsOptions options_of(const char* path) {
  net::TlsOptions options;
  options.certificates = options.keys = {path};
  return options;
}

// A file system may keep times of a few milliseconds only: another size and time, whatever it is.
void touch(const char* path, int seconds) {
  const timespec times[2] = {{seconds, 0}, {seconds, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path, times, 0) == 0);
}

}  // namespace

TEST_CASE("files are read again on request, and bad ones change nothing") {
  const Certificate certificate("DNS:a.test"), other("DNS:b.test");
  Fixture fixture(options_of(certificate.path()));
  TlsCertificates& certificates = fixture.certificates;
  REQUIRE(certificates.open());
  const auto first = certificates.context(false);
  REQUIRE(first);
  CHECK(certificates.context(true) == first);
  CHECK_FALSE(certificates.demands_certificate());

  other.write_to(certificate.path());
  certificates.reload();
  const auto second = certificates.context(false);
  CHECK(second != first);

  FILE* file = std::fopen(certificate.path(), "w");
  std::fputs("-----BEGIN CERTIFICATE-----\nhalf of", file);
  std::fclose(file);
  certificates.reload();
  CHECK(certificates.context(false) == second);
}

TEST_CASE("changed files are read once nothing has changed for one look") {
  const Certificate certificate("DNS:a.test"), other("DNS:b.test");
  Fixture fixture(options_of(certificate.path()));
  TlsCertificates& certificates = fixture.certificates;
  REQUIRE(certificates.open());
  const auto first = certificates.context(false);
  certificates.look();
  certificates.look();
  CHECK(certificates.context(false) == first);

  other.write_to(certificate.path());
  touch(certificate.path(), 1000);
  certificates.look();
  CHECK(certificates.context(false) == first);
  touch(certificate.path(), 2000);
  certificates.look();
  CHECK(certificates.context(false) == first);
  certificates.look();
  const auto second = certificates.context(false);
  CHECK(second != first);
  certificates.look();
  CHECK(certificates.context(false) == second);

  ::unlink(certificate.path());
  certificates.look();
  certificates.look();
  CHECK(certificates.context(false) == second);
}

TEST_CASE("what cannot be used is said at the start, with the file") {
  const Certificate certificate("DNS:a.test"), other("DNS:b.test");
  const auto error_of = [](const net::TlsOptions& options) {
    Fixture fixture(options);
    const auto opened = fixture.certificates.open();
    return opened ? std::string() : opened.error().message;
  };
  CHECK(error_of(options_of("/nowhere.pem")) == "--tls-cert: /nowhere.pem: No such file or directory");
  CHECK(error_of(options_of("/dev/null")) == "--tls-cert: /dev/null: not a regular file");
  net::TlsOptions mixed = options_of(certificate.path());
  mixed.keys = {other.path()};
  CHECK(error_of(mixed).find("this key is not that of") != std::string::npos);
  net::TlsOptions demanding = options_of(certificate.path());
  demanding.client_authorities = "/nowhere.pem";
  CHECK(error_of(demanding).find("/nowhere.pem") != std::string::npos);
  demanding.client_authorities = other.path();
  CHECK(error_of(demanding).empty());
  CHECK(error_of({}).empty());
}

TEST_CASE("an encrypted key is refused instead of asking for its pass phrase") {
  const Certificate certificate("DNS:a.test");
  const std::string path = std::string(certificate.path()) + ".key";
  FILE* file = std::fopen(path.c_str(), "w");
  char pass[] = "secret";
  REQUIRE(PEM_write_PrivateKey(file, certificate.key(), EVP_aes_128_cbc(), nullptr, 0, nullptr, pass) == 1);
  std::fclose(file);
  net::TlsOptions options = options_of(certificate.path());
  options.keys = {path};
  Fixture fixture(options);
  const auto opened = fixture.certificates.open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message.find(path) != std::string::npos);
  ::unlink(path.c_str());
}

TEST_CASE("operators are asked for a certificate where that is wanted") {
  const Certificate certificate("DNS:a.test"), authority("DNS:authority");
  net::TlsOptions options = options_of(certificate.path());
  options.client_authorities = authority.path();
  Fixture fixture(options);
  REQUIRE(fixture.certificates.open());
  CHECK(fixture.certificates.demands_certificate());
  CHECK(fixture.certificates.context(true) != fixture.certificates.context(false));
}

TEST_CASE("options that do not fit together are refused with advice") {
  const auto error_of = [](net::TlsOptions options, const char* listen, const char* admin) {
    const auto listened = net::parse_url(listen), administered = net::parse_url(admin);
    const auto checked = options.check({*listened}, &*administered);
    return checked ? std::string() : checked.error().message;
  };
  net::TlsOptions none, pair, half, demanding;
  pair.certificates = pair.keys = {"a.pem"};
  half.certificates = {"a.pem"};
  demanding = pair;
  demanding.client_authorities = "c.pem";
  const char *plain = "rtmp://:1", *admin = "http://:2";
  CHECK(error_of(none, plain, admin).empty());
  CHECK(error_of(pair, "rtmps://:1", admin).empty());
  CHECK(error_of(pair, plain, "https://:2").empty());
  CHECK(error_of(demanding, plain, "https://:2").empty());
  CHECK(error_of(none, "https://:1", admin) ==
        "https://:1 needs a certificate: give --tls-cert FILE --tls-key FILE");
  CHECK(error_of(none, plain, "https://:2").starts_with("https://:2 needs a certificate"));
  CHECK(error_of(half, "rtmps://:1", admin).find("in pairs") != std::string::npos);
  CHECK(error_of(pair, plain, admin).find("of no use") != std::string::npos);
  CHECK(error_of(demanding, "https://:1", admin).find("--admin https://") != std::string::npos);
}
