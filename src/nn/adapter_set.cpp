#include "nn/adapter_set.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

namespace sure {

namespace {

template <class Adapter>
const Adapter* find(const std::map<SiteId, std::shared_ptr<const Adapter>>& adapters, SiteId site) {
  const auto found = adapters.find(site);
  return found == adapters.end() ? nullptr : found->second.get();
}

ForwardContext context_of(const BatchAdapters::Group& group, const ForwardContext& context) {
  ForwardContext local = context;
  local.adapters = std::make_shared<BatchAdapters>(group.adapters);
  if (context.frame_mask.defined()) local.frame_mask = context.frame_mask.index_select(0, group.rows);
  return local;
}

std::vector<Tensor> rows_of(const BatchAdapters::Group& group, const std::vector<Tensor>& tensors) {
  std::vector<Tensor> rows;
  for (const Tensor& all : tensors) rows.push_back(all.defined() ? all.index_select(0, group.rows) : all);
  return rows;
}

bool any(const ForwardContext& context, const std::function<bool(const AdapterSet&)>& holds) {
  if (!context.adapters) return false;
  const auto& groups = context.adapters->groups();
  return std::any_of(groups.begin(), groups.end(), [&](const auto& group) { return holds(*group.adapters); });
}

}  // namespace

void AdapterSet::put(const Site& site, std::shared_ptr<const ProjectionAdapter> adapter) {
  projections_[site.id] = std::move(adapter);
}

void AdapterSet::put(const Site& site, std::shared_ptr<const ResidualAdapter> adapter) {
  residuals_[site.id] = std::move(adapter);
}

void AdapterSet::put(const Site& site, std::shared_ptr<const AttentionPrefix> adapter) {
  prefixes_[site.id] = std::move(adapter);
}

const ProjectionAdapter* AdapterSet::projection(SiteId site) const { return find(projections_, site); }
const ResidualAdapter* AdapterSet::residual(SiteId site) const { return find(residuals_, site); }
const AttentionPrefix* AdapterSet::prefix(SiteId site) const { return find(prefixes_, site); }

BatchAdapters::BatchAdapters(std::shared_ptr<const AdapterSet> adapters) : groups_{{std::move(adapters), {}}} {}

BatchAdapters::BatchAdapters(const std::vector<std::shared_ptr<const AdapterSet>>& of_rows, at::Device device) {
  std::vector<std::vector<int64_t>> rows;
  std::vector<int64_t> group_of_row;
  for (size_t row = 0; row < of_rows.size(); ++row) {
    const auto found = std::find_if(groups_.begin(), groups_.end(),
                                    [&](const Group& group) { return group.adapters == of_rows[row]; });
    const auto group = static_cast<size_t>(found - groups_.begin());
    if (found == groups_.end()) {
      groups_.push_back({of_rows[row], {}});
      rows.emplace_back();
    }
    rows[group].push_back(static_cast<int64_t>(row));
    group_of_row.push_back(static_cast<int64_t>(group));
  }
  for (size_t g = 0; g < groups_.size(); ++g) groups_[g].rows = at::tensor(rows[g]).to(device);
  group_of_row_ = at::tensor(group_of_row).to(device);
  inverse_ = group_of_row_.argsort(/*stable=*/true, 0, /*descending=*/false).argsort();
}

Tensor BatchAdapters::column_mask(const std::vector<int64_t>& widths) const {
  if (groups_.size() == 1) return {};
  const Tensor own = at::one_hot(group_of_row_, static_cast<int64_t>(groups_.size())).to(at::kFloat);
  return own.repeat_interleave(at::tensor(widths).to(own.device()), 1);
}

Tensor BatchAdapters::in_batch_order(const std::vector<Tensor>& of_groups) const {
  return at::cat(of_groups).index_select(0, inverse_);
}

Tensor by_group(const ForwardContext& context, const std::vector<Tensor>& tensors,
                const std::function<Tensor(const AdapterSet&, const ForwardContext&, const std::vector<Tensor>&)>& f) {
  const auto& groups = context.adapters->groups();
  if (groups.size() == 1) return f(*groups[0].adapters, context, tensors);
  std::vector<Tensor> parts;
  for (const auto& group : groups) {
    parts.push_back(f(*group.adapters, context_of(group, context), rows_of(group, tensors)));
  }
  return context.adapters->in_batch_order(parts);
}

bool has_residual(const ForwardContext& context, SiteId site) {
  return any(context, [&](const AdapterSet& set) { return set.residual(site) != nullptr; });
}

Tensor attend_by_prefix(
    const ForwardContext& context, SiteId site, const std::vector<Tensor>& tensors,
    const std::function<Tensor(const AttentionPrefix*, const ForwardContext&, const std::vector<Tensor>&)>& attend) {
  if (!any(context, [&](const AdapterSet& set) { return set.prefix(site) != nullptr; })) {
    return attend(nullptr, context, tensors);
  }
  return by_group(context, tensors, [&](const AdapterSet& set, const ForwardContext& local, const auto& rows) {
    return attend(set.prefix(site), local, rows);
  });
}

Tensor adapt(const ForwardContext& context, SiteId site, const Tensor& x) {
  if (!has_residual(context, site)) return x;
  return by_group(context, {x}, [&](const AdapterSet& set, const ForwardContext& local, const auto& rows) {
    const ResidualAdapter* adapter = set.residual(site);
    return adapter == nullptr ? rows[0] : adapter->forward(rows[0], local);
  });
}

std::optional<fused::LowRankUpdate> low_rank_update(const ForwardContext& context, SiteId site) {
  if (!context.adapters) return fused::LowRankUpdate();
  std::vector<Tensor> a, b;
  std::vector<int64_t> ranks;
  for (const auto& group : context.adapters->groups()) {
    const ProjectionAdapter* adapter = group.adapters->projection(site);
    ranks.push_back(0);
    if (adapter == nullptr) continue;
    const std::optional<fused::LowRankUpdate> update = adapter->low_rank();
    if (!update || context.adapters->groups().size() == 1) return update;
    a.push_back(update->a);
    b.push_back(update->b * update->scaling);
    ranks.back() = update->a.size(0);
  }
  if (a.empty()) return fused::LowRankUpdate();
  return fused::LowRankUpdate{at::cat(a), at::cat(b, 1), 1, context.adapters->column_mask(ranks)};
}

}  // namespace sure
