#include "nn/parameters.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "core/rng.h"

namespace sure {

const Tensor* find_tensor(const ParameterList& tensors, const std::string& name) {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const NamedTensor& t) { return t.name == name; });
  return found == tensors.end() ? nullptr : &found->value;
}

std::optional<int64_t> encoder_layer_of(std::string_view name) {
  constexpr std::string_view kLayers = "encoder.layers.";
  if (!name.starts_with(kLayers)) return std::nullopt;
  int64_t layer = -1;
  std::from_chars(name.data() + kLayers.size(), name.data() + name.size(), layer);
  return layer < 0 ? std::nullopt : std::optional(layer);
}

int64_t count_parameters(const ParameterList& parameters) {
  int64_t count = 0;
  for (const NamedTensor& p : parameters) count += p.is_buffer ? 0 : p.value.numel();
  return count;
}

namespace init {

namespace {

int64_t fan_in(const Tensor& weight) { return weight.numel() / weight.size(0); }

}  // namespace

Init zeros() { return constant(0); }
Init ones() { return constant(1); }

Init constant(double value) {
  return [value](Tensor& t, at::Generator&) { t.fill_(value); };
}

Init normal(double std) {
  return [std](Tensor& t, at::Generator& generator) { t.normal_(0, std, generator); };
}

Init uniform(double bound) {
  return [bound](Tensor& t, at::Generator& generator) { t.uniform_(-bound, bound, generator); };
}

Init kaiming_uniform(double a) {
  return [a](Tensor& t, at::Generator& generator) {
    const double bound = std::sqrt(6.0 / ((1 + a * a) * static_cast<double>(fan_in(t))));
    t.uniform_(-bound, bound, generator);
  };
}

Init kaiming_normal() {
  return [](Tensor& t, at::Generator& generator) {
    t.normal_(0, std::sqrt(2.0 / static_cast<double>(fan_in(t))), generator);
  };
}

}  // namespace init

namespace {

class SeededSource : public ParameterSource {
 public:
  explicit SeededSource(uint64_t seed) : seed_(seed) {}

  Tensor get(const std::string& name, at::IntArrayRef shape, const Init& init) override {
    Tensor value = at::empty(shape, at::kFloat);
    at::Generator generator = make_generator(mix_seed(seed_, name));
    init(value, generator);
    return value;
  }

  bool has(const std::string&) const override { return true; }

 private:
  uint64_t seed_;
};

class MetaSource : public ParameterSource {
 public:
  Tensor get(const std::string&, at::IntArrayRef shape, const Init&) override {
    return at::empty(shape, at::TensorOptions(at::kFloat).device(at::kMeta));
  }

  bool has(const std::string&) const override { return true; }
};

}  // namespace

std::unique_ptr<ParameterSource> seeded_source(uint64_t seed) { return std::make_unique<SeededSource>(seed); }

std::unique_ptr<ParameterSource> meta_source() { return std::make_unique<MetaSource>(); }

ListSource::ListSource(ParameterList tensors, std::string origin)
    : tensors_(std::move(tensors)), origin_(std::move(origin)) {
  for (size_t i = 0; i < tensors_.size(); ++i) index_[tensors_[i].name] = i;
}

Tensor ListSource::get(const std::string& name, at::IntArrayRef shape, const Init&) {
  const auto found = index_.find(name);
  if (found == index_.end()) fail("{}: tensor '{}' is missing (expected shape {})", origin_, name, shape);
  const Tensor& value = tensors_[found->second].value;
  if (value.sizes() != shape) {
    fail("{}: tensor '{}' has shape {}, expected {}", origin_, name, value.sizes(), shape);
  }
  if (!value.is_floating_point()) fail("{}: tensor '{}' holds integers, expected floating point", origin_, name);
  asked_.insert(name);
  return value.to(at::kFloat);
}

bool ListSource::has(const std::string& name) const { return index_.contains(name); }

std::vector<std::string> ListSource::unused() const {
  std::vector<std::string> names;
  for (const NamedTensor& t : tensors_) {
    if (!asked_.contains(t.name)) names.push_back(t.name);
  }
  return names;
}

Tensor FirstThenSecond::get(const std::string& name, at::IntArrayRef shape, const Init& init) {
  return (first_->has(name) ? first_ : second_)->get(name, shape, init);
}

bool FirstThenSecond::has(const std::string& name) const { return first_->has(name) || second_->has(name); }

Scope::Scope(ParameterSource& source, ParameterList& built, std::string prefix, SiteList* sites)
    : source_(&source), built_(&built), prefix_(std::move(prefix)), sites_(sites) {}

Scope Scope::operator/(std::string_view name) const { return Scope(*source_, *built_, full_name(name), sites_); }

Scope Scope::operator/(int64_t index) const { return *this / fmt::to_string(index); }

Tensor Scope::parameter(std::string_view name, at::IntArrayRef shape, const Init& init) const {
  const std::string full = full_name(name);
  const Tensor value = source_->get(full, shape, init);
  built_->push_back({full, value});
  return value;
}

Tensor Scope::buffer(std::string_view name, at::IntArrayRef shape, const Init& init) const {
  const Tensor value = parameter(name, shape, init);
  built_->back().is_buffer = true;
  return value;
}

bool Scope::has(std::string_view name) const { return source_->has(full_name(name)); }

SiteId Scope::site(SiteKind kind, int64_t in, int64_t out) const {
  if (sites_ == nullptr) return kNoSite;
  const auto id = static_cast<SiteId>(sites_->size());
  sites_->push_back({prefix_, kind, in, out, encoder_layer_of(prefix_), id});
  return id;
}

std::string Scope::full_name(std::string_view name) const {
  return prefix_.empty() ? std::string(name) : fmt::format("{}.{}", prefix_, name);
}

}  // namespace sure
