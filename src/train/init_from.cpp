#include "train/init_from.h"

#include "core/error.h"
#include "core/options.h"

namespace sure {

namespace {

using Json = nlohmann::ordered_json;

/// Options as a run that starts from an adapter has them: the user's, else the adapter's.
class Follower {
 public:
  Follower(const RunConfig& config, const IsGiven& is_given) : origin_(config.train.init_from), is_given_(is_given) {}

  template <class Options>
  void follow(Options& chosen, const Options& recorded) const {
    Json options = options_to_json(chosen);
    const Json theirs = options_to_json(recorded);
    const Json usual = options_to_json(Options());
    for (const auto& [name, value] : usual.items()) {
      if (!is_chosen(name, options[name], value)) options[name] = theirs[name];
    }
    options_from_json(chosen, options, origin_);
  }

  /// Throws where the user chose otherwise.
  template <class Options>
  void demand(const Options& chosen, const Options& recorded) const {
    const Json options = options_to_json(chosen);
    const Json theirs = options_to_json(recorded);
    const Json usual = options_to_json(Options());
    for (const auto& [name, value] : usual.items()) {
      if (!is_chosen(name, options[name], value) || options[name] == theirs[name]) continue;
      fail_usage("--{} {}: --init_from {} was trained with {}; leave --{} out, or start without --init_from", name,
                 text_of(options[name]), origin_, text_of(theirs[name]), name);
    }
  }

 private:
  /// On the command line, or in --config, where only what is no default is known to be meant.
  bool is_chosen(const std::string& name, const Json& value, const Json& fallback) const {
    return is_given_(name) || value != fallback;
  }

  static std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

  const std::string& origin_;
  const IsGiven& is_given_;
};

}  // namespace

void follow(const SavedAdapter& start, RunConfig& config, const IsGiven& is_given) {
  const Follower follower(config, is_given);
  const ModelSpec& spec = start.spec;
  // What trained a head alone leaves the choice of a method open.
  const bool open = spec.tuning.method == "head" && is_given("method");
  if (!open) {
    follower.demand(config.tuning, spec.tuning);
    follower.follow(config.tuning, spec.tuning);
  }
  follower.follow(config.head, spec.head);
  follower.follow(config.target, spec.target);
  if (!is_given("model") && config.model.model == ModelOptions().model) config.model.model = spec.model.model;
}

}  // namespace sure
