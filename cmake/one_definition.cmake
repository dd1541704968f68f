# Types and functions of one name and two meanings (the One Definition Rule) are undefined behaviour that no compiler
# sees in one file: only GCC's link-time optimizer, which reads all files, does. The target one_definition has it read
# the rooms, firesweep's main, the simulator and the test of a slot's loop. It only joins them: machine code would take
# it several times as long. Only with FIRESWEEP_ODR_CHECK; called after all targets exist.
function(firesweep_check_one_definition)
  get_target_property(targets rooms MANUALLY_ADDED_DEPENDENCIES)
  list(APPEND targets firesweep simulation slot_loop_test)
  list(TRANSFORM targets REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  set(joined ${PROJECT_BINARY_DIR}/one_definition.o)
  add_custom_command(OUTPUT ${joined}
    COMMAND ${CMAKE_CXX_COMPILER} -flto=auto -flinker-output=rel -r -fuse-ld=bfd
      -Wodr -Werror=odr -Wlto-type-mismatch -Werror=lto-type-mismatch -o ${joined} ${objects}
    DEPENDS ${objects} COMMENT "Looking for two definitions of one name" COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(one_definition DEPENDS ${joined})
endfunction()
