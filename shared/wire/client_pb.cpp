// Requests of clients: the third part of frames_pb.h.
#include "shared/wire/frames_pb.h"

namespace firesweep {
namespace {

void write(const request::Submit& submit, pb::Submit& to) {
  to.set_spec_name(clean_text(submit.spec_name));
  to.set_spec_text(submit.spec_text);
  for (const auto& [name, text] : submit.architectures) {
    pb::NamedText& architecture = *to.add_architectures();
    architecture.set_name(clean_name(name));
    architecture.set_text(text);
  }
  for (const Origin& origin : submit.origins) {
    if (to.origins_size() == kMaxOrigins) break;
    pb::Origin& added = *to.add_origins();
    added.set_pointer(clean_text(origin.pointer));
    added.set_source(clean_text(origin.source));
    added.set_is_setting(origin.is_setting);
  }
}

void write_body(const request::Submit& submit, pb::ClientRequest& out) {
  write(submit, *out.mutable_submit());
}
void write_body(const request::Extend& extend, pb::ClientRequest& out) {
  out.mutable_extend()->set_sweep(extend.sweep.value);
  write(extend.file, *out.mutable_extend()->mutable_file());
  for (const std::int64_t seed : extend.seeds) out.mutable_extend()->add_seeds(seed);
  if (extend.run_cap) out.mutable_extend()->set_run_cap(*extend.run_cap);
}

pb::Verb write(request::Verb verb) {
  switch (verb) {
    case request::Verb::kPause:
      return pb::VERB_PAUSE;
    case request::Verb::kResume:
      return pb::VERB_RESUME;
    case request::Verb::kStop:
      return pb::VERB_STOP;
    case request::Verb::kCancel:
      return pb::VERB_CANCEL;
    case request::Verb::kRetry:
      return pb::VERB_RETRY;
  }
  return pb::VERB_UNSPECIFIED;
}

request::Verb read_verb(pb::Verb in, Checker& check) {
  using request::Verb;
  for (const Verb known : {Verb::kPause, Verb::kResume, Verb::kStop, Verb::kCancel, Verb::kRetry}) {
    if (write(known) == in) return known;
  }
  check.fail("verb", "found an unknown verb");
  return Verb::kPause;
}

void write_body(const request::Steer& steer, pb::ClientRequest& out) {
  pb::Steer& to = *out.mutable_steer();
  to.set_verb(write(steer.verb));
  to.set_sweep(steer.sweep.value);
  if (steer.trial) to.set_trial(steer.trial->value);
}
void write_body(const request::Release& release, pb::ClientRequest& out) {
  out.mutable_release()->set_worker(clean_name(release.worker));
}
void write_body(const request::Status&, pb::ClientRequest& out) { out.mutable_status(); }
void write_body(const request::Query& query, pb::ClientRequest& out) {
  pb::Query& to = *out.mutable_query();
  to.set_report(clean_name(query.report));
  to.set_format(clean_name(query.format));
  if (query.sweep) to.set_sweep(query.sweep->value);
  if (query.limit) to.set_limit(*query.limit);
  if (query.trial) to.set_trial(query.trial->value);
  to.set_references(query.references);
}

request::Submit read_submit(const pb::Submit& in, Checker& check) {
  const Checker::Scope place(check, "submit");
  request::Submit submit;
  submit.spec_name = check.text("spec_name", in.spec_name());
  submit.spec_text = in.spec_text();
  if (check.number_of("architectures", in.architectures_size(), kMaxListed)) {
    for (const pb::NamedText& architecture : in.architectures()) {
      submit.architectures.emplace_back(check.name("architectures/name", architecture.name()),
                                        architecture.text());
    }
  }
  if (check.number_of("origins", in.origins_size(), kMaxOrigins)) {
    for (const pb::Origin& origin : in.origins()) {
      submit.origins.push_back({check.text("origins/pointer", origin.pointer()),
                                check.text("origins/source", origin.source()),
                                origin.is_setting()});
    }
  }
  return submit;
}

request::Extend read_extend(const pb::Extend& in, Checker& check) {
  const Checker::Scope place(check, "extend");
  request::Extend extend{{check.whole("sweep", in.sweep())}, read_submit(in.file(), check), {}, {}};
  if (check.number_of("seeds", in.seeds_size(), kMaxSeedsAdded)) {
    for (const std::int64_t seed : in.seeds()) {
      extend.seeds.push_back(check.whole("seeds", seed, kMaxAddedSeed));
    }
  }
  if (in.has_run_cap()) extend.run_cap = check.whole("run_cap", in.run_cap(), kMaxRunCap, 1);
  return extend;
}

request::Steer read_steer(const pb::Steer& in, Checker& check) {
  const Checker::Scope place(check, "steer");
  request::Steer steer{read_verb(in.verb(), check), {check.whole("sweep", in.sweep())}, {}};
  if (!in.has_trial()) return steer;
  steer.trial = TrialId{check.whole("trial", in.trial())};
  if (steer.verb != request::Verb::kCancel && steer.verb != request::Verb::kRetry) {
    check.fail("trial", "found one, expected none: this verb is for whole sweeps");
  }
  return steer;
}

request::Query read_query(const pb::Query& in, Checker& check) {
  const Checker::Scope place(check, "query");
  request::Query query;
  query.report = check.name("report", in.report());
  query.format = check.name("format", in.format());
  if (in.has_sweep()) query.sweep = SweepId{check.whole("sweep", in.sweep())};
  if (in.has_limit()) query.limit = check.whole("limit", in.limit());
  if (in.has_trial()) query.trial = TrialId{check.whole("trial", in.trial())};
  if (!in.references().empty()) query.references = in.references();
  return query;
}

}  // namespace

void write(const ClientRequest& request, pb::ClientRequest& out) {
  out.set_protocol(request.protocol);
  std::visit([&](const auto& body) { write_body(body, out); }, request.body);
}

void read(const pb::ClientRequest& in, ClientRequest& request, Checker& check) {
  const Checker::Scope place(check, "request");
  request.protocol = in.protocol();
  // What another protocol means by its body is not known here; its client is to be told so.
  if (request.protocol != kClientProtocolVersion) return;
  switch (in.body_case()) {
    case pb::ClientRequest::kSubmit:
      request.body = read_submit(in.submit(), check);
      return;
    case pb::ClientRequest::kExtend:
      request.body = read_extend(in.extend(), check);
      return;
    case pb::ClientRequest::kSteer:
      request.body = read_steer(in.steer(), check);
      return;
    case pb::ClientRequest::kRelease:
      request.body = request::Release{check.name("release/worker", in.release().worker())};
      return;
    case pb::ClientRequest::kStatus:
      request.body = request::Status{};
      return;
    case pb::ClientRequest::kQuery:
      request.body = read_query(in.query(), check);
      return;
    case pb::ClientRequest::BODY_NOT_SET:
      check.fail("", "found a request of an unknown kind");
      return;
  }
}

}  // namespace firesweep
