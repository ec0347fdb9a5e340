// The original SURE program's switches, mapped to this one's tuning options.
#pragma once

#include <string>

#include "cli/flags.h"
#include "tuning/method.h"

namespace sure {

/// Switches that exist here for users of the original only; output_adapter, mh_adapter and feat_enc_adapter are options
/// of TuningOptions under their old names.
struct LegacyFlags {
  bool fine_tune = false;
  bool lora_adapter = false;
  bool prefix_tuning = false;
  std::string trans_adapter_name;
  std::string feat_adapter_name;
};

template <class Visitor>
void visit_options(LegacyFlags& o, Visitor&& visit) {
  visit("fine_tune", o.fine_tune, "= --method finetune");
  visit("lora_adapter", o.lora_adapter, "= --method lora");
  visit("prefix_tuning", o.prefix_tuning, "= --method prefix");
  visit("trans_adapter_name", o.trans_adapter_name,
        "bottleneck (= --method bottleneck), adapterblock or conv_adapter (= --method conv_adapter); put in place by "
        "--output_adapter True or --mh_adapter True");
  visit("feat_adapter_name", o.feat_adapter_name, "kind of --feat_enc_adapter: conv_adapter");
}

/// Sets `tuning` as the switches that stood on the command line say. Throws a usage Error that names both flags when
/// two of them choose different methods, and one that names the missing flag when they choose none.
void apply_legacy_flags(const LegacyFlags& legacy, const FlagSet& flags, TuningOptions& tuning);

}  // namespace sure
