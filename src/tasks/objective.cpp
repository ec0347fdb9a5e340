#include "tasks/objective.h"

#include <numeric>

namespace sure {

std::vector<size_t> every_clip(size_t count) {
  std::vector<size_t> clips(count);
  std::iota(clips.begin(), clips.end(), size_t{0});
  return clips;
}

}  // namespace sure
