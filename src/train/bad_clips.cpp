#include "train/bad_clips.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "core/error.h"
#include "tasks/task.h"
#include "text/counted.h"
#include "text/printable.h"

namespace sure {

namespace {

constexpr size_t kNamedClips = 3;

std::set<std::string> targets_of(const std::vector<Example>& clips) {
  std::set<std::string> targets;
  for (const Example& clip : clips) targets.insert(clip.target);
  return targets;
}

void check_classes_left(const std::set<std::string>& before, const std::vector<Example>& clips) {
  const std::set<std::string> left = targets_of(clips);
  for (const std::string& target : before) {
    if (!left.contains(target)) fail("--skip_bad: no training clip of the class '{}' is left", target);
  }
}

}  // namespace

std::string describe_bad(const std::vector<BadClip>& bad) {
  std::vector<std::string> names;
  for (const BadClip& clip : bad) names.push_back(printable(fmt::format("{} ({})", clip.path.string(), clip.reason)));
  return fmt::format("{}: {}", counted(std::ssize(bad), "clip"), name_some(names, kNamedClips));
}

nlohmann::ordered_json bad_to_json(const std::vector<BadClip>& bad) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const BadClip& clip : bad) json.push_back({{"path", clip.path.string()}, {"reason", clip.reason}});
  return json;
}

ClipSurvey leave_out_bad_clips(const std::vector<CheckedClips>& lists, const std::filesystem::path& data_dir,
                               bool skip_bad, TrainObserver& observer) {
  ClipSurvey all;
  std::vector<BadClip>& bad = all.bad;
  for (const CheckedClips& list : lists) {
    const ClipSurvey survey = survey_clips(*list.clips, data_dir, list.shortest, observer, list.check);
    bad.insert(bad.end(), survey.bad.begin(), survey.bad.end());
    std::copy_if(survey.samples.begin(), survey.samples.end(), std::back_inserter(all.samples),
                 [](int64_t samples) { return samples > 0; });
    std::set<std::filesystem::path> paths;
    for (const BadClip& clip : survey.bad) paths.insert(clip.path);
    if (skip_bad) std::erase_if(*list.clips, [&](const Example& example) { return paths.contains(example.path); });
  }
  if (bad.empty()) return all;
  if (!skip_bad) {
    fail("cannot use {}; sure inspect --check lists all, --skip_bad True goes on without them", describe_bad(bad));
  }
  observer.on_message("skipped " + describe_bad(bad));
  return all;
}

std::vector<BadClip> leave_out_bad_clips(Dataset& data, const RunConfig& config, int64_t shortest,
                                         TrainObserver& observer) {
  const TrainOptions& options = config.train;
  const bool by_class = find_task(config.task).output == OutputKind::labels && config.task != "intent";
  const std::set<std::string> classes = by_class ? targets_of(data.train) : std::set<std::string>();
  const auto faster = static_cast<double>(shortest) * (1 + options.speed_perturbation);
  std::vector<CheckedClips> lists;
  if (options.do_train) {
    const ClipCheck check = options.skip_bad ? ClipCheck::decode : ClipCheck::header;
    lists.push_back({&data.train, static_cast<int64_t>(std::ceil(faster)), check});
  }
  if (options.do_eval) lists.push_back({&data.valid, shortest});
  if (options.do_predict) lists.push_back({&data.test, shortest});
  std::vector<const CheckedClips*> filled;
  for (const CheckedClips& list : lists) {
    if (!list.clips->empty()) filled.push_back(&list);
  }
  std::vector<BadClip> bad = leave_out_bad_clips(lists, config.data.data_dir, options.skip_bad, observer).bad;
  for (const CheckedClips* list : filled) {
    if (list->clips->empty()) fail("--skip_bad: no clip of a whole split is left; sure inspect --check lists why");
  }
  if (options.do_train) check_classes_left(classes, data.train);
  return bad;
}

}  // namespace sure
