#include "train/gathered_evaluation.h"

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace sure {

namespace {

using Json = nlohmann::json;

Json to_json(const std::vector<Word>& words) {
  Json json = Json::array();
  for (const Word& w : words) json.push_back({w.text, w.start, w.end, w.log_probability, w.first_span, w.end_span});
  return json;
}

std::vector<Word> words_from(const Json& json) {
  std::vector<Word> words;
  for (const Json& w : json) {
    words.push_back({w.at(0), w.at(1), w.at(2), w.at(3), w.at(4), w.at(5)});
  }
  return words;
}

Json to_json(const Prediction& p) {
  return {p.text, p.labels, p.score, p.logits, p.probabilities, to_json(p.words), to_json(p.tokens), p.embedding};
}

Prediction prediction_from(const Json& p) {
  return {p.at(0),
          p.at(1).get<std::vector<int64_t>>(),
          p.at(2),
          p.at(3).get<std::vector<float>>(),
          p.at(4).get<std::vector<double>>(),
          words_from(p.at(5)),
          words_from(p.at(6)),
          p.at(7).get<std::vector<float>>()};
}

}  // namespace

std::vector<size_t> batches_of(int64_t rank, size_t count, const World& world) {
  std::vector<size_t> numbers;
  for (auto i = static_cast<size_t>(rank); i < count; i += static_cast<size_t>(world.size())) numbers.push_back(i);
  return numbers;
}

void gather_evaluation(const std::vector<std::vector<size_t>>& plan, std::vector<Prediction>& predictions,
                       std::vector<BatchOutcome>& outcomes, World& world) {
  if (world.size() == 1) return;
  Json own = Json::array();
  for (const size_t batch : batches_of(world.rank(), plan.size(), world)) {
    Json rows = Json::array();
    for (const size_t clip : plan[batch]) rows.push_back(to_json(predictions.at(clip)));
    own.push_back({outcomes.at(batch).loss, outcomes.at(batch).skipped, std::move(rows)});
  }
  std::string bytes;
  Json::to_msgpack(own, bytes);
  const std::vector<std::string> all = world.all_gather(bytes);
  for (int64_t rank = 0; rank < world.size(); ++rank) {
    if (rank == world.rank()) continue;
    const Json theirs = Json::from_msgpack(all[static_cast<size_t>(rank)]);
    auto row = theirs.begin();
    for (const size_t batch : batches_of(rank, plan.size(), world)) {
      outcomes.at(batch) = {row->at(0), row->at(1)};
      for (size_t clip = 0; clip < plan[batch].size(); ++clip) {
        predictions.at(plan[batch][clip]) = prediction_from(row->at(2).at(clip));
      }
      ++row;
    }
  }
}

}  // namespace sure
