#include "core/gpu_graph.h"

#include "core/error.h"

#ifdef SURE_CUDA_GRAPHS
#include <ATen/cuda/CUDAGraph.h>
#include <c10/core/StreamGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "core/rng.h"
#endif

namespace sure {

#ifdef SURE_CUDA_GRAPHS

namespace {

constexpr int kWarmUps = 3;  // as torch.cuda.make_graphed_callables

class CudaGraph : public GpuGraph {
 public:
  explicit CudaGraph(const std::function<void()>& work) {
    const c10::cuda::CUDAStream stream = c10::cuda::getStreamFromPool();  // the default one cannot be recorded
    const KeptRandomness as_it_was(stream.device());
    c10::cuda::getCurrentCUDAStream().synchronize();
    const c10::StreamGuard on(stream.unwrap());
    for (int i = 0; i < kWarmUps; ++i) work();
    stream.synchronize();
    graph_.capture_begin();
    work();
    graph_.capture_end();
  }

  void replay() override { graph_.replay(); }

 private:
  at::cuda::CUDAGraph graph_;
};

}  // namespace

bool records_gpu_graphs() { return true; }

std::unique_ptr<GpuGraph> record_gpu_graph(const std::function<void()>& work) {
  return std::make_unique<CudaGraph>(work);
}

#else

bool records_gpu_graphs() { return false; }

std::unique_ptr<GpuGraph> record_gpu_graph(const std::function<void()>& /*work*/) {
  fail("this program was built without CUDA's headers, which GPU graphs need");
}

#endif

}  // namespace sure
