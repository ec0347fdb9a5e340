#include "tts/speecht5_config.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace sure {
namespace {

std::string refusal(const nlohmann::json& change) {
  nlohmann::json json = {{"model_type", "speecht5"}};
  json.update(change);
  return test::message_of([&] { parse_speecht5_config(json, "config.json"); });
}

TEST(SpeechT5Config, UsualValues) {
  const SpeechT5Config config = parse_speecht5_config({{"model_type", "speecht5"}, {"hidden_size", 96}}, "c");
  EXPECT_EQ(config.hidden_size, 96);
  EXPECT_EQ(config.reduction_factor, 2);
}

TEST(SpeechT5Config, RefusesWhatMakesNoModel) {
  EXPECT_NE(refusal({{"model_type", "wav2vec2"}}).find("speaks nothing"), std::string::npos);
  EXPECT_NE(refusal({{"hidden_size", 100}}).find("divisible"), std::string::npos);
  EXPECT_NE(refusal({{"vocab_size", -1}}).find("vocab_size"), std::string::npos);
  EXPECT_NE(refusal({{"decoder_layers", 100000}}).find("decoder_layers"), std::string::npos);
  EXPECT_NE(refusal({{"speech_decoder_postnet_kernel", 4}}).find("odd"), std::string::npos);
  EXPECT_NE(refusal({{"hidden_act", "none"}}).find("activation"), std::string::npos);
  EXPECT_NE(refusal({{"eos_token_id", 500}}).find("eos_token_id"), std::string::npos);
}

}  // namespace
}  // namespace sure
