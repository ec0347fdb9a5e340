#include "data/folds.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/rng.h"
#include "data/splits.h"
#include "text/counted.h"

namespace sure {

namespace {

constexpr const char* kBySpeaker = "speaker";
constexpr int64_t kMostFolds = 1000;

/// Clips that are never divided.
using Group = std::vector<size_t>;

int64_t number_of_folds(const std::string& folds) {
  int64_t count = 0;
  const char* end = folds.data() + folds.size();
  const auto [stop, error] = std::from_chars(folds.data(), end, count);
  const bool valid = error == std::errc() && stop == end && count >= 2 && count <= kMostFolds;
  return valid ? count : 0;
}

std::vector<std::string> all_speakers_of(const std::vector<Example>& clips) {
  for (const Example& clip : clips) {
    if (!clip.speaker.empty()) continue;
    fail_usage("--folds speaker: nothing says who speaks in {}; use a number, as in --folds 5", clip.path.string());
  }
  const std::set<std::string> speakers = speakers_of(clips);
  return {speakers.begin(), speakers.end()};
}

/// In an order that the seed draws: large groups first, and of the small ones those of one label in a row.
std::vector<Group> groups_of(const std::vector<Example>& clips, bool by_speaker, int64_t seed) {
  std::map<std::string, Group> of_speaker;
  std::vector<Group> groups;
  for (const size_t i : permutation(clips.size(), mix_seed(static_cast<uint64_t>(seed), "folds"))) {
    const bool together = by_speaker && !clips[i].speaker.empty();
    together ? of_speaker[clips[i].speaker].push_back(i) : groups.push_back({i});
  }
  for (auto& [speaker, group] : of_speaker) groups.push_back(std::move(group));
  std::stable_sort(groups.begin(), groups.end(), [&](const Group& a, const Group& b) {
    if (a.size() != b.size()) return a.size() > b.size();
    return a.size() == 1 && clips[a.front()].target < clips[b.front()].target;
  });
  return groups;
}

/// For each clip its fold, from 0: each group goes to the fold that has the fewest clips so far.
std::vector<size_t> assign(const std::vector<Group>& groups, size_t clips, size_t folds) {
  std::vector<size_t> fold_of(clips), sizes(folds, 0);
  for (const Group& group : groups) {
    const auto smallest = static_cast<size_t>(std::min_element(sizes.begin(), sizes.end()) - sizes.begin());
    for (const size_t clip : group) fold_of[clip] = smallest;
    sizes[smallest] += group.size();
  }
  return fold_of;
}

bool tells_speakers_apart(SplitPolicy policy) { return policy == SplitPolicy::heard_speakers; }

std::vector<size_t> folds_of(const std::vector<Example>& clips, const DataOptions& options, SplitPolicy policy) {
  std::vector<size_t> fold_of;
  if (options.folds == kBySpeaker) {
    const std::vector<std::string> speakers = all_speakers_of(clips);
    for (const Example& clip : clips) {
      const auto own = std::lower_bound(speakers.begin(), speakers.end(), clip.speaker);
      fold_of.push_back(static_cast<size_t>(own - speakers.begin()));
    }
    return fold_of;
  }
  const std::vector<Group> groups = groups_of(clips, !tells_speakers_apart(policy), options.split_seed);
  return assign(groups, clips.size(), static_cast<size_t>(number_of_folds(options.folds)));
}

}  // namespace

void check_folds(const DataOptions& options) {
  if (options.folds.empty()) {
    if (options.fold != 0) fail_usage("--fold {}: needs --folds, as in --folds 5", options.fold);
    return;
  }
  if (options.folds != kBySpeaker && number_of_folds(options.folds) == 0) {
    fail_usage("--folds {}: expected 'speaker' or a number from 2 to {}", options.folds, kMostFolds);
  }
  if (!options.valid_speakers.empty() || !options.test_speakers.empty()) {
    fail_usage("--folds tests every clip once: leave --valid_speakers and --test_speakers out");
  }
}

std::vector<Example> clips_to_fold(Dataset& data, bool official_splits) {
  std::vector<Example> clips = data.train;
  append(clips, data.unsplit);
  if (official_splits) {
    const auto left_out = std::ssize(data.valid) + std::ssize(data.test);
    if (left_out > 0) {
      data.notes.push_back(
          fmt::format("{} of the official validation and test splits are in no fold: none of them is "
                      "trained on",
                      counted(left_out, "clip")));
    }
    return clips;
  }
  append(clips, data.valid);
  append(clips, data.test);
  return clips;
}

std::vector<std::string> fold_names(const std::vector<Example>& clips, const DataOptions& options, SplitPolicy policy) {
  if (options.folds == kBySpeaker) {
    if (tells_speakers_apart(policy)) fail_usage("--folds speaker: the task is to tell speakers apart; use a number");
    std::vector<std::string> speakers = all_speakers_of(clips);
    if (speakers.size() < 2) fail_usage("--folds speaker: all clips are of one speaker; use a number, as in --folds 5");
    return speakers;
  }
  const int64_t folds = number_of_folds(options.folds);
  const auto groups = std::ssize(groups_of(clips, !tells_speakers_apart(policy), options.split_seed));
  if (groups < folds) {
    fail_usage("--folds {}: there are only {} to hold out (a speaker's clips stay together); use fewer folds",
               options.folds, counted(groups, "group"));
  }
  std::vector<std::string> names;
  for (int64_t i = 1; i <= folds; ++i) names.push_back(std::to_string(i));
  return names;
}

void take_fold(Dataset& data, const DataOptions& options, SplitPolicy policy, bool official_splits) {
  std::vector<Example> clips = clips_to_fold(data, official_splits);
  const std::vector<std::string> names = fold_names(clips, options, policy);
  if (options.fold < 1 || options.fold > std::ssize(names)) {
    fail_usage("--fold {}: expected 1 to {}", options.fold, names.size());
  }
  const auto chosen = static_cast<size_t>(options.fold) - 1;
  const std::vector<size_t> fold_of = folds_of(clips, options, policy);
  for (auto* part : {&data.train, &data.valid, &data.test, &data.unsplit}) part->clear();
  for (size_t i = 0; i < clips.size(); ++i) {
    (fold_of[i] == chosen ? data.test : data.train).push_back(std::move(clips[i]));
  }
  if (!data.spread_by) data.spread_by = spread_for(policy);
  data.notes.push_back(fmt::format("fold {} of {}{}: {} held out for the test", options.fold, names.size(),
                                   options.folds == kBySpeaker ? ", speaker " + names[chosen] : "",
                                   counted(std::ssize(data.test), "clip")));
}

}  // namespace sure
