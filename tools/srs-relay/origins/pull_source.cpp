#include "srs-relay/origins/pull_source.h"

#include <utility>

#include "media/via.h"
#include "srs-relay/origins/pull_query.h"

namespace srs::relay {
namespace {

PullTarget target_of(const Pulls& pulls, const PullQuestion& question, const Origin& origin) {
  PullTarget target;
  target.url = origin.spec.url_of(question.path);
  target.url.query = pull_query(target.url.query, question.permit, question.resume);
  target.connect_to = origin.connect_to;
  target.via = media::via_with(question.via, pulls.options().node);
  target.budget = pulls.options().budget;
  target.tls = pulls.options().tls;
  return target;
}

std::unique_ptr<PullConnection> connect(Pulls& pulls, const Origin& origin, PullTarget target) {
  if (pulls.options().connect) return pulls.options().connect(origin, std::move(target));
  return origin.spec.protocol().connect(pulls.io(), pulls.http(), std::move(target));
}

}  // namespace

PullSource::PullSource(OriginPtr played, std::unique_ptr<PullConnection> made)
    : origin(std::move(played)), connection(std::move(made)) {
  ++origin->pulls;
}

PullSource::~PullSource() {
  --origin->pulls;
}

asio::awaitable<Result<std::unique_ptr<PullSource>>> open_source(Pulls& pulls, PullQuestion question,
                                                                 OriginPtr origin, PullConnection** slot) {
  auto source =
      std::make_unique<PullSource>(origin, connect(pulls, *origin, target_of(pulls, question, *origin)));
  *slot = source->connection.get();
  auto opened = co_await source->connection->open(pulls.options().timeout);
  *slot = nullptr;
  if (pulls.stopped()) co_return Error{Errc::closed, "stopped"};
  if (opened && media::came_through(source->connection->via(), pulls.options().node)) {
    pulls.log().warning_by({"it comes from us", {}}, "{}: origin {} has it from us: not taken from there",
                           question.path, origin->name());
    co_return Error{Errc::not_found, "loop"};
  }
  if (opened) {
    pulls.origins().succeeded(*origin);
    co_return std::move(source);
  }
  const Error& error = opened.error();
  pulls.log().debug("{}: origin {}: {}", question.path, origin->name(), error.message);
  // A refusal is a sign of health.
  if (error.code != Errc::not_found && error.code != Errc::refused)
    pulls.origins().failed(origin, error.message);
  co_return std::move(opened).error();
}

}  // namespace srs::relay
