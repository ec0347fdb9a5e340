// How a model gets its tensors. Layers ask a Scope for each parameter by name and shape when they are built; the
// source behind it is a checkpoint, a seeded initialiser or the meta device. So there is no second "load" phase, frozen
// weights can stay memory-mapped, and a flat list names every parameter as Hugging Face does.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.h"
#include "nn/adapter_site.h"

namespace sure {

struct NamedTensor {
  std::string name;
  Tensor value;
  bool is_buffer = false;  // running statistics: belongs to the model, never trains
};

/// In the order in which the layers were built. Tensor is a handle: changing `value` in place changes the layer.
using ParameterList = std::vector<NamedTensor>;

/// Number of scalars in the list, buffers aside.
int64_t count_parameters(const ParameterList& parameters);

/// The tensor of that name; null where there is none.
const Tensor* find_tensor(const ParameterList& tensors, const std::string& name);

/// N of a name "encoder.layers.N.…"; nothing for another.
std::optional<int64_t> encoder_layer_of(std::string_view name);

/// Fills a fresh fp32 tensor in place.
using Init = std::function<void(Tensor&, at::Generator&)>;

namespace init {
Init zeros();
Init ones();
Init constant(double value);
Init normal(double std);
/// U(-bound, bound).
Init uniform(double bound);
/// He et al. 2015, as torch.nn.init.kaiming_uniform_ with fan_in: U(±sqrt(6 / ((1 + a²) fan_in))).
Init kaiming_uniform(double a);
/// As torch.nn.init.kaiming_normal_: N(0, 2 / fan_in).
Init kaiming_normal();
}  // namespace init

/// Where tensors come from.
class ParameterSource {
 public:
  virtual ~ParameterSource() = default;

  /// A tensor of this shape. Throws Error when the source has none or one of another shape.
  virtual Tensor get(const std::string& name, at::IntArrayRef shape, const Init& init) = 0;

  /// Whether a tensor of this name can be had; layers use it where two spellings exist. Initialisers have every name.
  virtual bool has(const std::string& name) const = 0;
};

/// Fresh fp32 tensors; each depends on the seed and its own name only, not on the order of building.
std::unique_ptr<ParameterSource> seeded_source(uint64_t seed);

/// Shapes without storage: for counting parameters of models too large to allocate.
std::unique_ptr<ParameterSource> meta_source();

/// Tensors of a list (a loaded checkpoint), shared, not copied. Error messages start with `origin` (the file).
class ListSource : public ParameterSource {
 public:
  ListSource(ParameterList tensors, std::string origin);
  Tensor get(const std::string& name, at::IntArrayRef shape, const Init& init) override;
  bool has(const std::string& name) const override;
  /// Names never asked for, in the order of the list.
  std::vector<std::string> unused() const;

 private:
  ParameterList tensors_;
  std::map<std::string, size_t, std::less<>> index_;
  std::set<std::string> asked_;
  std::string origin_;
};

/// Tensors of `first` where it has the name, else of `second`; both must outlive it.
class FirstThenSecond : public ParameterSource {
 public:
  FirstThenSecond(ParameterSource& first, ParameterSource& second) : first_(&first), second_(&second) {}
  Tensor get(const std::string& name, at::IntArrayRef shape, const Init& init) override;
  bool has(const std::string& name) const override;

 private:
  ParameterSource* first_;
  ParameterSource* second_;
};

/// A source, a name prefix, and the lists that collect what is built.
class Scope {
 public:
  /// `sites`: null for layers that nothing adapts.
  Scope(ParameterSource& source, ParameterList& built, std::string prefix = "", SiteList* sites = nullptr);

  /// The scope "prefix.name".
  Scope operator/(std::string_view name) const;
  Scope operator/(int64_t index) const;

  /// Gets "prefix.name" from the source and appends it to the list.
  Tensor parameter(std::string_view name, at::IntArrayRef shape, const Init& init) const;
  /// The same for a tensor that never trains.
  Tensor buffer(std::string_view name, at::IntArrayRef shape, const Init& init) const;
  bool has(std::string_view name) const;

  /// Registers a place for adapters under the scope's name; kNoSite where nobody collects them.
  SiteId site(SiteKind kind, int64_t in, int64_t out) const;

 private:
  std::string full_name(std::string_view name) const;

  ParameterSource* source_;
  ParameterList* built_;
  std::string prefix_;
  SiteList* sites_;
};

}  // namespace sure
