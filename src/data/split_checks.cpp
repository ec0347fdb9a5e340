#include "data/split_checks.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "core/error.h"
#include "data/splits.h"
#include "text/counted.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

// More clips of equal sizes are not opened one by one: corpora cut to one length have tens of thousands.
constexpr size_t kMostOpened = 20000;
constexpr size_t kFirstBytes = 16384;
constexpr size_t kNamedLabels = 5;

/// A file, whatever it is called.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  int64_t size = 0;

  auto operator<=>(const FileId&) const = default;
};

std::optional<FileId> identify(const fs::path& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileId{status.st_dev, status.st_ino, status.st_size};
}

struct Clip {
  const Example* example = nullptr;
  FileId file;
  Split split = Split::train;
};

std::vector<Clip> find_clips(const Dataset& data) {
  std::vector<Clip> clips;
  for (const Split split : kSplits) {
    for (const Example& example : examples_of(data, split)) {
      if (const auto file = identify(example.path)) clips.push_back({&example, *file, split});
    }
  }
  return clips;
}

/// Groups of clips that `key_of` calls the same; only those that are in several splits.
template <class Key, class KeyOf>
std::map<Key, std::vector<const Clip*>> in_several_splits(const std::vector<const Clip*>& clips, KeyOf&& key_of) {
  std::map<Key, std::vector<const Clip*>> groups;
  for (const Clip* clip : clips) groups[key_of(*clip)].push_back(clip);
  std::erase_if(groups, [](const auto& group) {
    const auto& members = group.second;
    return std::all_of(members.begin(), members.end(),
                       [&](const Clip* clip) { return clip->split == members.front()->split; });
  });
  return groups;
}

/// A hash of a file's first `most` bytes.
size_t hash_of(const fs::path& path, size_t most) {
  std::string bytes(most, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) fail("{}: cannot read ({})", path.string(), std::strerror(errno));
  return std::hash<std::string_view>()({bytes.data(), static_cast<size_t>(file.gcount())});
}

/// Clips of several splits with the same bytes: those of one size are compared by their start, those alike in that by
/// everything.
std::vector<std::vector<const Clip*>> with_equal_bytes(const std::vector<const Clip*>& clips) {
  const auto all_of = [](const auto& groups) {
    std::vector<const Clip*> members;
    for (const auto& [key, same] : groups) members.insert(members.end(), same.begin(), same.end());
    return members;
  };
  using SizeAndHash = std::pair<int64_t, size_t>;
  const std::vector<const Clip*> equal_size =
      all_of(in_several_splits<int64_t>(clips, [](const Clip& c) { return c.file.size; }));
  if (equal_size.size() > kMostOpened) return {};
  const std::vector<const Clip*> equal_start = all_of(in_several_splits<SizeAndHash>(
      equal_size, [](const Clip& c) { return SizeAndHash(c.file.size, hash_of(c.example->path, kFirstBytes)); }));
  std::vector<std::vector<const Clip*>> groups;
  for (auto& [key, same] : in_several_splits<SizeAndHash>(equal_start, [](const Clip& c) {
         return SizeAndHash(c.file.size, hash_of(c.example->path, static_cast<size_t>(c.file.size)));
       })) {
    groups.push_back(same);
  }
  return groups;
}

/// How many clips of a later split are in an earlier one, and an example of such a pair.
class Overlap {
 public:
  void add(const std::vector<const Clip*>& same) {
    for (const Clip* clip : same) {
      std::set<Split> others;
      for (const Clip* other : same) {
        if (other->split < clip->split && others.insert(other->split).second) {
          auto& [clips, example] = shared_[{clip->split, other->split}];
          clips.insert(clip->example);
          if (example.empty())
            example = fmt::format("{} = {}", clip->example->path.string(), other->example->path.string());
        }
      }
    }
  }

  void note(Dataset& data) const {
    for (const auto& [splits, found] : shared_) {
      const auto& [clips, example] = found;
      const bool one = clips.size() == 1;
      data.notes.push_back(fmt::format(
          "{} of {} {} also {}{} clip{}, e.g. {}", clips.size(),
          counted(std::ssize(examples_of(data, splits.first)), fmt::format("{} clip", adjective_of(splits.first))),
          one ? "is" : "are", one ? "a " : "", adjective_of(splits.second), one ? "" : "s", example));
    }
  }

 private:
  std::map<std::pair<Split, Split>, std::pair<std::set<const Example*>, std::string>> shared_;
};

}  // namespace

void note_shared_clips(Dataset& data, bool by_content) {
  const std::vector<Clip> clips = find_clips(data);
  std::vector<const Clip*> all;
  for (const Clip& clip : clips) all.push_back(&clip);
  Overlap overlap;
  for (const auto& [file, same] : in_several_splits<FileId>(all, [](const Clip& c) { return c.file; }))
    overlap.add(same);
  if (by_content) {
    for (const auto& same : with_equal_bytes(all)) overlap.add(same);
  }
  overlap.note(data);
}

void note_shared_speakers(SplitPolicy policy, Dataset& data) {
  if (policy == SplitPolicy::heard_speakers) return;
  const std::set<std::string> trained = speakers_of(data.train), tested = speakers_of(data.test);
  const auto shared =
      std::count_if(tested.begin(), tested.end(), [&](const auto& name) { return trained.contains(name); });
  if (shared == 0) return;
  data.notes.push_back(fmt::format(
      "{} of {} {} heard in training{}", shared, counted(std::ssize(tested), "test speaker"),
      shared == 1 ? "is" : "are",
      policy == SplitPolicy::new_speakers ? ": the equal error rate is lower than for voices never heard" : ""));
}

void note_poor_labels(Dataset& data) {
  std::map<std::string, size_t> clips;
  for (const auto* part : all_parts(std::as_const(data))) {
    for (const Example& example : *part) ++clips[example.target];
  }
  if (clips.size() == 1) {
    data.notes.push_back(
        fmt::format("all clips have the label '{}': there is nothing to tell apart", clips.begin()->first));
  }
  std::vector<std::string> single;
  for (const Example& example : data.train) {
    if (clips.at(example.target) == 1) single.push_back(example.target);
  }
  std::sort(single.begin(), single.end());
  if (single.empty()) return;
  const size_t count = single.size();
  if (count > kNamedLabels) {
    single.resize(kNamedLabels);
    single.emplace_back("…");
  }
  data.notes.push_back(fmt::format("{} of one clip only ({}): trained on, never measured",
                                   counted(static_cast<int64_t>(count), "label"), fmt::join(single, ", ")));
}

}  // namespace sure
