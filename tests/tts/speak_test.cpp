// Values are compared with transformers in tests/parity.
#include "tts/speak.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"

namespace sure {
namespace {

SpeechT5Config small_config() {
  SpeechT5Config config;
  config.hidden_size = 16;
  config.encoder_layers = config.decoder_layers = 2;
  config.encoder_attention_heads = config.decoder_attention_heads = 2;
  config.encoder_ffn_dim = config.decoder_ffn_dim = 24;
  config.num_mel_bins = 8;
  config.speech_decoder_prenet_units = 12;
  config.speech_decoder_prenet_dropout = 0;
  config.speech_decoder_postnet_units = 10;
  config.speech_decoder_postnet_layers = 2;
  config.speaker_embedding_dim = 4;
  config.encoder_max_relative_position = 4;
  return config;
}

struct Talker {
  std::unique_ptr<ParameterSource> source = seeded_source(1);
  ParameterList built;
  SpeechT5 model{Scope(*source, built), small_config()};
};

TEST(Speak, ATextDoesNotHearItsNeighbours) {
  torch::manual_seed(2);
  Talker talker;
  const std::vector<Tensor> texts = {torch::randint(4, 80, {9}), torch::randint(4, 80, {5}),
                                     torch::randint(4, 80, {7})};
  const Tensor speaker = torch::randn({4});
  SpeakOptions options;
  options.threshold = 10;
  options.most = 4;
  const std::vector<Speech> together = speak(talker.model, texts, speaker, options);
  ASSERT_EQ(together.size(), 3U);
  for (size_t i = 0; i < texts.size(); ++i) {
    const Speech alone = speak(talker.model, {texts[i]}, speaker, options)[0];
    ASSERT_EQ(alone.mel.size(0), 4 * texts[i].size(0) / 2 * 2);
    ASSERT_EQ(together[i].mel.sizes(), alone.mel.sizes());
    EXPECT_LT(test::relative_error(together[i].mel, alone.mel), 1e-5);
    EXPECT_FALSE(alone.ended);
  }
}

TEST(Speak, EndsWhereTheModelSaysSo) {
  Talker talker;
  SpeakOptions options;
  options.threshold = 0;
  const Speech speech = speak(talker.model, {torch::tensor({5, 6, 2})}, Tensor(), options)[0];
  EXPECT_TRUE(speech.ended);
  EXPECT_EQ(speech.mel.size(0), 2);
}

}  // namespace
}  // namespace sure
