// How busy other programs keep the processors that this process may run on.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace sure {

/// The processors that this process may run on, from 0.
std::vector<int> own_processors();

/// Seconds that `processors` have been busy since the system started, of the text of /proc/stat; time that a virtual
/// machine's host took away counts too. Processors that it does not list add nothing.
double busy_seconds(std::string_view stat, const std::vector<int>& processors);

/// Processors that others keep busy, as a number of whole ones, since the last call, or for the first since the start.
class ForeignLoad {
 public:
  ForeignLoad();

  /// 0 where the system does not tell.
  double measure();

 private:
  struct Times {
    double wall = 0;
    double busy = 0;
    double own = 0;
  };
  Times now() const;

  std::vector<int> processors_;
  Times last_;
};

}  // namespace sure
