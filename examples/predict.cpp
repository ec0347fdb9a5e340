// predict ADAPTER CLIP…   what an adapter says of recordings: a line for each, as `sure predict` writes it.
#include <cstdio>
#include <exception>

#include "sure/sure.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: predict ADAPTER CLIP…\n");
    return 2;
  }
  try {
    const auto encoder = sure::load_encoder();  // the model that ships
    const auto adapter = sure::load_adapter(encoder, argv[1]);
    for (const auto& result : sure::predict(adapter, {argv + 2, argv + argc})) {
      if (!result.error.empty()) throw std::runtime_error(result.error);
      const sure::Prediction& answer = result.segments.front().prediction;
      std::printf("%s\t%.4f\n", answer.text.c_str(), answer.score);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "predict: %s\n", error.what());
    return 1;
  }
}
