// The places of an encoder where adapters can sit. Layers register them while they are built (Scope::site) and look
// their adapters up by the number that they get.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sure {

enum class SiteKind {
  kProjection,        // a linear layer [out, in]
  kAfterAttention,    // behind self-attention's output projection, [B, T, D]
  kAfterFeedForward,  // behind the feed-forward block, [B, T, D]
  kAfterConvolution,  // inside the front-end, behind a convolution, [B, T, C] at that rate
  kPrefix,            // in front of the keys and values of a self-attention, [B, P, D]
};

using SiteId = int64_t;
constexpr SiteId kNoSite = -1;

struct Site {
  std::string name;  // "encoder.layers.3.attention.q_proj", "encoder.layers.3.feed_forward.adapter" …
  SiteKind kind;
  int64_t in;
  int64_t out;                   // equal to `in` but for projections
  std::optional<int64_t> layer;  // of the encoder, from 0; nothing outside its layers
  SiteId id;
};

using SiteList = std::vector<Site>;

/// The encoder's layers first, in order, each one's sites by name; then the rest as they were built.
void sort_sites(SiteList& sites);

/// The sites of that kind, in order.
SiteList sites_of(const SiteList& sites, SiteKind kind);

/// Layers that have a site.
int64_t layer_count(const SiteList& sites);

}  // namespace sure
