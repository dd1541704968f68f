# Every build runs this script. It writes OUTPUT, which defines firesweep::build_commit(), only if the commit changed.
execute_process(
  COMMAND git -C ${SOURCE_DIR} describe --always --dirty --exclude=* --abbrev=12
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "shared/base/build_commit.h"

std::string_view firesweep::build_commit() { return "@commit@"; }
]])
