#include "train/run_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <ostream>
#include <type_traits>

#include "tests/support/errors.h"

namespace sure {
namespace {

struct BadConfig {
  std::string says;
  std::function<void(RunConfig&)> spoil;
};

void PrintTo(const BadConfig& bad, std::ostream* out) { *out << bad.says; }

class RunConfigRefusal : public testing::TestWithParam<BadConfig> {};

TEST_P(RunConfigRefusal, IsAUsageErrorThatNamesTheFlag) {
  RunConfig config;
  EXPECT_NO_THROW(validate(config));
  GetParam().spoil(config);
  EXPECT_THAT(test::message_of([&] { validate(config); }), testing::HasSubstr(GetParam().says));
  try {
    validate(config);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
  }
}

const std::vector<BadConfig> kBad = {
    {"--learning_rate -1: expected at least 0", [](RunConfig& c) { c.train.learning_rate = -1; }},
    {"--learning_rate nan", [](RunConfig& c) { c.train.learning_rate = std::nan(""); }},
    {"--warmup_ratio 1.5: expected 0 to 1", [](RunConfig& c) { c.train.warmup_ratio = 1.5; }},
    {"--weight_decay", [](RunConfig& c) { c.train.weight_decay = -0.1; }},
    {"--per_device_train_batch_size 0", [](RunConfig& c) { c.train.per_device_train_batch_size = 0; }},
    {"--gradient_accumulation_steps 0", [](RunConfig& c) { c.train.gradient_accumulation_steps = 0; }},
    {"--eval_steps 0", [](RunConfig& c) { c.train.eval_steps = 0; }},
    {"--logging_steps 0", [](RunConfig& c) { c.train.logging_steps = 0; }},
    {"--save_total_limit", [](RunConfig& c) { c.train.save_total_limit = -1; }},
    {"--num_train_epochs 0", [](RunConfig& c) { c.train.num_train_epochs = 0; }},
    {"--seed", [](RunConfig& c) { c.train.seed = -1; }},
    {"--mask_time_prob 2", [](RunConfig& c) { c.model.spec_augment.mask_time_prob = 2; }},
    {"--lr_scheduler_type 'cosine': use one of linear", [](RunConfig& c) { c.train.lr_scheduler_type = "cosine"; }},
    {"--method 'loar': use one of finetune", [](RunConfig& c) { c.tuning.method = "loar"; }},
    {"unknown task 'SQ'", [](RunConfig& c) { c.task = "SQ"; }},
    {"--metric_for_best_model wer: task 'emotion' has accuracy, f1, macro_f1, uar, loss",
     [](RunConfig& c) {
       c.task = "SER";
       c.train.metric_for_best_model = "wer";
     }},
    {"--greater_is_better True contradicts --metric_for_best_model loss",
     [](RunConfig& c) {
       c.task = "SER";
       c.train.metric_for_best_model = "eval_loss";
       c.train.greater_is_better = true;
     }},
    {"--warmup_steps 20 leaves no step of --max_steps 20",
     [](RunConfig& c) { c.train.warmup_steps = c.train.max_steps = 20; }},
    {"both name 'p225'", [](RunConfig& c) { c.data.valid_speakers = c.data.test_speakers = {"p225"}; }},
    {"--batch_seconds -1", [](RunConfig& c) { c.train.batch_seconds = -1; }},
    {"--batch_seconds with --padding max_length: every clip would be equally long; use --padding longest",
     [](RunConfig& c) {
       c.train.batch_seconds = 80;
       c.task = "SER";
     }},
    {"leave --group_by_length out",
     [](RunConfig& c) {
       c.train.batch_seconds = 80;
       c.train.group_by_length = true;
     }},
    {"--gradient_accumulation_steps 9223372036854775807: expected 1 to 1000000000",
     [](RunConfig& c) { c.train.gradient_accumulation_steps = std::numeric_limits<int64_t>::max(); }},
    {"--num_train_epochs 1e+300", [](RunConfig& c) { c.train.num_train_epochs = 1e300; }},
    {"--seed 9223372036854775807", [](RunConfig& c) { c.train.seed = std::numeric_limits<int64_t>::max(); }},
    {"--lora_rank 0: expected 1 to", [](RunConfig& c) { c.tuning.lora_rank = 0; }},
    {"--dropout 1: expected a rate", [](RunConfig& c) { c.model.dropout = 1; }},
    {"--beam_width 0: expected 1 to", [](RunConfig& c) { c.decode.beam_width = 0; }},
    {"nothing to do", [](RunConfig& c) { c.train.do_train = c.train.do_eval = c.train.do_predict = false; }},
};

INSTANTIATE_TEST_SUITE_P(Flags, RunConfigRefusal, testing::ValuesIn(kBad));

/// What is said of it with any of the methods; each checks its own options only.
std::string refusal_with_any_method(RunConfig config) {
  for (const TuningMethod& method : tuning_methods()) {
    config.tuning.method = method.name;
    try {
      validate(config);
    } catch (const Error& error) {
      return error.what();
    }
  }
  return "";
}

TEST(RunConfig, EveryWholeNumberIsTakenWithinReasonOnly) {
  RunConfig config;
  visit_options(config, [&](const std::string& name, auto& field, const Declaration&) {
    using Field = std::decay_t<decltype(field)>;
    if constexpr (std::is_same_v<Field, int64_t> || std::is_same_v<Field, std::optional<int64_t>>) {
      const Field usual = field;
      field = std::numeric_limits<int64_t>::max();
      EXPECT_THAT(refusal_with_any_method(config), testing::HasSubstr("--" + name + " 9223372036854775807"));
      field = usual;
    }
  });
}

TEST(RunConfig, TheOriginalsCommandLineIsValid) {
  RunConfig config;
  config.task = "SER";
  config.tuning.method = "finetune";
  config.train.evaluation_strategy = Strategy::steps;
  config.train.save_strategy = Strategy::steps;
  config.train.save_steps = 100;
  config.train.eval_steps = 25;
  config.train.learning_rate = 2e-3;
  config.train.num_train_epochs = 100;
  config.train.warmup_ratio = 0.1;
  config.train.metric_for_best_model = "eval_f1";
  config.train.greater_is_better = true;
  config.train.fp16 = true;
  EXPECT_NO_THROW(validate(config));
}

}  // namespace
}  // namespace sure
