# Sanitizers (docs/memory-model.md). From the root: make -C native/test [TARGET]
#
#   tsan           every unit test under ThreadSanitizer
#   tsan-mutants   unit/ring_threads_test.cc with one memory order taken away each: every one must be
#                  reported as a data race
#   stress-asan    the stress tests with processes (stress.mk) under AddressSanitizer
#   fuzz           libFuzzer on what decides whether a file is a ring, what a GStreamer child writes, and
#                  whether bytes of a camera are a picture
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
	  $(MAKE) --no-print-directory unit-here VARIANT=tsan VARIANT_FLAGS='$(TSAN_FLAGS)'

tsan-mutants: $(tsan_mutant_programs)
	@$(NODE) $(tests)/sanitize/run-mutants.mjs $(tsan_mutant_programs)

$(tsan_mutant_programs): $(tsan_mutants_out)/%: $(tests)/unit/ring_threads_test.cc
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(TSAN_FLAGS) -DCAMSTREAM_MUTANT=$* -MMD -MP -MT $@ -MF $(@D)/$*.d $< \
	  -lgtest_main -lgtest -o $@

-include $(tsan_mutant_programs:=.d)

.PHONY: stress-asan
stress-asan:
	@$(MAKE) --no-print-directory stress-here VARIANT=crash-asan results='$(root)/native/build/test/crash-asan' \
	  VARIANT_FLAGS='-O1 -DCAMSTREAM_CRASH_POINTS \
	  -fsanitize=address,undefined -fno-sanitize-recover=all'

# clang and libclang-rt-dev.
FUZZ_RUNS ?= 200000
fuzz_out := $(root)/native/build/test/fuzz
fuzz_programs := $(fuzz_out)/ring_header_fuzz $(fuzz_out)/carrier_fuzz $(fuzz_out)/jpeg_structure_fuzz

.PHONY: fuzz
fuzz: $(fuzz_programs)
	@passed=0; failed=0; for program in $^; do \
	  if $$program -runs=$(FUZZ_RUNS) -seed=1 -max_len=256 -print_final_stats=0 -artifact_prefix=$(fuzz_out)/; \
	  then passed=$$((passed + 1)); else failed=$$((failed + 1)); fi; done; \
	  echo "$$passed passed, $$failed failed"; [ $$failed = 0 ]

$(fuzz_out)/ring_header_fuzz: $(tests)/fuzz/ring_header_fuzz.cc $(src)/ring/ring_check.cc
$(fuzz_out)/carrier_fuzz: $(tests)/fuzz/carrier_fuzz.cc $(src)/capture/carrier_reader.cc \
  $(src)/capture/carrier_format.cc $(src)/pixels/pixel_format.cc
$(fuzz_out)/jpeg_structure_fuzz: $(tests)/fuzz/jpeg_structure_fuzz.cc $(wildcard $(src)/pixels/jpeg_*.cc) \
  $(src)/pixels/pixel_format.cc $(src)/pixels/plane_scaler.cc $(src)/pixels/plane_turn.cc \
  $(src)/pixels/column_gather.cc $(src)/pixels/row_scaler.cc $(src)/pixels/scale_step.cc

$(fuzz_programs):
	@mkdir -p $(@D)
	clang++ $(filter-out $(VARIANT_FLAGS),$(CXXFLAGS)) -O1 -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=all $(filter %.cc,$^) $(LDLIBS) -o $@

$(fuzz_programs): $(wildcard $(src)/ring/*.h $(src)/capture/carrier*.h $(src)/base/*.h $(src)/pixels/*.h)
