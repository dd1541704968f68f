#include "coordinator/cli/verbs.h"

int main(int argc, char** argv) { return firesweep::run_cli({argv + 1, argv + argc}); }
