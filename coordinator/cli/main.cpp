#include "coordinator/cli/verbs.h"
#include "shared/base/standard_streams.h"

int main(int argc, char** argv) {
  firesweep::open_standard_streams();
  return firesweep::run_cli({argv + 1, argv + argc});
}
