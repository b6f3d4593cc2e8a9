# ThreadSanitizer (docs/memory-model.md). From the root: make -C native/test [TARGET]
#
#   tsan           every unit test under ThreadSanitizer
#   tsan-mutants   unit/ring_threads_test.cc with one memory order taken away each: every one must be
#                  reported as a data race
#
# -fno-builtin: accesses inside memcpy and the like are seen. Fences are not: ring/atomics.h replaces
# them in this build. tsan.supp suppresses nothing of ring/.

TSAN_FLAGS := -O1 -fsanitize=thread -fno-builtin
TSAN_MUTANTS := kWriterScanWord kLeaseClear kMemberAdd kMemberScan kMemberRemove kVisitEnd kMemberQuiet
tsan_mutants_out := $(root)/native/build/test/tsan-mutants
tsan_mutant_programs := $(addprefix $(tsan_mutants_out)/,$(TSAN_MUTANTS))

.PHONY: tsan tsan-mutants
tsan:
	@TSAN_OPTIONS='suppressions=$(tests)/sanitize/tsan.supp die_after_fork=0' \
	  $(MAKE) --no-print-directory unit VARIANT=tsan VARIANT_FLAGS='$(TSAN_FLAGS)'

tsan-mutants: $(tsan_mutant_programs)
	@$(NODE) $(tests)/sanitize/run-mutants.mjs $(tsan_mutant_programs)

$(tsan_mutant_programs): $(tsan_mutants_out)/%: $(tests)/unit/ring_threads_test.cc
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(TSAN_FLAGS) -DCAMSTREAM_MUTANT=$* -MMD -MP -MT $@ -MF $(@D)/$*.d $< -lgtest_main -lgtest -o $@

-include $(tsan_mutant_programs:=.d)
