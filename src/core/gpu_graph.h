// What some work launches on a GPU, recorded once and then launched as one (CUDA graphs): the kernels of a small model
// take less time than launching them one by one.
#pragma once

#include <functional>
#include <memory>

namespace sure {

class GpuGraph {
 public:
  virtual ~GpuGraph() = default;

  /// Launches what was recorded; random numbers are drawn from the default generator as it stands now.
  virtual void replay() = 0;
};

/// Whether this program can record: it was built against a torch with CUDA, and CUDA's headers were there.
bool records_gpu_graphs();

/// Runs `work` a few times on the current GPU, so that its memory settles, and then once more for the record, which is
/// not executed. Each time it must launch the same kernels on the same inputs, without waiting for any. The default
/// generator is left as it was. Throws Error where records_gpu_graphs() is false.
std::unique_ptr<GpuGraph> record_gpu_graph(const std::function<void()>& work);

}  // namespace sure
