// Multi-head attention (Vaswani et al. 2017) of one sequence to itself or to another, as decoders need it: causal, with
// keys and values kept from step to step, with relative positions (Shaw et al. 2018), with its weights on request.
#pragma once

#include <vector>

#include "nn/adapter_set.h"
#include "nn/linear.h"
#include "nn/parameters.h"

namespace sure {

/// A vector for each distance between query and key, added to the keys; all layers share it.
class RelativeKeys {
 public:
  /// Builds pe_k.weight [2 max_distance, width]; farther distances share the last one.
  RelativeKeys(const Scope& scope, int64_t max_distance, int64_t width);

  /// [2 length - 1, width]; row length - 1 + d is of a key d steps before the query.
  Tensor rows(int64_t length) const;

 private:
  Tensor weight_;
  int64_t max_distance_;
};

/// Keys and values of the steps so far, each [B, heads, S, width]; empty before the first.
struct AttentionCache {
  Tensor keys;
  Tensor values;
};

class MultiHeadAttention {
 public:
  /// Which sequences it is for: a prefix has its site before a sequence's own keys and values.
  enum class Kind { own, other };

  /// Builds q_proj, k_proj, v_proj and out_proj, each [size, size] with bias.
  MultiHeadAttention(const Scope& scope, Kind kind, int64_t size, int64_t heads, double dropout);

  struct Context {
    Tensor states;                            // what is attended to, [B, S, D]; undefined: the queries' own sequence
    Tensor mask;                              // bool [B, S], true = may be attended to; undefined: all may
    bool causal = false;                      // no query sees a later step
    const RelativeKeys* positions = nullptr;  // of the queries' own sequence
    AttentionCache* cache = nullptr;          // own sequence: grows by it; other sequence: filled once, then read
    Tensor* weights = nullptr;                // receives [B, heads, T, S]
  };

  /// [B, T, D] -> [B, T, D].
  Tensor forward(const Tensor& x, const Context& context, const ForwardContext& pass) const;

  /// Linear::quantise of the projections.
  void quantise();

 private:
  struct KeysAndValues {
    Tensor keys;  // [B, heads, S, width]
    Tensor values;
  };
  Tensor split_heads(const Tensor& x) const;
  KeysAndValues keys_and_values(const Tensor& x, const Context& context, const ForwardContext& pass) const;
  Tensor scores(const Tensor& queries, const Tensor& keys, const Tensor& mask, const Context& context) const;
  Tensor attend(const std::vector<Tensor>& inputs, const AttentionPrefix* prefix, const Context& context,
                const ForwardContext& pass) const;

  Linear k_proj_;
  Linear v_proj_;
  Linear q_proj_;
  Linear out_proj_;
  int64_t heads_;
  double dropout_;
  SiteId prefix_ = kNoSite;
};

}  // namespace sure
