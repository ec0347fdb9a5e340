#include "data/splits.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/rng.h"
#include "data/transcripts.h"

namespace sure {

namespace {

constexpr double kHeldOutShare = 0.1;
constexpr size_t kFewestToDraw = 3;
// Of held-out speakers: from one speaker alone no trial of two different ones can be made.
constexpr size_t kSpeakersOfATrial = 2;
constexpr size_t kSpeakersToHoldOut = 10;  // fewer: transcribed clips are drawn at random

using Groups = std::map<std::string, std::vector<size_t>>;

Groups group(const std::vector<Example>& examples, const GroupKey& key) {
  Groups groups;
  for (size_t i = 0; i < examples.size(); ++i) groups[key(examples[i])].push_back(i);
  return groups;
}

/// The members of a group in random order.
std::vector<size_t> shuffled(const std::string& name, const std::vector<size_t>& members, int64_t seed) {
  std::vector<size_t> order = permutation(members.size(), mix_seed(static_cast<uint64_t>(seed), name));
  for (size_t& position : order) position = members[position];
  return order;
}

size_t held_out(size_t clips) {
  if (clips < kFewestToDraw) return 0;
  return std::max<size_t>(1, static_cast<size_t>(std::lround(kHeldOutShare * static_cast<double>(clips))));
}

/// A tenth of each group to each split of `splits`, the rest to training.
void draw_into(Dataset& data, std::vector<Example> examples, const GroupKey& key, int64_t seed,
               const std::vector<Split>& splits) {
  std::vector<Split> chosen(examples.size(), Split::train);
  for (const auto& [name, members] : group(examples, key)) {
    const std::vector<size_t> order = shuffled(name, members, seed);
    const size_t share = held_out(order.size());
    for (size_t i = 0; i < share * splits.size(); ++i) chosen[order[i]] = splits[i / share];
  }
  for (size_t i = 0; i < examples.size(); ++i) examples_of(data, chosen[i]).push_back(std::move(examples[i]));
}

/// A tenth of the speakers, two at least, to each split of `splits`, the others to training.
void draw_speakers_into(Dataset& data, std::vector<Example> examples, int64_t seed, const std::vector<Split>& splits) {
  std::map<std::string, Split> split_of;
  for (const Example& example : examples) {
    if (example.speaker.empty()) {
      fail("{}: no speaker, expected one for every clip, to hold speakers out", example.path.string());
    }
    split_of[example.speaker] = Split::train;
  }
  const size_t fewest = kSpeakersOfATrial * (splits.size() + 1);
  if (split_of.size() < fewest) {
    fail("found clips of {} speakers ({}), expected at least {} to hold some out", split_of.size(),
         examples.empty() ? "none" : examples.front().path.string() + " …", fewest);
  }
  std::vector<std::string> speakers;
  std::vector<size_t> positions;
  for (const auto& [speaker, split] : split_of) {
    positions.push_back(speakers.size());
    speakers.push_back(speaker);
  }
  const std::vector<size_t> order = shuffled("speakers", positions, seed);
  const size_t share = std::max(held_out(speakers.size()), kSpeakersOfATrial);
  for (size_t i = 0; i < share * splits.size(); ++i) split_of[speakers[order[i]]] = splits[i / share];
  for (Example& example : examples) examples_of(data, split_of[example.speaker]).push_back(std::move(example));
}

std::set<std::string> speakers_of(const std::vector<Example>& examples) {
  std::set<std::string> speakers;
  for (const Example& example : examples) speakers.insert(example.speaker);
  return speakers;
}

size_t count_speakers(const std::vector<Example>& examples) { return speakers_of(examples).size(); }

bool can_hold_speakers_out(const std::vector<Example>& examples) {
  return count_speakers(examples) >= kSpeakersToHoldOut &&
         std::none_of(examples.begin(), examples.end(), [](const Example& e) { return e.speaker.empty(); });
}

/// Transcripts differ from clip to clip: nothing to spread evenly.
std::string all_in_one(const Example&) { return "clips"; }

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_speakers(Dataset& data, const std::vector<std::string>& speakers, std::string_view flag) {
  std::set<std::string> known;
  for (const Split split : {Split::train, Split::valid, Split::test}) {
    for (const Example& example : examples_of(data, split)) known.insert(example.speaker);
  }
  known.erase("");
  for (const std::string& speaker : speakers) {
    if (known.empty()) fail_usage("--{}: this data set does not say who speaks; leave the flag out", flag);
    if (!known.contains(speaker)) {
      fail_usage("--{}: no speaker '{}' in this data set, which has {}", flag, speaker, fmt::join(known, ", "));
    }
  }
}

}  // namespace

std::optional<Split> find_split(std::string_view name) {
  static const std::map<std::string_view, Split> kNames = {
      {"train", Split::train}, {"valid", Split::valid}, {"validation", Split::valid},
      {"val", Split::valid},   {"dev", Split::valid},   {"test", Split::test},
  };
  const auto found = kNames.find(name);
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Example>& examples_of(Dataset& data, Split split) {
  return split == Split::train ? data.train : split == Split::valid ? data.valid : data.test;
}

void draw_splits(Dataset& data, std::vector<Example> examples, const GroupKey& key, int64_t seed) {
  draw_into(data, std::move(examples), key, seed, {Split::valid, Split::test});
  data.notes.push_back(
      fmt::format("splits drawn 80/10/10 with --split_seed {}: {} training, {} validation, {} test clips", seed,
                  data.train.size(), data.valid.size(), data.test.size()));
}

void draw_valid_if_empty(Dataset& data, const GroupKey& key, int64_t seed) {
  if (!data.valid.empty()) return;
  draw_into(data, std::exchange(data.train, {}), key, seed, {Split::valid});
  data.notes.push_back(fmt::format("no validation part: {} of {} training clips drawn for it with --split_seed {}",
                                   data.valid.size(), data.train.size() + data.valid.size(), seed));
}

void draw_splits_by_speaker(Dataset& data, std::vector<Example> examples, int64_t seed) {
  const bool few = count_speakers(examples) < 3 * kSpeakersOfATrial;
  draw_speakers_into(data, std::move(examples), seed,
                     few ? std::vector{Split::test} : std::vector{Split::valid, Split::test});
  data.notes.push_back(
      fmt::format("splits drawn by speaker with --split_seed {}: {} training, {} validation, {} test speakers", seed,
                  count_speakers(data.train), count_speakers(data.valid), count_speakers(data.test)));
  if (few) draw_valid_if_empty(data, [](const Example& example) { return example.speaker; }, seed);
}

void draw_splits_for(const std::string& task, Dataset& data, std::vector<Example> examples, const GroupKey& key,
                     int64_t seed) {
  const bool transcribed = has_transcripts(task);
  if (task == "verification" || (transcribed && can_hold_speakers_out(examples))) {
    draw_splits_by_speaker(data, std::move(examples), seed);
  } else {
    draw_splits(data, std::move(examples), transcribed ? GroupKey(all_in_one) : key, seed);
  }
}

void draw_valid_for(const std::string& task, Dataset& data, const GroupKey& key, int64_t seed) {
  if (task != "verification") {
    draw_valid_if_empty(data, has_transcripts(task) ? GroupKey(all_in_one) : key, seed);
    return;
  }
  if (!data.valid.empty()) return;
  draw_speakers_into(data, std::exchange(data.train, {}), seed, {Split::valid});
  data.notes.push_back(fmt::format("no validation part: {} of {} training speakers drawn for it with --split_seed {}",
                                   count_speakers(data.valid), count_speakers(data.valid) + count_speakers(data.train),
                                   seed));
}

void assign_speakers(Dataset& data, const std::vector<std::string>& valid_speakers,
                     const std::vector<std::string>& test_speakers) {
  check_speakers(data, valid_speakers, "valid_speakers");
  check_speakers(data, test_speakers, "test_speakers");
  for (const std::string& speaker : valid_speakers) {
    if (contains(test_speakers, speaker))
      fail_usage("speaker '{}' is in --valid_speakers and --test_speakers", speaker);
  }
  Dataset assigned;
  const auto part_of = [&](const Example& example, Split now) {
    if (contains(test_speakers, example.speaker)) return Split::test;
    if (contains(valid_speakers, example.speaker)) return Split::valid;
    const bool taken =
        (now == Split::test && !test_speakers.empty()) || (now == Split::valid && !valid_speakers.empty());
    return taken ? Split::train : now;
  };
  for (const Split now : {Split::train, Split::valid, Split::test}) {
    for (Example& example : examples_of(data, now)) {
      examples_of(assigned, part_of(example, now)).push_back(std::move(example));
    }
  }
  for (const Split split : {Split::train, Split::valid, Split::test}) {
    examples_of(data, split) = std::move(examples_of(assigned, split));
  }
}

void note_shared_speakers(Dataset& data) {
  const std::set<std::string> trained = speakers_of(data.train);
  const std::set<std::string> tested = speakers_of(data.test);
  const auto shared =
      std::count_if(tested.begin(), tested.end(), [&](const auto& name) { return trained.contains(name); });
  if (shared == 0) return;
  data.notes.push_back(fmt::format(
      "{} of {} test speakers are in training too: the equal error rate is lower than for voices never heard", shared,
      tested.size()));
}

void keep_clips_per_class(Dataset& data, int64_t count, int64_t seed) {
  if (count < 0) fail_usage("--clips_per_class {}: expected 0 (all) or more", count);
  if (count == 0) return;
  std::vector<size_t> kept;
  for (const auto& [label, members] : group(data.train, [](const Example& e) { return e.target; })) {
    const std::vector<size_t> order = shuffled(label, members, seed);
    kept.insert(kept.end(), order.begin(),
                order.begin() + static_cast<ptrdiff_t>(std::min(order.size(), static_cast<size_t>(count))));
  }
  std::sort(kept.begin(), kept.end());
  std::vector<Example> examples;
  for (const size_t i : kept) examples.push_back(std::move(data.train[i]));
  data.notes.push_back(
      fmt::format("--clips_per_class {}: {} of {} training clips kept", count, examples.size(), data.train.size()));
  data.train = std::move(examples);
}

}  // namespace sure
