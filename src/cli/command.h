// The commands of the program: each parses its own flags, calls the library and prints. They return the exit code.
#pragma once

#include <string>
#include <vector>

namespace sure {

using Arguments = std::vector<std::string>;

int run_train(const Arguments& arguments);
int run_evaluate(const Arguments& arguments);
int run_predict(const Arguments& arguments);
int run_verify(const Arguments& arguments);
int run_inspect(const Arguments& arguments);
int run_export(const Arguments& arguments);
int run_compare(const Arguments& arguments);
int run_pretrain(const Arguments& arguments);
int run_synthesize(const Arguments& arguments);
int run_judge(const Arguments& arguments);

}  // namespace sure
