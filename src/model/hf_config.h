// config.json and preprocessor_config.json of an exported model.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "model/adapted_model.h"

namespace sure {

/// The name of transformers' class for the model's backbone and head. Throws a usage Error where there is none.
std::string transformers_class(const AdaptedModel& model);

/// The base's config.json with the outputs' names and the shape of the head. Throws a usage Error for a backbone and
/// head that transformers has no class for.
nlohmann::json model_config(const AdaptedModel& model);

/// The base's preprocessor_config.json, or one made from the fields.
nlohmann::json preprocessor_config(const BackboneConfig& config);

}  // namespace sure
