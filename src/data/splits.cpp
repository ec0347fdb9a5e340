#include "data/splits.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/rng.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr double kHeldOutShare = 0.1;
constexpr size_t kFewestToDraw = 3;
// A trial of two different speakers needs as many held out.
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

/// A tenth of each group of the clips to each split of `splits`, the rest to training.
void draw_into(Dataset& data, std::vector<Example> examples, int64_t seed, const std::vector<Split>& splits) {
  std::vector<Split> chosen(examples.size(), Split::train);
  for (const auto& [name, members] : group(examples, data.spread_by)) {
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

size_t count_speakers(const std::vector<Example>& examples) { return speakers_of(examples).size(); }

bool can_hold_speakers_out(const std::vector<Example>& examples) {
  return count_speakers(examples) >= kSpeakersToHoldOut &&
         std::none_of(examples.begin(), examples.end(), [](const Example& e) { return e.speaker.empty(); });
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_speakers(const Dataset& data, const std::vector<std::string>& speakers, std::string_view flag) {
  std::set<std::string> known;
  for (const auto* part : all_parts(data)) known.merge(speakers_of(*part));
  for (const std::string& speaker : speakers) {
    if (known.empty()) {
      fail_usage(
          "--{}: this data set does not say who speaks; leave the flag out, or find speakers in paths by "
          "--speaker_pattern",
          flag);
    }
    if (!known.contains(speaker)) {
      fail_usage("--{}: no speaker '{}' in this data set, which has {}", flag, speaker, fmt::join(known, ", "));
    }
  }
}

Draws draw_valid(Dataset& data, int64_t seed) {
  draw_into(data, std::exchange(data.train, {}), seed, {Split::valid});
  return {Drawn::clips, Drawn::nothing};
}

Draws draw_valid_speakers(Dataset& data, int64_t seed) {
  draw_speakers_into(data, std::exchange(data.train, {}), seed, {Split::valid});
  return {Drawn::speakers, Drawn::nothing};
}

size_t count(const std::vector<Example>& examples, Drawn what) {
  return what == Drawn::speakers ? count_speakers(examples) : examples.size();
}

const char* name_of(Drawn what) { return what == Drawn::speakers ? "speakers" : "clips"; }

std::string describe_draw(const Dataset& data, Split part, Drawn drawn, int64_t seed) {
  const size_t held = count(examples_of(data, part), drawn);
  return fmt::format("no {} part: {} of {} training {} drawn for it with --split_seed {}", adjective_of(part), held,
                     held + count(data.train, drawn), name_of(drawn), seed);
}

/// The part of a speaker that the flags name.
std::optional<Split> assigned_split(const DataOptions& options, const std::string& speaker) {
  if (contains(options.test_speakers, speaker)) return Split::test;
  if (contains(options.valid_speakers, speaker)) return Split::valid;
  return std::nullopt;
}

}  // namespace

std::optional<Split> find_split(std::string_view name) {
  if (!is_utf8(name)) return std::nullopt;
  std::string word = lower_case(name);
  if (word.ends_with("set")) {
    word.resize(word.size() - 3);
    if (word.ends_with('_') || word.ends_with('-') || word.ends_with(' ')) word.pop_back();
  }
  return find_choice<Split>(word);
}

SplitNames::SplitNames(const std::set<std::string>& names) {
  std::vector<std::string> evaluation;
  for (const std::string& name : names) {
    const std::optional<Split> split = find_split(name);
    if (!split) continue;
    splits_[name] = *split;
    if (lower_case(name).starts_with("eval")) evaluation.push_back(name);
  }
  const bool has_test =
      std::any_of(splits_.begin(), splits_.end(), [](const auto& row) { return row.second == Split::test; });
  if (has_test) return;
  for (const std::string& name : evaluation) {
    splits_[name] = Split::test;
    notes_.push_back(fmt::format("'{}' is the test split: none is called test", name));
  }
}

std::optional<Split> SplitNames::find(const std::string& name) const {
  const auto found = splits_.find(name);
  return found == splits_.end() ? std::nullopt : std::optional(found->second);
}

std::string target_of(const Example& example) { return example.target; }

std::string speaker_of(const Example& example) { return example.speaker; }

std::set<std::string> speakers_of(const std::vector<Example>& examples) {
  std::set<std::string> speakers;
  for (const Example& example : examples) speakers.insert(example.speaker);
  speakers.erase("");
  return speakers;
}

GroupKey spread_for(SplitPolicy policy) {
  if (policy != SplitPolicy::transcripts) return target_of;
  return [](const Example&) { return "clips"; };
}

Draws draw_splits(Dataset& data, int64_t seed) {
  draw_into(data, std::exchange(data.unsplit, {}), seed, {Split::valid, Split::test});
  return {Drawn::clips, Drawn::clips};
}

Draws draw_splits_by_speaker(Dataset& data, int64_t seed) {
  const bool few = count_speakers(data.unsplit) < 3 * kSpeakersOfATrial;
  draw_speakers_into(data, std::exchange(data.unsplit, {}), seed,
                     few ? std::vector{Split::test} : std::vector{Split::valid, Split::test});
  if (!few) return {Drawn::speakers, Drawn::speakers};
  data.spread_by = speaker_of;
  draw_valid(data, seed);
  return {Drawn::clips, Drawn::speakers};
}

Draws draw_missing_splits(SplitPolicy policy, Dataset& data, int64_t seed) {
  const size_t split = data.train.size() + data.valid.size() + data.test.size();
  if (!data.unsplit.empty() && split > 0) {
    fail("{}: in no split, though {} other clips are in one; expected train, valid or test for every clip",
         data.unsplit.front().path.string(), split);
  }
  if (!data.unsplit.empty()) {
    const bool by_speaker = policy == SplitPolicy::new_speakers ||
                            (policy == SplitPolicy::transcripts && can_hold_speakers_out(data.unsplit));
    return by_speaker ? draw_splits_by_speaker(data, seed) : draw_splits(data, seed);
  }
  if (!data.spread_by || !data.valid.empty() || data.train.empty()) return {};
  return policy == SplitPolicy::new_speakers ? draw_valid_speakers(data, seed) : draw_valid(data, seed);
}

void note_draws(const Draws& draws, const DataOptions& options, Dataset& data) {
  const Drawn valid = options.valid_speakers.empty() ? draws.valid : Drawn::nothing;
  const Drawn test = options.test_speakers.empty() ? draws.test : Drawn::nothing;
  if (valid == test && valid != Drawn::nothing) {
    data.notes.push_back(fmt::format("splits drawn {} with --split_seed {}: {} training, {} validation, {} test {}",
                                     valid == Drawn::clips ? "80/10/10" : "by speaker", options.split_seed,
                                     count(data.train, valid), count(data.valid, valid), count(data.test, valid),
                                     name_of(valid)));
    return;
  }
  if (test != Drawn::nothing) data.notes.push_back(describe_draw(data, Split::test, test, options.split_seed));
  if (valid != Drawn::nothing) data.notes.push_back(describe_draw(data, Split::valid, valid, options.split_seed));
}

void assign_speakers(Dataset& data, const DataOptions& options, bool official_splits) {
  check_speakers(data, options.valid_speakers, "valid_speakers");
  check_speakers(data, options.test_speakers, "test_speakers");
  for (const std::string& speaker : options.valid_speakers) {
    if (contains(options.test_speakers, speaker))
      fail_usage("speaker '{}' is in --valid_speakers and --test_speakers", speaker);
  }
  Dataset assigned;
  for (auto* part : all_parts(data)) {
    for (Example& example : std::exchange(*part, {})) {
      const std::optional<Split> split = assigned_split(options, example.speaker);
      (split ? examples_of(assigned, *split) : *part).push_back(std::move(example));
    }
  }
  for (const Split part : {Split::valid, Split::test}) {
    if ((part == Split::valid ? options.valid_speakers : options.test_speakers).empty()) continue;
    std::vector<Example> displaced = std::exchange(examples_of(data, part), {});
    if (!official_splits) {
      append(data.train, std::move(displaced));
    } else if (!displaced.empty()) {
      data.notes.push_back(fmt::format("--{0}_speakers: {1} clips of the corpus' own {0} split are left out",
                                       name_of(part), displaced.size()));
    }
  }
  append(data.valid, std::move(assigned.valid));
  append(data.test, std::move(assigned.test));
}

void keep_clips_per_class(Dataset& data, int64_t count, int64_t seed) {
  if (count < 0) fail_usage("--clips_per_class {}: expected 0 (all) or more", count);
  if (count == 0) return;
  std::vector<size_t> kept;
  for (const auto& [label, members] : group(data.train, target_of)) {
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
