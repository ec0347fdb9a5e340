// Adapters stand beside the encoder and travel with the pass: a set is what one tuning method made for one task, and
// each row of a batch may have another set.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "nn/adapter.h"
#include "nn/adapter_site.h"

namespace sure {

/// At most one adapter for each site.
class AdapterSet {
 public:
  void put(const Site& site, std::shared_ptr<const ProjectionAdapter> adapter);
  void put(const Site& site, std::shared_ptr<const ResidualAdapter> adapter);
  void put(const Site& site, std::shared_ptr<const AttentionPrefix> adapter);

  /// The adapter of a site; null where it has none.
  const ProjectionAdapter* projection(SiteId site) const;
  const ResidualAdapter* residual(SiteId site) const;
  const AttentionPrefix* prefix(SiteId site) const;

 private:
  std::map<SiteId, std::shared_ptr<const ProjectionAdapter>> projections_;
  std::map<SiteId, std::shared_ptr<const ResidualAdapter>> residuals_;
  std::map<SiteId, std::shared_ptr<const AttentionPrefix>> prefixes_;
};

/// Which adapters act on which rows of a batch.
class BatchAdapters {
 public:
  struct Group {
    std::shared_ptr<const AdapterSet> adapters;
    Tensor rows;  // int64 [n]; undefined: all rows
  };

  /// Every row has the same.
  explicit BatchAdapters(std::shared_ptr<const AdapterSet> adapters);

  /// One for each row; rows with the same set run together.
  BatchAdapters(const std::vector<std::shared_ptr<const AdapterSet>>& of_rows, at::Device device);

  const std::vector<Group>& groups() const { return groups_; }

  /// Row r has a 1 where column c belongs to the r-th row's group: fp32 [B, sum of widths], widths[g] columns for group
  /// g. Undefined where all rows have the same adapters.
  Tensor column_mask(const std::vector<int64_t>& widths) const;

  /// Rows of the groups, one group behind the other, in the order of the batch.
  Tensor in_batch_order(const std::vector<Tensor>& of_groups) const;

 private:
  std::vector<Group> groups_;
  Tensor group_of_row_;  // int64 [B]
  Tensor inverse_;       // int64 [B]: where in the groups each row stands
};

/// Calls `f` for each group of rows with its adapters, its context and its rows of `tensors` (each [B, …] or undefined)
/// and puts the results, [n, …], together again: [B, …].
Tensor by_group(
    const ForwardContext& context, const std::vector<Tensor>& tensors,
    const std::function<Tensor(const AdapterSet&, const ForwardContext&, const std::vector<Tensor>& rows)>& f);

/// Whether a residual adapter sits there for some row.
bool has_residual(const ForwardContext& context, SiteId site);

/// by_group for an attention: `attend` gets the prefix of the group at that site, null where it has none.
Tensor attend_by_prefix(const ForwardContext& context, SiteId site, const std::vector<Tensor>& tensors,
                        const std::function<Tensor(const AttentionPrefix*, const ForwardContext&,
                                                   const std::vector<Tensor>& rows)>& attend);

/// Through the site's adapters: [B, T, D] -> [B, T, D].
Tensor adapt(const ForwardContext& context, SiteId site, const Tensor& x);

/// What the adapters of a linear layer add to it, for all rows in one pair of products. Nothing where one of them is
/// more than that.
std::optional<fused::LowRankUpdate> low_rank_update(const ForwardContext& context, SiteId site);

}  // namespace sure
