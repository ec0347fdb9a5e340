#include "train/history.h"

namespace sure {

using Json = nlohmann::ordered_json;

Json history_to_json(const History& history) {
  Json train = Json::array();
  for (const StepPoint& point : history.steps) {
    train.push_back({{"step", point.step}, {"loss", point.loss}, {"learning_rate", point.learning_rate}});
  }
  Json valid = Json::array();
  for (const EvaluationPoint& point : history.evaluations) {
    Json row = {{"step", point.step}};
    for (const auto& [name, value] : point.metrics) row[name] = value;
    valid.push_back(std::move(row));
  }
  return {{"train", std::move(train)}, {"valid", std::move(valid)}};
}

History history_from_json(const Json& json) {
  History history;
  for (const Json& row : json.at("train")) {
    history.steps.push_back({row.at("step"), row.at("loss"), row.at("learning_rate")});
  }
  for (const Json& row : json.at("valid")) {
    EvaluationPoint point;
    point.step = row.at("step");
    for (const auto& item : row.items()) {
      if (item.key() != "step") point.metrics[item.key()] = item.value();
    }
    history.evaluations.push_back(std::move(point));
  }
  return history;
}

}  // namespace sure
