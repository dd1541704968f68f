#include "coordinator/server/intake.h"

#include <cassert>
#include <utility>

#include "coordinator/search/repeats.h"
#include "shared/codec/sweep_codec.h"
#include "shared/codec/sweep_place.h"

namespace firesweep {
namespace {

// Whatever is accepted, a fresh start reads back: the store keeps these texts and nothing else.
Result<void> reads_back(const FrozenSweep& frozen, const std::string& file_name) {
  ArchitectureTexts texts;
  for (const auto& [name, architecture] : frozen.architectures) {
    texts.emplace(name, architecture.canonical);
  }
  const auto again = thaw(frozen.canonical, texts);
  if (again && again->hash == frozen.hash) return {};
  return fail(ErrorCode::kBadInput, file_name,
              "cannot be kept so that it reads back" +
                  (again ? std::string() : ": " + to_string(again.error())),
              "make it smaller or simpler");
}

// The mistake with its place in what the user wrote.
tl::unexpected<Error> placed(Error error, const request::Submit& submit) {
  return tl::unexpected(
      placed_in_file(std::move(error), submit.spec_text, submit.spec_name, submit.origins));
}

}  // namespace

Result<Expanded> expand_submission(const request::Submit& submit) {
  const ArchitectureTexts architectures(submit.architectures.begin(), submit.architectures.end());
  auto frozen = freeze_file(submit.spec_text, submit.spec_name, architectures, submit.origins);
  if (!frozen) return tl::unexpected(frozen.error());
  auto shared = std::make_shared<const FrozenSweep>(std::move(*frozen));
  if (const auto read = reads_back(*shared, submit.spec_name); !read) {
    return tl::unexpected(read.error());
  }
  auto space = TrialSpace::make(shared);
  if (!space) return placed(std::move(space.error()), submit);
  if (auto batches = check_last_batches(*space); !batches) {
    return placed(std::move(batches.error()), submit);
  }
  return Expanded{std::move(shared), std::move(*space)};
}

Result<std::shared_ptr<const FrozenSweep>> decode_submission(const request::Submit& submit) {
  auto expanded = expand_submission(submit);
  if (!expanded) return tl::unexpected(std::move(expanded.error()));
  return std::move(expanded->frozen);
}

Result<Event> request_event(const PeerId& client, const ClientRequest& request) {
  if (const auto* submit = std::get_if<request::Submit>(&request.body)) {
    auto frozen = decode_submission(*submit);
    if (!frozen) return tl::unexpected(frozen.error());
    return event::SubmitRequested{client, std::move(*frozen)};
  }
  if (const auto* extend = std::get_if<request::Extend>(&request.body)) {
    if (!extend->seeds.empty() || extend->run_cap) {
      return event::WidenRequested{client, extend->sweep, {extend->seeds, extend->run_cap}};
    }
    auto frozen = decode_submission(extend->file);
    if (!frozen) return tl::unexpected(frozen.error());
    return event::ExtendRequested{client, extend->sweep, std::move(*frozen)};
  }
  if (const auto* release = std::get_if<request::Release>(&request.body)) {
    return event::ReleaseRequested{client, *release};
  }
  assert(std::holds_alternative<request::Steer>(request.body));
  return event::SteerRequested{client, std::get<request::Steer>(request.body)};
}

}  // namespace firesweep
